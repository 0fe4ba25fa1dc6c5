//! What the commands read from: a registry with the user's credentials and cache, or a local artifact.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;

use super::access::Access;
use super::side::Side;
use crate::archive::Reading;
use crate::compare::drive;
use crate::compare::job::{Entry, Start};
use crate::fault::Fault;
use crate::limits::Limits;
use crate::native::credentials::CredentialFiles;
use crate::native::registry::{Options, RegistryClient, Told};
use crate::native::source::Local;
use crate::oci::Reference;
use crate::registry::{Credentials, Notice, Secret, Source as _};
use crate::verdict::Again;

/// One side, opened.
pub enum Place {
    /// A registry.
    Remote(Box<RegistryClient>, Reference),
    /// A file or folder of this machine.
    Local(Box<Local>, Reference),
}

/// A client for these registries. Credentials of the command line are for the one registry that is meant.
///
/// # Errors
/// `Malformed` when credentials were given and more than one registry is meant; what setting up gives.
pub fn client(access: &Access, registries: &[&str]) -> Result<RegistryClient, Fault> {
    let mut signed_in = Vec::new();
    if let Some(login) = &access.login {
        let first = registries.first().copied().unwrap_or_default();
        if registries.iter().any(|r| *r != first) {
            return Err(Fault::malformed(format!(
                "--username is for one registry, and this reads {}: put their credentials into the Docker configuration instead",
                registries.join(" and ")
            )));
        }
        let credentials = Credentials::Password {
            user: login.username.clone(),
            password: Secret::new(login.password.clone()),
        };
        signed_in.push((first.to_owned(), credentials));
    }
    RegistryClient::new(Options {
        plain_http: access.plain_http.clone(),
        trusted_realms: access.trust_realm.clone(),
        signed_in,
        credential_files: CredentialFiles::of_environment(),
        cache: cache_folder(),
        tell: std::io::stderr()
            .is_terminal()
            .then(|| Arc::new(show) as Arc<dyn Fn(Told) + Send + Sync>),
        ..Options::default()
    })
}

/// `$TAGDRIFT_CACHE` (empty: keep nothing), else the user's cache folder.
fn cache_folder() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("TAGDRIFT_CACHE") {
        return (!folder.is_empty()).then(|| PathBuf::from(folder));
    }
    let base = std::env::var_os("XDG_CACHE_HOME")
        .filter(|v| !v.is_empty())
        .map(PathBuf::from);
    let base = base.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    Some(base.join("tagdrift").join("blobs"))
}

/// Pauses and quotas, one line each.
fn show(told: Told) {
    let line = match told {
        Told::Waiting(pause) => {
            format!(
                "{}: waiting {:.1} s: {}",
                pause.host,
                f64::from(u32::try_from(pause.milliseconds).unwrap_or(u32::MAX)) / 1000.0,
                pause.why
            )
        }
        Told::Notice(Notice::Resumed { digest, from }) => {
            format!("{}: going on at byte {from}", digest.short())
        }
        Told::Notice(Notice::Quota(quota)) => match (quota.remaining, quota.limit) {
            (Some(remaining), Some(limit)) if remaining * 5 < limit => {
                format!("{}: {remaining} of {limit} requests left", quota.registry)
            }
            _ => return,
        },
    };
    super::complain(&line);
}

impl Place {
    /// Opens a side.
    ///
    /// # Errors
    /// `Malformed` for a reference without tag and digest; what opening a local artifact gives.
    pub async fn open(
        side: &Side,
        access: &Access,
        registries: &[&str],
        limits: &Limits,
    ) -> Result<Self, Fault> {
        match side {
            Side::Remote(reference) => {
                if reference.manifest_name().is_none() {
                    return Err(Fault::malformed(format!(
                        "{reference} names no tag and no digest: write {reference}:TAG or {reference}@DIGEST"
                    )));
                }
                Ok(Self::Remote(
                    Box::new(client(access, registries)?),
                    reference.clone(),
                ))
            }
            Side::Local { path, pick } => {
                let local = Local::open(path, limits).await?;
                let reference = local.reference(pick).await?;
                Ok(Self::Local(Box::new(local), reference))
            }
        }
    }

    /// Where a comparison starts on this side.
    ///
    /// # Errors
    /// What reading a lone archive gives.
    pub async fn start(&self, name: String) -> Result<Start, Fault> {
        let entry = match self {
            Self::Local(local, reference) if local.archive_digest().is_some() => {
                let served = local.manifest(reference).await?;
                let layer = served.document.manifest().and_then(|m| m.layers.first()).cloned();
                Entry::Archive(layer.ok_or_else(|| Fault::unsupported("the file holds no archive"))?)
            }
            Self::Local(local, reference) if local.is_made_up() => {
                Entry::MadeUp(reference.manifest_name().unwrap_or_default())
            }
            Self::Remote(_, reference) | Self::Local(_, reference) => {
                Entry::Manifest(reference.manifest_name().unwrap_or_default())
            }
        };
        Ok(Start { name, entry })
    }

    /// Reads a layer again for the bytes of some files.
    ///
    /// # Errors
    /// What reading gives.
    pub async fn look_for(
        &self,
        again: Again,
        limits: &Limits,
        tell: &impl Fn(drive::Step),
    ) -> Result<Reading, Fault> {
        let (descriptor, contents) = (again.descriptor, Arc::new(again.contents));
        match self {
            Self::Remote(source, reference) => {
                let source = &***source;
                drive::look_for(
                    &drive::Side { source, reference },
                    &descriptor,
                    contents,
                    limits,
                    tell,
                )
                .await
            }
            Self::Local(source, reference) => {
                let source = &**source;
                drive::look_for(
                    &drive::Side { source, reference },
                    &descriptor,
                    contents,
                    limits,
                    tell,
                )
                .await
            }
        }
    }

    /// The reference, where it means something beyond this machine.
    pub fn reference(&self) -> Option<&Reference> {
        match self {
            Self::Remote(_, reference) => Some(reference),
            Self::Local(..) => None,
        }
    }
}
