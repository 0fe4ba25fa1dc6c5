//! What the reader can set: a relay elsewhere, how much is kept, and what is to be forgotten. It opens as a
//! popover of the top bar, so the view behind it stays.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::icons::{Icon, icon};
use crate::page::app::Page;
use crate::page::client::Ticket;
use crate::page::protocol::{Reply, Request, Settings as Chosen, Stored};
use crate::page::words::{fill, words};
use crate::page::{device, memory, sign_ins, written};
use crate::registry::Url;

/// Bounds to choose from, in megabytes.
const BOUNDS: [u64; 4] = [0, 50, 250, 1000];

const MEGABYTE: u64 = 1_000_000;

/// The button and its panel.
#[component]
pub fn Settings() -> Html {
    let w = words();
    let page = use_context::<Page>();
    let stored = use_state(|| None::<Stored>);
    let signed_in = use_state(Vec::<String>::new);
    let fault = use_state_eq(|| None::<String>);
    let said = use_state_eq(|| None::<&'static str>);
    let relay = use_node_ref();
    let ticket = use_mut_ref(|| None::<Ticket>);
    let look = {
        let (page, stored, signed_in) = (page.clone(), stored.setter(), signed_in.setter());
        Callback::from(move |clear: bool| {
            signed_in.set(sign_ins::registries());
            let Some(page) = &page else { return };
            let stored = stored.clone();
            let hear = Callback::from(move |reply: Reply| {
                if let Reply::Stored(now) = reply {
                    stored.set(now);
                }
            });
            *ticket.borrow_mut() = Some(page.client.ask(Request::Stored { clear }, hear));
        })
    };
    let ontoggle = {
        let (look, said) = (look.clone(), said.setter());
        Callback::from(move |_: Event| {
            said.set(None);
            look.emit(false);
        })
    };
    let settings = page.as_ref().map(|p| p.settings.clone()).unwrap_or_default();
    let settle = {
        let (page, settings) = (page.clone(), settings.clone());
        Callback::from(move |edit: Box<dyn FnOnce(&mut Chosen)>| {
            let mut now = settings.clone();
            edit(&mut now);
            if let Some(page) = &page {
                page.settle.emit(now);
            }
        })
    };
    let onsubmit = {
        let (relay, fault, said, settle) = (relay.clone(), fault.setter(), said.setter(), settle.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let text = relay
                .cast::<HtmlInputElement>()
                .map(|f| f.value())
                .unwrap_or_default();
            match relay_origin(&text) {
                Ok(origin) => {
                    fault.set(None);
                    said.set(Some(words().settings_saved));
                    settle.emit(Box::new(move |s| {
                        s.relay = origin;
                        s.relayed.clear();
                    }));
                }
                Err(why) => fault.set(Some(why)),
            }
        })
    };
    let onbound = {
        let (settle, look) = (settle, look.clone());
        Callback::from(move |event: Event| {
            let chosen = event
                .target()
                .and_then(|field| js_sys::Reflect::get(&field, &"value".into()).ok())
                .and_then(|value| value.as_string()?.parse::<u64>().ok());
            if let Some(megabytes) = chosen {
                settle.emit(Box::new(move |s| s.kept_bytes = megabytes * MEGABYTE));
                look.emit(false);
            }
        })
    };
    let clear_kept = {
        let (look, said) = (look.clone(), said.setter());
        Callback::from(move |_: MouseEvent| {
            look.emit(true);
            said.set(Some(words().kept_cleared));
        })
    };
    let sign_out = {
        let (page, look, said) = (page.clone(), look.clone(), said.setter());
        Callback::from(move |_: MouseEvent| {
            let registries = sign_ins::registries();
            sign_ins::clear();
            if let Some(page) = &page {
                page.client.tell(Request::SignOut { registries });
            }
            look.emit(false);
            said.set(Some(words().signed_out));
        })
    };
    let forget = {
        let (page, said) = (page, said.setter());
        Callback::from(move |_: MouseEvent| {
            memory::clear();
            device::wear(None);
            if let Some(page) = &page {
                page.settle.emit(Chosen::default());
            }
            said.set(Some(words().forgotten));
        })
    };
    let bound = settings.kept_bytes / MEGABYTE;
    html! {
        <>
            <button type="button" class="quiet" popovertarget="settings" title={w.settings} aria-label={w.settings}>
                { icon(Icon::Sliders) }
            </button>
            <div id="settings" class="settings panel" popover="auto" role="dialog" aria-labelledby="settings-title" {ontoggle}>
                <div class="heading"><h2 id="settings-title">{ w.settings }</h2>
                    <button type="button" class="quiet" popovertarget="settings" popovertargetaction="hide" aria-label={w.close}>{ icon(Icon::Cross) }</button>
                </div>
                <form {onsubmit} novalidate={true}>
                    <label for="relay">{ w.settings_relay }</label>
                    <div class="ask-line">
                        <input ref={relay} id="relay" type="url" key={settings.relay.clone().unwrap_or_default()} value={settings.relay.clone().unwrap_or_default()}
                               placeholder="https://tagdrift.example" autocomplete="off" autocapitalize="none" spellcheck="false"
                               aria-invalid={fault.is_some().then_some("true")} aria-describedby="relay-note relay-fault" />
                        <button type="submit" class="button">{ w.save }</button>
                    </div>
                    <p id="relay-fault" class="wrong" aria-live="polite">{ (*fault).clone() }</p>
                    <p id="relay-note" class="muted small">{ w.settings_relay_note }</p>
                </form>
                <div class="settings-part">
                    <label for="kept">{ w.settings_kept }</label>
                    <select id="kept" onchange={onbound}>
                        { for BOUNDS.into_iter().map(|n| html! {
                            <option value={n.to_string()} selected={n == bound}>
                                { if n == 0 { w.keep_nothing.to_owned() } else { written::bytes(n * MEGABYTE) } }
                            </option>
                        }) }
                    </select>
                    <p class="muted small">{ match *stored {
                        Some(s) => fill(w.kept_now, &[&written::bytes(s.bytes), &written::count(s.items as u64)]),
                        None => w.kept_none.to_owned(),
                    } }</p>
                    <button type="button" class="button" onclick={clear_kept}>{ w.clear_kept }</button>
                </div>
                if !signed_in.is_empty() {
                    <div class="settings-part">
                        <p>{ fill(w.signed_in_to, &[&signed_in.join(", ")]) }</p>
                        <button type="button" class="button" onclick={sign_out}>{ w.sign_out }</button>
                    </div>
                }
                <div class="settings-part">
                    <button type="button" class="button" onclick={forget}>{ w.forget }</button>
                </div>
                <p role="status" class="small">{ *said }</p>
            </div>
        </>
    }
}

/// A relay's origin as it was typed: https, or http on the reader's own machine. Nothing means the page's own.
fn relay_origin(text: &str) -> Result<Option<String>, String> {
    let text = text.trim().trim_end_matches('/');
    if text.is_empty() {
        return Ok(None);
    }
    let bad = || words().settings_relay_bad.to_owned();
    let url = Url::parse(text).map_err(|_| bad())?;
    let origin = text
        .split_once("://")
        .is_some_and(|(_, rest)| !rest.contains(['/', '?', '#', '@']));
    match origin && (text.starts_with("https://") || url.is_loopback()) {
        true => Ok(Some(text.to_ascii_lowercase())),
        false => Err(bad()),
    }
}
