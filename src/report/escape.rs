//! Text from artifacts, made fit to be shown.
//!
//! Whoever publishes an artifact chooses its paths, annotations and values, so each of them may try to steer
//! a terminal, to hide behind invisible characters or to read backwards. Everything that the reports take
//! from a comparison passes through here once, before the escapes of the form at hand.
//!
//! Invariant: what [`visible`] returns holds no control character and no invisible or bidirectional one.

/// Control characters, line ends included, and characters that hide or reorder text, as visible escapes.
///
/// ```
/// use tagdrift::report::escape::visible;
/// assert_eq!(visible("red\u{1b}[31m\n\u{202e}txt"), "red\\u{1b}[31m\\n\\u{202e}txt");
/// ```
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c if is_hidden(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

/// Like [`visible`] for text of several lines: line feeds and tabs stay.
pub fn visible_lines(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => shown.push(c),
            '\r' => shown.push_str("\\r"),
            c if is_hidden(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

/// The first `most` characters, with an ellipsis in place of the rest.
pub fn clip(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

/// Text for HTML, in content and in double-quoted attributes: see [`visible`], then the five characters
/// that mean something there as references.
pub fn html(text: &str) -> String {
    markup(&visible(text))
}

/// The five characters that mean something in HTML, as references.
pub(super) fn markup(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Characters that are not seen, or that make others be read in another order: C0 and C1 controls, Unicode's
/// bidirectional controls (UAX #9, 2), zero-width characters, fillers, line separators, tags and the
/// variation selectors beyond the basic sixteen.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_or_hides() {
        assert_eq!(
            visible("a\0b\u{7f}c\u{9b}d\u{200b}e\u{2066}f\u{feff}g\u{e0041}"),
            "a\\u{0}b\\u{7f}c\\u{9b}d\\u{200b}e\\u{2066}f\\u{feff}g\\u{e0041}"
        );
        assert_eq!(visible_lines("a\r\n\tb\u{1b}"), "a\\r\n\tb\\u{1b}");
        assert_eq!(visible("naïve → 漢字 ☃️"), "naïve → 漢字 ☃️");
    }

    #[test]
    fn clips_between_characters() {
        assert_eq!(clip("äöü", 3), "äöü");
        assert_eq!(clip("äöü", 2), "äö…");
        assert_eq!(clip("", 0), "");
    }

    #[test]
    fn html_means_nothing() {
        assert_eq!(
            html("<a href=\"x\" id='y'>&\n"),
            "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;\\n"
        );
    }
}
