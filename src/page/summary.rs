//! The Markdown summary for an issue: verdict, the weightiest causes, the link. Short by construction.

use crate::report::Comparison;
use crate::verdict::Weight;

/// Causes named in the summary.
const CAUSES: usize = 8;

/// A value is cut to this many characters.
const VALUE: usize = 80;

/// The summary of a comparison that `link` reopens.
pub fn markdown(c: &Comparison, link: &str) -> String {
    let s = &c.subject;
    let name = match s.tag.as_str() {
        "" => format!("{}/{}", s.registry, s.repository),
        tag => format!("{}/{}:{tag}", s.registry, s.repository),
    };
    let mut out = format!(
        "**{}** ({}) for {}: {}\n\n{} → {}\n",
        plain(&c.verdict.headline),
        c.verdict.level.word(),
        code(&name),
        plain(&c.verdict.summary),
        code(&c.left.digest),
        code(&c.right.digest),
    );
    let weighty = c.causes.iter().filter(|cause| cause.weight != Weight::Packaging);
    let noise = c.causes.iter().filter(|cause| cause.weight == Weight::Packaging);
    let listed: Vec<_> = weighty.clone().chain(noise).take(CAUSES).collect();
    if !listed.is_empty() {
        out.push('\n');
    }
    for cause in &listed {
        out.push_str("- ");
        out.push_str(&code(cause.code.word()));
        if !cause.path.is_empty() {
            out.push(' ');
            out.push_str(&code(&cause.path));
        }
        if !cause.pointer.is_empty() {
            out.push(' ');
            out.push_str(&code(&cause.pointer));
        }
        if cause.from.is_some() || cause.to.is_some() {
            let value = |v: &Option<String>| v.as_deref().map_or("–".to_owned(), code);
            out.push_str(&format!(": {} → {}", value(&cause.from), value(&cause.to)));
        }
        out.push('\n');
    }
    let rest = c.causes.len() - listed.len();
    if rest > 0 {
        out.push_str(&format!("- and {rest} more\n"));
    }
    out.push_str(&format!("\n[Open this comparison in Tagdrift](<{link}>)\n"));
    out
}

/// Inline code that no value can break out of: longer backtick fences than any run inside, one line, cut.
fn code(value: &str) -> String {
    let mut text: String = value
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(VALUE)
        .collect();
    if value.chars().nth(VALUE).is_some() {
        text.push('…');
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A sentence without anything that Markdown or HTML would act on.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '@' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
