//! What the reader dropped or chose, in the window: single files, and folders walked to their ends.
//!
//! A drop shows its entries only while its event is under way, so they are taken at once
//! ([`Picked::dropped`]) and walked afterwards ([`Picked::files`]). Someone who drops a home folder by
//! mistake gets a fault, not a busy page: the walk is bounded, and stops when it is told to.

use std::cell::Cell;
use std::collections::BTreeMap;

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};

use crate::fault::{Fault, FaultKind};

/// Files and folders of one drop. A layout of many images has some thousand blobs.
const MOST_ENTRIES: usize = 20_000;

/// Folders within folders; a layout has two, and may lie some way down.
const MOST_DEPTH: usize = 12;

/// Files and folders, not yet walked.
#[derive(Default)]
pub struct Picked {
    /// With their paths: below the chosen folder where there is one.
    files: Vec<(String, File)>,
    entries: Vec<FileSystemEntry>,
}

impl Picked {
    /// What a file field holds.
    pub fn chosen(list: Option<FileList>) -> Self {
        let path = |file: &File| {
            Reflect::get(file, &"webkitRelativePath".into())
                .ok()
                .and_then(|path| path.as_string())
                .filter(|path| !path.is_empty())
                .unwrap_or_else(|| file.name())
        };
        Self {
            files: listed(list).map(|file| (path(&file), file)).collect(),
            entries: Vec::new(),
        }
    }

    /// What a drop brings.
    pub fn dropped(data: &DataTransfer) -> Self {
        let items = data.items();
        let entries: Vec<FileSystemEntry> = (0..items.length())
            .filter_map(|at| items.get(at)?.webkit_get_as_entry().ok()?)
            .collect();
        if entries.is_empty() {
            return Self::chosen(data.files());
        }
        Self {
            files: Vec::new(),
            entries,
        }
    }

    /// True when there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.entries.is_empty()
    }

    /// All files with their paths.
    ///
    /// # Errors
    /// `TooLarge` beyond the bounds, `Malformed` when there is no file at all, `Gone` when the browser
    /// cannot read a folder, `Cancelled`.
    pub async fn files(self, stopped: &Cell<bool>) -> Result<Vec<(String, File)>, Fault> {
        let mut files = self.files;
        let mut seen = self.entries.len();
        let mut left: Vec<(String, FileSystemEntry, usize)> = named(self.entries)
            .into_iter()
            .rev()
            .map(|(name, entry)| (name, entry, 0))
            .collect();
        while let Some((path, entry, depth)) = left.pop() {
            if stopped.get() {
                return Err(Fault::new(FaultKind::Cancelled, "stopped"));
            }
            let unreadable = |_| Fault::new(FaultKind::Gone, "the browser cannot read it").at(path.clone());
            // Not by `instanceof`: Chromium gives these interfaces no names to hold an object against.
            if entry.is_file() {
                let entry: FileSystemFileEntry = entry.unchecked_into();
                let file = called_back(|done, failed| {
                    entry.file_with_callback_and_callback(done, failed);
                    Ok(())
                });
                let file = file.await.and_then(JsCast::dyn_into).map_err(unreadable)?;
                files.push((path, file));
                continue;
            }
            let inside = children(entry.unchecked_ref()).await.map_err(unreadable)?;
            seen += inside.len();
            if seen > MOST_ENTRIES {
                return Err(Fault::too_large(
                    "what was dropped",
                    format!("{MOST_ENTRIES} files"),
                ));
            }
            if depth == MOST_DEPTH && !inside.is_empty() {
                let limit = format!("{MOST_DEPTH} folders in each other");
                return Err(Fault::too_large("what was dropped", limit).at(path));
            }
            let below = |entry: FileSystemEntry| (format!("{path}/{}", entry.name()), entry, depth + 1);
            left.extend(inside.into_iter().map(below));
        }
        if files.is_empty() {
            return Err(Fault::malformed("there is no file in it"));
        }
        Ok(files)
    }
}

fn listed(list: Option<FileList>) -> impl Iterator<Item = File> {
    let length = list.as_ref().map_or(0, FileList::length);
    (0..length).filter_map(move |at| list.as_ref()?.get(at))
}

/// Entries by a name that none of the others has: two folders of one name can come from two places.
fn named(entries: Vec<FileSystemEntry>) -> Vec<(String, FileSystemEntry)> {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    entries
        .into_iter()
        .map(|entry| {
            let name = entry.name();
            let count = times.entry(name.clone()).or_default();
            *count += 1;
            match *count {
                1 => (name, entry),
                n => (format!("{name} ({n})"), entry),
            }
        })
        .collect()
}

/// All that lies in a folder. A reader gives it in portions; an empty one is the end (File and Directory
/// Entries API, "readEntries").
async fn children(folder: &FileSystemDirectoryEntry) -> Result<Vec<FileSystemEntry>, JsValue> {
    let reader = folder.create_reader();
    let mut all = Vec::new();
    loop {
        let portion =
            called_back(|done, failed| reader.read_entries_with_callback_and_callback(done, failed));
        let portion: Array = portion.await?.dyn_into()?;
        if portion.length() == 0 || all.len() > MOST_ENTRIES {
            return Ok(all);
        }
        all.extend(portion.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    }
}

/// A call that answers by one of two functions, as something to wait for.
async fn called_back(call: impl Fn(&Function, &Function) -> Result<(), JsValue>) -> Result<JsValue, JsValue> {
    let promise = Promise::new(&mut |done, failed| {
        if let Err(error) = call(&done, &failed) {
            let _ = failed.call1(&JsValue::UNDEFINED, &error);
        }
    });
    JsFuture::from(promise).await
}
