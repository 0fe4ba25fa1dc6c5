use super::*;

const CRD: &str = "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: fronds.kelp.example.com
  labels:
    {{- include \"kelp.labels\" . | nindent 4 }}
spec:
  group: kelp.example.com
  scope: Namespaced
  versions:
    - name: v1beta1
      served: true
      storage: false
      schema:
        openAPIV3Schema:
          type: object
          properties:
            length: {type: integer}
    - name: v1
      served: true
      storage: true
";

const ROLE: &str = "{{- if .Values.rbac }}
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ include \"x\" . }}-a
rules:
  - apiGroups: [\"\"]
    resources: [pods]
    verbs: [get, list]
{{- end }}
";

const JOB: &str = "apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-migrate
  annotations:
    \"helm.sh/hook\": pre-upgrade
    \"helm.sh/hook-weight\": \"5\"
spec:
  template:
    spec:
      containers:
        - name: migrate
          image: \"{{ .Values.image }}:1.0\"
          args: [up]
";

const WEBHOOK: &str = "apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: w}
webhooks:
  - name: a.example.com
    failurePolicy: Ignore
    clientConfig: {caBundle: {{ $ca }}, service: {name: s}}
";

fn told_in(class: FileClass, left: Option<&str>, right: Option<&str>) -> Vec<(&'static str, u8)> {
    let file = Changed {
        path: "a.yaml".to_owned(),
        class,
        left,
        right,
    };
    judge(&[file], &Limits::default())
        .iter()
        .map(|c| (c.code.word(), c.severity.into()))
        .collect()
}

fn told(text: &str, old: &str, new: &str) -> Vec<(&'static str, u8)> {
    assert!(text.contains(old), "{old}");
    told_in(FileClass::Template, Some(text), Some(&text.replacen(old, new, 1)))
}

#[test]
fn versions_of_a_crd() {
    assert_eq!(
        told(CRD, "served: true", "served: false"),
        [("crd.version-unserved", 4)]
    );
    assert_eq!(
        told(CRD, "name: v1\n", "name: v2\n"),
        [
            ("crd.version-removed", 4),
            ("crd.version-added", 1),
            ("crd.storage", 4)
        ]
    );
    let swapped = CRD
        .replace("storage: true", "storage: x")
        .replace("storage: false", "storage: true")
        .replace("storage: x", "storage: false");
    assert_eq!(
        told_in(FileClass::Template, Some(CRD), Some(&swapped)),
        [("crd.storage", 4)]
    );
    assert_eq!(
        told(CRD, "length: {type: integer}", "size: {type: integer}"),
        [("crd.schema", 4), ("crd.schema", 3)]
    );
    assert_eq!(
        told(CRD, "{type: integer}", "{type: integer, description: x}"),
        [("crd.schema", 1)]
    );
    assert_eq!(
        told(CRD, "scope: Namespaced", "scope: Cluster"),
        [("crd.schema", 4)]
    );
    assert_eq!(told(CRD, "nindent 4", "nindent 6"), []);
}

#[test]
fn crds_come_and_go_and_say_where_they_stand() {
    assert_eq!(told_in(FileClass::Template, None, Some(CRD)), [("crd.added", 2)]);
    assert_eq!(
        told_in(FileClass::Template, Some(CRD), None),
        [("crd.removed", 4)]
    );
    let plain = CRD.replace(
        "  labels:\n    {{- include \"kelp.labels\" . | nindent 4 }}\n",
        "",
    );
    let file = Changed {
        path: "crds/a.yaml".to_owned(),
        class: FileClass::Crd,
        left: Some(&plain),
        right: None,
    };
    let causes = judge(&[file], &Limits::default());
    assert!(causes[0].note.ends_with(
        "It stands in crds/: Helm never upgrades those, Flux skips them by default, Argo CD applies them."
    ));
}

#[test]
fn a_crd_that_moved_to_another_file_is_not_removed() {
    let files = [
        Changed {
            path: "templates/a.yaml".to_owned(),
            class: FileClass::Template,
            left: Some(CRD),
            right: None,
        },
        Changed {
            path: "templates/b.yaml".to_owned(),
            class: FileClass::Template,
            left: None,
            right: Some(CRD),
        },
    ];
    assert_eq!(judge(&files, &Limits::default()), []);
}

#[test]
fn grants_widen_and_narrow() {
    assert_eq!(
        told(ROLE, "[get, list]", "[get, list, update]"),
        [("rbac.widened", 4)]
    );
    assert_eq!(told(ROLE, "[get, list]", "[get]"), [("rbac.narrowed", 3)]);
    assert_eq!(
        told(ROLE, "[get, list]", "[get, patch]"),
        [("rbac.widened", 4), ("rbac.narrowed", 3)]
    );
    assert_eq!(told(ROLE, "[get, list]", "[\"*\"]"), [("rbac.widened", 4)]);
    assert_eq!(told(ROLE, "[get, list]", "[list, get]"), []);
    assert_eq!(
        told(
            ROLE,
            "resources: [pods]",
            "resources: [pods]\n    resourceNames: [a]"
        ),
        [("rbac.narrowed", 3)]
    );
    assert_eq!(
        told_in(FileClass::Template, None, Some(ROLE)),
        [("rbac.widened", 4)]
    );
    assert_eq!(
        told_in(FileClass::Template, Some(ROLE), None),
        [("rbac.narrowed", 3)]
    );
    let file = Changed {
        path: "a".to_owned(),
        class: FileClass::Template,
        left: Some(ROLE),
        right: Some(&ROLE.replace("list]", "watch]")),
    };
    let causes = judge(&[file], &Limits::default());
    assert_eq!(causes[0].to.as_deref(), Some("watch pods"));
    assert_eq!(
        causes[0].note,
        "ClusterRole {{ include \"x\" . }}-a now allows one thing."
    );
    assert_eq!(causes[1].from.as_deref(), Some("list pods"));
}

#[test]
fn bindings_give_roles_to_subjects() {
    let binding = "kind: ClusterRoleBinding\nmetadata: {name: b}\nroleRef: {kind: ClusterRole, name: view}\nsubjects:\n  - {kind: ServiceAccount, name: a, namespace: n}\n";
    assert_eq!(
        told(binding, "name: view", "name: cluster-admin"),
        [("rbac.widened", 4)]
    );
    assert_eq!(
        told(binding, "name: a,", "name: b,"),
        [("rbac.widened", 4), ("rbac.narrowed", 3)]
    );
    assert_eq!(
        told_in(FileClass::Template, Some(binding), None),
        [("rbac.narrowed", 3)]
    );
}

#[test]
fn webhooks() {
    assert_eq!(told(WEBHOOK, "Ignore", "Fail"), [("webhook.changed", 4)]);
    assert_eq!(told(WEBHOOK, "$ca", "$other"), []);
    assert_eq!(told(WEBHOOK, "{name: s}", "{name: t}"), [("webhook.changed", 4)]);
    assert_eq!(
        told(WEBHOOK, "a.example.com", "b.example.com"),
        [("webhook.changed", 4), ("webhook.changed", 4)]
    );
}

#[test]
fn hooks_of_a_release_and_of_tests() {
    assert_eq!(told(JOB, "\"5\"", "\"-5\""), [("hook.changed", 3)]);
    assert_eq!(told(JOB, "[up]", "[up, now]"), [("hook.changed", 3)]);
    assert_eq!(
        told_in(FileClass::Template, None, Some(JOB)),
        [("hook.changed", 3), ("image.reference", 3)]
    );
    let test = JOB.replace("pre-upgrade", "test");
    assert_eq!(told(&test, "[up]", "[up, now]"), []);
    assert_eq!(told(&test, ": test", ": test,pre-upgrade"), [("hook.changed", 3)]);
}

#[test]
fn images_privilege_and_secrets() {
    let plain = JOB.replace("helm.sh/hook", "x");
    let file = Changed {
        path: "a".to_owned(),
        class: FileClass::Template,
        left: Some(&plain),
        right: Some(&plain.replace(":1.0", ":1.1")),
    };
    let causes = judge(&[file], &Limits::default());
    assert_eq!(causes.len(), 1);
    assert_eq!(causes[0].code, Code::ImageReference);
    assert_eq!(causes[0].from.as_deref(), Some("{{ .Values.image }}:1.0"));
    assert_eq!(causes[0].pointer, "/spec/template/spec/containers/migrate/image");
    assert_eq!(
        told(
            &plain,
            "args: [up]",
            "args: [up]\n          securityContext: {privileged: true}"
        ),
        [("workload.privilege", 4)]
    );
    assert_eq!(
        told("kind: Secret\nstringData: {a: b}\n", "a: b", "a: c"),
        [("yaml.value", 4)]
    );
}

#[test]
fn services_by_field() {
    let service = "kind: Service\nmetadata: {name: a}\nspec: {type: ClusterIP, ports: [{port: 80}]}\n";
    for (from, to) in [("ClusterIP", "NodePort"), ("port: 80", "port: 81")] {
        assert_eq!(told(service, from, to), [("service.changed", 3)], "{to}");
    }
    assert_eq!(told(service, "name: a}", "name: a, labels: {x: y}}"), []);
    assert_eq!(
        told_in(FileClass::Template, Some(service), None),
        [("service.changed", 3)]
    );
}

#[test]
fn either_branch_of_a_condition_is_looked_at() {
    let role = ROLE.replace(
        "    verbs: [get, list]\n",
        "    {{- if .Values.x }}\n    verbs: [get]\n    {{- else }}\n    verbs: [list]\n    {{- end }}\n",
    );
    assert_eq!(told(&role, "[get]", "[get, patch]"), [("rbac.widened", 4)]);
    assert_eq!(told(&role, "[list]", "[list, patch]"), [("rbac.widened", 4)]);
}
