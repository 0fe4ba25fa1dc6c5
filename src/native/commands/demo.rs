//! `tagdrift demo`: the page, the relay and the sample registry on this machine.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;

use clap::Args;

use super::outcome::Outcome;
use super::serve::{self, Listen};
use crate::fault::Fault;
use crate::native::cache::DEFAULT_BOUND;
use crate::native::server::assets::Assets;
use crate::native::server::logs::{self, LogFormat};
use crate::native::server::relay::{Relay, RelayOptions};
use crate::native::server::samples::Samples;
use crate::native::server::{Site, lifetime};

/// What `demo` takes.
#[derive(Debug, Args)]
pub struct Options {
    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub listen: Listen,
    /// Keep blobs that registries give to anyone in this folder, and answer from it
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// How much the folder of --cache may hold, in MiB; what was used longest ago goes first
    #[arg(long, value_name = "MIB", default_value_t = DEFAULT_BOUND >> 20, requires = "cache")]
    pub cache_size: u64,
    /// How requests are logged on stderr
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = LogFormat::Off)]
    pub log_format: LogFormat,
}

/// Serves until it is told to stop.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn run(options: Options) -> Result<Outcome, Fault> {
    logs::install(options.log_format);
    let listener = serve::bind(options.listen).await?;
    let url = serve::url_of(&listener)?;
    let samples = Samples::load(&Assets::samples())?;
    let site = Site::new(Assets::page())
        .with_samples(samples)
        .with_relay(Relay::new(RelayOptions {
            folder: serve::folder(options.cache.as_deref(), options.cache_size)?,
            ..RelayOptions::default()
        }));
    // The one line that scripts wait for.
    let _ = writeln!(io::stdout(), "{url}");
    if io::stdout().is_terminal() {
        open_browser(&url);
    }
    lifetime::serve(listener, site, lifetime::stop_signal()?).await?;
    Ok(Outcome::Below)
}

/// Opens the page where there is a display. That it cannot is no error: the URL is on the screen.
fn open_browser(url: &str) {
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else if ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
    {
        "xdg-open"
    } else {
        return;
    };
    let null = std::process::Stdio::null;
    let _ = tokio::process::Command::new(opener)
        .arg(url)
        .stdin(null())
        .stdout(null())
        .stderr(null())
        .spawn();
}
