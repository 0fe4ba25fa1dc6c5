//! Charts, Flux artifacts, ORAS files and unlike kinds made to mislead.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

#[path = "support/store.rs"]
mod store;

use serde_json::{Value, json};
use store::{Member, Store, gzip, tar_of};
use tagdrift::oci::{Digest, media_type};
use tagdrift::report::Comparison;
use tagdrift::verdict::{Code, Level};

fn level(comparison: &Comparison) -> Level {
    comparison.verdict.level
}

fn file(path: &str, text: &str) -> Member {
    Member::file(path, text)
}

const CHART_YAML: &str = "apiVersion: v2\nname: tide\nversion: 1.0.0\n";
const CONFIG: &str = r#"{"name":"tide","version":"1.0.0","apiVersion":"v2"}"#;
const TEMPLATE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: tide\ndata:\n  a: \"1\"\n";

fn chart_members() -> Vec<Member> {
    vec![
        file("tide/Chart.yaml", CHART_YAML),
        file("tide/values.yaml", "a: 1\n"),
        file("tide/templates/cm.yaml", TEMPLATE),
    ]
}

fn pack(members: &[Member]) -> Vec<u8> {
    gzip(&tar_of(members), 6, 0)
}

/// An artifact of a config and typed, annotated layers.
fn artifact(store: &mut Store, config: (&str, &str), layers: &[(Vec<u8>, &str, Value)]) -> Digest {
    let config = store.blob(config.1.as_bytes().to_vec(), config.0);
    let layers: Vec<Value> = layers
        .iter()
        .map(|(bytes, media_type, annotations)| {
            let mut layer = store.blob(bytes.clone(), media_type);
            if !annotations.is_null() {
                layer["annotations"] = annotations.clone();
            }
            layer
        })
        .collect();
    store.manifest(&json!({"schemaVersion": 2, "config": config, "layers": layers}))
}

fn chart(store: &mut Store, config: &str, layers: &[(Vec<u8>, &str)]) -> Digest {
    let layers: Vec<_> = layers.iter().map(|(b, t)| (b.clone(), *t, Value::Null)).collect();
    artifact(store, (media_type::HELM_CONFIG, config), &layers)
}

/// The plain chart against one of other layers.
fn against_chart(config: &str, layers: &[(Vec<u8>, &str)]) -> Comparison {
    let mut store = Store::default();
    let left = chart(
        &mut store,
        CONFIG,
        &[(pack(&chart_members()), media_type::HELM_CHART)],
    );
    let right = chart(&mut store, config, layers);
    store.compare(&left, &right)
}

#[test]
fn layers_of_a_chart() {
    let plain = || pack(&chart_members());
    let other = pack(&[chart_members(), vec![file("tide/templates/x.yaml", TEMPLATE)]].concat());
    let (helm, prov) = (media_type::HELM_CHART, media_type::HELM_PROVENANCE);
    for (what, layers, no) in [
        (
            "provenance",
            vec![(plain(), helm), (b"signed".to_vec(), prov)],
            true,
        ),
        (
            "provenance first",
            vec![(b"signed".to_vec(), prov), (plain(), helm)],
            true,
        ),
        (
            "the old type",
            vec![(plain(), media_type::HELM_CHART_LEGACY)],
            true,
        ),
        (
            "a type that Helm does not know",
            vec![(plain(), "application/vnd.cncf.helm.chart.content.v1.tar")],
            false,
        ),
        (
            "the type in capitals",
            vec![(plain(), "application/vnd.cncf.helm.chart.content.v1.tar+GZIP")],
            false,
        ),
        (
            "another chart above",
            vec![(plain(), helm), (other.clone(), helm)],
            false,
        ),
        (
            "another chart below",
            vec![(other.clone(), helm), (plain(), helm)],
            false,
        ),
        (
            "something first",
            vec![(b"x".to_vec(), "text/plain"), (plain(), helm)],
            false,
        ),
        ("no layer", vec![], false),
        ("the chart called provenance", vec![(plain(), prov)], false),
    ] {
        let comparison = against_chart(CONFIG, &layers);
        assert_eq!(level(&comparison).is_no(), no, "{what}: {:#?}", comparison.causes);
    }
}

#[test]
fn a_provenance_file_that_goes_leaves_the_chart_where_it_was() {
    let plain = || (pack(&chart_members()), media_type::HELM_CHART);
    let prov = || (b"signed".to_vec(), media_type::HELM_PROVENANCE);
    for signed in [vec![plain(), prov()], vec![prov(), plain()]] {
        let mut store = Store::default();
        let (l, r) = (
            chart(&mut store, CONFIG, &signed),
            chart(&mut store, CONFIG, &[plain()]),
        );
        for (from, to, code) in [(&l, &r, Code::ProvenanceRemoved), (&r, &l, Code::ProvenanceAdded)] {
            let comparison = store.compare(from, to);
            let codes: Vec<Code> = comparison.causes.iter().map(|c| c.code).collect();
            assert_eq!((level(&comparison), codes), (Level::Repackaged, vec![code]));
        }
    }
}

#[test]
fn the_order_of_a_charts_layers_counts_where_clients_go_by_it() {
    let plain = (pack(&chart_members()), media_type::HELM_CHART);
    let other = (
        pack(&[chart_members(), vec![file("tide/templates/x.yaml", TEMPLATE)]].concat()),
        media_type::HELM_CHART,
    );
    let unknown = (pack(&[file("x", "1")]), "application/vnd.example.tar+gzip");
    let prov = (b"signed".to_vec(), media_type::HELM_PROVENANCE);
    let rebuilt = (gzip(&tar_of(&chart_members()), 1, 9), media_type::HELM_CHART);
    for (left, right, no) in [
        (
            vec![plain.clone(), prov.clone()],
            vec![prov.clone(), plain.clone()],
            true,
        ),
        (
            vec![plain.clone(), prov.clone()],
            vec![prov.clone(), rebuilt.clone()],
            true,
        ),
        (
            vec![plain.clone(), other.clone()],
            vec![other.clone(), plain.clone()],
            false,
        ),
        (
            vec![plain.clone(), unknown.clone()],
            vec![unknown.clone(), plain.clone()],
            false,
        ),
        (
            vec![plain.clone(), unknown.clone()],
            vec![unknown.clone(), rebuilt.clone()],
            false,
        ),
    ] {
        let mut store = Store::default();
        let (l, r) = (
            chart(&mut store, CONFIG, &left),
            chart(&mut store, CONFIG, &right),
        );
        let comparison = store.compare(&l, &r);
        assert_eq!(level(&comparison).is_no(), no, "{:#?}", comparison.causes);
        assert!(comparison.causes.iter().any(|c| c.code == Code::LayerOrder));
    }
}

#[test]
fn a_charts_config_against_its_chart_yaml() {
    let with = |chart_yaml: &str| {
        let mut members = chart_members();
        members[0] = file("tide/Chart.yaml", chart_yaml);
        pack(&members)
    };
    let commented = format!("# a comment\n{CHART_YAML}");
    let described = format!("{CHART_YAML}description: more\n");
    for (what, chart_yaml, config, expected) in [
        (
            "equal data",
            CHART_YAML,
            r#"{"apiVersion": "v2", "name":"tide","version":"1.0.0"}"#,
            Level::Repackaged,
        ),
        (
            "a comment, and another version in the config",
            &commented,
            r#"{"name":"tide","version":"2.0.0","apiVersion":"v2"}"#,
            Level::Changed,
        ),
        ("a comment alone", &commented, CONFIG, Level::Cosmetic),
        (
            "both described",
            &described,
            r#"{"name":"tide","version":"1.0.0","apiVersion":"v2","description":"more"}"#,
            Level::Cosmetic,
        ),
        (
            "described otherwise",
            &described,
            r#"{"name":"tide","version":"1.0.0","apiVersion":"v2","description":"less"}"#,
            Level::Changed,
        ),
        (
            "the config alone",
            CHART_YAML,
            r#"{"name":"tide","version":"1.0.1","apiVersion":"v2"}"#,
            Level::Changed,
        ),
        (
            "empty fields",
            CHART_YAML,
            r#"{"name":"tide","version":"1.0.0","apiVersion":"v2","keywords":[]}"#,
            Level::Repackaged,
        ),
        (
            "a key twice",
            CHART_YAML,
            r#"{"name":"tide","version":"1.0.0","version":"1.0.0","apiVersion":"v2"}"#,
            Level::Unknown,
        ),
        (
            "a key in capitals",
            CHART_YAML,
            r#"{"name":"tide","version":"1.0.0","apiVersion":"v2","Type":"library"}"#,
            Level::Changed,
        ),
        ("no JSON", CHART_YAML, "name: tide", Level::Changed),
    ] {
        let comparison = against_chart(config, &[(with(chart_yaml), media_type::HELM_CHART)]);
        assert_eq!(level(&comparison), expected, "{what}: {:#?}", comparison.causes);
    }
}

#[test]
fn archives_of_a_chart() {
    let tar = tar_of(&chart_members());
    let renamed = |from: &str, to: &str| {
        let mut members = chart_members();
        for member in &mut members {
            let path = String::from_utf8(member.path.clone()).unwrap();
            member.path = path.replacen(from, to, 1).into_bytes();
        }
        gzip(&raw_tar(&members), 6, 0)
    };
    let more = |member: Member| gzip(&raw_tar(&[chart_members(), vec![member]].concat()), 6, 0);
    let mut two_members = gzip(&tar, 6, 0);
    two_members.extend(gzip(&tar_of(&[file("tide/templates/x.yaml", TEMPLATE)]), 6, 0));
    for (what, bytes, no) in [
        ("plain tar", tar.clone(), false),
        (
            "zstd",
            ruzstd::encoding::compress_to_vec(&tar[..], ruzstd::encoding::CompressionLevel::Fastest),
            false,
        ),
        ("another first folder", renamed("tide/", "flood/"), true),
        ("a dot before", renamed("tide/", "./tide/"), false),
        ("absolute", renamed("tide/", "/tide/"), false),
        ("no folder", renamed("tide/", ""), false),
        (
            "backslashes",
            renamed("tide/templates/", "tide\\templates\\"),
            true,
        ),
        ("a parent", renamed("tide/values", "tide/x/../values"), true),
        ("outside", more(file("tide/../../x", "1")), false),
        (
            "a case twin",
            more(file("tide/templates/CM.yaml", TEMPLATE)),
            false,
        ),
        (
            "a line feed in a name",
            more(file("tide/templates/a\n.yaml", TEMPLATE)),
            false,
        ),
        (
            "a second value of a name",
            more(file("tide/values.yaml", "a: 2\n")),
            false,
        ),
        ("the same again", more(file("tide/values.yaml", "a: 1\n")), true),
        (
            "a link to values",
            more(Member::symlink("tide/values2.yaml", "values.yaml")),
            false,
        ),
        (
            "bytes behind the archive",
            gzip(&[tar.clone(), b"more".to_vec()].concat(), 6, 0),
            true,
        ),
        ("a second gzip member with an archive", two_members, true),
        (
            "a name that is no UTF-8",
            {
                let mut member = file("tide/templates/x.yaml", TEMPLATE);
                member.path = b"tide/templates/\xff.yaml".to_vec();
                more(member)
            },
            false,
        ),
    ] {
        let comparison = against_chart(CONFIG, &[(bytes, media_type::HELM_CHART)]);
        assert_eq!(
            level(&comparison).is_no(),
            no,
            "{what}: {:?} {:#?}",
            comparison.verdict,
            comparison.causes
        );
    }
}

/// Headers by hand: the `tar` crate refuses some of these names.
fn raw_tar(members: &[Member]) -> Vec<u8> {
    let mut out = Vec::new();
    for member in members {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(member.kind);
        header.set_mode(member.mode);
        header.set_size(member.bytes.len() as u64);
        header.set_mtime(member.mtime);
        header.as_old_mut().name[..member.path.len()].copy_from_slice(&member.path);
        header.as_old_mut().linkname[..member.link.len()].copy_from_slice(&member.link);
        header.set_cksum();
        out.extend_from_slice(header.as_bytes());
        out.extend_from_slice(&member.bytes);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

#[test]
fn what_both_share_needs_no_reading() {
    let mut store = Store::default();
    let layer = pack(&chart_members());
    let left = chart(&mut store, CONFIG, &[(layer.clone(), media_type::HELM_CHART)]);
    let mut manifest = store.json(&left);
    manifest["annotations"] = json!({"org.opencontainers.image.created": "2026-01-01T00:00:00Z"});
    let right = store.manifest(&manifest);
    store.blobs.remove(&Digest::sha256(&layer));
    store.blobs.remove(&Digest::sha256(CONFIG.as_bytes()));
    let comparison = store.compare(&left, &right);
    assert_eq!(level(&comparison), Level::Repackaged, "{:#?}", comparison.causes);
    // Nobody looked.
    assert_eq!(comparison.restarts.answer, tagdrift::report::Answer::Depends);
    assert_eq!(
        comparison.restarts.because,
        ["Not everything could be read, so what reaches the pods is not known."]
    );
    assert_eq!(comparison.left.content_digest, None);
}

fn flux(members: &[Member]) -> (Vec<u8>, &'static str, Value) {
    (pack(members), media_type::FLUX_CONTENT, Value::Null)
}

fn flux_pair(left: &[Member], right: &[Member]) -> Comparison {
    let mut store = Store::default();
    let config = (media_type::FLUX_CONFIG, "{}");
    let (l, r) = (
        artifact(&mut store, config, &[flux(left)]),
        artifact(&mut store, config, &[flux(right)]),
    );
    store.compare(&l, &r)
}

#[test]
fn files_of_a_flux_artifact() {
    let base = || {
        vec![
            file("kustomization.yaml", "resources:\n  - cm.yaml\n"),
            file("cm.yaml", TEMPLATE),
            file("README.md", "# Tide\n"),
        ]
    };
    let with = |path: &str, text: &str| {
        let mut members = base();
        members.retain(|m| m.path != path.as_bytes());
        members.push(file(path, text));
        members
    };
    let same_but = |edit: fn(&mut Member)| {
        let mut members = base();
        members.iter_mut().for_each(edit);
        members
    };
    for (what, right, expected) in [
        (
            "a comment",
            with("cm.yaml", &format!("# x\n{TEMPLATE}")),
            Level::Cosmetic,
        ),
        (
            "key order",
            with(
                "cm.yaml",
                "kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: tide\ndata:\n  a: \"1\"\n",
            ),
            Level::Cosmetic,
        ),
        (
            "a text that becomes a number",
            with("cm.yaml", &TEMPLATE.replace("\"1\"", "1")),
            Level::Changed,
        ),
        ("the readme", with("README.md", "# Sea\n"), Level::Cosmetic),
        ("a licence", with("LICENSE", "MIT\n"), Level::Cosmetic),
        (
            "a manifest named like a licence",
            with("license-server.yaml", TEMPLATE),
            Level::Changed,
        ),
        (
            "a manifest named like a readme",
            with("readme.yaml", TEMPLATE),
            Level::Changed,
        ),
        ("a file more", with("x.yaml", TEMPLATE), Level::Changed),
        (
            "a generator",
            with(
                "kustomization.yaml",
                "resources:\n  - cm.yaml\nconfigMapGenerator:\n  - files: [README.md]\n",
            ),
            Level::Changed,
        ),
        (
            "times, owners and modes",
            same_but(|m| {
                m.mtime = 1;
                m.owner = (7, 7);
                m.mode = 0o755;
            }),
            Level::Repackaged,
        ),
    ] {
        let comparison = flux_pair(&base(), &right);
        assert_eq!(level(&comparison), expected, "{what}: {:#?}", comparison.causes);
    }
    let mut listed = with("kustomization.yaml", "resources:\n  - cm.yaml\n  - README.md\n");
    let before = listed.clone();
    listed.retain(|m| m.path != b"README.md");
    listed.push(file("README.md", "kind: Secret\n"));
    assert_eq!(level(&flux_pair(&before, &listed)), Level::Changed);
    let generated = |comment: &str| {
        let mut members = with(
            "kustomization.yaml",
            "configMapGenerator:\n  - name: x\n    files: [conf.yaml]\n",
        );
        members.push(file("conf.yaml", &format!("# {comment}\na: 1\n")));
        members
    };
    assert_eq!(
        level(&flux_pair(&generated("x"), &generated("y"))),
        Level::Changed
    );
}

#[test]
fn a_flux_artifact_that_flux_cannot_unpack() {
    let members = [file("cm.yaml", TEMPLATE)];
    let mut store = Store::default();
    let config = (media_type::FLUX_CONFIG, "{}");
    let left = artifact(&mut store, config, &[flux(&members)]);
    let right = artifact(
        &mut store,
        config,
        &[(tar_of(&members), media_type::FLUX_CONTENT, Value::Null)],
    );
    assert_eq!(level(&store.compare(&left, &right)), Level::Changed);
}

#[test]
fn files_by_oras() {
    let title = |name: &str| json!({"org.opencontainers.image.title": name});
    let files = |layers: &[(&str, Value)]| {
        layers
            .iter()
            .map(|(text, annotations)| (text.as_bytes().to_vec(), "text/plain", annotations.clone()))
            .collect::<Vec<_>>()
    };
    let left = [("1", title("a.txt")), ("2", title("b.txt"))];
    for (what, right, no) in [
        (
            "a stamp",
            vec![
                (
                    "1",
                    json!({"org.opencontainers.image.title": "a.txt", "org.opencontainers.image.created": "now"}),
                ),
                ("2", title("b.txt")),
            ],
            true,
        ),
        (
            "another name",
            vec![("1", title("c.txt")), ("2", title("b.txt"))],
            false,
        ),
        (
            "names swapped",
            vec![("1", title("b.txt")), ("2", title("a.txt"))],
            false,
        ),
        (
            "unpacked",
            vec![
                (
                    "1",
                    json!({"org.opencontainers.image.title": "a.txt", "io.deis.oras.content.unpack": "true"}),
                ),
                ("2", title("b.txt")),
            ],
            false,
        ),
        (
            "another order",
            vec![("2", title("b.txt")), ("1", title("a.txt"))],
            false,
        ),
        (
            "another text",
            vec![("1", title("a.txt")), ("3", title("b.txt"))],
            false,
        ),
        ("one less", vec![("1", title("a.txt"))], false),
        (
            "one twice",
            vec![
                ("1", title("a.txt")),
                ("2", title("b.txt")),
                ("2", title("b.txt")),
            ],
            false,
        ),
    ] {
        let mut store = Store::default();
        let config = (media_type::EMPTY, "{}");
        let l = artifact(&mut store, config, &files(&left));
        let r = artifact(&mut store, config, &files(&right));
        let comparison = store.compare(&l, &r);
        let mut expected_no = no;
        expected_no &= l != r;
        assert_eq!(
            level(&comparison).is_no(),
            expected_no,
            "{what}: {:#?}",
            comparison.causes
        );
    }
}

#[test]
fn no_layer_hides_anothers_files() {
    let of = |hidden: &str, shown: &str| {
        vec![
            (
                pack(&[file("layer-1/x", hidden)]),
                "application/vnd.a.tar+gzip",
                Value::Null,
            ),
            (
                pack(&[file("x", shown)]),
                "application/vnd.b.tar+gzip",
                Value::Null,
            ),
        ]
    };
    let mut store = Store::default();
    let config = (media_type::EMPTY, "{}");
    let left = artifact(&mut store, config, &of("1", "2"));
    for other in [of("9", "2"), of("1", "9"), of("9", "8")] {
        let right = artifact(&mut store, config, &other);
        assert_eq!(level(&store.compare(&left, &right)), Level::Changed);
    }
}

#[test]
fn unlike_kinds_are_never_a_no() {
    let mut store = Store::default();
    let members = chart_members();
    let as_chart = chart(&mut store, CONFIG, &[(pack(&members), media_type::HELM_CHART)]);
    let as_flux = artifact(&mut store, (media_type::FLUX_CONFIG, "{}"), &[flux(&members)]);
    let as_files = artifact(
        &mut store,
        (media_type::EMPTY, "{}"),
        &[(pack(&members), "application/x-tar", Value::Null)],
    );
    let as_image = store.image(vec![pack(&members)], json!({}), "a");
    let in_index = {
        let child = store.child(&as_image, "linux/amd64");
        store.index(vec![child])
    };
    let all = [as_chart, as_flux, as_files, as_image.clone(), in_index.clone()];
    for (i, left) in all.iter().enumerate() {
        for right in all
            .iter()
            .skip(i + 1)
            .filter(|r| (left, *r) != (&as_image, &in_index))
        {
            for (l, r) in [(left, right), (right, left)] {
                let comparison = store.compare(l, r);
                assert!(!level(&comparison).is_no(), "{l} {r}: {:#?}", comparison.causes);
            }
        }
    }
}

#[test]
fn many_entries_take_no_time() {
    let members = |last: &str| {
        let mut all: Vec<Member> = (0..20_000)
            .map(|i| file(&format!("tide/files/{i}"), ""))
            .collect();
        all.extend(chart_members());
        all.push(file("tide/files/last", last));
        pack(&all)
    };
    let mut store = Store::default();
    let left = chart(&mut store, CONFIG, &[(members("1"), media_type::HELM_CHART)]);
    let right = chart(&mut store, CONFIG, &[(members("2"), media_type::HELM_CHART)]);
    assert!(!level(&store.compare(&left, &right)).is_no());
}
