//! Taking what the reader dropped: which files belong together, what each is, and what it holds.

use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::future::{Either, select};
use web_sys::File;

use super::place::Place;
use super::shelf::{LAYOUT, Shelved};
use super::{Engine, describe};
use crate::fault::Fault;
use crate::page::protocol::{Facts, Known, Progress, Reply, Source as Learnt, Step, Way};
use crate::page::worker::Line;

/// Files and folders that are looked at; more would be a slip of the hand.
const AT_ONCE: usize = 16;

impl Engine {
    /// Finds out what was dropped, and keeps it at hand. What cannot be taken keeps nothing else from it.
    ///
    /// # Errors
    /// `Cancelled`, `TooLarge`.
    pub(super) async fn take(&self, files: Vec<(String, File)>, line: &Line) -> Result<Reply, Fault> {
        let chosen = Chosen::all(files);
        if chosen.len() > AT_ONCE {
            return Err(Fault::too_large(
                &format!("{} files at once", chosen.len()),
                AT_ONCE,
            ));
        }
        let (mut known, mut faults) = (Vec::new(), Vec::new());
        // As in a timeline: the last one first.
        for one in chosen.into_iter().rev() {
            line.tell(Progress {
                step: Step::Content,
                what: one.name().to_owned(),
                ..Progress::default()
            });
            let shelved = std::pin::pin!(self.shelve(one));
            let stopped = std::pin::pin!(line.stopped());
            match select(shelved, stopped).await {
                Either::Left((Ok(more), _)) => known.extend(more),
                Either::Left((Err(fault), _)) => faults.push(fault),
                Either::Right((fault, _)) => return Err(fault),
            }
        }
        Ok(Reply::Taken { known, faults })
    }

    async fn shelve(&self, chosen: Chosen) -> Result<Vec<Known>, Fault> {
        let shelved = Rc::new(match chosen {
            Chosen::File(name, file) => Shelved::file(name, file, &self.limits).await?,
            Chosen::Folder(name, files) => Shelved::folder(name, files, &self.limits).await?,
        });
        let name = shelved.name.clone();
        let references = shelved
            .references()
            .await
            .map_err(|fault| fault.at(name.clone()))?;
        if references.is_empty() {
            return Err(Fault::malformed("it holds no manifest").at(name));
        }
        let place = Place::Device(shelved.clone());
        let mut known = Vec::new();
        for reference in references {
            let Some(digest) = reference.digest.clone() else {
                continue;
            };
            let facts = match shelved.lone_facts(&reference) {
                Some(facts) => Ok(facts),
                None => describe::facts(&place, &reference).await,
            };
            self.shelf.borrow_mut().insert(digest.clone(), shelved.clone());
            let (facts, fault) = match facts {
                Ok(facts) => (Some(facts), None),
                Err(fault) => (None, Some(fault)),
            };
            known.push(Known {
                name: match &reference.tag {
                    Some(tag) => format!("{name} ({tag})"),
                    None => name.clone(),
                },
                digest,
                sources: vec![Learnt::Device],
                facts: facts.map(|facts| Facts {
                    way: Way::Device,
                    ..facts
                }),
                fault,
            });
        }
        Ok(known)
    }
}

/// One thing that was dropped or chosen.
enum Chosen {
    /// A file by itself.
    File(String, File),
    /// A folder, its files by path below it.
    Folder(String, BTreeMap<String, File>),
}

impl Chosen {
    /// Puts files together again by their paths, which begin with the folder's name. A layout may lie
    /// anywhere in a folder; what lies beside it there was not meant.
    fn all(files: Vec<(String, File)>) -> Vec<Self> {
        let layouts: Vec<String> = files
            .iter()
            .filter_map(|(path, _)| Some(path.strip_suffix(LAYOUT)?.strip_suffix('/')?.to_owned()))
            .collect();
        let mut folders: BTreeMap<String, BTreeMap<String, File>> = BTreeMap::new();
        let mut all = Vec::new();
        for (path, file) in files {
            let Some((top, _)) = path.split_once('/') else {
                all.push(Self::File(path, file));
                continue;
            };
            let within = |root: &&String| {
                path.strip_prefix(root.as_str())
                    .is_some_and(|p| p.starts_with('/'))
            };
            let beside = layouts.iter().any(|root| root.split('/').next() == Some(top));
            let root = match layouts.iter().filter(within).min_by_key(|root| root.len()) {
                Some(root) => root.clone(),
                None if beside => continue,
                None => top.to_owned(),
            };
            let below = path.get(root.len() + 1..).unwrap_or_default().to_owned();
            folders.entry(root).or_default().insert(below, file);
        }
        let folder = |(root, files): (String, _)| {
            let name = root.rsplit('/').next().unwrap_or_default().to_owned();
            Self::Folder(name, files)
        };
        all.extend(folders.into_iter().map(folder));
        all
    }

    fn name(&self) -> &str {
        match self {
            Self::File(name, _) | Self::Folder(name, _) => name,
        }
    }
}
