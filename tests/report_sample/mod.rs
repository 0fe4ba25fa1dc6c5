//! Comparisons for the tests of the reports.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing)]

use tagdrift::report::{
    Answer, Comparison, FileFacts, FileRow, FileStatus, Note, Restarts, Rung, Side, Subject, Unread, Verdict,
};
use tagdrift::verdict::{Cause, Code, Level, Proven, Severity, Stage, Weight};

fn side(name: &str, created: &str) -> Side {
    Side {
        name: format!("127.0.0.1:5000/charts/kelp:0.16.2@sha256:{}", name.repeat(32)),
        digest: format!("sha256:{}", name.repeat(32)),
        media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
        kind: "chart".to_owned(),
        size: 4_321,
        content_digest: Some(format!("content:sha256:{}", name.repeat(32))),
        created: Some(created.to_owned()),
        chart: Some("kelp".to_owned()),
        version: Some("0.16.2".to_owned()),
        packed_by: Some("Helm 3.17 to 3.19".to_owned()),
    }
}

fn file(path: &str, status: FileStatus) -> FileRow {
    let facts = |c: &str| FileFacts {
        sha256: c.repeat(64),
        size: 1_200,
        mode: "0644".to_owned(),
        layer: None,
    };
    FileRow {
        path: path.to_owned(),
        platform: String::new(),
        status,
        from_path: None,
        class: "template".to_owned(),
        from: (status != FileStatus::Added).then(|| facts("1")),
        to: (status != FileStatus::Removed)
            .then(|| facts(if status == FileStatus::Same { "1" } else { "2" })),
    }
}

/// A breaking change with a little of everything.
pub fn breaking() -> Comparison {
    Comparison {
        schema: "tagdrift/comparison/1".to_owned(),
        subject: Subject {
            registry: "127.0.0.1:5000".to_owned(),
            repository: "charts/kelp".to_owned(),
            tag: "0.16.2".to_owned(),
        },
        left: side("ab", "2025-05-07T12:27:00Z"),
        right: side("cd", "2025-05-10T04:57:00Z"),
        verdict: Verdict {
            level: Level::Breaking,
            headline: Level::Breaking.headline().to_owned(),
            proven_equal: Proven::Nothing,
            summary: "What is deployed changed, and it can break: a CRD version that is no longer served in templates/crds/bed.yaml."
                .to_owned(),
            detail: "2 of 3 files differ.".to_owned(),
        },
        restarts: Restarts {
            answer: Answer::Depends,
            because: vec![
                "templates/deployment.yaml:12 carries helm.sh/chart in its pod template: under Flux any new digest rolls it"
                    .to_owned(),
            ],
        },
        causes: vec![
            Cause::new(Code::CrdVersionUnserved, Severity::Breaking, Stage::Content, Weight::Deployed)
                .path("templates/crds/bed.yaml")
                .pointer("/spec/versions/name=v1beta1/served")
                .change("true", "false")
                .note("clients that still ask for v1beta1 fail"),
            Cause::new(Code::FileDocs, Severity::Noise, Stage::Content, Weight::Cosmetic).path("README.md"),
            Cause::new(Code::AnnotationCreated, Severity::Noise, Stage::Manifest, Weight::Packaging)
                .pointer("org.opencontainers.image.created")
                .change("2025-05-07T12:27:00Z", "2025-05-10T04:57:00Z"),
            Cause::new(Code::TarMtime, Severity::Noise, Stage::Archive, Weight::Packaging)
                .count(3)
                .note("all 3 entries"),
            Cause::new(Code::SignatureLost, Severity::Breaking, Stage::Signature, Weight::Packaging)
                .note("the older digest is signed, the newer is not"),
        ],
        causes_left_off: 0,
        files: vec![
            file("README.md", FileStatus::Modified),
            file("templates/crds/bed.yaml", FileStatus::Modified),
            file("values.yaml", FileStatus::Same),
        ],
        unread: Vec::new(),
        ladder: vec![
            Rung {
                rung: Proven::Digest,
                equal: Some(false),
                left: format!("sha256:{}", "ab".repeat(32)),
                right: format!("sha256:{}", "cd".repeat(32)),
                check: "crane digest 127.0.0.1:5000/charts/kelp:0.16.2".to_owned(),
            },
            Rung {
                rung: Proven::Files,
                equal: None,
                left: String::new(),
                right: String::new(),
                check: String::new(),
            },
        ],
        notes: vec![Note {
            topic: "source".to_owned(),
            text: "The two commits can be compared at the forge.".to_owned(),
            snippet: "https://forge.example/kelp/compare/a...b".to_owned(),
        }],
    }
}

/// The same files, packed again.
pub fn repackaged() -> Comparison {
    let mut comparison = breaking();
    comparison.verdict.level = Level::Repackaged;
    comparison.verdict.headline = Level::Repackaged.headline().to_owned();
    comparison.verdict.proven_equal = Proven::Files;
    comparison.verdict.summary =
        "Every file is equal on both sides; only the creation time annotation and file time stamps changed."
            .to_owned();
    comparison.verdict.detail = String::new();
    comparison.right.content_digest = comparison.left.content_digest.clone();
    comparison
        .causes
        .retain(|c| c.weight == Weight::Packaging && c.severity == Severity::Noise);
    for row in &mut comparison.files {
        *row = file(&row.path, FileStatus::Same);
    }
    comparison.restarts.answer = Answer::No;
    comparison.restarts.because.clear();
    comparison.notes.clear();
    comparison.ladder.clear();
    comparison
}

/// Nothing but faults.
pub fn unknown() -> Comparison {
    let mut comparison = repackaged();
    comparison.verdict.level = Level::Unknown;
    comparison.verdict.summary =
        "A change cannot be ruled out: sha256:99 could not be read (not found).".to_owned();
    comparison.causes = vec![
        Cause::new(Code::Unreadable, Severity::Review, Stage::Layers, Weight::Unread)
            .pointer("sha256:99")
            .note("not found"),
    ];
    comparison.unread = vec![
        Unread {
            what: "sha256:99".to_owned(),
            why: "not found".to_owned(),
        },
        Unread {
            what: "charts/deep.tgz".to_owned(),
            why: "nested deeper than 4".to_owned(),
        },
    ];
    comparison.files.clear();
    comparison.left.content_digest = None;
    comparison
}

/// Every text of a comparison replaced by `hostile`, every list repeated `times` times.
pub fn flooded(hostile: &str, times: usize) -> Comparison {
    let mut comparison = breaking();
    let text = || hostile.to_owned();
    comparison.subject = Subject {
        registry: text(),
        repository: text(),
        tag: text(),
    };
    for side in [&mut comparison.left, &mut comparison.right] {
        *side = Side {
            name: text(),
            digest: text(),
            media_type: text(),
            kind: text(),
            size: u64::MAX,
            content_digest: Some(text()),
            created: Some(text()),
            chart: Some(text()),
            version: Some(text()),
            packed_by: Some(text()),
        };
    }
    comparison.verdict.summary = text();
    comparison.verdict.detail = text();
    comparison.verdict.headline = text();
    comparison.restarts.because = vec![text(); times];
    let mut causes = Vec::new();
    for (i, weight) in [
        Weight::Deployed,
        Weight::Unread,
        Weight::Cosmetic,
        Weight::Packaging,
    ]
    .into_iter()
    .cycle()
    .take(times * 4)
    .enumerate()
    {
        let severity = Severity::try_from((i % 5) as u8).unwrap();
        let mut cause = Cause::new(Code::ALL[i % Code::ALL.len()], severity, Stage::Content, weight)
            .path(text())
            .pointer(text())
            .change(hostile, hostile)
            .count(u64::MAX)
            .note(text());
        cause.platform = text();
        causes.push(cause);
    }
    comparison.causes = causes;
    comparison.causes_left_off = u64::MAX;
    comparison.files = (0..times)
        .map(|i| {
            let mut row = file(hostile, FileStatus::Renamed);
            row.path = format!("{i}{hostile}");
            row.platform = text();
            row.from_path = Some(text());
            for facts in [&mut row.from, &mut row.to].into_iter().flatten() {
                facts.sha256 = text();
                facts.mode = text();
            }
            row
        })
        .collect();
    comparison.unread = vec![
        Unread {
            what: text(),
            why: text()
        };
        times
    ];
    comparison.ladder = vec![
        Rung {
            rung: Proven::Files,
            equal: None,
            left: text(),
            right: text(),
            check: text(),
        };
        times
    ];
    comparison.notes = vec![
        Note {
            topic: text(),
            text: text(),
            snippet: text(),
        };
        times
    ];
    comparison
}

/// Texts that try to be something else.
pub const HOSTILE: &[&str] = &[
    "`",
    "```",
    "``````````",
    "|",
    "\\|",
    "\\",
    "<img src=x onerror=alert(1)>",
    "</details>",
    "</code>",
    "<!--",
    "-->",
    "@octocat",
    "#123",
    "GH-7",
    "octo/repo#1",
    "https://evil.example/x",
    "www.evil.example",
    "a@b.example",
    "[x](https://evil.example)",
    "![x](y)",
    "\n",
    "\r\n",
    "\n\n# title\n",
    "\n| a | b |\n|---|---|\n",
    "\u{1b}[31m",
    "\u{202e}",
    "\u{200b}",
    "\0",
    "\u{9b}2J",
    "&lt;",
    "&#64;x",
    "*",
    "__",
    "~~",
    "$x$",
    ":boom:",
    "  ",
    " ",
    "\t",
    "漢字",
    "🦀",
    "]]>",
    "</script>",
    "\"'><svg/onload=1>",
    "javascript:alert(1)",
    "0cc9a8446c950cc9a8446c95",
    "- [ ] task",
    "1. item",
    "+ item",
    "> quote",
    "***",
    "word",
    "{{ .Values.x }}",
];

/// Holds a text against `tests/snapshots/<name>`. `UPDATE_SNAPSHOTS=1 cargo test` writes the file anew: look at
/// the difference before committing it.
#[track_caller]
pub fn snapshot(name: &str, text: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/snapshots")
        .join(name);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let wanted = std::fs::read_to_string(&path).unwrap();
    assert!(text == wanted, "not as in {name}:\n{text}");
}
