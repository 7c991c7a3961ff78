//! Taking connections. Whoever is slow to ask is hung up on; whoever is slow to be answered holds
//! one of a fixed number of places.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::app::{App, Serving};
use crate::evidence_origin::{self, EvidenceOrigin};
use crate::{WebError, rights};

/// Connections at the same time.
const MOST_CONNECTIONS: usize = 512;

/// How long the app waits for who is slow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// A request's head must have come by then.
    pub(crate) head: Duration,
    /// An answer must have begun by then; a body that is sent slower than this is given up.
    pub(crate) answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { head: Duration::from_secs(10), answer: Duration::from_secs(60) }
    }
}

/// An app that listens and waits to be run.
pub struct Listening {
    /// The address, with the port that was free when port 0 was asked for.
    pub address: SocketAddr,
    /// The paths of the one-time links, in the order of [`Serving::one_time`].
    pub links: Vec<String>,
    listener: TcpListener,
    evidence: TcpListener,
    patience: Patience,
    app: App,
}

/// Begins to listen.
pub async fn listen(serving: Serving, address: SocketAddr) -> Result<Listening, WebError> {
    let (listener, address) = bind(address, "--listen").await?;
    let place = serving.evidence.clone();
    let (evidence, at) = bind(place.listen, "--evidence-listen").await?;
    let origins = origins(address, serving.public_url.as_deref());
    let (app, links) = App::new(serving, origins, EvidenceOrigin::at(at, place.url))?;
    Ok(Listening { address, links, listener, evidence, patience: Patience::default(), app })
}

async fn bind(
    address: SocketAddr,
    option: &'static str,
) -> Result<(TcpListener, SocketAddr), WebError> {
    let failed = |error| WebError::Listen { address, option, error };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// The origins that the app goes by. `*` stands for any address, when it listens on all of them.
fn origins(address: SocketAddr, public_url: Option<&str>) -> Vec<String> {
    let port = address.port();
    let mut origins = vec![format!("http://{address}")];
    if address.ip().is_loopback() {
        let names = ["localhost", "127.0.0.1", "[::1]"];
        origins.extend(names.iter().map(|name| format!("http://{name}:{port}")));
    }
    match public_url {
        Some(url) => origins.push(url.trim_end_matches('/').to_owned()),
        None if address.ip().is_unspecified() => origins.push("*".to_owned()),
        None => {}
    }
    origins
}

impl Listening {
    /// An app that is made already, on ports of this machine: its own, and that of the evidence.
    #[cfg(test)]
    pub(crate) fn of(
        (listener, evidence): (TcpListener, TcpListener),
        app: App,
        patience: Patience,
    ) -> std::io::Result<Self> {
        let address = listener.local_addr()?;
        Ok(Self { address, links: Vec::new(), listener, evidence, patience, app })
    }

    /// Answers until `stop` comes to its end, then leaves the queue for the next start.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Self { listener, evidence, patience, app, .. } = self;
        let beside = evidence_origin::router(app.clone(), patience);
        let beside = tokio::spawn(answer(evidence, beside, patience, std::future::pending()));
        answer(listener, rights::router(app.clone(), patience), patience, stop).await;
        beside.abort();
        // It lets go of the app when it has ended.
        let _ = beside.await;
        app.end().await;
    }
}

/// Answers whoever connects, until `stop` comes to its end.
async fn answer(
    listener: TcpListener,
    router: Router,
    patience: Patience,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    tokio::pin!(stop);
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let stream = tokio::select! {
            () = &mut stop => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of files, most likely: taking a breath is all that helps.
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    continue;
                }
            },
        };
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let _place = place;
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(patience.head)
                .max_buf_size(64 * 1024)
                .serve_connection(TokioIo::new(stream), service);
            // A visitor that hangs up is no concern of ours.
            let _ = connection.await;
        });
    }
}
