//! The registry client of the native program: the shared session on [`Wire`], with the user's
//! credentials and what is kept on disk.
//!
//! ```no_run
//! # async fn example() -> Result<(), tagdrift::fault::Fault> {
//! use tagdrift::native::registry::RegistryClient;
//! let client = RegistryClient::new(Default::default())?;
//! let served = client.manifest(&"localhost:5000/demo:1".parse().unwrap()).await?;
//! # Ok(()) }
//! ```

use std::ops::Deref;
use std::time::Duration;

use super::transport::{self, Wire, WireBody};
use crate::fault::Fault;
use crate::limits::Limits;
use crate::registry::{
    Abilities, Client, Credentials, ForeignRealm, HttpRequest, Notice, Patience, Pause, ResponseHead,
    Session, Tick, Transport, WireFault,
};

/// How the program speaks to registries.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The bounds; `None` for the native program's own.
    pub limits: Option<Limits>,
    /// `--plain-http`: further registries spoken to by http.
    pub plain_http: Vec<String>,
}

/// [`Wire`] with everything else that the session wants from this platform.
#[derive(Debug)]
pub struct NativeTransport {
    wire: Wire,
}

impl Transport for NativeTransport {
    type Body = WireBody;

    async fn send(&self, request: &HttpRequest) -> Result<(ResponseHead, WireBody), WireFault> {
        self.wire.send(request).await
    }

    async fn wait(&self, pause: &Pause) {
        tracing::info!(
            host = pause.host,
            milliseconds = pause.milliseconds,
            "waiting: {}",
            pause.why
        );
        tokio::time::sleep(Duration::from_millis(pause.milliseconds)).await;
    }

    fn tick(&self) -> Tick {
        transport::tick()
    }

    async fn credentials(&self, _registry: &str) -> Result<Option<Credentials>, Fault> {
        Ok(None)
    }

    async fn consent(&self, _realm: &ForeignRealm) -> bool {
        false
    }

    fn minds_long_accept(&self, _api_host: &str) -> bool {
        false
    }

    fn notice(&self, notice: Notice) {
        tracing::debug!(?notice);
    }
}

/// The registry client of the native program. Derefs to the shared [`Client`].
#[derive(Debug)]
pub struct RegistryClient {
    client: Client<NativeTransport>,
}

impl RegistryClient {
    /// A client.
    ///
    /// # Errors
    /// `Unsupported` when TLS cannot be set up.
    pub fn new(options: Options) -> Result<Self, Fault> {
        let abilities = Abilities {
            follows_redirects: false,
            decodes: false,
        };
        let limits = options.limits.unwrap_or_else(Limits::native);
        let session =
            Session::new(limits, Patience::default(), abilities).with_plain_http(options.plain_http);
        let transport = NativeTransport { wire: Wire::new()? };
        Ok(Self {
            client: Client::new(transport, session),
        })
    }
}

impl Deref for RegistryClient {
    type Target = Client<NativeTransport>;

    fn deref(&self) -> &Self::Target {
        &self.client
    }
}

/// The program runs on several threads: what is awaited there must be free to move between them.
#[allow(dead_code)]
fn futures_are_send(
    client: &RegistryClient,
    reference: &crate::oci::Reference,
    descriptor: &crate::oci::Descriptor,
) {
    fn is_send<T: Send>(_: T) {}
    is_send(client.manifest(reference));
    is_send(client.tags(reference, |_| {}));
    is_send(crate::registry::history::earlier_digests(
        &client.client,
        reference,
        &[],
        1,
    ));
    is_send(async move {
        let mut blob = client.blob(reference, descriptor).await?;
        while let Some(piece) = blob.chunk().await? {
            let _ = piece.len();
        }
        Ok::<_, Fault>(())
    });
}
