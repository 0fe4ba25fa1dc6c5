//! What kind of file a path of a chart is, and to which chart of the tree it belongs.
//!
//! Purpose: the rules for a file depend on what Helm does with it, and Helm decides that by path alone
//! (`loader.LoadFiles`): `templates/**` is rendered whatever the extension, `crds/**` is installed when it ends
//! in `.yaml`, `.yml` or `.json`, `charts/**` are charts of their own, and everything else is reachable through
//! `.Files`.
//!
//! Invariants: a class says what a file *may* do, never that a change in it is harmless; that takes a proof of
//! its own. Every path has exactly one place.
//!
//! ```
//! use tagdrift::verdict::file_class::{FileClass, Place};
//! let place = Place::of(b"charts/redis-1.2.3.tgz!/templates/_names.tpl");
//! assert_eq!((place.chart, place.inner, place.class), (&b"charts/redis-1.2.3.tgz!/"[..], &b"templates/_names.tpl"[..], FileClass::Partial));
//! ```

/// What Helm, or a reader, does with a file of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileClass {
    /// `Chart.yaml`.
    Chart,
    /// `Chart.lock`, `requirements.lock`.
    Lock,
    /// `requirements.yaml`: the dependencies of a chart of API version 1.
    Requirements,
    /// `values.yaml`.
    Values,
    /// `values.schema.json`.
    Schema,
    /// Rendered and applied: anything in `templates/` that is none of the following.
    Template,
    /// `templates/**/_*`: definitions for the templates, rendered into nothing by itself.
    Partial,
    /// `templates/**/NOTES.txt`: rendered for people.
    Notes,
    /// `templates/tests/**`: rendered like any template; by convention hooks of `helm test`.
    TestTemplate,
    /// `crds/**` with a manifest's extension: installed as it stands.
    Crd,
    /// A packed subchart directly in `charts/`.
    Subchart,
    /// Text for people, by name.
    Docs,
    /// Values for CI, unit tests, ignore files: for the chart's authors only.
    Test,
    /// Anything else: content once a template reads it.
    Other,
}

impl FileClass {
    /// The word in the report's `class`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Chart => "chart",
            Self::Lock => "lock",
            Self::Requirements => "requirements",
            Self::Values => "values",
            Self::Schema => "schema",
            Self::Template => "template",
            Self::Partial => "partial",
            Self::Notes => "notes",
            Self::TestTemplate | Self::Test => "test",
            Self::Crd => "crd",
            Self::Subchart => "archive",
            Self::Docs => "docs",
            Self::Other => "other",
        }
    }

    /// True when Helm's template engine parses it.
    pub fn is_template(self) -> bool {
        matches!(
            self,
            Self::Template | Self::Partial | Self::Notes | Self::TestTemplate
        )
    }
}

/// Where a path stands: in which chart of the tree, where in that chart, as what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The chart's own prefix in the tree: empty for the root, else ending in `/` (`charts/x/`,
    /// `charts/x-1.2.3.tgz!/`), so that prefix and inner path joined give the path again.
    pub chart: &'a [u8],
    /// The path within that chart.
    pub inner: &'a [u8],
    /// The class by path.
    pub class: FileClass,
}

impl<'a> Place<'a> {
    /// True when templates of the same chart can reach its bytes through `.Files`. Helm keeps Chart.yaml,
    /// Chart.lock, values.yaml, values.schema.json, templates and subcharts out of it.
    pub fn in_files(&self) -> bool {
        match self.class {
            FileClass::Requirements
            | FileClass::Crd
            | FileClass::Docs
            | FileClass::Test
            | FileClass::Other => true,
            FileClass::Lock => self.inner == b"requirements.lock",
            _ => false,
        }
    }

    /// The place of a tree's path.
    pub fn of(path: &'a [u8]) -> Self {
        let mut start = 0;
        loop {
            let inner = path.get(start..).unwrap_or_default();
            let Some(length) = subchart_prefix(inner) else {
                return Self {
                    chart: path.get(..start).unwrap_or_default(),
                    inner,
                    class: class_in_chart(inner),
                };
            };
            start += length;
        }
    }
}

/// How long the leading `charts/<name>/` or `charts/<name>.tgz!/` is, when the path lies inside a subchart.
/// Helm skips names that start with `_` or `.`, so what lies there belongs to no chart.
fn subchart_prefix(inner: &[u8]) -> Option<usize> {
    let after = inner.strip_prefix(b"charts/")?;
    let name = after.split(|&b| b == b'/').next()?;
    let hidden = matches!(name.first(), None | Some(b'_' | b'.'));
    // A provenance file inside a subchart's folder is handed to the parent's `.Files`, not to the subchart.
    let provenance = inner.ends_with(b".prov") && !name.ends_with(b"!");
    (!hidden && !provenance && after.len() > name.len()).then_some("charts/".len() + name.len() + 1)
}

fn class_in_chart(inner: &[u8]) -> FileClass {
    match inner {
        b"Chart.yaml" => return FileClass::Chart,
        b"Chart.lock" | b"requirements.lock" => return FileClass::Lock,
        b"requirements.yaml" => return FileClass::Requirements,
        b"values.yaml" => return FileClass::Values,
        b"values.schema.json" => return FileClass::Schema,
        _ => {}
    }
    let name = inner.rsplit(|&b| b == b'/').next().unwrap_or(inner);
    if let Some(below) = inner.strip_prefix(b"templates/") {
        // Helm compares the suffix, so `MY-NOTES.txt` is a note too; partials are told by the base name.
        return if inner.ends_with(b"NOTES.txt") {
            FileClass::Notes
        } else if name.starts_with(b"_") {
            FileClass::Partial
        } else if below.starts_with(b"tests/") {
            FileClass::TestTemplate
        } else {
            FileClass::Template
        };
    }
    if let Some(below) = inner.strip_prefix(b"charts/") {
        let packed = !below.contains(&b'/') && below.ends_with(b".tgz") && !below.starts_with(b"_");
        return if packed && !below.starts_with(b".") {
            FileClass::Subchart
        } else {
            FileClass::Other
        };
    }
    if inner.starts_with(b"crds/") && has_extension(name, &["yaml", "yml", "json"]) {
        return FileClass::Crd;
    }
    let folder = inner
        .split(|&b| b == b'/')
        .next()
        .filter(|f| f.len() < inner.len());
    match folder {
        Some(b"ci" | b"tests" | b"test" | b"unittests" | b".github") => FileClass::Test,
        Some(b"docs" | b"doc") => FileClass::Docs,
        _ if is_author_file(name) => FileClass::Test,
        _ if is_document(name) => FileClass::Docs,
        _ => FileClass::Other,
    }
}

fn is_author_file(name: &[u8]) -> bool {
    matches!(
        name,
        b".helmignore"
            | b".gitignore"
            | b".gitattributes"
            | b".editorconfig"
            | b".yamllint"
            | b".helmdocsignore"
    )
}

/// Documents by their usual names. The list is closed on purpose: a name that is not in it is content.
fn is_document(name: &[u8]) -> bool {
    const STEMS: [&str; 15] = [
        "readme",
        "license",
        "licence",
        "licenses",
        "copying",
        "notice",
        "changelog",
        "changes",
        "history",
        "contributing",
        "authors",
        "maintainers",
        "owners",
        "security",
        "upgrading",
    ];
    let lower = name.to_ascii_lowercase();
    let stem = lower
        .split(|&b| matches!(b, b'.' | b'-' | b'_'))
        .next()
        .unwrap_or_default();
    STEMS.iter().any(|s| s.as_bytes() == stem) && !is_configuration(&lower)
        || has_extension(
            name,
            &[
                "md", "rst", "adoc", "gotmpl", "png", "jpg", "jpeg", "gif", "svg", "webp", "ico",
            ],
        )
}

/// `changes.yaml` or `security.json` may well be read by something.
fn is_configuration(lower: &[u8]) -> bool {
    has_extension(
        lower,
        &[
            "yaml",
            "yml",
            "json",
            "toml",
            "conf",
            "cfg",
            "ini",
            "tpl",
            "sh",
            "py",
            "xml",
            "properties",
        ],
    )
}

fn has_extension(name: &[u8], extensions: &[&str]) -> bool {
    let Some(dot) = name.iter().rposition(|&b| b == b'.') else {
        return false;
    };
    let extension = name.get(dot + 1..).unwrap_or_default();
    extensions
        .iter()
        .any(|e| extension.eq_ignore_ascii_case(e.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_has_the_class_that_helm_gives_it() {
        let table: &[(&str, &str, &str, FileClass)] = &[
            ("Chart.yaml", "", "Chart.yaml", FileClass::Chart),
            ("Chart.lock", "", "Chart.lock", FileClass::Lock),
            (
                "requirements.yaml",
                "",
                "requirements.yaml",
                FileClass::Requirements,
            ),
            ("values.yaml", "", "values.yaml", FileClass::Values),
            ("values.schema.json", "", "values.schema.json", FileClass::Schema),
            ("files/values.yaml", "", "files/values.yaml", FileClass::Other),
            (
                "templates/deployment.yaml",
                "",
                "templates/deployment.yaml",
                FileClass::Template,
            ),
            (
                "templates/README.md",
                "",
                "templates/README.md",
                FileClass::Template,
            ),
            (
                "templates/crds/a.yaml",
                "",
                "templates/crds/a.yaml",
                FileClass::Template,
            ),
            (
                "templates/lib/_x.yaml",
                "",
                "templates/lib/_x.yaml",
                FileClass::Partial,
            ),
            ("templates/NOTES.txt", "", "templates/NOTES.txt", FileClass::Notes),
            (
                "templates/tests/a.yaml",
                "",
                "templates/tests/a.yaml",
                FileClass::TestTemplate,
            ),
            (
                "templates/tests/_a.tpl",
                "",
                "templates/tests/_a.tpl",
                FileClass::Partial,
            ),
            ("crds/a.yaml", "", "crds/a.yaml", FileClass::Crd),
            ("crds/README.md", "", "crds/README.md", FileClass::Docs),
            ("crds/a.txt", "", "crds/a.txt", FileClass::Other),
            (
                "charts/x/values.yaml",
                "charts/x/",
                "values.yaml",
                FileClass::Values,
            ),
            (
                "charts/x/charts/y-1.tgz!/Chart.yaml",
                "charts/x/charts/y-1.tgz!/",
                "Chart.yaml",
                FileClass::Chart,
            ),
            ("charts/x-1.tgz", "", "charts/x-1.tgz", FileClass::Subchart),
            (
                "charts/x-1.tgz!/charts/y/crds/c.yml",
                "charts/x-1.tgz!/charts/y/",
                "crds/c.yml",
                FileClass::Crd,
            ),
            ("charts/x-1.tgz.prov", "", "charts/x-1.tgz.prov", FileClass::Other),
            ("charts/x/a.prov", "", "charts/x/a.prov", FileClass::Other),
            (
                "charts/_x/Chart.yaml",
                "",
                "charts/_x/Chart.yaml",
                FileClass::Other,
            ),
            ("charts/README.md", "", "charts/README.md", FileClass::Other),
            ("ci/test-values.yaml", "", "ci/test-values.yaml", FileClass::Test),
            (".helmignore", "", ".helmignore", FileClass::Test),
            ("README.md", "", "README.md", FileClass::Docs),
            ("README.md.gotmpl", "", "README.md.gotmpl", FileClass::Docs),
            ("LICENSE", "", "LICENSE", FileClass::Docs),
            ("LICENSE-APACHE", "", "LICENSE-APACHE", FileClass::Docs),
            ("docs/config.yaml", "", "docs/config.yaml", FileClass::Docs),
            ("security.yaml", "", "security.yaml", FileClass::Other),
            ("licensed.bin", "", "licensed.bin", FileClass::Other),
            ("questions.yaml", "", "questions.yaml", FileClass::Other),
            ("files/app.conf", "", "files/app.conf", FileClass::Other),
            (
                "files/a.tgz!/templates/x.yaml",
                "",
                "files/a.tgz!/templates/x.yaml",
                FileClass::Other,
            ),
        ];
        for (path, chart, inner, class) in table {
            let place = Place::of(path.as_bytes());
            assert_eq!(
                (place.chart, place.inner, place.class),
                (chart.as_bytes(), inner.as_bytes(), *class),
                "{path}"
            );
        }
    }

    #[test]
    fn chart_and_inner_path_always_join_to_the_path() {
        for path in [
            "",
            "/",
            "charts",
            "charts/",
            "charts//x",
            "charts/a/",
            "charts/!/x",
            "charts/a/charts/b/charts/",
        ] {
            let place = Place::of(path.as_bytes());
            assert_eq!([place.chart, place.inner].concat(), path.as_bytes(), "{path}");
        }
    }
}
