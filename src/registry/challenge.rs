//! `WWW-Authenticate` (RFC 9110, 11.6.1), as registries write it.
//!
//! Several challenges may stand in one header or in several; keys and schemes are case-insensitive;
//! quoted values hold commas and `\"`. Beyond the grammar, unquoted values such as `realm=/` or
//! `realm=https://x/token` are read up to the next comma, because registries send them.
//!
//! ```
//! use tagdrift::registry::challenge;
//! let c = challenge::parse("Bearer realm=\"https://a/t\",scope=\"repository:x:pull,push\", Basic realm=x");
//! assert_eq!(c[0].parameter("Scope"), Some("repository:x:pull,push"));
//! assert!(c[1].is("basic"));
//! ```

/// More challenges or parameters than this are not looked at: nobody sends them honestly.
const MOST: usize = 32;

/// One challenge.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Challenge {
    /// The scheme as it stands.
    pub scheme: String,
    /// Parameters in their order, keys lower-case.
    pub parameters: Vec<(String, String)>,
}

impl Challenge {
    /// True when the scheme is this one, in any case.
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// The first value of a parameter that is not empty.
    pub fn parameter(&self, key: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(k, v)| k.eq_ignore_ascii_case(key) && !v.is_empty())
            .map(|(_, v)| v.as_str())
    }
}

/// Reads one header value. What cannot be read is skipped.
pub fn parse(header: &str) -> Vec<Challenge> {
    let mut found: Vec<Challenge> = Vec::new();
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let word = token(rest);
        if word.is_empty() {
            match rest.char_indices().nth(1) {
                Some((next, _)) => rest = rest.get(next..).unwrap_or_default(),
                None => return found,
            }
            continue;
        }
        rest = rest.get(word.len()..).unwrap_or_default();
        let after = rest.trim_start_matches([' ', '\t']);
        let is_full = found.len() == MOST;
        match (after.strip_prefix('='), found.last_mut()) {
            (Some(value), Some(challenge)) => {
                let (value, left) = parameter_value(value.trim_start_matches([' ', '\t']));
                rest = left;
                if challenge.parameters.len() < MOST {
                    challenge.parameters.push((word.to_ascii_lowercase(), value));
                }
            }
            _ if is_full => return found,
            _ => {
                found.push(Challenge {
                    scheme: word.to_owned(),
                    parameters: Vec::new(),
                });
                rest = skip_token68(after);
            }
        }
    }
}

/// Characters of a token (RFC 9110, 5.6.2).
fn token(text: &str) -> &str {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let end = text.find(|c: char| !is_token(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// A scheme may be followed by one opaque word (`Negotiate YII==`) instead of parameters.
fn skip_token68(text: &str) -> &str {
    let is_68 = |c: char| c.is_ascii_alphanumeric() || "-._~+/".contains(c);
    let body = text.find(|c: char| !is_68(c)).unwrap_or(text.len());
    let after = text.get(body..).unwrap_or_default();
    let padding = after.find(|c| c != '=').unwrap_or(after.len());
    let end = after.get(padding..).unwrap_or_default();
    let closed = end.is_empty() || end.trim_start_matches([' ', '\t']).starts_with(',');
    // `realm=x` starts like one too: only what ends the word tells them apart.
    if body > 0 && closed { end } else { text }
}

fn parameter_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        let (value, rest) = text.split_at(end);
        return (value.to_owned(), rest);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return (value, quoted.get(at + 1..).unwrap_or_default()),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(header: &str) -> String {
        parse(header)
            .iter()
            .map(|c| {
                let parameters: Vec<String> = c.parameters.iter().map(|(k, v)| format!("{k}={v}")).collect();
                format!("{}[{}]", c.scheme, parameters.join("|"))
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn what_registries_send() {
        for (header, read) in [
            (
                r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/x:pull""#,
                "Bearer[realm=https://auth.docker.io/token|service=registry.docker.io|scope=repository:library/x:pull]",
            ),
            (
                r#"BEARER Realm = "https://a/t" , SCOPE="repository:a:pull,push""#,
                "BEARER[realm=https://a/t|scope=repository:a:pull,push]",
            ),
            (
                r#"Basic realm="a \"quoted\" realm, with a comma""#,
                r#"Basic[realm=a "quoted" realm, with a comma]"#,
            ),
            ("Basic realm=/", "Basic[realm=/]"),
            (
                "Bearer realm=https://x/token,service=y",
                "Bearer[realm=https://x/token|service=y]",
            ),
            (
                r#"Bearer realm="https://x/t", Basic realm="x""#,
                "Bearer[realm=https://x/t] Basic[realm=x]",
            ),
            (
                r#"Basic realm="x",Bearer realm="y",error="invalid_token""#,
                "Basic[realm=x] Bearer[realm=y|error=invalid_token]",
            ),
            ("Negotiate", "Negotiate[]"),
            (
                r#"Negotiate YIIabc==, Basic realm="x""#,
                "Negotiate[] Basic[realm=x]",
            ),
            ("Negotiate, Basic realm=x", "Negotiate[] Basic[realm=x]"),
            (r#"Bearer realm="unclosed"#, "Bearer[realm=unclosed]"),
            (r#"Bearer realm="",service="s""#, "Bearer[realm=|service=s]"),
            ("", ""),
            (" , ,", ""),
            ("\"\"=é", ""),
            ("Bearer é realm=x", "Bearer[realm=x]"),
        ] {
            assert_eq!(shown(header), read, "{header}");
        }
    }

    #[test]
    fn a_flood_is_cut() {
        assert_eq!(parse(&"Basic a=b,".repeat(10_000)).len(), MOST);
        let many = format!("Bearer {}", "a=b,".repeat(10_000));
        assert_eq!(parse(&many)[0].parameters.len(), MOST);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { cases: 256, ..Default::default() })]
        #[test]
        fn any_text_ends(text in "[ -~é]{0,80}") {
            let _ = parse(&text);
        }

        #[test]
        fn quoted_values_survive(value in "[ -~]{1,40}") {
            let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
            let read = parse(&format!("Bearer realm=\"{quoted}\", Basic realm=x"));
            proptest::prop_assert_eq!(read.len(), 2);
            proptest::prop_assert_eq!(read[0].parameter("realm"), Some(value.as_str()));
        }
    }
}
