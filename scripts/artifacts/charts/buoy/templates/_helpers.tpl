{{- define "buoy.name" -}}
{{ .Release.Name }}-buoy
{{- end -}}
{{- /* What finds the pods. */ -}}
{{- define "buoy.labels" -}}
app.kubernetes.io/name: buoy
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
