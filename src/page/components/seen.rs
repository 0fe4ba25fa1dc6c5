//! Text from artifacts, with what cannot be seen in it made visible: text that hides is the oldest trick.

use yew::prelude::*;

use crate::page::views::failure::sentence;
use crate::report::escape::is_hidden;

/// The text, with control, bidirectional and zero-width characters as named boxes. Line feeds and tabs stay.
pub fn seen(text: &str) -> Html {
    let mut out: Vec<Html> = Vec::new();
    let mut plain = String::new();
    for c in text.chars() {
        if is_hidden(c) && !matches!(c, '\t' | '\n') {
            out.push(Html::from(std::mem::take(&mut plain)));
            let name = match c {
                '\r' => "CR".to_owned(),
                c => format!("U+{:04X}", u32::from(c)),
            };
            out.push(html! { <span class="hidden-character">{ name }</span> });
        } else {
            plain.push(c);
        }
    }
    out.push(Html::from(plain));
    html! { <>{ for out }</> }
}

/// A message of the core as a sentence; what stands between backticks is code.
pub fn prose(message: &str) -> Html {
    let whole = sentence(message);
    // A lone one is only a character.
    if whole.matches('`').count() % 2 == 1 {
        return seen(&whole);
    }
    let parts = whole.split('`').enumerate().map(|(i, part)| {
        let part = seen(part);
        if i % 2 == 1 {
            html! { <code class="said">{ part }</code> }
        } else {
            part
        }
    });
    html! { <>{ for parts }</> }
}
