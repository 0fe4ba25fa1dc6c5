//! `tagdrift serve`: the page and the relay, for many people.

use std::fmt;
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use tokio::net::TcpListener;

use super::outcome::Outcome;
use crate::fault::{Fault, FaultKind};
use crate::native::cache::{DEFAULT_BOUND, FolderCache};
use crate::native::server::assets::Assets;
use crate::native::server::logs::{self, LogFormat};
use crate::native::server::origin::PublicUrl;
use crate::native::server::relay::hosts::HostRule;
use crate::native::server::relay::{Relay, RelayOptions};
use crate::native::server::{Site, lifetime};

/// What `serve` takes.
#[derive(Debug, Args)]
pub struct Options {
    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub listen: Listen,
    /// Let the relay reach this registry too (host or host:port, *.domain; may be repeated)
    #[arg(long, value_name = "HOST")]
    pub allow: Vec<HostRule>,
    /// Let hosts named by --allow resolve to private, loopback and link-local addresses
    #[arg(long)]
    pub allow_private: bool,
    /// Keep blobs that registries give to anyone in this folder, and answer from it
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// How much the folder of --cache may hold, in MiB; what was used longest ago goes first
    #[arg(long, value_name = "MIB", default_value_t = DEFAULT_BOUND >> 20, requires = "cache")]
    pub cache_size: u64,
    /// The address people open, if it is not the one listened on. Its origin may use the relay from elsewhere
    #[arg(long, value_name = "URL")]
    pub public_url: Option<PublicUrl>,
    /// Believe the last address of X-Forwarded-For (only behind a reverse proxy that sets it)
    #[arg(long)]
    pub trust_forwarded: bool,
    /// How requests are logged on stderr
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

/// Serves until it is told to stop.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn run(options: Options) -> Result<Outcome, Fault> {
    logs::install(options.log_format);
    let listener = bind(options.listen).await?;
    let url = match &options.public_url {
        Some(public) => public.to_string(),
        None => url_of(&listener)?,
    };
    let relay = Relay::new(RelayOptions {
        allow: options.allow,
        allow_private: options.allow_private,
        public_url: options.public_url,
        trust_forwarded: options.trust_forwarded,
        folder: folder(options.cache.as_deref(), options.cache_size)?,
        ..RelayOptions::default()
    });
    let site = Site::new(Assets::page()).with_relay(relay);
    let _ = writeln!(io::stdout(), "{url}");
    lifetime::serve(listener, site, lifetime::stop_signal()?).await?;
    Ok(Outcome::Below)
}

/// The folder of `--cache`, made where it is missing.
///
/// # Errors
/// `Unsupported` when it cannot be made.
pub fn folder(path: Option<&Path>, mebibytes: u64) -> Result<Option<FolderCache>, Fault> {
    path.map(|path| FolderCache::open(path, mebibytes.saturating_mul(1 << 20)))
        .transpose()
}

/// An address to listen on: `127.0.0.1:8080`, `[::]:8080`, `localhost:8080`, `:8080` (every address).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen(pub SocketAddr);

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let any = |host: &str| match host {
            "localhost" => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            "" => Some(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            _ => None,
        };
        text.parse()
            .ok()
            .or_else(|| {
                let (host, port) = text.rsplit_once(':')?;
                Some(SocketAddr::new(any(host)?, port.parse().ok()?))
            })
            .map(Self)
            .ok_or_else(|| {
                format!("{text:?} is no address to listen on: write host:port, as in 127.0.0.1:8080")
            })
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Starts listening.
///
/// # Errors
/// `Unreachable`, with what to do, when the port is in use or not ours to take.
pub async fn bind(listen: Listen) -> Result<TcpListener, Fault> {
    let Listen(address) = listen;
    TcpListener::bind(address).await.map_err(|error| {
        let next = |port: u16| SocketAddr::new(address.ip(), port);
        let message = match error.kind() {
            io::ErrorKind::AddrInUse => format!(
                "{address} is in use: stop what listens there, or add --listen {}",
                next(address.port().checked_add(1).unwrap_or(8080))
            ),
            io::ErrorKind::PermissionDenied => format!(
                "{address} may not be listened on by this user: add --listen {}",
                next(8080)
            ),
            io::ErrorKind::AddrNotAvailable => {
                format!(
                    "{address} is no address of this machine: add --listen 127.0.0.1:{}",
                    address.port()
                )
            }
            _ => format!("{address} cannot be listened on: {error}"),
        };
        Fault::new(FaultKind::Unreachable, message)
    })
}

/// The URL under which a browser on this machine finds what listens here.
///
/// # Errors
/// When the socket has no address any more.
pub fn url_of(listener: &TcpListener) -> Result<String, Fault> {
    let address = listener.local_addr().map_err(|error| {
        Fault::new(
            FaultKind::Unreachable,
            format!("the socket has no address: {error}"),
        )
    })?;
    let ip = match address.ip() {
        ip if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        ip => ip,
    };
    Ok(format!("http://{}/", SocketAddr::new(ip, address.port())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_people_write_them() {
        for (text, address) in [
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("localhost:9", "127.0.0.1:9"),
            (":8080", "0.0.0.0:8080"),
            ("[::]:80", "[::]:80"),
        ] {
            assert_eq!(text.parse::<Listen>().unwrap().to_string(), address);
        }
        assert_eq!(
            "8080".parse::<Listen>().unwrap_err(),
            "\"8080\" is no address to listen on: write host:port, as in 127.0.0.1:8080"
        );
    }

    #[tokio::test]
    async fn a_port_in_use_says_what_to_do() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = taken.local_addr().unwrap();
        assert_eq!(url_of(&taken).unwrap(), format!("http://{address}/"));
        let fault = bind(Listen(address)).await.unwrap_err();
        assert_eq!(
            fault.to_string(),
            format!(
                "{address} is in use: stop what listens there, or add --listen 127.0.0.1:{}",
                address.port() + 1
            )
        );
    }
}
