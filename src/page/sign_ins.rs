//! Credentials that the user asked to keep for this session: in the tab's own storage, which the browser
//! empties when the tab closes. Without that wish they live in the worker's memory only, and no reload brings
//! them back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::client::Client;
use super::device;
use super::protocol::Request;

const KEY: &str = "tagdrift/session/1";

/// What was typed in. Not `Debug`: nothing should print it.
#[derive(Clone, Serialize, Deserialize)]
struct SignIn {
    user: String,
    password: String,
}

type SignIns = BTreeMap<String, SignIn>;

fn load() -> SignIns {
    device::session_storage()
        .and_then(|s| s.get_item(KEY).ok().flatten())
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

/// Keeps credentials until the tab closes.
pub fn keep(registry: &str, user: &str, password: &str) {
    let mut all = load();
    let sign_in = SignIn {
        user: user.to_owned(),
        password: password.to_owned(),
    };
    all.insert(registry.to_owned(), sign_in);
    if let (Some(storage), Ok(text)) = (device::session_storage(), serde_json::to_string(&all)) {
        let _ = storage.set_item(KEY, &text);
    }
}

/// Registries that are signed in to for this session.
pub fn registries() -> Vec<String> {
    load().into_keys().collect()
}

/// Forgets all of them.
pub fn clear() {
    if let Some(storage) = device::session_storage() {
        let _ = storage.remove_item(KEY);
    }
}

/// Hands what is kept to a new worker.
pub fn hand_over(client: &Client) {
    for (registry, SignIn { user, password }) in load() {
        client.tell(Request::SignIn {
            registry,
            user,
            password,
        });
    }
}
