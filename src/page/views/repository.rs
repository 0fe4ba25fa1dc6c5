//! A repository without a tag: its tags.

use yew::prelude::*;

use super::tag::Heading;
use crate::oci::Reference;
use crate::page::components::tag_list::TagList;
use crate::page::device;

/// Properties of [`Repository`].
#[derive(Properties, PartialEq)]
pub struct RepositoryProps {
    /// Without tag and digest.
    pub reference: Reference,
}

/// The view.
#[component]
pub fn Repository(props: &RepositoryProps) -> Html {
    {
        let name = props.reference.to_string();
        use_effect_with(name, |name| {
            device::title(&format!("{name} · Tagdrift"));
            device::focus("#main");
        });
    }
    html! {
        <div class="repository-view">
            <Heading reference={props.reference.clone()} />
            <TagList reference={props.reference.clone()} whole={true} />
        </div>
    }
}
