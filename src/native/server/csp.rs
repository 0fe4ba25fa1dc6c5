//! The Content-Security-Policy and the other headers that bind the page.
//!
//! The policy is computed once, from the page that is served: inline scripts and styles are allowed by the
//! hash of their text and by nothing else, so a changed page needs no changed program.

use axum::response::Response;
use base64::Engine as _;
use http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue};
use sha2::{Digest as _, Sha256};

/// What a response that is no part of the page may do when someone opens it in a tab: nothing. Registries
/// choose their Content-Type themselves; without this, a blob of HTML would run as the page.
pub const INERT: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// The policy for a page with this `index.html`.
///
/// | directive | why |
/// |---|---|
/// | `default-src 'none'` | what is not listed is not allowed: frames, objects, media, prefetch |
/// | `script-src 'self'` | the page's own modules; the web worker's too |
/// | `… 'wasm-unsafe-eval'` | compiling WebAssembly; allows no `eval` of JavaScript |
/// | `… 'sha256-…'` | the start script that trunk writes into `index.html` |
/// | `style-src 'self' 'sha256-…'` | the style sheet, and inline style elements of `index.html` |
/// | `img-src 'self' data:` | the icon; small pictures inside the style sheet |
/// | `font-src 'self'` | fonts come from the page's own host or not at all |
/// | `manifest-src 'self'` | the web app manifest |
/// | `connect-src 'self'` | the relay, the sample registry, the page's own wasm |
/// | `… https:` | the page reads registries directly where they allow it, and which ones is the reader's choice |
/// | `… http://localhost:* http://127.0.0.1:*` | registries on the reader's own machine speak plain http. `http://[::1]:*` cannot be written: a CSP host is a name or an IPv4 address (CSP level 3, `host-part`), browsers drop it with a warning |
/// | `worker-src 'self'` | the engine's worker; no `blob:` |
/// | `base-uri 'none'` | no injected `<base>` may redirect relative URLs |
/// | `form-action 'none'` | no form of the page is ever sent |
/// | `frame-ancestors 'none'` | no other site may frame the page and steal clicks |
pub fn policy(index_html: &str) -> String {
    let hashes = |tag: &str| -> String {
        inline_texts(index_html, tag)
            .iter()
            .map(|text| format!(" '{}'", source_hash(text)))
            .collect()
    };
    let scripts = hashes("script");
    let styles = hashes("style");
    [
        "default-src 'none'".to_owned(),
        format!("script-src 'self' 'wasm-unsafe-eval'{scripts}"),
        format!("style-src 'self'{styles}"),
        "img-src 'self' data:".to_owned(),
        "font-src 'self'".to_owned(),
        "manifest-src 'self'".to_owned(),
        "connect-src 'self' https: http://localhost:* http://127.0.0.1:*".to_owned(),
        "worker-src 'self'".to_owned(),
        "base-uri 'none'".to_owned(),
        "form-action 'none'".to_owned(),
        "frame-ancestors 'none'".to_owned(),
    ]
    .join("; ")
}

/// Puts the headers on that every answer carries. What the handler set itself stays.
pub fn seal(response: &mut Response, page_policy: &HeaderValue) {
    let headers = response.headers_mut();
    unless_set(headers, CONTENT_SECURITY_POLICY, page_policy.clone());
    // No content type is guessed: a blob stays what it was declared to be.
    unless_set(
        headers,
        X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    // A link holds what someone is looking at: registries and forges are not told.
    unless_set(headers, REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // For browsers that do not know frame-ancestors.
    unless_set(headers, X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // A window that opened the page gets no handle on it.
    unless_set(
        headers,
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    // Other sites cannot embed what is served here.
    unless_set(
        headers,
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    );
    // The page needs no device; it writes to the clipboard when someone presses "copy".
    unless_set(
        headers,
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), midi=(), payment=(), serial=(), usb=(), clipboard-write=(self)",
        ),
    );
}

fn unless_set(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    headers.entry(name).or_insert(value);
}

/// `sha256-<base64>` of an inline element's text, as browsers compute it.
fn source_hash(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    format!(
        "sha256-{}",
        base64::engine::general_purpose::STANDARD.encode(hash)
    )
}

/// The texts between `<tag …>` and `</tag`, for those without `src`. Line ends are `\n`, as the HTML parser
/// makes them before anything is hashed (HTML, "Preprocessing the input stream").
fn inline_texts(html: &str, tag: &str) -> Vec<String> {
    let html = html.replace("\r\n", "\n").replace('\r', "\n");
    // ASCII case folding keeps every byte offset.
    let lower = html.to_ascii_lowercase();
    let (open, close) = (format!("<{tag}"), format!("</{tag}"));
    let mut texts = Vec::new();
    let mut at = 0;
    while let Some(rest) = lower.get(at..) {
        let comment = rest.find("<!--");
        let Some(start) = rest.find(&open) else { break };
        if let Some(comment) = comment.filter(|comment| *comment < start) {
            let end = rest.get(comment..).and_then(|r| r.find("-->"));
            let Some(end) = end else { break };
            at += comment + end + "-->".len();
            continue;
        }
        let after_name = at + start + open.len();
        let Some(attributes) = attributes_end(lower.get(after_name..).unwrap_or_default()) else {
            // Another element whose name only starts alike.
            at = after_name;
            continue;
        };
        let text_start = after_name + attributes + 1;
        let Some(length) = lower.get(text_start..).and_then(|rest| rest.find(&close)) else {
            break;
        };
        let attributes = lower.get(after_name..after_name + attributes).unwrap_or_default();
        if !has_attribute(attributes, "src") {
            texts.extend(html.get(text_start..text_start + length).map(str::to_owned));
        }
        at = text_start + length;
    }
    texts
}

/// The offset of the `>` that closes a start tag, quotes respected. `rest` starts behind the tag's name;
/// `None` when the name goes on.
fn attributes_end(rest: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in rest.char_indices() {
        match (quote, c) {
            (None, _) if at == 0 && !(c.is_ascii_whitespace() || matches!(c, '>' | '/')) => return None,
            (None, '>') => return Some(at),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    None
}

/// True when the attributes hold one of this name, values not looked into.
fn has_attribute(attributes: &str, name: &str) -> bool {
    let mut quote = None;
    let outside: String = attributes
        .chars()
        .filter(|c| match (quote, *c) {
            (None, '"' | '\'') => {
                quote = Some(*c);
                false
            }
            (Some(open), c) if open == c => {
                quote = None;
                false
            }
            (Some(_), _) => false,
            (None, _) => true,
        })
        .collect();
    outside
        .split(|c: char| c.is_ascii_whitespace() || c == '/')
        .any(|word| word.split('=').next() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_are_found_as_a_browser_finds_them() {
        let html = "<!-- <script>no</script> --><script src=\"a.js\">skipped</script>\
            <SCRIPT type='module' data-x='a>b src=y'>\r\nlet a = '<b>';</Script>\
            <scripted>no</scripted><script\n>2</script>";
        assert_eq!(inline_texts(html, "script"), ["\nlet a = '<b>';", "2"]);
    }

    #[test]
    fn hashes_are_those_of_the_specification() {
        // The example of CSP level 3, "script-src": `doSubmit()`.
        assert_eq!(
            source_hash("doSubmit()"),
            "sha256-jzgBGA4UWFFmpOBq0JpdsySukE1FrEN5bUpoK8Z29fY="
        );
    }

    #[test]
    fn the_policy_is_exact() {
        assert_eq!(
            policy("<style>p{}</style><script>doSubmit()</script>"),
            "default-src 'none'; \
             script-src 'self' 'wasm-unsafe-eval' 'sha256-jzgBGA4UWFFmpOBq0JpdsySukE1FrEN5bUpoK8Z29fY='; \
             style-src 'self' 'sha256-gG2yISYereRMiG2lMXrbiUgi0Ubw9p7QCeWcroOvy9Y='; \
             img-src 'self' data:; font-src 'self'; manifest-src 'self'; \
             connect-src 'self' https: http://localhost:* http://127.0.0.1:*; \
             worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
    }
}
