//! A decoder: a worker of the engine's that turns the bytes of blobs into readings, so that large layers are decoded on
//! several cores. It fetches nothing and knows no registry; credentials never come here.
//!
//! What is said, as arrays whose first item is the word, the second the blob's number ([`super::engine`] asks):
//!
//! ```text
//! engine   open  n  {what is wanted}      decoder
//!          bytes n  Uint8Array (moved) →
//!                                       ← taken n  how many  whether more are wanted
//!          end   n                      →
//!                                       ← part  n  Uint8Array (moved), until the reading is whole
//!          drop  n                      →   the blob is given up
//! ```
//!
//! All blobs of one decoder share their lanes ([`Lanes`]): two layers that arrive by turns are hashed together.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessageEvent, MessagePort};

use crate::archive::{BlobReader, Lanes, Purpose, packed};
use crate::limits::Limits;
use crate::oci::Descriptor;

/// The name by which a worker knows that it is one.
pub const NAME: &str = "decoder";

/// What the engine wants a blob decoded for.
#[derive(Serialize, Deserialize)]
pub struct Opened {
    /// Names and sizes it.
    pub wanted: Descriptor,
    /// What for.
    pub purpose: Purpose,
    /// The bounds to keep.
    pub limits: Limits,
}

/// Bytes of one blob that are decoded before those of another. Chunks come with two MiB now and then; digests of several
/// blobs can only be computed together when their bytes come by turns.
const TURN: u32 = 48 << 10;

/// Rounds over all blobs before messages are heard again.
const ROUNDS: u32 = 32;

/// Listens until the engine goes away.
pub fn run(scope: &DedicatedWorkerGlobalScope) {
    let Ok(channel) = MessageChannel::new() else {
        return;
    };
    let decoder = Rc::new(RefCell::new(Decoder {
        scope: scope.clone(),
        lanes: Lanes::default(),
        open: BTreeMap::new(),
        again: channel.port1(),
        turning: false,
    }));
    let turner = decoder.clone();
    let on_turn = Closure::<dyn Fn()>::new(move || turner.borrow_mut().turn());
    channel
        .port2()
        .set_onmessage(Some(on_turn.as_ref().unchecked_ref()));
    on_turn.forget();
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        if let Ok(said) = event.data().dyn_into::<Array>() {
            decoder.borrow_mut().hear(&said);
        }
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
}

struct Decoder {
    scope: DedicatedWorkerGlobalScope,
    lanes: Lanes,
    open: BTreeMap<u32, Blob>,
    /// A message to it brings the next turn, after the messages that wait already.
    again: MessagePort,
    turning: bool,
}

/// A blob that is being decoded.
struct Blob {
    reader: BlobReader,
    /// Chunks that came and were not decoded yet.
    chunks: VecDeque<Uint8Array>,
    /// So many bytes of the first chunk are decoded.
    decoded: u32,
    ended: bool,
}

impl Decoder {
    fn hear(&mut self, said: &Array) {
        let (Some(word), Some(number)) = (said.get(0).as_string(), said.get(1).as_f64()) else {
            return;
        };
        let id = number as u32;
        match (word.as_str(), self.open.get_mut(&id)) {
            ("open", _) => {
                let asked = said.get(2).as_string();
                if let Some(opened) = asked.and_then(|text| serde_json::from_str::<Opened>(&text).ok()) {
                    let reader = BlobReader::new(&opened.wanted, opened.purpose, &opened.limits);
                    let blob = Blob {
                        reader: reader.beside(&self.lanes),
                        chunks: VecDeque::new(),
                        decoded: 0,
                        ended: false,
                    };
                    self.open.insert(id, blob);
                }
            }
            ("bytes", Some(blob)) => {
                if let Ok(chunk) = said.get(2).dyn_into() {
                    blob.chunks.push_back(chunk);
                    self.go_on();
                }
            }
            ("end", Some(blob)) => {
                blob.ended = true;
                self.go_on();
            }
            _ => {
                self.open.remove(&id);
            }
        }
    }

    fn go_on(&mut self) {
        if !std::mem::replace(&mut self.turning, true) {
            let _ = self.again.post_message(&JsValue::NULL);
        }
    }

    /// Decodes some of each blob, by turns.
    fn turn(&mut self) {
        self.turning = false;
        for _ in 0..ROUNDS {
            let mut taken = Vec::new();
            for (id, blob) in &mut self.open {
                if let Some((count, wants_more)) = blob.turn() {
                    taken.push((*id, count, wants_more));
                }
            }
            for (id, count, wants_more) in taken {
                self.say("taken", id, [count.into(), wants_more.into()], None);
            }
        }
        let whole: Vec<u32> = self
            .open
            .iter()
            .filter(|(_, blob)| blob.is_whole())
            .map(|(id, _)| *id)
            .collect();
        for id in whole {
            if let Some(blob) = self.open.remove(&id) {
                packed(blob.reader.finish(), |part| {
                    let part = Uint8Array::from(part.as_slice());
                    let moved = part.buffer();
                    self.say("part", id, [part.into(), JsValue::UNDEFINED], Some(&moved));
                });
            }
        }
        if self.open.values().any(|blob| !blob.chunks.is_empty()) {
            self.go_on();
        }
    }

    fn say(&self, word: &str, id: u32, rest: [JsValue; 2], moved: Option<&JsValue>) {
        let [one, two] = rest;
        let said = Array::of4(&word.into(), &id.into(), &one, &two);
        let moved: Array = moved.into_iter().collect();
        let _ = self.scope.post_message_with_transfer(&said, &moved);
    }
}

impl Blob {
    /// Decodes the next bytes. When a chunk is through: how many bytes it had, and whether more are wanted.
    fn turn(&mut self) -> Option<(u32, bool)> {
        let chunk = self.chunks.front()?;
        let length = chunk.length();
        let end = self.decoded.saturating_add(TURN).min(length);
        let bytes = chunk.subarray(self.decoded, end).to_vec();
        self.decoded = end;
        let wants_more = self.reader.push(&bytes).is_ok();
        if wants_more && end < length {
            return None;
        }
        self.decoded = 0;
        if wants_more {
            self.chunks.pop_front();
        } else {
            self.chunks.clear();
        }
        Some((length, wants_more))
    }

    fn is_whole(&self) -> bool {
        self.ended && self.chunks.is_empty()
    }
}
