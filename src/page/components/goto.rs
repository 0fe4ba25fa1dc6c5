//! A link within the page: a real address for new tabs and copying, no reload for a plain click.

use yew::prelude::*;

use crate::input::link::Link;
use crate::page::app::Page;
use crate::page::route;

/// Properties of [`Goto`].
#[derive(Properties, PartialEq)]
pub struct GotoProps {
    /// Where to.
    pub to: Link,
    /// Classes of the anchor.
    #[prop_or_default]
    pub class: Classes,
    /// What the link is called, where its content does not say it.
    #[prop_or_default]
    pub label: Option<AttrValue>,
    /// What is shown.
    pub children: Html,
}

/// The link.
#[component]
pub fn Goto(props: &GotoProps) -> Html {
    let page = use_context::<Page>();
    let to = props.to.clone();
    let onclick = Callback::from(move |event: MouseEvent| {
        let plain = event.button() == 0
            && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
        if let (true, Some(page)) = (plain, &page) {
            event.prevent_default();
            page.go.emit(to.clone());
        }
    });
    html! {
        <a href={route::relative(&props.to)} class={props.class.clone()} aria-label={props.label.clone()} {onclick}>
            { props.children.clone() }
        </a>
    }
}
