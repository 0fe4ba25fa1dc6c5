//! A digest: short for the eye, whole for the clipboard and the pointer.

use yew::prelude::*;

use super::copy::Copy;
use crate::page::words::words;

/// Properties of [`ShortDigest`].
#[derive(Properties, PartialEq)]
pub struct ShortDigestProps {
    /// `algorithm:hex`, or any hash.
    pub digest: AttrValue,
    /// Without the copy button.
    #[prop_or_default]
    pub bare: bool,
    /// Hex digits shown.
    #[prop_or(12)]
    pub digits: usize,
}

/// The digest.
#[component]
pub fn ShortDigest(props: &ShortDigestProps) -> Html {
    html! {
        <span class="digest">
            <code title={props.digest.clone()}>{ shorten(&props.digest, props.digits) }</code>
            if !props.bare {
                <Copy text={props.digest.clone()} label={words().copy_digest} />
            }
        </span>
    }
}

/// `sha256:3b6cdcc7adcc9a84…` → `sha256:3b6cdcc7adcc`; what is no digest stays whole.
pub fn shorten(digest: &str, digits: usize) -> String {
    match digest.rsplit_once(':') {
        Some((algorithm, hex)) if hex.len() > digits => {
            format!("{algorithm}:{}", hex.get(..digits).unwrap_or(hex))
        }
        _ if digest.len() == 64 => digest.get(..digits).unwrap_or(digest).to_owned(),
        _ => digest.to_owned(),
    }
}
