//! Which tool packed an artifact and which pushed it, as far as the bytes tell.
//!
//! Purpose: "the digest changed because Helm stamps the push time" helps more than "an annotation differs".
//! Each builder is a file with the marks that it leaves; the marks are in `marks`. Invariants: a fingerprint is a
//! guess for people: it never changes a level, and every claim comes with the bytes that it rests on; a release
//! is narrowed down only where those bytes cannot come from another.

mod apko;
mod bsdtar;
mod buildah;
mod buildkit;
mod buildpacks;
mod docker;
mod flux;
mod gnu_tar;
mod go_tar;
mod helm;
mod jib;
mod kaniko;
mod ko;
mod marks;
mod oras;
mod pair;
mod python;

use std::fmt;

use self::marks::Marks;
use crate::compare::evidence::Artifact;
use crate::oci::Document;

pub use pair::pair;

/// What the bytes tell about where an artifact comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fingerprint {
    /// What wrote the files into an archive, or built the image.
    pub packer: Option<Tool>,
    /// What wrote the manifest.
    pub pusher: Option<Tool>,
    /// The marks that say so, each a sentence without a full stop.
    pub because: Vec<String>,
}

/// A tool, and which releases of it are possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// The tool.
    pub builder: Builder,
    /// The oldest release that does this, both ends included.
    pub since: Option<Release>,
    /// The newest.
    pub until: Option<Release>,
}

/// A release: major, minor, patch. Patch 0 is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release(pub u16, pub u16, pub u16);

/// Tools that leave marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Builder {
    /// `helm package`, `helm push`.
    Helm,
    /// GNU tar.
    GnuTar,
    /// libarchive's tar, of macOS and the BSDs.
    Bsdtar,
    /// Python's tarfile module.
    Python,
    /// Go's archive/tar, inside many tools.
    Go,
    /// BuildKit: `docker buildx build`, `docker build` since 23.
    BuildKit,
    /// Docker's classic builder.
    Docker,
    /// ko.
    Ko,
    /// kaniko.
    Kaniko,
    /// Buildah, Podman.
    Buildah,
    /// Jib.
    Jib,
    /// apko, melange.
    Apko,
    /// Cloud Native Buildpacks.
    Buildpacks,
    /// `flux push artifact`.
    Flux,
    /// `oras push`.
    Oras,
}

impl Builder {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Helm => "Helm",
            Self::GnuTar => "GNU tar",
            Self::Bsdtar => "bsdtar",
            Self::Python => "Python's tarfile",
            Self::Go => "Go's archive/tar",
            Self::BuildKit => "BuildKit",
            Self::Docker => "Docker's classic builder",
            Self::Ko => "ko",
            Self::Kaniko => "kaniko",
            Self::Buildah => "Buildah",
            Self::Jib => "Jib",
            Self::Apko => "apko",
            Self::Buildpacks => "Cloud Native Buildpacks",
            Self::Flux => "Flux",
            Self::Oras => "ORAS",
        }
    }
}

impl Tool {
    /// A tool of which nothing is known about the release.
    pub fn any(builder: Builder) -> Self {
        Self {
            builder,
            since: None,
            until: None,
        }
    }

    /// A tool of these releases.
    pub fn of(builder: Builder, since: Option<Release>, until: Option<Release>) -> Self {
        Self {
            builder,
            since,
            until,
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.builder.name())?;
        match (self.since, self.until) {
            (None, None) => Ok(()),
            (Some(since), None) => write!(f, " {since} or later"),
            (None, Some(until)) => write!(f, " {until} or earlier"),
            (Some(since), Some(until)) if since == until => write!(f, " {since}"),
            (Some(since), Some(until)) => write!(f, " {since} to {until}"),
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(major, minor, patch) = *self;
        write!(f, "{major}.{minor}")?;
        if patch > 0 {
            write!(f, ".{patch}")?;
        }
        Ok(())
    }
}

impl Fingerprint {
    /// What packed it, in words.
    pub fn packed_by(&self) -> Option<String> {
        self.packer.as_ref().map(Tool::to_string)
    }

    /// What pushed it, in words.
    pub fn pushed_by(&self) -> Option<String> {
        self.pusher.as_ref().map(Tool::to_string)
    }

    /// Both in a phrase: `Helm 4.2.3 or earlier, pushed by Helm 3.13 or later`. Fits `Side::packed_by`.
    pub fn words(&self) -> Option<String> {
        match (&self.packer, &self.pusher) {
            (None, None) => None,
            (Some(packer), None) => Some(packer.to_string()),
            (Some(packer), Some(pusher)) if packer == pusher => Some(packer.to_string()),
            (Some(packer), Some(pusher)) => Some(format!("{packer}, pushed by {pusher}")),
            (None, Some(pusher)) => Some(format!("an unknown tool, pushed by {pusher}")),
        }
    }

    /// True when this tool packed or pushed it.
    pub fn is_by(&self, builder: Builder) -> bool {
        [&self.packer, &self.pusher]
            .into_iter()
            .flatten()
            .any(|t| t.builder == builder)
    }

    fn packed(&mut self, found: Option<(Tool, String)>) {
        if let Some((tool, why)) = found
            && self.packer.is_none()
        {
            self.packer = Some(tool);
            self.because.push(why);
        }
    }

    fn pushed(&mut self, found: Option<(Tool, String)>) {
        if let Some((tool, why)) = found
            && self.pusher.is_none()
        {
            self.pusher = Some(tool);
            self.because.push(why);
        }
    }
}

/// Tells who packed and pushed an artifact.
pub fn identify(artifact: &Artifact) -> Fingerprint {
    let marks = Marks::of(artifact);
    let mut found = Fingerprint::default();
    // What names itself first; the habits of a tar writer, which many tools share, last.
    found.packed(helm::packed(&marks));
    found.packed(flux::packed(&marks));
    found.packed(buildkit::built(&marks));
    found.packed(ko::built(&marks));
    found.packed(kaniko::built(&marks));
    found.packed(jib::built(&marks));
    found.packed(apko::built(&marks));
    found.packed(buildpacks::built(&marks));
    found.packed(buildah::built(&marks));
    found.packed(docker::built(&marks));
    found.packed(bsdtar::packed(&marks));
    found.packed(gnu_tar::packed(&marks));
    found.packed(python::packed(&marks));
    found.packed(go_tar::packed(&marks));
    found.pushed(helm::pushed(&marks));
    found.pushed(flux::pushed(&marks));
    found.pushed(oras::pushed(&marks));
    found
}

/// Tells who made an index. A manifest alone tells less than [`identify`].
pub fn identify_document(document: &Document) -> Fingerprint {
    let mut found = Fingerprint::default();
    match document.index() {
        Some(index) => found.packed(buildkit::indexed(index)),
        None => {
            return identify(&Artifact {
                document: Some(document.clone()),
                made_up: false,
                config: None,
                layers: Vec::new(),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests;
