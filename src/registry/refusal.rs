//! What a registry's refusal means, told in one sentence.
//!
//! Registries answer errors as `{"errors":[{"code","message","detail"}]}` (distribution-spec, "Error
//! codes"), or with anything at all. Codes decide where they can; a registry's own words are added only
//! after they were made harmless: no control or direction-changing characters, and short.

use serde::Deserialize;

use super::http::{ResponseHead, WireFault, WireKind};
use super::retry;
use super::target::{Goal, What};
use super::token::looks_like_markup;
use crate::fault::{Fault, FaultKind};

/// A registry's words are cut after this many characters.
const LONGEST_WORDS: usize = 160;

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    errors: Vec<Entry>,
    // Token servers and proxies say it this way.
    #[serde(default)]
    details: Option<String>,
    #[serde(default)]
    error_description: Option<String>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    message: Option<String>,
}

/// The body of a refusal, as far as it could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Refusal {
    codes: Vec<String>,
    words: Option<String>,
}

impl Refusal {
    /// Reads an error body; anything unreadable is no error of its own.
    pub(crate) fn read(body: &[u8]) -> Self {
        let Ok(body) = serde_json::from_slice::<Body>(body) else {
            return Self {
                codes: Vec::new(),
                words: looks_like_markup(body).then(|| "an HTML page".to_owned()),
            };
        };
        let words = body
            .errors
            .iter()
            .filter_map(|e| e.message.as_deref())
            .chain(body.details.as_deref())
            .chain(body.error_description.as_deref())
            .map(harmless)
            .find(|words| !words.is_empty());
        let codes = body
            .errors
            .into_iter()
            .take(8)
            .filter_map(|e| e.code)
            .map(|code| harmless(&code).to_ascii_uppercase())
            .collect();
        Self { codes, words }
    }

    /// True when one of the error codes is this one.
    pub(crate) fn has(&self, code: &str) -> bool {
        self.codes.iter().any(|c| c == code)
    }

    /// True when the registry gave no reason that a program can read.
    pub(crate) fn is_mute(&self) -> bool {
        self.codes.is_empty()
    }

    fn says(&self) -> String {
        match (&self.words, self.codes.first()) {
            (Some(words), _) => format!("; it says: {words}"),
            (None, Some(code)) => format!("; it says: {code}"),
            (None, None) => String::new(),
        }
    }
}

/// Foreign words without control, format and direction-changing characters, on one line and short.
pub(crate) fn harmless(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{feff}' | '\u{ad}' | '\u{61c}' | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{e0fff}')
    };
    let spaced: String = text
        .chars()
        .take(LONGEST_WORDS * 8)
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !hidden(*c))
        .collect();
    let line = spaced
        .split(' ')
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    if line.chars().count() <= LONGEST_WORDS {
        return line;
    }
    let cut: String = line.chars().take(LONGEST_WORDS).collect();
    format!("{cut}…")
}

/// The fault for a final status that is no success.
pub(crate) fn fault(goal: &Goal, head: &ResponseHead, refusal: &Refusal, now_ms: u64) -> Fault {
    let host = &goal.repository.registry;
    let status = head.status;
    let says = refusal.says();
    match status {
        404 => missing(goal, refusal),
        401 | 403 => denied(goal, refusal, false),
        429 => {
            let after = head
                .header("retry-after")
                .and_then(|v| retry::retry_after(v, now_ms))
                .map(|ms| format!(" after {}", retry::span(ms)))
                .unwrap_or_default();
            Fault::new(
                FaultKind::Busy,
                format!("{host} has had too many requests and asks to come back{after}{says}"),
            )
        }
        408 | 500..=599 => Fault::new(
            FaultKind::Busy,
            format!("{host} failed with status {status}{says}"),
        ),
        300..=399 => Fault::malformed(format!(
            "{host} answers with status {status} and no place to go to"
        )),
        _ => Fault::unsupported(format!(
            "{host} refuses to give {} with status {status}{says}",
            goal.what.words()
        )),
    }
    .at(goal.place())
}

fn missing(goal: &Goal, refusal: &Refusal) -> Fault {
    let host = &goal.repository.registry;
    let name = &goal.repository.name;
    let no_repository = refusal.has("NAME_UNKNOWN");
    let message = match &goal.what {
        _ if no_repository => format!("{host} has no repository {name:?}"),
        What::Tag(tag) if refusal.has("MANIFEST_UNKNOWN") => {
            format!("the repository {name:?} on {host} has no tag {tag:?}")
        }
        What::Tag(tag) => format!("{host} has no tag {tag:?} in {name:?}, or no such repository"),
        What::Manifest(_) => "the registry no longer has this digest".to_owned(),
        What::Blob(_) => "the registry no longer has this blob".to_owned(),
        What::Tags => format!("{host} has no repository {name:?}, or no tag list for it"),
        What::Referrers(_) => format!("{host} lists no referrers"),
    };
    Fault::new(FaultKind::Gone, message)
}

/// The fault for content that credentials stand before. `refused`: credentials were given and did not do.
pub(crate) fn denied(goal: &Goal, refusal: &Refusal, refused: bool) -> Fault {
    let host = &goal.repository.registry;
    let name = &goal.repository.name;
    let says = refusal.says();
    let message = if refused {
        format!("{host} refuses the given credentials for {name:?}{says}")
    } else if matches!(
        goal.repository.api_host.as_str(),
        "ghcr.io" | "registry-1.docker.io"
    ) {
        format!(
            "{name:?} is missing or private: {host} gives the same answer for both, so check the name, or sign in"
        )
    } else {
        format!("{host} wants credentials for {name:?}, or it does not exist{says}")
    };
    Fault::new(FaultKind::Denied, message).at(goal.place())
}

/// The fault for a request that got no (whole) response. `host` is the one that was spoken to.
pub(crate) fn unreachable(host: &str, wire: &WireFault) -> Fault {
    let detail = harmless(&wire.detail);
    let because = if detail.is_empty() {
        String::new()
    } else {
        format!(": {detail}")
    };
    let message = match wire.kind {
        WireKind::Name => format!("no host named {host} can be found{because}"),
        WireKind::Connect => format!("no connection to {host}{because}"),
        WireKind::Tls => format!("no trusted TLS connection to {host}{because}"),
        WireKind::Timeout => format!("{host} does not answer in time{because}"),
        WireKind::Interrupted => format!("the connection to {host} broke{because}"),
        WireKind::Blocked => format!(
            "the browser got no readable answer from {host}: it is not reachable, or does not allow pages to read it (CORS){because}"
        ),
        WireKind::Private => {
            format!("refused to follow a registry to the private address of {host}{because}")
        }
        WireKind::Protocol => format!("{host} does not speak HTTP properly{because}"),
        WireKind::Offline => format!("no network: {host} cannot be asked{because}"),
    };
    Fault::new(FaultKind::Unreachable, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::target::Repository;

    fn goal(reference: &str, what: What) -> Goal {
        let repository = Repository::of(&reference.parse().unwrap());
        Goal::new(&repository, what, false).unwrap()
    }

    fn told(reference: &str, what: What, status: u16, body: &str) -> String {
        let head = ResponseHead {
            status,
            headers: vec![("Retry-After".into(), "21600".into())],
            all_headers: true,
        };
        fault(&goal(reference, what), &head, &Refusal::read(body.as_bytes()), 0).message
    }

    #[test]
    fn codes_tell_missing_things_apart() {
        let digest = crate::oci::Digest::sha256(b"");
        let tag = || What::Tag("1".to_owned());
        let r = "r.example/a/b";
        for (what, status, body, message) in [
            (
                tag(),
                404,
                r#"{"errors":[{"code":"NAME_UNKNOWN"}]}"#,
                r#"r.example has no repository "a/b""#,
            ),
            (
                tag(),
                404,
                r#"{"errors":[{"code":"manifest_unknown"}]}"#,
                r#"the repository "a/b" on r.example has no tag "1""#,
            ),
            (
                tag(),
                404,
                "",
                r#"r.example has no tag "1" in "a/b", or no such repository"#,
            ),
            (
                What::Manifest(digest.clone()),
                404,
                "<html>",
                "the registry no longer has this digest",
            ),
            (
                What::Blob(digest),
                404,
                "[1]",
                "the registry no longer has this blob",
            ),
            (
                What::Tags,
                404,
                "{}",
                r#"r.example has no repository "a/b", or no tag list for it"#,
            ),
            (
                tag(),
                429,
                "{}",
                "r.example has had too many requests and asks to come back after 6 h",
            ),
            (
                tag(),
                503,
                "<html>",
                "r.example failed with status 503; it says: an HTML page",
            ),
            (
                tag(),
                400,
                r#"{"errors":[{"code":"UNSUPPORTED","message":""}]}"#,
                r#"r.example refuses to give the tag "1" with status 400; it says: UNSUPPORTED"#,
            ),
            (
                tag(),
                304,
                "",
                "r.example answers with status 304 and no place to go to",
            ),
        ] {
            assert_eq!(told(r, what, status, body), message);
        }
        assert_eq!(
            told(
                "ghcr.io/a/b",
                tag(),
                403,
                r#"{"errors":[{"code":"DENIED","message":"denied"}]}"#
            ),
            r#""a/b" is missing or private: ghcr.io gives the same answer for both, so check the name, or sign in"#
        );
    }

    #[test]
    fn foreign_words_are_made_harmless() {
        assert_eq!(harmless("a\u{202e}b\u{1b}[31m\n\n c\u{200b}"), "ab[31m c");
        assert_eq!(harmless(&"x".repeat(10_000)), format!("{}…", "x".repeat(160)));
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(Refusal::read(deep.as_bytes()), Refusal::default());
    }
}
