//! A chart that uses most of what charts use, with one or two readers in it at random: templates that read files, fields of
//! Chart.yaml, other templates' text or the whole context, each in another way.

use std::collections::BTreeMap;

use super::dice::Dice;

/// The files of a chart by path, and how its subchart and its archive are packed.
#[derive(Clone)]
pub struct Source {
    pub files: BTreeMap<String, Vec<u8>>,
    /// The subcharts that are packed, by the folder they have in `files`, with the archive's name.
    pub packed: BTreeMap<String, String>,
    /// Entries before the file of the same name that will win.
    pub shadowed: Vec<(String, Vec<u8>)>,
    /// The first folder's name.
    pub folder: String,
}

const CHART: &str = "apiVersion: v2\nname: kelp\nversion: 1.0.0\nappVersion: \"1.10\"\ndescription: Grows under water\ntype: application\nhome: https://kelp.example\nicon: https://kelp.example/icon.svg\nsources:\n  - https://git.example/kelp\nkeywords:\n  - sea\n  - plant\nmaintainers:\n  - name: Ada\n    email: ada@kelp.example\nannotations:\n  category: Plants\ndependencies:\n  - name: reef\n    version: 0.1.0\n    repository: https://charts.example\n    condition: reef.enabled\n    tags:\n      - below\n    import-values:\n      - child: exported\n        parent: imported\n  - name: common\n    version: 0.2.0\n    repository: https://charts.example\n";

const VALUES: &str = "# how many\nreplicas: 2\nimage:\n  repository: registry.example/kelp   # where\n  tag: \"1.10\"\n  pullPolicy: IfNotPresent\nflag: yes\nword: \"yes\"\nmode: 0644\nbig: 1234567\nfloat: 1.50\nnothing: ~\nempty: \"\"\nlist:\n  - b\n  - a\n# a text\ntext: |\n  # in the text\n\n  line\nfolded: >-\n  one\n  two\nscript: \"echo {{ .Release.Name }}\"\nbase: &base\n  a: 1\n  b: two\nmerged:\n  <<: *base\n  b: three\nlabels: {x: \"1\", y: z}\nglobal:\n  depth: 4\nimported: {}\nreef:\n  enabled: true\n  depth: 9\n";

const HELPERS: &str = "{{/* names */}}\n{{- define \"kelp.labels\" -}}\napp: {{ .Chart.Name }}\nhelm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}\n{{- end }}\n\n{{- define \"kelp.text\" }}\n# a line\n  kept\n{{- end -}}\n{{- define \"kelp.ctx\" -}}\n{{ .ctx.Release.Name }}-{{ .value }}\n{{- end }}\n{{- define \"shared.name\" -}}\nparent\n{{- end }}\n";

const DEPLOYMENT: &str = "# the workload\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\n  labels:\n    {{- include \"kelp.labels\" . | nindent 4 }}\nspec:\n  # how many\n  replicas: {{ .Values.replicas }}\n\n  template:\n    metadata:\n      annotations:\n        note: plain   # a remark\n        @HASH@\n    spec:\n      containers:\n        - name: kelp\n          image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}\"\n          # pulled\n          imagePullPolicy: {{ .Values.image.pullPolicy }}\n          {{- with .Values.extra }}\n          env: # more\n            {{- toYaml . | nindent 12 }}\n          {{- end }}\n          args: [\"a\", 'b # c', d] # three\n          command:\n            - sh\n            - -c\n            - |\n              # a script\n              echo one\n\n              echo two\n";

const CONFIGMAP: &str = "{{- /* the configuration */ -}}\n{{- if .Values.flag }}\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-conf\ndata:\n  # text\n  conf: |\n    # first\n    port = 80\n    {{- range $i, $v := .Values.list }}\n    item.{{ $i }} = {{ $v }} # {{ $i }}\n    {{- end }}\n\n  plain: one\n    two\n    # three\n  quoted: \"one\n    # two\n    three\"\n  text: {{ .Values.text | quote }}\n  folded: {{ .Values.folded }}\n  script: {{ tpl .Values.script . | quote }}\n  helper: |-\n    {{- include \"kelp.text\" . | nindent 4 }}\n  ctx: {{ include \"kelp.ctx\" (dict \"ctx\" $ \"value\" .Values.mode) }}\n  merged: {{ toJson .Values.merged | quote }}\n  chart: {{ .Values.word }}-{{ .Values.big }}-{{ .Values.nothing }}\n---\n# another\napiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ .Release.Name }}-secret\nstringData:\n  {{- range $k, $v := .Values.labels }}\n  {{ $k }}: {{ $v | quote }}\n  {{- end }}\n{{- end }}\n";

const HOOK: &str = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {{ .Release.Name }}-hook\n  annotations:\n    \"helm.sh/hook\": pre-install,pre-upgrade # when\n    \"helm.sh/hook-weight\": \"-5\"\nspec:\n  template: {}\n";

const TEST: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}-test\n  annotations:\n    \"helm.sh/hook\": test\nspec:\n  containers:\n    - name: wget\n      image: busybox\n      args: ['{{ .Release.Name }}:80']\n";

const NOTES: &str = "Thanks for installing {{ .Chart.Name }}.\n{{ with .Values.image }}\nImage {{ .repository }}\n{{ end }}\n{{- if .Values.flag }}It is on.{{ end }}\n";

const CRD: &str = "# a definition\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: buoys.example.com\nspec:\n  versions:\n    - name: v1 # first\n      served: true\n      storage: true\n";

const SCHEMA: &str = "{\n  \"type\": \"object\",\n  \"properties\": {\"replicas\": {\"type\": \"integer\", \"minimum\": 1}}\n}\n";

const LOCK: &str = "dependencies:\n- name: reef\n  repository: https://charts.example\n  version: 0.1.0\ndigest: sha256:0a1b\ngenerated: \"2026-01-01T00:00:00Z\"\n";

/// What stands in a template of its own: each reads something in another way.
const READERS: [&str; 40] = [
    "a: {{ .Files.Get \"README.md\" | quote }}",
    "a: {{ .Files.Get \"files/app.conf\" | b64enc }}",
    "{{- range $p, $_ := .Files.Glob \"ci/*\" }}\n  {{ base $p }}: {{ $.Files.Get $p | quote }}\n{{- end }}",
    "a: |-\n{{ (.Files.Glob \"*.md\").AsConfig | indent 4 }}",
    "{{- range .Files.Lines \"README.md\" }}\n  # {{ . }}\n{{- end }}\n  a: {{ len (.Files.Lines \"README.md\") | quote }}",
    "a: {{ toYaml .Chart | sha256sum }}",
    "a: {{ .Chart.Description }}",
    "a: {{ index .Chart.Annotations \"category\" }}",
    "a: {{ (index . \"Chart\").Icon }}",
    "a: {{ toJson . | sha256sum }}",
    "a: {{ include \"kelp.dump\" . | sha256sum }}",
    "a: {{ include \"kelp.dump\" (dict \"deep\" $) | sha256sum }}",
    "a: {{ include \"kelp.dump\" (list 1 .) | sha256sum }}",
    "{{- $all := . }}\n  a: {{ toJson $all | sha256sum }}",
    "{{- with $ }}\n  a: {{ toJson . | sha256sum }}\n{{- end }}",
    "{{- range list . }}\n  a: {{ toJson . | sha256sum }}\n{{- end }}",
    "a: {{ omit . \"Values\" | toJson | sha256sum }}",
    "a: {{ (merge (dict) .) | toJson | sha256sum }}",
    "a: {{ (or . 1) | toJson | sha256sum }}",
    "a: {{ .Subcharts | toJson | sha256sum }}",
    "a: {{ .Subcharts.reef | toJson | sha256sum }}",
    "a: {{ .Subcharts.reef.Chart.Description }}",
    "a: {{ .Subcharts.reef.Files.Get \"README.md\" | quote }}",
    "a: {{ tpl \"{{ .Chart.Home }}\" . }}",
    "a: {{ tpl \"{{ toJson . | sha256sum }}\" . }}",
    "a: {{ tpl .Values.reader . | quote }}",
    "a: {{ include (print $.Template.BasePath \"/configmap.yaml\") . | sha256sum }}",
    "a: {{ include (print $.Template.BasePath (printf \"/%s.yaml\" \"configmap\")) . | sha256sum }}",
    "a: {{ include (print $.Template.BasePath \"/configmap.tpl\" | replace \"tpl\" \"yaml\") . | sha256sum }}",
    "a: {{ include \"kelp/templates/configmap.yaml\" . | sha256sum }}",
    "a: {{ include (printf \"%s/configmap.yaml\" .Template.BasePath) . | sha256sum }}",
    "a: {{ tpl (.Files.Get \"files/app.conf\") . | quote }}",
    "a: {{ pick .Values \"list\" | toJson }}",
    "a: {{ include \"common.all\" . | sha256sum }}",
    "a: {{ .Template.Name }}",
    "a: {{ (index . \"Template\" \"Name\") }}",
    "a: {{ .Values.global | toJson | quote }}",
    "a: {{ required \"no replicas\" .Values.replicas | quote }}",
    "a: {{ lookup \"v1\" \"Secret\" \"n\" \"x\" | len | quote }}",
    "a: {{ include \"reef.name\" . }}-{{ include \"shared.name\" . }}-{{ .Values.imported.colour }}",
];

/// What values may hold for the reader that hands them to `tpl`.
const READ_VALUES: [&str; 5] = [
    "{{ .Chart.Description }}",
    "{{ .Files.Get \\\"README.md\\\" }}",
    "{{ toJson . | sha256sum }}",
    "\\x7b\\x7b .Chart.Icon }}",
    "plain",
];

fn reef(prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    let mut put = |path: &str, text: &str| {
        files.insert(format!("{prefix}{path}"), text.as_bytes().to_vec());
    };
    put(
        "Chart.yaml",
        "apiVersion: v2\nname: reef\nversion: 0.1.0\ndescription: Below\nmaintainers:\n  - name: Bo\n",
    );
    put(
        "values.yaml",
        "# how deep\ndepth: 4\nenabled: true\nexported:\n  colour: red\n",
    );
    put("README.md", "# Reef\n");
    put("templates/NOTES.txt", "Reef of {{ .Release.Name }}\n");
    put(
        "templates/_helpers.tpl",
        "{{- define \"reef.name\" -}}\nreef\n{{- end }}\n{{- define \"shared.name\" -}}\nchild\n{{- end }}\n",
    );
    put(
        "templates/cm.yaml",
        "# of the reef\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: reef\ndata:\n  depth: \"{{ .Values.depth }}-{{ .Values.global.depth }}\" # how deep\n  name: {{ include \"shared.name\" . }}\n  conf: |\n    # kept\n    x\n",
    );
}

fn common(prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    files.insert(
        format!("{prefix}Chart.yaml"),
        b"apiVersion: v2\nname: common\nversion: 0.2.0\ntype: library\ndescription: Shared\n".to_vec(),
    );
    files.insert(
        format!("{prefix}templates/_all.tpl"),
        b"{{/* everything */}}\n{{- define \"common.all\" -}}\n# all\n{{ toJson . }}\n{{- end }}\n".to_vec(),
    );
    files.insert(format!("{prefix}README.md"), b"# Common\n".to_vec());
}

/// A chart, with readers at random.
pub fn source(dice: &mut Dice) -> Source {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut packed = BTreeMap::new();
    let mut put = |path: &str, text: &str| {
        files.insert(path.to_owned(), text.as_bytes().to_vec());
    };
    let hash = dice.pick(&[
        "checksum: {{ include (print $.Template.BasePath \"/configmap.yaml\") . | sha256sum }}",
        "plain: again",
        "plain: again",
        "plain: again",
    ]);
    put("Chart.yaml", CHART);
    let read = dice.pick(&READ_VALUES);
    put("values.yaml", &format!("{VALUES}reader: \"{read}\"\n"));
    put("templates/_helpers.tpl", HELPERS);
    put("templates/deployment.yaml", &DEPLOYMENT.replace("@HASH@", hash));
    put("templates/configmap.yaml", CONFIGMAP);
    put("templates/hook.yaml", HOOK);
    put("templates/tests/pod.yaml", TEST);
    put("templates/NOTES.txt", NOTES);
    put("templates/crd.yaml", &CRD.replace("buoys", "nets"));
    put("crds/buoy.yaml", CRD);
    put("values.schema.json", SCHEMA);
    put("Chart.lock", LOCK);
    put("README.md", "# Kelp\n\nGrows.\n");
    put("LICENSE", "Free.\n");
    put("docs/usage.md", "How.\n");
    put(
        "ci/on-values.yaml",
        "replicas: 3\nextra:\n  - name: A\n    value: \"x # y\"\n",
    );
    put(".helmignore", "*.bak\n");
    put("files/app.conf", "port = 1 # {{ .Chart.Home }}\n");
    for at in 0..dice.below(3) {
        let reader = dice.pick(&READERS);
        put(
            &format!("templates/reader-{at}.yaml"),
            &format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: reader-{at}\ndata:\n  {}\n",
                reader.trim_start_matches('\n')
            ),
        );
        if reader.contains("kelp.dump") {
            put(
                "templates/_dump.tpl",
                "{{- define \"kelp.dump\" -}}\n{{ toJson . }}\n{{- end }}\n",
            );
        }
    }
    reef("charts/reef/", &mut files);
    common("charts/common/", &mut files);
    for name in ["reef", "common"] {
        if dice.one_in(2) {
            packed.insert(format!("charts/{name}/"), format!("charts/{name}-0.1.0.tgz"));
        }
    }
    Source {
        files,
        packed,
        shadowed: Vec::new(),
        folder: "kelp".to_owned(),
    }
}
