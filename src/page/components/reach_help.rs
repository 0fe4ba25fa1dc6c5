//! What to do about a registry that neither the page nor a relay can read: whatever an administrator has to
//! set, for the usual registries, with this page's own origin filled in; or the program that serves this page
//! with a relay; or a file.

use yew::prelude::*;

use super::copy::Copy;
use crate::oci::Reference;
use crate::page::protocol::Relay;
use crate::page::route;
use crate::page::words::{fill, words};
use crate::registry::cors;

/// Properties of [`ReachHelp`].
#[derive(Properties, PartialEq)]
pub struct ReachHelpProps {
    /// What could not be read.
    pub reference: Reference,
    /// What the relay says.
    pub relay: Relay,
}

/// The help.
#[component]
pub fn ReachHelp(props: &ReachHelpProps) -> Html {
    let w = words();
    let (registry, origin) = (&props.reference.registry, route::origin());
    let relay = match props.relay {
        Relay::None => w.reach_no_relay.to_owned(),
        Relay::Elsewhere => fill(w.reach_relay_elsewhere, &[registry]),
        Relay::Here => w.reach_relay_failed.to_owned(),
    };
    let snippet = |name: &'static str, lead: &'static str, text: String, open: bool| {
        html! {
            <details {open}>
                <summary>{ name }</summary>
                <p class="muted">{ lead }</p>
                <div class="snippet"><pre>{ text.clone() }</pre><Copy {text} label={w.copy_snippet} /></div>
            </details>
        }
    };
    let serve = serve(&props.reference);
    html! {
        <section class="panel reach-help" aria-label={w.reach_help}>
            <p>{ relay }</p>
            <h2>{ w.reach_serve }</h2>
            <p class="muted">{ fill(w.reach_serve_lead, &[&origin]) }</p>
            <div class="snippet"><pre>{ serve.clone() }</pre><Copy text={serve} label={w.copy_command} /></div>
            // Nobody who reads this administers Docker Hub or GHCR.
            if !is_public(registry) {
                <h2>{ fill(w.reach_admin, &[registry]) }</h2>
                { snippet(w.reach_distribution, w.reach_distribution_lead, cors::distribution(&origin), true) }
                { snippet(w.reach_zot, w.reach_zot_lead, cors::zot(&origin), false) }
                { snippet(w.reach_proxy, w.reach_proxy_lead, cors::nginx(&origin), false) }
            }
        </section>
    }
}

/// The command that serves this page with a relay to the registry.
fn serve(reference: &Reference) -> String {
    let private = reference.is_loopback()
        || reference
            .host()
            .parse()
            .is_ok_and(crate::registry::is_private_address);
    let flag = if private { " --allow-private" } else { "" };
    format!("tagdrift serve --allow {}{flag}", reference.registry)
}

fn is_public(registry: &str) -> bool {
    const PUBLIC: [&str; 8] = [
        "docker.io",
        "ghcr.io",
        "quay.io",
        "registry.k8s.io",
        "gcr.io",
        "public.ecr.aws",
        "registry.gitlab.com",
        "mcr.microsoft.com",
    ];
    PUBLIC.contains(&registry)
        || [".pkg.dev", ".azurecr.io", ".amazonaws.com"]
            .iter()
            .any(|end| registry.ends_with(end))
}
