//! What this device remembers: digests seen behind a tag, digests added by hand, recent comparisons, the
//! theme. One key in the local storage, bounded, cleared by one button. Never a secret.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::device;
use super::protocol::Settings;
use crate::oci::{Digest, Reference};
use crate::verdict::Level;

const KEY: &str = "tagdrift/device/1";
const TAGS: usize = 200;
const DIGESTS: usize = 32;
const RECENT: usize = 8;

/// The memory, whole.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// `registry/repository:tag` → digests, newest last.
    pub tags: BTreeMap<String, Vec<Seen>>,
    /// Comparisons, newest first.
    pub recent: Vec<Recent>,
    /// The chosen theme; the system's when absent.
    pub theme: Option<Theme>,
    /// What the user set.
    pub settings: Settings,
    /// Counts changes, so that the oldest tag can go first.
    pub clock: u64,
}

/// One digest of a tag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// The digest.
    pub digest: Digest,
    /// True when the user typed it.
    pub added: bool,
    /// [`Memory::clock`] at that time.
    pub at: u64,
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recent {
    /// The query of its link.
    pub query: String,
    /// What was compared, for the eye.
    pub name: String,
    /// What it came to.
    pub level: Option<Level>,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// What is remembered; nothing where the device remembers nothing or forbids it.
pub fn load() -> Memory {
    device::storage()
        .and_then(|s| s.get_item(KEY).ok().flatten())
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

/// Changes the memory. A full or forbidden storage is no error: the page works without.
pub fn change(edit: impl FnOnce(&mut Memory)) -> Memory {
    let mut memory = load();
    memory.clock += 1;
    edit(&mut memory);
    memory.bound();
    if let (Some(storage), Ok(text)) = (device::storage(), serde_json::to_string(&memory)) {
        let _ = storage.set_item(KEY, &text);
    }
    memory
}

/// Forgets everything.
pub fn clear() {
    if let Some(storage) = device::storage() {
        let _ = storage.remove_item(KEY);
    }
}

/// The digests remembered for a tag, oldest first.
pub fn digests(reference: &Reference) -> Vec<Seen> {
    load().tags.remove(&key(reference)).unwrap_or_default()
}

/// Remembers a digest of a tag.
pub fn remember(reference: &Reference, digest: &Digest, added: bool) {
    if reference.tag.is_none() || digests(reference).iter().any(|s| s.digest == *digest) {
        return;
    }
    change(|memory| {
        let at = memory.clock;
        memory.tags.entry(key(reference)).or_default().push(Seen {
            digest: digest.clone(),
            added,
            at,
        });
    });
}

fn key(reference: &Reference) -> String {
    format!(
        "{}:{}",
        reference.name(),
        reference.tag.as_deref().unwrap_or_default()
    )
}

impl Memory {
    /// Puts a comparison on top of the recent ones.
    pub fn visit(&mut self, recent: Recent) {
        self.recent.retain(|r| r.query != recent.query);
        self.recent.insert(0, recent);
    }

    fn bound(&mut self) {
        self.recent.truncate(RECENT);
        while self.settings.relayed.len() > TAGS {
            self.settings.relayed.pop_first();
        }
        for seen in self.tags.values_mut() {
            let extra = seen.len().saturating_sub(DIGESTS);
            seen.drain(..extra);
        }
        while self.tags.len() > TAGS {
            let oldest = self
                .tags
                .iter()
                .min_by_key(|(_, seen)| seen.iter().map(|s| s.at).max())
                .map(|(key, _)| key.clone());
            match oldest {
                Some(key) => self.tags.remove(&key),
                None => break,
            };
        }
    }
}
