//! What people paste, line by line: each leads to a repository, to a question, or to one clear sentence.

use super::*;

const A: &str = "3b6cdcc7adcc9a84d3214ee1c029543789d90b5ae69debe9efa3f66e982875de";
const B: &str = "7d05ef40f1007f895ed04ed11da11dfcc369217b7c5365e7ee80d0f636bd6d88";

fn target_of(text: &str) -> Target {
    match understand(text) {
        Understanding::Target(target) => *target,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn leads_to_a_repository() {
    for (text, reference, form) in [
        (
            "oci://ghcr.io/es/charts/es:0.16.2",
            "ghcr.io/es/charts/es:0.16.2".to_owned(),
            Form::Reference,
        ),
        (
            "  nginx:1.27 ",
            "docker.io/library/nginx:1.27".into(),
            Form::Reference,
        ),
        (
            "localhost:5000/demo:1",
            "localhost:5000/demo:1".into(),
            Form::Reference,
        ),
        ("'ghcr.io/x/y'", "ghcr.io/x/y".into(), Form::Reference),
        (
            &format!("ghcr.io/x/y:1@sha256:{A}"),
            format!("ghcr.io/x/y:1@sha256:{A}"),
            Form::Reference,
        ),
        (
            &format!("ghcr.io/x/y:sha256-{A}.sig"),
            format!("ghcr.io/x/y@sha256:{A}"),
            Form::SignatureTag,
        ),
        (
            &format!("ghcr.io/x/y:sha256-{A}"),
            format!("ghcr.io/x/y@sha256:{A}"),
            Form::SignatureTag,
        ),
        (
            "helm pull oci://ghcr.io/es/charts/es --version 0.16.2",
            "ghcr.io/es/charts/es:0.16.2".into(),
            Form::ToolOutput,
        ),
        (
            "helm install x oci://ghcr.io/es/es --version=1.0.0+a",
            "ghcr.io/es/es:1.0.0_a".into(),
            Form::ToolOutput,
        ),
        (
            "https://github.com/Org/repo/pkgs/container/charts%2Fexternal-secrets/412444762?tag=0.16.2",
            "ghcr.io/org/charts/external-secrets:0.16.2".into(),
            Form::WebPage,
        ),
        (
            "https://hub.docker.com/r/bitnamicharts/nginx/tags",
            "docker.io/bitnamicharts/nginx".into(),
            Form::WebPage,
        ),
        (
            "https://hub.docker.com/_/nginx",
            "docker.io/library/nginx".into(),
            Form::WebPage,
        ),
        (
            "https://quay.io/repository/ns/name?tab=tags",
            "quay.io/ns/name".into(),
            Form::WebPage,
        ),
        (
            "https://tagdrift.example/app/?ref=ghcr.io/x/y:1&view=split",
            "ghcr.io/x/y:1".into(),
            Form::PageLink,
        ),
        (
            &format!("stored artifact with revision '0.16.2@sha256:{A}' from 'oci://ghcr.io/es/charts/es'"),
            format!("ghcr.io/es/charts/es:0.16.2@sha256:{A}"),
            Form::ToolOutput,
        ),
        (
            &format!("stored artifact with revision 'latest/{A}' from 'oci://ghcr.io/es/es'"),
            format!("ghcr.io/es/es:latest@sha256:{A}"),
            Form::ToolOutput,
        ),
        (
            &format!("new revision '0.16.2@sha256:{A}' for 'ghcr.io/es/charts/es:0.16.2'"),
            format!("ghcr.io/es/charts/es:0.16.2@sha256:{A}"),
            Form::ToolOutput,
        ),
        (
            &format!("Pulled: ghcr.io/g/helm-charts/podinfo:6.1.6\nDigest: sha256:{B}"),
            format!("ghcr.io/g/helm-charts/podinfo:6.1.6@sha256:{B}"),
            Form::ToolOutput,
        ),
        (
            &format!("✔ artifact successfully pushed to ghcr.io/org/app@sha256:{A}"),
            format!("ghcr.io/org/app@sha256:{A}"),
            Form::ToolOutput,
        ),
        (
            "docker pull nginx:1.27",
            "docker.io/library/nginx:1.27".into(),
            Form::ToolOutput,
        ),
        (
            "  image: bitnami/redis",
            "docker.io/bitnami/redis".into(),
            Form::ToolOutput,
        ),
        (
            "Update renovate/renovate:16.10.8 Docker digest to 6f9a209",
            "docker.io/renovate/renovate:16.10.8".into(),
            Form::ToolOutput,
        ),
        (
            "spec:\n  url: oci://ghcr.io/es/charts/es\n  ref:\n    tag: 0.16.2",
            "ghcr.io/es/charts/es:0.16.2".into(),
            Form::ToolOutput,
        ),
    ] {
        let target = target_of(text);
        assert_eq!(target.reference.to_string(), reference, "{text}");
        assert_eq!(target.form, form, "{text}");
    }
}

#[test]
fn several_digests_are_candidates_for_the_past() {
    let target = target_of(&format!(
        "oci://ghcr.io/es/es sha256:{A} was sha256:{B}, sha256:{A}"
    ));
    assert_eq!(target.reference.digest, None);
    assert_eq!(
        target.digests,
        [
            format!("sha256:{A}").parse().unwrap(),
            format!("sha256:{B}").parse().unwrap()
        ]
    );
}

#[test]
fn asks_for_the_repository() {
    let whole = |hex: &str| Some(format!("sha256:{hex}").parse().unwrap());
    for (text, digest, prefix, tag) in [
        (format!("sha256:{A}"), whole(A), None, None),
        (format!("sha256-{A}.sig"), whole(A), None, None),
        (format!("Initiated automated sync to 'sha256:{A}'"), whole(A), None, None),
        (format!("verified signature of revision 0.16.2@sha256:{A}"), whole(A), None, Some("0.16.2")),
        (format!("stored artifact for digest '0.16.2@sha256:{A}'"), whole(A), None, Some("0.16.2")),
        (
            "artifact up-to-date with remote revision: '1.13.3@sha256:01670a19…'".into(),
            None,
            Some("01670a19"),
            Some("1.13.3"),
        ),
        ("Applied revision: latest@sha256:01670a19".into(), None, Some("01670a19"), Some("latest")),
        (
            "helm.sh/chart: dagger-helm-0.13.5_a076bb44441a".into(),
            None,
            Some("a076bb44441a"),
            Some("0.13.5"),
        ),
        (
            "Helm upgrade succeeded for release external-secrets/external-secrets.v7 with chart external-secrets@0.16.2+0cc9a8446c95"
                .into(),
            None,
            Some("0cc9a8446c95"),
            Some("0.16.2"),
        ),
    ] {
        assert_eq!(
            understand(&text),
            Understanding::Fragment(Fragment {
                digest,
                prefix: prefix.map(str::to_owned),
                tag: tag.map(str::to_owned),
            }),
            "{text}"
        );
    }
}

#[test]
fn says_what_is_wrong() {
    for (text, message) in [
        (
            "https://example.org/x",
            "https:// is not a registry: write oci://… or leave the scheme out",
        ),
        (
            "ghcr.io/X/y",
            "repository \"X/y\" has an upper-case 'X' at offset 0: registries allow lower case only",
        ),
        ("sha256:3b6c", "a sha256 digest has 64 hex digits, this one has 4"),
        ("ghcr.io/x/y:", "no tag after the colon"),
        ("ghcr.io/x y", "white space at offset 9: a reference has none"),
        (
            "oci://ghcr.io",
            "no repository after ghcr.io: write ghcr.io/name:tag",
        ),
        ("two words\nand more", "no repository and no digest in this text"),
    ] {
        match understand(text) {
            Understanding::Wrong(said) => assert_eq!(said, message, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    assert_eq!(understand(" \n "), Understanding::Nothing);
}
