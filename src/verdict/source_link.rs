//! Where the sources of both sides can be compared: a link at the forge, made from two annotations.
//!
//! Purpose: "same tag, another commit" is the start of the next question. Invariants: whoever pushes an artifact
//! chooses its annotations, so a link is made only from an `https` address without user, query or fragment, at a
//! forge that is known by its host, with paths and revisions of a narrow alphabet; nothing else is ever a link.
//!
//! ```
//! use std::collections::BTreeMap;
//! use tagdrift::verdict::source_link::notes;
//! let side = |revision: &str| BTreeMap::from([
//!     ("org.opencontainers.image.source".to_owned(), "https://github.com/o/r.git".to_owned()),
//!     ("org.opencontainers.image.revision".to_owned(), revision.to_owned()),
//! ]);
//! let told = notes(&side("0123456789"), &side("9876543210"), true);
//! assert_eq!(told[0].snippet, "https://github.com/o/r/compare/0123456789...9876543210");
//! ```

use std::collections::BTreeMap;

use super::Note;

/// Where the source is (image-spec, annotations.md).
pub const SOURCE: &str = "org.opencontainers.image.source";
/// Which revision of it (image-spec, annotations.md).
pub const REVISION: &str = "org.opencontainers.image.revision";

/// How a forge writes the address of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Forge {
    /// `/compare/a...b`: GitHub, Gitea, Forgejo.
    Compare,
    /// `/-/compare/a...b`.
    GitLab,
    /// `/branches/compare/b..a`: the newer first.
    Bitbucket,
}

/// What the sources of both sides say. `content_changed` is true where content differs, or may differ.
pub fn notes(
    left: &BTreeMap<String, String>,
    right: &BTreeMap<String, String>,
    content_changed: bool,
) -> Vec<Note> {
    let mut notes = Vec::new();
    let revisions = (
        left.get(REVISION).and_then(|r| revision(r)),
        right.get(REVISION).and_then(|r| revision(r)),
    );
    let sources = (left.get(SOURCE), right.get(SOURCE));
    if let (Some(a), Some(b)) = sources
        && trimmed(a) != trimmed(b)
    {
        notes.push(note(
            format!(
                "The two sides name different sources: {} and {}.",
                short(a),
                short(b)
            ),
            String::new(),
        ));
    }
    let (Some(from), Some(to)) = revisions else {
        return notes;
    };
    if from == to {
        if content_changed {
            notes.push(note(
                format!(
                    "Both sides name the revision {from}, and yet their content differs: one was built from a changed working tree, with other inputs or another tool, or names its revision wrongly."
                ),
                String::new(),
            ));
        }
        return notes;
    }
    let Some((a, b)) = sources.0.zip(sources.1) else {
        return notes;
    };
    if trimmed(a) != trimmed(b) {
        return notes;
    }
    match comparison(a, from, to) {
        Some(link) => notes.push(note(
            "The two sides were made from two commits; the forge shows what lies between them.".to_owned(),
            link,
        )),
        None => notes.push(note(
            format!(
                "The two sides were made from two revisions of {}: {from} and {to}.",
                short(a)
            ),
            String::new(),
        )),
    }
    notes
}

fn note(text: String, snippet: String) -> Note {
    Note {
        topic: "source".to_owned(),
        text,
        snippet,
    }
}

/// The beginning of an annotation, for a sentence.
fn short(text: &str) -> String {
    const MOST: usize = 200;
    text.chars().take(MOST).collect()
}

/// Two spellings of one repository.
fn trimmed(source: &str) -> &str {
    let source = source.trim_end_matches('/');
    source.strip_suffix(".git").unwrap_or(source)
}

/// A commit's hash. Flux writes `branch@sha1:hash`.
fn revision(text: &str) -> Option<&str> {
    let hash = text.rsplit_once(':').map_or(text, |(_, hash)| hash);
    let right = (7..=64).contains(&hash.len()) && hash.bytes().all(|b| b.is_ascii_hexdigit());
    right.then_some(hash)
}

fn comparison(source: &str, from: &str, to: &str) -> Option<String> {
    let rest = trimmed(source).strip_prefix("https://")?;
    let (host, path) = rest.split_once('/')?;
    let (name, port) = host.split_once(':').map_or((host, None), |(n, p)| (n, Some(p)));
    let port_right = port.is_none_or(|p| (1..=5).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()));
    let name_right = name.contains('.')
        && name
            .split('.')
            .all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    if !name_right || !port_right {
        return None;
    }
    let segments: Vec<&str> = path.split('/').collect();
    let segment_right = |s: &str| {
        !s.is_empty()
            && !s.starts_with('.')
            && s.len() <= 100
            && s.bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    if !segments.iter().all(|s| segment_right(s)) {
        return None;
    }
    let forge = forge(&name.to_ascii_lowercase())?;
    // A source may point into a repository (`…/tree/main/charts/x`); GitLab marks that place by `-`, and its
    // repositories may lie in groups of groups.
    let repository = match forge {
        Forge::GitLab => segments.split(|s| *s == "-").next().unwrap_or_default(),
        _ => segments.get(..2)?,
    };
    if repository.len() < 2 || repository.len() > 20 {
        return None;
    }
    let base = format!("https://{host}/{}", repository.join("/"));
    Some(match forge {
        Forge::Compare => format!("{base}/compare/{from}...{to}"),
        Forge::GitLab => format!("{base}/-/compare/{from}...{to}"),
        Forge::Bitbucket => format!("{base}/branches/compare/{to}..{from}"),
    })
}

/// The forge behind a host: the public ones by name, private ones by their first label.
fn forge(host: &str) -> Option<Forge> {
    match host {
        "github.com" | "codeberg.org" | "gitea.com" => Some(Forge::Compare),
        "gitlab.com" => Some(Forge::GitLab),
        "bitbucket.org" => Some(Forge::Bitbucket),
        _ => match host.split('.').next()? {
            "github" | "gitea" | "forgejo" | "codeberg" => Some(Forge::Compare),
            "gitlab" => Some(Forge::GitLab),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "0cc9a8446c950cc9a8446c950cc9a8446c950cc9";
    const B: &str = "1dd9a8446c950cc9a8446c950cc9a8446c950cc9";

    fn side(source: &str, revision: &str) -> BTreeMap<String, String> {
        let mut side = BTreeMap::new();
        if !source.is_empty() {
            side.insert(SOURCE.to_owned(), source.to_owned());
        }
        if !revision.is_empty() {
            side.insert(REVISION.to_owned(), revision.to_owned());
        }
        side
    }

    fn link(source: &str) -> Option<String> {
        let told = notes(&side(source, A), &side(source, B), true);
        assert_eq!(told.len(), 1, "{source}");
        assert_eq!(told[0].topic, "source");
        Some(told[0].snippet.clone()).filter(|s| !s.is_empty())
    }

    #[test]
    fn links_at_the_forges() {
        for (source, wanted) in [
            (
                "https://github.com/o/r",
                format!("https://github.com/o/r/compare/{A}...{B}"),
            ),
            (
                "https://github.com/o/r.git",
                format!("https://github.com/o/r/compare/{A}...{B}"),
            ),
            (
                "https://github.com/o/r/tree/main/charts/x",
                format!("https://github.com/o/r/compare/{A}...{B}"),
            ),
            (
                "https://codeberg.org/o/r/",
                format!("https://codeberg.org/o/r/compare/{A}...{B}"),
            ),
            (
                "https://gitea.example.org:3000/o/r",
                format!("https://gitea.example.org:3000/o/r/compare/{A}...{B}"),
            ),
            (
                "https://gitlab.com/g/sub/r/-/tree/main",
                format!("https://gitlab.com/g/sub/r/-/compare/{A}...{B}"),
            ),
            (
                "https://bitbucket.org/o/r",
                format!("https://bitbucket.org/o/r/branches/compare/{B}..{A}"),
            ),
        ] {
            assert_eq!(link(source), Some(wanted));
        }
    }

    #[test]
    fn nothing_else_becomes_a_link() {
        for source in [
            "http://github.com/o/r",
            "https://user@github.com/o/r",
            "https://user:pw@github.com/o/r",
            "https://github.com@evil.example/o/r",
            "https://github.com.evil.example/o/r?x",
            "https://evil.example/o/r",
            "https://githubx.com/o/r",
            "https://github.com/o",
            "https://github.com/o/..",
            "https://github.com/o/r?x=1",
            "https://github.com/o/r#x",
            "https://github.com/o/r%2f",
            "https://github.com/o//r",
            "https://github.com:/o/r",
            "https://github.com:123456/o/r",
            "https://github.com\\evil/o/r",
            "https://github.com/o/r\u{202e}",
            "https://github.com/o/r x",
            "git@github.com:o/r",
            "javascript:alert(1)//github.com/o/r",
            "https:///o/r",
        ] {
            assert_eq!(link(source), None, "{source}");
        }
    }

    #[test]
    fn revisions_are_hashes() {
        let told = |a: &str, b: &str| {
            notes(
                &side("https://github.com/o/r", a),
                &side("https://github.com/o/r", b),
                false,
            )
        };
        assert_eq!(
            told(&format!("main@sha1:{A}"), &format!("main@sha1:{B}"))[0].snippet,
            format!("https://github.com/o/r/compare/{A}...{B}")
        );
        for wrong in ["main", "v1.0.0", "", "abc", "../../x", "012345x"] {
            assert_eq!(told(wrong, B), []);
        }
        assert_eq!(told(A, A), []);
    }

    #[test]
    fn one_revision_with_two_contents_is_flagged() {
        let one = side("https://github.com/o/r", A);
        let told = notes(&one, &one, true);
        assert_eq!(
            told[0].text,
            format!(
                "Both sides name the revision {A}, and yet their content differs: one was built from a changed working tree, with other inputs or another tool, or names its revision wrongly."
            )
        );
    }

    #[test]
    fn two_sources_are_told() {
        let told = notes(
            &side("https://a.example/r", A),
            &side("https://b.example/r", B),
            true,
        );
        assert_eq!(told.len(), 1);
        assert_eq!(
            told[0].text,
            "The two sides name different sources: https://a.example/r and https://b.example/r."
        );
        assert_eq!(
            notes(
                &side("https://git.example/r.git", A),
                &side("https://git.example/r", B),
                true
            )[0]
            .text,
            format!("The two sides were made from two revisions of https://git.example/r.git: {A} and {B}.")
        );
    }
}
