//! Local artifacts as sources: what a registry gives, read from a file or a folder.
//!
//! | what | how it is known |
//! |---|---|
//! | OCI layout, folder or tar | `index.json` beside `oci-layout` ([`store`]) |
//! | `docker save` tar | `manifest.json` ([`Saved`]); newer ones are OCI layouts and read as such |
//! | any other file | one archive: a chart when it holds `<name>/Chart.yaml` ([`bare`]) |
//!
//! Invariants: nothing is written and nothing outside the named file or folder is opened; bytes are not
//! verified here (the blob reader does that, as for a registry). The last two kinds have no manifest of
//! their own: one is made up, and [`Local::is_made_up`] says so, because its digest means nothing elsewhere.
//!
//! ```no_run
//! # async fn example() -> Result<(), tagdrift::fault::Fault> {
//! use tagdrift::{limits::Limits, native::source::{Local, Pick}, registry::Source as _};
//! let layout = Local::open("kelp.tar".as_ref(), &Limits::native()).await?;
//! let reference = layout.reference(&Pick::default()).await?;
//! let manifest = layout.manifest(&reference).await?.document;
//! # Ok(()) }
//! ```

mod bare;
mod part;
mod store;
mod tarball;

use std::fmt;
use std::path::Path;

pub use part::Part;

use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::oci::{Descriptor, Digest, Document, Reference};
use crate::registry::{Layout, LayoutSource, Saved, Served, Source, Tags, saved};
use bare::Bare;
use store::Store;

/// Which manifest of a local artifact is meant: `:TAG`, `@DIGEST`, both or neither.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pick {
    /// By tag or image name.
    pub tag: Option<String>,
    /// By digest.
    pub digest: Option<Digest>,
}

impl fmt::Display for Pick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

/// A local artifact.
#[derive(Debug)]
pub struct Local {
    place: String,
    shape: Shape,
}

#[derive(Debug)]
enum Shape {
    Layout(LayoutSource<Store>),
    Saved(Saved<Store>),
    Bare(Box<Bare>),
}

/// One manifest that can be picked.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Candidate {
    names: Vec<String>,
    digest: Digest,
}

impl Local {
    /// Opens what is at a path and finds out what it is.
    ///
    /// # Errors
    /// `Gone` when there is nothing, `Unsupported` for a folder that is no layout, `Malformed` when it
    /// starts like one of the kinds and breaks its format, `TooLarge` beyond the limits.
    pub async fn open(path: &Path, limits: &Limits) -> Result<Self, Fault> {
        let place = path.display().to_string();
        let shape = Self::look(path, limits)
            .await
            .map_err(|fault| fault.at(place.clone()))?;
        Ok(Self { place, shape })
    }

    async fn look(path: &Path, limits: &Limits) -> Result<Shape, Fault> {
        let store = Store::open(path, limits).await?;
        let has = |name: &'static str| store.has(name);
        if has("oci-layout") && has(Layout::INDEX) {
            return Ok(Shape::Layout(LayoutSource::new(store, limits.clone())));
        }
        if has(saved::MANIFEST) {
            return Ok(Shape::Saved(Saved::read(store, limits).await?));
        }
        if store.is_folder() {
            return Err(Fault::unsupported(
                "a folder, but no OCI layout (it has no oci-layout file): name a chart .tgz, an OCI layout or a docker save tar",
            ));
        }
        Ok(Shape::Bare(Box::new(Bare::read(path, limits).await?)))
    }

    /// True when the manifest (and for a lone archive the config) was made up here: only the layers are
    /// the artifact's own, and neither manifest nor config proves or disproves anything.
    pub fn is_made_up(&self) -> bool {
        !matches!(self.shape, Shape::Layout(_))
    }

    /// The digest of the file itself, where the artifact is one lone archive.
    pub fn archive_digest(&self) -> Option<&Digest> {
        match &self.shape {
            Shape::Bare(bare) => Some(bare.digest()),
            Shape::Layout(_) | Shape::Saved(_) => None,
        }
    }

    /// What a pick means, as a reference with a digest. Without a pick: the only manifest there is, or the
    /// only one with a name that is not a signature's.
    ///
    /// # Errors
    /// `Gone` when nothing matches; `Malformed`, listing the names, when several do.
    pub async fn reference(&self, pick: &Pick) -> Result<Reference, Fault> {
        let candidates = self.candidates().await?;
        let digest = match pick {
            Pick {
                digest: Some(digest), ..
            } => digest.clone(),
            Pick { tag: Some(tag), .. } => by_name(&candidates, tag)
                .ok_or_else(|| self.none_called(tag, &candidates))?
                .digest
                .clone(),
            Pick {
                tag: None,
                digest: None,
            } => self.only(&candidates)?.digest.clone(),
        };
        Ok(Reference {
            registry: "localhost".to_owned(),
            repository: self.place.clone(),
            tag: pick.tag.clone(),
            digest: Some(digest),
        })
    }

    async fn candidates(&self) -> Result<Vec<Candidate>, Fault> {
        match &self.shape {
            Shape::Layout(layout) => {
                let index = layout.layout().await?;
                let tags: Vec<String> = index.tags();
                Ok(index
                    .manifests
                    .iter()
                    .map(|descriptor| Candidate {
                        names: tags
                            .iter()
                            .filter(|tag| index.tagged(tag).is_some_and(|d| d.digest == descriptor.digest))
                            .cloned()
                            .collect(),
                        digest: descriptor.digest.clone(),
                    })
                    .collect())
            }
            Shape::Saved(saved) => Ok(saved
                .documents()
                .iter()
                .zip(saved.names())
                .map(|(document, names)| Candidate {
                    names: names.clone(),
                    digest: document.digest.clone(),
                })
                .collect()),
            Shape::Bare(bare) => Ok(vec![Candidate {
                names: Vec::new(),
                digest: bare.document().digest.clone(),
            }]),
        }
    }

    fn only<'c>(&self, candidates: &'c [Candidate]) -> Result<&'c Candidate, Fault> {
        let signature = |name: &String| name.starts_with("sha256-");
        let mut named = candidates
            .iter()
            .filter(|c| !c.names.is_empty() && !c.names.iter().all(signature));
        match (candidates, named.next(), named.next()) {
            ([only], ..) | (_, Some(only), None) => Ok(only),
            ([], ..) => Err(Fault::new(FaultKind::Gone, "it holds no manifest").at(self.place.clone())),
            (all, ..) => Err(Fault::malformed(format!(
                "it holds {} manifests: pick one with PATH:TAG or PATH@DIGEST ({})",
                all.len(),
                listed(all)
            ))
            .at(self.place.clone())),
        }
    }

    fn none_called(&self, tag: &str, candidates: &[Candidate]) -> Fault {
        let message = match candidates.iter().all(|c| c.names.is_empty()) {
            true => format!("there is no {tag:?}: nothing in it has a name, pick by PATH@DIGEST"),
            false => format!("there is no {tag:?}: it holds {}", listed(candidates)),
        };
        Fault::new(FaultKind::Gone, message).at(self.place.clone())
    }
}

/// Names as the artifact has them, or the last part of an image name; the last one wins.
fn by_name<'c>(candidates: &'c [Candidate], wanted: &str) -> Option<&'c Candidate> {
    let find = |fits: fn(&str, &str) -> bool| {
        candidates
            .iter()
            .rev()
            .find(|c| c.names.iter().any(|name| fits(name, wanted)))
    };
    find(|name, wanted| name == wanted)
        .or_else(|| find(|name, wanted| name.rsplit_once(':').is_some_and(|(_, tag)| tag == wanted)))
}

/// At most a few names, for a message.
fn listed(candidates: &[Candidate]) -> String {
    const SHOWN: usize = 5;
    let names: Vec<String> = candidates
        .iter()
        .map(|c| c.names.first().cloned().unwrap_or_else(|| c.digest.to_string()))
        .collect();
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// A document that is already here, if it is the one asked for.
fn served(documents: &[Document], reference: &Reference, note: &str) -> Result<Served, Fault> {
    let wanted = reference.digest.as_ref();
    let document = documents
        .iter()
        .find(|document| wanted.is_none_or(|wanted| *wanted == document.digest))
        .ok_or_else(|| {
            Fault::new(FaultKind::Gone, "the file does not hold this digest")
                .at(wanted.map(Digest::to_string).unwrap_or_default())
        })?;
    Ok(Served {
        document: document.clone(),
        from_cache: false,
        notes: vec![note.to_owned()],
    })
}

impl Source for Local {
    type Blob<'s> = Part;

    fn limits(&self) -> &Limits {
        match &self.shape {
            Shape::Layout(layout) => layout.limits(),
            Shape::Saved(saved) => saved.limits(),
            Shape::Bare(bare) => bare.limits(),
        }
    }

    async fn manifest(&self, reference: &Reference) -> Result<Served, Fault> {
        match &self.shape {
            Shape::Layout(layout) => layout.manifest(reference).await,
            Shape::Saved(saved) => served(saved.documents(), reference, saved::NOTE),
            Shape::Bare(bare) => served(std::slice::from_ref(bare.document()), reference, bare::NOTE),
        }
    }

    async fn blob(&self, reference: &Reference, descriptor: &Descriptor) -> Result<Part, Fault> {
        match &self.shape {
            Shape::Layout(layout) => layout.blob(reference, descriptor).await,
            Shape::Saved(saved) => saved.blob(&descriptor.digest).await,
            Shape::Bare(bare) => bare.blob(&descriptor.digest).await,
        }
    }

    async fn tags(&self, _: &Reference, mut on_page: impl FnMut(&[String])) -> Result<Tags, Fault> {
        let tags: Vec<String> = self
            .candidates()
            .await?
            .into_iter()
            .flat_map(|c| c.names)
            .collect();
        on_page(&tags);
        Ok(Tags {
            tags,
            ..Tags::default()
        })
    }
}
