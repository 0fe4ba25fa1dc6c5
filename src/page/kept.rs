//! Content kept by digest in the browser, by the Cache API.
//!
//! One cache named [`NAME`]; the key of an item is its digest and size. Only what was verified comes in.
//! The bound is the user's; what was used longest ago goes first, in whichever visit that was: the order of
//! use is an item of the cache itself. Each tab adds only its own uses to it. Two tabs that fetch at the same
//! time may pass the bound together; the next one to open puts it right. Where there is no Cache API (a page
//! not served securely), nothing is kept and nothing fails.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Cache, CacheStorage, Request, Response};

use super::chunk::{Chunk, array_of};
use super::transport::FetchBody;
use crate::fault::{Fault, FaultKind};
use crate::oci::Digest;
use crate::registry::{Body, Chunks, Draft, Fragment, Store};

/// The cache's name.
pub const NAME: &str = "tagdrift-blobs";
/// Keys must be URLs; this host does not exist (RFC 2606).
const KEYS: &str = "https://kept.invalid/";
/// The key under which the order of use stands: a digest a line, used longest ago first.
const ORDER: &str = "https://kept.invalid/order";
/// Uses in quick succession are written down together.
const ORDER_PAUSE_MS: u32 = 200;
/// Bytes of an item that sit in memory while it is written; the browser has the others on its disk.
const HELD: u64 = 4 << 20;

/// The store.
#[derive(Debug, Clone)]
pub struct PageStore {
    cache: Cache,
    state: Rc<RefCell<State>>,
}

#[derive(Debug)]
struct State {
    /// Used longest ago first.
    items: Vec<(Digest, u64)>,
    bound: u64,
    /// Used here, and not written down yet.
    used: Vec<Digest>,
    /// True while a task waits to write them down.
    writes: bool,
}

impl State {
    fn bytes(&self) -> u64 {
        self.items.iter().map(|(_, size)| size).sum()
    }
}

impl PageStore {
    /// Opens the store, which holds at most `bound` bytes. `None` where the browser offers none.
    pub async fn open(bound: u64) -> Option<Self> {
        let storage: CacheStorage = storage()?;
        let cache: Cache = JsFuture::from(storage.open(NAME)).await.ok()?.dyn_into().ok()?;
        let state = State {
            items: Vec::new(),
            bound,
            used: Vec::new(),
            writes: false,
        };
        let store = Self {
            cache,
            state: Rc::new(RefCell::new(state)),
        };
        store.look().await?;
        store.make_room(0).await;
        Some(store)
    }

    /// Number of items and their bytes, what other tabs kept included.
    pub async fn usage(&self) -> (usize, u64) {
        self.look().await;
        let state = self.state.borrow();
        (state.items.len(), state.bytes())
    }

    /// Sets another bound, in bytes.
    pub async fn set_bound(&self, bound: u64) {
        self.state.borrow_mut().bound = bound;
        self.make_room(0).await;
    }

    /// Forgets everything, without a store at hand.
    pub async fn clear() {
        if let Some(storage) = storage() {
            let _ = JsFuture::from(storage.delete(NAME)).await;
        }
    }

    /// Throws everything away, what another tab kept included.
    pub async fn empty(&self) {
        self.state.borrow_mut().items.clear();
        let Ok(keys) = JsFuture::from(self.cache.keys()).await else {
            return;
        };
        for key in Array::from(&keys).iter() {
            if let Ok(request) = key.dyn_into::<Request>() {
                let _ = JsFuture::from(self.cache.delete_with_request(&request)).await;
            }
        }
    }

    /// Finds out what is kept, and in which order it was used.
    async fn look(&self) -> Option<()> {
        let order = self.order().await;
        let keys: Array = JsFuture::from(self.cache.keys()).await.ok()?.dyn_into().ok()?;
        let mut items: Vec<(Digest, u64)> = keys
            .iter()
            .filter_map(|key| item_of(&key.dyn_into::<Request>().ok()?.url()))
            .collect();
        let mut state = self.state.borrow_mut();
        let last_use: HashMap<&Digest, usize> = order.iter().chain(&state.used).zip(0..).collect();
        // What stands in no order yet came after it was written; keys come as they were put in.
        items.sort_by_key(|(digest, _)| last_use.get(digest).copied().unwrap_or(usize::MAX));
        state.items = items;
        Some(())
    }

    async fn order(&self) -> Vec<Digest> {
        let text = async {
            let found = JsFuture::from(self.cache.match_with_str(ORDER)).await.ok()?;
            let text = found.dyn_into::<Response>().ok()?.text().ok()?;
            JsFuture::from(text).await.ok()?.as_string()
        };
        let text = text.await.unwrap_or_default();
        text.lines().filter_map(|line| line.parse().ok()).collect()
    }

    /// Remembers a use, for this visit at once and for later ones soon.
    fn used(&self, digest: &Digest) {
        let mut state = self.state.borrow_mut();
        state.used.retain(|d| d != digest);
        state.used.push(digest.clone());
        if !std::mem::replace(&mut state.writes, true) {
            let store = self.clone();
            wasm_bindgen_futures::spawn_local(async move {
                gloo_timers::future::TimeoutFuture::new(ORDER_PAUSE_MS).await;
                store.state.borrow_mut().writes = false;
                store.write_order().await;
            });
        }
    }

    async fn write_order(&self) {
        self.look().await;
        let text: String = {
            let mut state = self.state.borrow_mut();
            state.used.clear();
            state
                .items
                .iter()
                .map(|(digest, _)| format!("{digest}\n"))
                .collect()
        };
        if let Ok(response) = Response::new_with_opt_str(Some(&text)) {
            let _ = JsFuture::from(self.cache.put_with_str(ORDER, &response)).await;
        }
    }

    async fn make_room(&self, wanted: u64) {
        let full = |state: &State| state.bytes().saturating_add(wanted) > state.bound;
        if !full(&self.state.borrow()) {
            return;
        }
        // Another tab may have used, or thrown away, what would go first.
        self.look().await;
        loop {
            let oldest = {
                let mut state = self.state.borrow_mut();
                if state.items.is_empty() || !full(&state) {
                    return;
                }
                state.items.remove(0)
            };
            let _ = JsFuture::from(self.cache.delete_with_str(&key_of(&oldest.0, oldest.1))).await;
        }
    }

    fn size_of(&self, digest: &Digest) -> Option<u64> {
        let mut state = self.state.borrow_mut();
        let at = state.items.iter().position(|(d, _)| d == digest)?;
        let item = state.items.remove(at);
        let size = item.1;
        state.items.push(item);
        drop(state);
        self.used(digest);
        Some(size)
    }

    fn forget(&self, digest: &Digest) {
        self.state.borrow_mut().items.retain(|(d, _)| d != digest);
    }
}

impl Store for PageStore {
    type Kept = KeptBody;
    type Draft = PageDraft;

    async fn open(&self, digest: &Digest, size: Option<u64>) -> Option<KeptBody> {
        let kept = self.size_of(digest)?;
        if size.is_some_and(|size| size != kept) {
            return None;
        }
        let found = JsFuture::from(self.cache.match_with_str(&key_of(digest, kept)))
            .await
            .ok()?;
        match found.dyn_into::<Response>() {
            Ok(response) => Some(KeptBody {
                body: FetchBody::of(&response, None),
                store: self.clone(),
                digest: digest.clone(),
                size: kept,
                ended: false,
                verified: false,
            }),
            // The browser, or another tab, threw it away.
            Err(_) => {
                self.forget(digest);
                None
            }
        }
    }

    async fn draft(&self, digest: &Digest, size: u64) -> Option<PageDraft> {
        let bound = self.state.borrow().bound;
        (size <= bound).then(|| PageDraft {
            store: self.clone(),
            digest: digest.clone(),
            size,
            written: 0,
            held: 0,
            parts: Array::new(),
            blobs: Array::new(),
        })
    }
}

/// Kept content, being read.
#[derive(Debug)]
pub struct KeptBody {
    body: FetchBody,
    store: PageStore,
    digest: Digest,
    size: u64,
    ended: bool,
    verified: bool,
}

impl Chunks for KeptBody {
    type Piece = Chunk;

    async fn chunk(&mut self) -> Result<Option<Chunk>, Fault> {
        let chunk = self.body.chunk().await.map_err(|wire| {
            Fault::new(
                FaultKind::Unreachable,
                format!("the browser's store cannot be read: {}", wire.detail),
            )
        })?;
        self.ended = chunk.is_none();
        Ok(chunk)
    }

    async fn verified(mut self, _: &Digest) {
        self.verified = true;
    }

    fn is_local(&self) -> bool {
        true
    }
}

impl Drop for KeptBody {
    fn drop(&mut self) {
        if self.ended && !self.verified {
            self.store.forget(&self.digest);
            let deleted = self.store.cache.delete_with_str(&key_of(&self.digest, self.size));
            wasm_bindgen_futures::spawn_local(async move {
                let _ = JsFuture::from(deleted).await;
            });
        }
    }
}

/// Content on its way into the store.
#[derive(Debug)]
pub struct PageDraft {
    store: PageStore,
    digest: Digest,
    size: u64,
    written: u64,
    /// Bytes of the parts.
    held: u64,
    parts: Array,
    /// Parts that were handed to the browser.
    blobs: Array,
}

impl PageDraft {
    fn hand_over(&mut self) -> bool {
        let parts = std::mem::replace(&mut self.parts, Array::new());
        self.held = 0;
        let blob = Blob::new_with_u8_array_sequence(&parts);
        blob.map(|blob| self.blobs.push(&blob)).is_ok()
    }
}

impl Draft for PageDraft {
    async fn write(&mut self, bytes: &impl Fragment) -> bool {
        let count = bytes.count() as u64;
        self.written += count;
        if self.written > self.size {
            return false;
        }
        // A copy: the browser's own array may go on to another worker.
        self.parts.push(&array_of(bytes).slice(0, u32::MAX));
        self.held += count;
        self.held < HELD || self.hand_over()
    }

    async fn commit(mut self) {
        if self.written != self.size || !self.hand_over() {
            return;
        }
        self.store.make_room(self.size).await;
        let response = Blob::new_with_blob_sequence(&self.blobs)
            .and_then(|blob| Response::new_with_opt_blob(Some(&blob)));
        let Ok(response) = response else { return };
        let key = key_of(&self.digest, self.size);
        if JsFuture::from(self.store.cache.put_with_str(&key, &response))
            .await
            .is_ok()
        {
            self.store.forget(&self.digest);
            self.store.used(&self.digest);
            self.store.state.borrow_mut().items.push((self.digest, self.size));
        }
    }
}

fn storage() -> Option<CacheStorage> {
    Reflect::get(&js_sys::global(), &JsValue::from_str("caches"))
        .ok()?
        .dyn_into()
        .ok()
}

fn key_of(digest: &Digest, size: u64) -> String {
    format!("{KEYS}{}/{}/{size}", digest.algorithm().name(), digest.hex())
}

fn item_of(key: &str) -> Option<(Digest, u64)> {
    let mut parts = key.strip_prefix(KEYS)?.split('/');
    let (algorithm, hex, size) = (parts.next()?, parts.next()?, parts.next()?);
    Some((format!("{algorithm}:{hex}").parse().ok()?, size.parse().ok()?))
}
