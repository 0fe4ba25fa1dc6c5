//! The `Link` header (RFC 8288) of a listing: where its next page is.
//!
//! Invariant: a next page is on the scheme, host and port of the page before it; anything else is an
//! error, because it would carry `Authorization` to a place the user never named.

use super::Url;
use super::challenge;

/// The URL of the next page, if the header names one.
///
/// # Errors
/// One sentence when it points to another host or cannot be read.
pub fn next<'a>(headers: impl Iterator<Item = &'a str>, page: &Url) -> Result<Option<Url>, String> {
    for header in headers {
        let mut rest = header;
        while let Some((_, after)) = rest.split_once('<') {
            let Some((target, after)) = after.split_once('>') else {
                return Err("a Link header without a closing >".to_owned());
            };
            let (parameters, left) = split_parameters(after);
            rest = left;
            if is_next(parameters) {
                let url = page
                    .join(target)
                    .map_err(|e| format!("the Link to the next page cannot be read: {e}"))?;
                if !url.same_origin(page) {
                    return Err(format!(
                        "the Link to the next page points from {} to {}: refused",
                        page.authority(),
                        url.authority()
                    ));
                }
                return Ok(Some(url));
            }
        }
    }
    Ok(None)
}

/// What belongs to this link, and what follows the comma after it.
fn split_parameters(text: &str) -> (&str, &str) {
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                return (
                    text.get(..at).unwrap_or_default(),
                    text.get(at..).unwrap_or_default(),
                );
            }
            _ => {}
        }
    }
    (text, "")
}

/// True when one of the parameters is `rel` with `next` among its words.
fn is_next(parameters: &str) -> bool {
    // Parameters of a link read like those of a challenge once commas part them.
    let as_challenge = format!("link {}", parameters.trim_start().replace(';', ","));
    challenge::parse(&as_challenge)
        .iter()
        .find_map(|c| c.parameter("rel"))
        .is_some_and(|rel| rel.split(' ').any(|word| word.eq_ignore_ascii_case("next")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> Result<Option<String>, String> {
        let page = Url::parse("https://quay.io/v2/a/b/tags/list?n=100").unwrap();
        next([header].into_iter(), &page).map(|u| u.map(|u| u.to_string()))
    }

    #[test]
    fn relative_absolute_and_foreign() {
        for (header, url) in [
            (
                r#"</v2/a/b/tags/list?last=1&n=2>; rel="next""#,
                Some("https://quay.io/v2/a/b/tags/list?last=1&n=2"),
            ),
            (
                r#"<https://quay.io/v2/x?next_page=g%3D>;rel=next"#,
                Some("https://quay.io/v2/x?next_page=g%3D"),
            ),
            (
                r#"<https://quay.io:443/v2/x>; title="a, b; rel=prev"; REL="prev Next""#,
                Some("https://quay.io/v2/x"),
            ),
            (
                r#"</first>; rel="first", </second>; rel="next""#,
                Some("https://quay.io/second"),
            ),
            (
                r#"<?last=z>; rel=next"#,
                Some("https://quay.io/v2/a/b/tags/list?last=z"),
            ),
            (r#"</x>; rel="last""#, None),
            ("", None),
            ("rubbish", None),
        ] {
            assert_eq!(read(header), Ok(url.map(str::to_owned)), "{header}");
        }
        for (header, why) in [
            (
                "<https://evil.example/v2/x>; rel=next",
                "the Link to the next page points from quay.io to evil.example: refused",
            ),
            (
                "<http://quay.io/v2/x>; rel=next",
                "the Link to the next page points from quay.io to quay.io: refused",
            ),
            (
                "<https://a@quay.io/x>; rel=next",
                "the Link to the next page cannot be read: the URL carries a user name",
            ),
            ("<https://quay.io", "a Link header without a closing >"),
        ] {
            assert_eq!(read(header), Err(why.to_owned()), "{header}");
        }
    }
}
