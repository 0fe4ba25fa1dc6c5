//! From the first connection to the last: accepting, and stopping without cutting answers off.

use std::future::{Future, IntoFuture as _};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::Site;
use super::connection::{Bounds, Connections, Peer};
use crate::fault::{Fault, FaultKind};

/// How long answers that are under way may take once the server was told to stop. Service managers wait
/// longer than that by default (systemd: 90 s; Kubernetes: 30 s).
const PATIENCE: Duration = Duration::from_secs(20);

/// Serves until `stop` resolves; then takes no new connection, lets answers under way finish for a while,
/// and cuts off what is left.
///
/// # Errors
/// When the socket fails.
pub async fn serve(
    listener: TcpListener,
    site: Site,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Fault> {
    serve_with(listener, site, Bounds::default(), PATIENCE, stop).await
}

/// [`serve`] with other bounds.
///
/// # Errors
/// When the socket fails.
pub async fn serve_with(
    listener: TcpListener,
    site: Site,
    bounds: Bounds,
    patience: Duration,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Fault> {
    let (stopped, was_stopped) = oneshot::channel();
    let service = site.into_router().into_make_service_with_connect_info::<Peer>();
    let server = axum::serve(Connections::new(listener, bounds), service)
        .with_graceful_shutdown(async move {
            stop.await;
            let _ = stopped.send(());
        })
        .into_future();
    let out_of_patience = async {
        if was_stopped.await.is_err() {
            // The server ended by itself; that is the other branch's matter.
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(patience).await;
    };
    tokio::select! {
        ended = server => ended.map_err(|error| {
            Fault::new(FaultKind::Unreachable, format!("the server stopped: {error}"))
        }),
        () = out_of_patience => {
            tracing::warn!("stopped with answers still under way");
            Ok(())
        }
    }
}

/// Resolves when the process is asked to end: Ctrl-C, or SIGTERM where there are signals.
///
/// # Errors
/// When the handlers cannot be installed.
pub fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static, Fault> {
    let failed = |error: std::io::Error| {
        Fault::new(
            FaultKind::Unreachable,
            format!("signals cannot be listened for: {error}"),
        )
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    {
        let _ = failed;
        Ok(async {
            let _ = tokio::signal::ctrl_c().await;
        })
    }
}
