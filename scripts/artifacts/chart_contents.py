"""Pairs of charts in which a file differs, packed and pushed by Helm."""

import json

from charts import SOURCE


def make(charts):
    pair = charts.pair
    crd, deployment = "templates/crds/buoys.yaml", "templates/deployment.yaml"
    beta = "    - name: v1beta1\n      served: true\n      storage: false\n      schema:\n        openAPIV3Schema:\n          type: object\n"
    gale = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: gales.sea.example.org\nspec:\n  group: sea.example.org\n  scope: Namespaced\n  names:\n    kind: Gale\n    plural: gales\n  versions:\n    - name: v1\n      served: true\n      storage: true\n      schema:\n        openAPIV3Schema:\n          type: object\n"
    pair(
        "file-added",
        "changed",
        "A template more.",
        [("templates/extra.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\n")],
        include=["file.added"],
        exclude=["file.removed"],
    )
    pair(
        "file-removed",
        ["changed", "breaking"],
        "The service is gone.",
        [("templates/service.yaml", None)],
        include=["file.removed"],
    )
    pair(
        "file-renamed",
        ["changed", "cosmetic"],
        "A template under another name.",
        [("templates/service.yaml", None), ("templates/port.yaml", (SOURCE / "templates/service.yaml").read_text())],
        include=["file.renamed"],
        exclude=["file.added", "file.removed"],
    )
    pair(
        "file-binary",
        "changed",
        "Bytes that are no text.",
        [("files/chart.bin", b"\0\1\2\4")],
        left=[("files/chart.bin", b"\0\1\2\3")],
        include=["file.bytes"],
    )
    pair(
        "line-endings",
        "cosmetic",
        "values.yaml with carriage returns; it reads the same.",
        [("values.yaml", (SOURCE / "values.yaml").read_text().replace("\n", "\r\n"))],
        include=["file.line-endings"],
        exclude=["values.value", "yaml.value"],
    )
    pair(
        "line-endings-in-script",
        "changed",
        "A template with carriage returns: the script in its ConfigMap gets them.",
        [("templates/configmap.yaml", (SOURCE / "templates/configmap.yaml").read_text().replace("\n", "\r\n"))],
    )
    pair(
        "docs",
        "cosmetic",
        "Only the README.",
        [("README.md", "by day and by night", "day and night")],
        include=["file.docs"],
        exclude=["template.text", "values.value"],
    )
    read = (
        "templates/configmap.yaml",
        "data:\n  serial",
        'data:\n  about: {{ .Files.Get "README.md" | quote }}\n  serial',
    )
    pair(
        "docs-that-are-read",
        "changed",
        "The README changed, and a template reads it.",
        [read, ("README.md", "by day and by night", "day and night")],
        left=[read],
    )
    pair(
        "tests",
        "cosmetic",
        "The pod of `helm test`.",
        [("templates/tests/blinks.yaml", "look:1.0.0", "look:1.1.0")],
        include=["file.tests"],
        exclude=["template.text"],
    )
    pair(
        "ci-values",
        "cosmetic",
        "Values that only a pipeline's tests use.",
        [("ci/three-values.yaml", "3", "4")],
        include=["file.tests"],
        exclude=["values.value"],
    )
    pair(
        "yaml-comments",
        "cosmetic",
        "A comment in values.yaml.",
        [("values.yaml", "# How many buoys lie out.", "# Buoys that lie out.")],
        include=["yaml.comments"],
        exclude=["values.value", "yaml.value"],
    )
    pair(
        "yaml-key-order",
        "cosmetic",
        "Keys in another order, other quotes.",
        [("values.yaml", "  type: ClusterIP\n  port: 80\n", '  port: 80\n  type: "ClusterIP"\n')],
        include=["yaml.formatting"],
        exclude=["values.value"],
    )
    pair(
        "yaml-octal",
        "cosmetic",
        "0644 and 420 are one number to Helm.",
        [("values.yaml", "mode: 0644", "mode: 420")],
        exclude=["values.value"],
    )
    pair(
        "yaml-string-to-number",
        "changed",
        "A quoted number loses its quotes.",
        [("values.yaml", 'serial: "1234567"', "serial: 1234567")],
        include=["values.value"],
        exclude=["yaml.formatting"],
    )
    pair(
        "yaml-yes-to-string",
        "changed",
        '`yes` is true, "yes" is a text.',
        [("values.yaml", "strict: yes", 'strict: "yes"')],
        include=["values.value"],
    )
    pair(
        "yaml-yes-to-true",
        "cosmetic",
        "`yes` and `true` are one value to Helm.",
        [("values.yaml", "strict: yes", "strict: true")],
        exclude=["values.value"],
    )
    pair(
        "yaml-list-order",
        "changed",
        "A list in another order.",
        [
            (
                "values.yaml",
                "  - name: port\n    colour: red\n  - name: starboard\n    colour: green\n",
                "  - name: starboard\n    colour: green\n  - name: port\n    colour: red\n",
            )
        ],
        include=["values.value"],
    )
    pair(
        "yaml-key-twice",
        "changed",
        "A key stands twice: the last wins.",
        [("values.yaml", "replicas: 1\n", "replicas: 1\nreplicas: 2\n")],
    )
    pair(
        "yaml-value",
        "changed",
        "A value in a YAML file that is no values file.",
        [("files/limits.yaml", "wind: 17", "wind: 19")],
        include=["yaml.value"],
        exclude=["yaml.formatting", "yaml.comments"],
    )
    pair(
        "json-formatting",
        "cosmetic",
        "The schema of the values, laid out anew.",
        [("values.schema.json", json.dumps(json.loads((SOURCE / "values.schema.json").read_text())) + "\n")],
        include=["json.formatting"],
        exclude=["schema.value", "json.value"],
    )
    pair(
        "json-value",
        "changed",
        "A value in a JSON file.",
        [("files/tides.json", "21", "22")],
        include=["json.value"],
        exclude=["json.formatting"],
    )
    pair(
        "schema",
        "changed",
        "The schema of the values became stricter.",
        [("values.schema.json", '"minimum": 1', '"minimum": 3')],
        include=["schema.value"],
    )
    pair(
        "values",
        "changed",
        "A default changed.",
        [("values.yaml", "replicas: 1", "replicas: 2")],
        include=["values.value"],
        exclude=["crd.schema", "rbac.widened"],
    )
    pair(
        "chart-version",
        "changed",
        "The chart's version under the same tag.",
        [("Chart.yaml", "version: 1.2.0\nappVersion", "version: 1.2.1\nappVersion")],
        include=["chart.version"],
    )
    pair(
        "chart-app-version",
        "changed",
        "The appVersion.",
        [("Chart.yaml", "appVersion: 1.2.0", "appVersion: 1.2.1")],
        include=["chart.app-version"],
        exclude=["chart.version"],
    )
    pair(
        "chart-dependency",
        "changed",
        "A dependency's version.",
        [
            ("Chart.yaml", "version: 0.3.0", "version: 0.3.1"),
            ("charts/rope/Chart.yaml", "version: 0.3.0", "version: 0.3.1"),
        ],
        include=["chart.dependency"],
    )
    pair(
        "chart-description",
        ["cosmetic", "repackaged"],
        "The chart's description, which no template uses.",
        [("Chart.yaml", "Marks a channel", "Marks the channel")],
        include=["chart.metadata"],
        exclude=["chart.version"],
    )
    pair(
        "lock-generated",
        "cosmetic",
        "The lock file's time stamp.",
        [("Chart.lock", "2025-05-07T12:27", "2025-05-07T20:21")],
        include=["chart.lock-generated"],
        exclude=["chart.dependency"],
    )
    pair(
        "template-comment",
        ["cosmetic", "changed"],
        "A comment action; proving it harmless is the better answer.",
        [("templates/_helpers.tpl", "What finds the pods.", "What selects the pods.")],
        include=["template.comments"],
        exclude=["template.text"],
    )
    pair(
        "template-yaml-comment",
        ["cosmetic", "changed"],
        "A YAML comment in a template, outside any block scalar.",
        [(deployment, "# the one that blinks", "# it blinks")],
        include=["template.comments"],
        exclude=["template.text"],
    )
    pair(
        "comment-in-script",
        "changed",
        "It looks like a comment, but is a line of a script in a ConfigMap.",
        [("templates/configmap.yaml", "# turn the light on", "# turn the light on now")],
        exclude=["template.comments"],
    )
    pair(
        "template-text",
        "changed",
        "A port in a template.",
        [(deployment, "containerPort: 8080", "containerPort: 8081")],
        include=["template.text"],
        exclude=["template.comments"],
    )
    script = ("templates/configmap.yaml", "exec light --mode={{ .Values.mode }}")
    pair(
        "template-trim",
        "changed",
        "A trim marker eats the space between a command and its argument.",
        [(*script, "exec light {{- .Values.mode }}")],
        left=[(*script, "exec light {{ .Values.mode }}")],
    )
    pair(
        "crd-version-unserved",
        "breaking",
        "A version is no longer served.",
        [(crd, "- name: v1beta1\n      served: true", "- name: v1beta1\n      served: false\n      deprecated: true")],
        include=["crd.version-unserved"],
    )
    pair("crd-version-removed", "breaking", "A version is gone.", [(crd, beta, "")], include=["crd.version-removed"])
    pair(
        "crd-storage",
        ["changed", "breaking"],
        "Another version is stored.",
        [
            (crd, "served: true\n      storage: true", "served: true\n      storage: STORED"),
            (crd, "served: true\n      storage: false", "served: true\n      storage: true"),
            (crd, "STORED", "false"),
        ],
        include=["crd.storage"],
    )
    pair(
        "crd-field-removed",
        ["changed", "breaking"],
        "A field of the schema is gone.",
        [(crd, "            depth:\n              type: integer\n", "")],
        include=["crd.schema"],
    )
    pair("crd-added", "changed", "A definition more.", [("templates/crds/gales.yaml", gale)], include=["crd.added"])
    pair(
        "crd-removed",
        ["changed", "breaking"],
        "A definition less.",
        [],
        left=[("templates/crds/gales.yaml", gale)],
        include=["crd.removed"],
    )
    pair(
        "rbac-widened",
        "breaking",
        "A role may do more.",
        [("templates/role.yaml", '"watch"]', '"watch", "delete"]')],
        include=["rbac.widened"],
        exclude=["rbac.narrowed"],
    )
    pair(
        "rbac-narrowed",
        ["changed", "breaking"],
        "A role may do less.",
        [("templates/role.yaml", ', "watch"]', "]")],
        include=["rbac.narrowed"],
        exclude=["rbac.widened"],
    )
    pair(
        "hook",
        ["changed", "breaking"],
        "A hook runs at another time.",
        [("templates/hook.yaml", 'hook-weight: "1"', 'hook-weight: "9"')],
        include=["hook.changed"],
    )
    pair(
        "image-reference",
        "changed",
        "Another image tag in the values.",
        [("values.yaml", 'tag: "1.2.0"', 'tag: "1.2.1"')],
        include=["image.reference"],
    )
    pair(
        "privileged",
        "breaking",
        "A container becomes privileged.",
        [(deployment, "privileged: false", "privileged: true")],
        include=["workload.privilege"],
    )
    pair(
        "subchart-folder-value",
        "changed",
        "A value of an unpacked subchart.",
        [("charts/rope/values.yaml", "length: 12", "length: 14")],
        include=["values.value"],
    )

    pair(
        "crd-version-added",
        "changed",
        "A version more is served.",
        [(crd, "  versions:\n", "  versions:\n" + beta.replace("v1beta1", "v2alpha1"))],
        include=["crd.version-added"],
        exclude=["crd.version-removed", "crd.version-unserved"],
    )
    webhook = (
        "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata:\n  name: buoy\n"
        "webhooks:\n  - name: buoys.sea.example.org\n    admissionReviewVersions: [v1]\n    sideEffects: None\n"
        "    failurePolicy: Ignore\n    clientConfig:\n      url: https://hook.example.org/\n"
    )
    pair(
        "webhook",
        ["changed", "breaking"],
        "A webhook's absence now stops the API server.",
        [("templates/webhook.yaml", webhook.replace("Ignore", "Fail"))],
        left=[("templates/webhook.yaml", webhook)],
        include=["webhook.changed"],
    )
    pair(
        "service",
        "changed",
        "The Service listens for another port of its pods.",
        [("templates/service.yaml", "targetPort: 8080", "targetPort: 9090")],
        include=["service.changed"],
    )
    pair(
        "bidi",
        "changed",
        "A character that reverses the direction of writing, in a comment that nothing renders: whoever reviews it is misled.",
        [(deployment, "# the one that blinks", "# the one that \u202eblinks")],
        include=["text.invisible"],
    )
