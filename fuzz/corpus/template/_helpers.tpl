{{- define "kelp.labels" -}}
app: {{ .Chart.Name }}
release: {{ .Release.Name }}
{{- end }}

{{- define "kelp.header" -}}
script: |
{{- end }}

%%
# c
{{- define "kelp.labels" -}}
app: {{ .Chart.Name }}
release: {{ .Release.Name }}
{{- end }}

{{- define "kelp.header" -}}
script: |
{{- end }}
