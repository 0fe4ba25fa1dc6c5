//! What the engine's benches compare, made in memory, natively and in a browser alike.

use super::store::{Member, gzip, tar_of};

/// 31 000 lines; `replicas` is another at every hundredth service.
pub fn values(replicas: usize) -> String {
    (0..6200)
        .map(|n| {
            let count = if n % 100 == 0 { replicas } else { n % 7 };
            format!(
                "service{n}:\n  name: s{n}\n  replicas: {count}\n  image:\n    repository: registry.example/{n}\n"
            )
        })
        .collect()
}

/// A chart of 100 files in 136 KB: templates, CRDs, values, documents.
pub fn chart(mtime: u64, changed: bool) -> Vec<u8> {
    let mut members = vec![
        Member::file(
            "kelp/Chart.yaml",
            "apiVersion: v2\nname: kelp\nversion: 1.0.0\nappVersion: \"1.0\"\n",
        ),
        Member::file("kelp/values.yaml", values(0).as_bytes()[..24_000].to_vec()),
        Member::file("kelp/README.md", "# Kelp\n\nIt grows.\n".repeat(200)),
        Member::file(
            "kelp/templates/_helpers.tpl",
            "{{- define \"kelp.name\" -}}\n{{ .Release.Name }}-kelp\n{{- end }}\n",
        ),
    ];
    for n in 0..88 {
        let image = if changed && n == 40 { "1.1" } else { "1.0" };
        members.push(Member::file(
            &format!("kelp/templates/deployment-{n:02}.yaml"),
            format!(
                "# Number {n}\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{{{ include \"kelp.name\" . }}}}-{n}\n  labels:\n    app: kelp\nspec:\n  replicas: {{{{ .Values.service{n}.replicas }}}}\n  template:\n    metadata:\n      labels:\n        app: kelp\n    spec:\n      containers:\n        - name: main\n          image: registry.example/kelp:{image}\n          {{{{- with .Values.service{n}.resources }}}}\n          resources:\n            {{{{- toYaml . | nindent 12 }}}}\n          {{{{- end }}}}\n          args:\n{}",
                "            - --flag=value # why\n".repeat(15)
            ),
        ));
    }
    for n in 0..8 {
        members.push(Member::file(
            &format!("kelp/crds/crd-{n}.yaml"),
            format!("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: fronds{n}.kelp.example\nspec:\n  group: kelp.example\n  versions:\n    - name: v1\n      served: true\n      storage: true\n"),
        ));
    }
    for member in &mut members {
        member.mtime = mtime;
    }
    gzip(&tar_of(&members), 6, 0)
}
