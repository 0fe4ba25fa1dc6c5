//! The registry client of the native program: the shared session on a [`Wire`], with the user's
//! credentials and a folder for what is kept.
//!
//! ```no_run
//! # async fn example() -> Result<(), tagdrift::fault::Fault> {
//! use tagdrift::native::registry::{Options, RegistryClient};
//! use tagdrift::registry::Source as _;
//! let client = RegistryClient::new(Options::default())?;
//! let served = client.manifest(&"localhost:5000/demo:1".parse().unwrap()).await?;
//! # Ok(()) }
//! ```

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::cache::{DEFAULT_BOUND, FolderCache};
use super::credentials::CredentialFiles;
use super::transport::{self, Wire, WireBody};
use crate::fault::Fault;
use crate::limits::Limits;
use crate::registry::{
    Abilities, Client, Credentials, ForeignRealm, HttpRequest, Kept, Notice, Patience, Pause, ResponseHead,
    Session, Tick, Transport, WireFault,
};

/// What this platform does by itself: nothing.
pub const ABILITIES: Abilities = Abilities {
    follows_redirects: false,
    decodes: false,
};

/// The option that agrees to a foreign realm.
const TRUST_REALM: &str = "--trust-realm";

/// How the program speaks to registries.
#[derive(Clone, Default)]
pub struct Options {
    /// The bounds; `None` for the native program's own.
    pub limits: Option<Limits>,
    /// `--plain-http`: further registries spoken to by http.
    pub plain_http: Vec<String>,
    /// `--username`, `--password-stdin`: credentials with the registry they are for.
    pub signed_in: Vec<(String, Credentials)>,
    /// Where to look for other credentials; nowhere by default.
    pub credential_files: CredentialFiles,
    /// `--trust-realm`: hosts (with their port, where it is not the scheme's own) that a registry may send
    /// its credentials to, though they are not its own.
    pub trusted_realms: Vec<String>,
    /// The folder for what is kept; `None` keeps nothing.
    pub cache: Option<PathBuf>,
    /// Bytes kept at most.
    pub cache_bound: Option<u64>,
    /// Hears of pauses, quotas and resumed transfers: progress on a terminal.
    pub tell: Option<Arc<dyn Fn(Told) + Send + Sync>>,
}

/// Something to show while work goes on.
#[derive(Debug, Clone)]
pub enum Told {
    /// A pause before the next try.
    Waiting(Pause),
    /// Quota, resumed transfers.
    Notice(Notice),
}

/// [`Wire`] with everything else that the session wants from this platform.
pub struct NativeTransport {
    wire: Wire,
    files: CredentialFiles,
    trusted_realms: Vec<String>,
    tell: Option<Arc<dyn Fn(Told) + Send + Sync>>,
}

impl NativeTransport {
    fn tell(&self, told: Told) {
        tracing::debug!(?told);
        if let Some(tell) = &self.tell {
            tell(told);
        }
    }
}

impl Transport for NativeTransport {
    type Body = WireBody;

    async fn send(&self, request: &HttpRequest) -> Result<(ResponseHead, WireBody), WireFault> {
        self.wire.send(request).await
    }

    async fn wait(&self, pause: &Pause) {
        self.tell(Told::Waiting(pause.clone()));
        tokio::time::sleep(Duration::from_millis(pause.milliseconds)).await;
    }

    fn tick(&self) -> Tick {
        transport::tick()
    }

    async fn credentials(&self, registry: &str) -> Result<Option<Credentials>, Fault> {
        self.files.find(registry).await
    }

    async fn consent(&self, realm: &ForeignRealm) -> bool {
        self.trusted_realms
            .iter()
            .any(|host| host.eq_ignore_ascii_case(&realm.realm_host))
    }

    fn minds_long_accept(&self, _api_host: &str) -> bool {
        false
    }

    fn notice(&self, notice: Notice) {
        self.tell(Told::Notice(notice));
    }
}

impl std::fmt::Debug for NativeTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NativeTransport").finish_non_exhaustive()
    }
}

/// The registry client of the native program. Derefs to [`Kept`], which is a
/// [`Source`](crate::registry::Source); what goes past the cache is in its `client`.
#[derive(Debug)]
pub struct RegistryClient {
    kept: Kept<NativeTransport, FolderCache>,
}

impl RegistryClient {
    /// A client.
    ///
    /// # Errors
    /// `Unsupported` when TLS cannot be set up, or the cache's folder cannot be made.
    pub fn new(options: Options) -> Result<Self, Fault> {
        let limits = options.limits.unwrap_or_else(Limits::native);
        let session = Session::new(limits, Patience::default(), ABILITIES)
            .with_plain_http(options.plain_http)
            .with_consent_option(TRUST_REALM);
        for (registry, credentials) in options.signed_in {
            session.set_credentials(&registry, Some(credentials));
        }
        let transport = NativeTransport {
            wire: Wire::new()?,
            files: options.credential_files,
            trusted_realms: options.trusted_realms,
            tell: options.tell,
        };
        let bound = options.cache_bound.unwrap_or(DEFAULT_BOUND);
        let store = match options.cache {
            Some(folder) => Some(FolderCache::open(&folder, bound)?),
            None => None,
        };
        Ok(Self {
            kept: Kept {
                client: Client::new(transport, session),
                store,
            },
        })
    }
}

impl Deref for RegistryClient {
    type Target = Kept<NativeTransport, FolderCache>;

    fn deref(&self) -> &Self::Target {
        &self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::{Descriptor, Reference};
    use crate::registry::{Chunks as _, Source as _, history};

    /// The program runs on several threads: what is awaited there must be free to move between them.
    /// That this compiles is the test.
    #[test]
    fn futures_may_move_between_threads() {
        fn is_send<T: Send>(_: T) {}
        fn all(client: &RegistryClient, reference: &Reference, descriptor: &Descriptor) {
            is_send(client.manifest(reference));
            is_send(client.tags(reference, |_| {}));
            is_send(client.client.referrers(reference, &descriptor.digest));
            is_send(history::earlier_digests(&**client, reference, &[], 1));
            is_send(async move {
                let mut blob = client.blob(reference, descriptor).await?;
                while let Some(piece) = blob.chunk().await? {
                    let _ = piece.len();
                }
                blob.verified(&descriptor.digest).await;
                Ok::<_, Fault>(())
            });
        }
        let _ = all;
    }

    #[test]
    fn debug_shows_no_secret() {
        let options = Options {
            signed_in: vec![(
                "r.example".into(),
                Credentials::Password {
                    user: "ada".into(),
                    password: crate::registry::Secret::new("hunter2"),
                },
            )],
            ..Options::default()
        };
        let client = RegistryClient::new(options).unwrap();
        assert!(!format!("{client:?}").contains("hunter2"));
    }
}
