//! A field for a digest that the reader knows of, or for another artifact to hold this one against.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::oci::{Digest, Reference};
use crate::page::words::words;

/// Properties of [`AddDigest`].
#[derive(Properties, PartialEq, Clone)]
pub struct AddDigestProps {
    /// Whose digests; its repository is meant where only a tag is written.
    pub reference: Reference,
    /// Takes a digest of the same repository.
    pub add: Callback<Digest>,
    /// Takes another artifact.
    pub other: Callback<Reference>,
}

/// What was written into the field.
enum Added {
    /// A digest of the same repository.
    Digest(Digest),
    /// Something to compare with.
    Other(Reference),
}

/// A digest, a whole reference with tag or digest, or a tag of the same repository.
fn read_added(text: &str, reference: &Reference) -> Option<Added> {
    if let Ok(digest) = text.parse() {
        return Some(Added::Digest(digest));
    }
    let whole = if text.contains('/') {
        text.parse()
    } else {
        format!("oci://{}:{text}", reference.name()).parse()
    };
    let other: Reference = whole.ok()?;
    other.manifest_name().is_some().then_some(Added::Other(other))
}

/// A field for a digest that the user knows of, or for another artifact to hold this one against.
#[component]
pub fn AddDigest(props: &AddDigestProps) -> Html {
    let w = words();
    let text = use_state(String::new);
    let fault = use_state_eq(|| None::<String>);
    let oninput = {
        let (text, fault) = (text.setter(), fault.setter());
        Callback::from(move |event: InputEvent| {
            if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                fault.set(None);
                text.set(field.value());
            }
        })
    };
    let onsubmit = {
        let (text, fault, props) = (text.clone(), fault.setter(), props.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match read_added(text.trim(), &props.reference) {
                Some(Added::Digest(digest)) => {
                    props.add.emit(digest);
                    text.set(String::new());
                }
                Some(Added::Other(other)) => props.other.emit(other),
                None => fault.set(Some(words().add_bad.to_owned())),
            }
        })
    };
    html! {
        <form class="add-digest" {onsubmit} novalidate={true}>
            <label for="add-digest">{ w.add_digest }</label>
            <div class="ask-line">
                <input id="add-digest" type="text" value={(*text).clone()} {oninput} placeholder={w.add_example}
                       autocomplete="off" autocapitalize="none" spellcheck="false"
                       aria-invalid={fault.is_some().then_some("true")} aria-describedby="add-digest-fault" />
                <button type="submit" class="button">{ w.add }</button>
            </div>
            <p id="add-digest-fault" class="wrong" aria-live="polite">{ (*fault).clone() }</p>
        </form>
    }
}
