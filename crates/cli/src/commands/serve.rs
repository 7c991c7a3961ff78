use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use domain::{LeadId, Sha256};
use pipeline::Desk;
use web::{Accounts, Listening, PacketMaker, Randomness, Serving};

use super::{open_desk, packet, runtime, scan};
use crate::Ended;
use crate::args::{Global, Serve};
use crate::clock::SystemClock;
use crate::output::{Output, remark};

/// The machine's own random bytes.
pub(crate) struct SystemRandom;

impl Randomness for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("a machine that serves an app has random bytes");
    }
}

/// Packets as `fusion packet build` makes them.
struct Packets;

impl PacketMaker for Packets {
    fn build(&self, desk: &mut Desk, lead: &LeadId, by: &str) -> Result<(PathBuf, Sha256), String> {
        packet::build(desk, lead, by, None, None).map_err(|error| format!("{error:#}"))
    }
}

/// `fusion serve`
pub(crate) fn run(args: &Serve, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let desk = open_desk(global)?;
    if Accounts::of(desk.dir()).all()?.is_empty() {
        anyhow::bail!(
            "nobody may log in yet: add the first person with `fusion user add LOGIN --name NAME --role admin --role investigator`"
        );
    }
    if !args.listen.ip().is_loopback() && args.public_url.is_none() {
        remark(
            "note: others reach this address, and what is typed travels in the clear; put a proxy with TLS before it and give --public-url",
        );
    }
    let desk = Arc::new(Mutex::new(desk));
    let runtime = runtime()?;
    let serving = serving(desk.clone(), args.public_url.clone(), Vec::new());
    let listening = runtime.block_on(web::listen(serving, args.listen))?;
    let address = args.public_url.clone().unwrap_or(format!("http://{}", listening.address));
    output.result(&serde_json::json!({ "address": address }))?;
    output.line(format!("The app is at {address} until you press Ctrl-C."))?;
    output.flush()?;
    run_until_stopped(&runtime, listening)?;
    drop(runtime);
    scan::close(desk)?;
    Ok(Ended::Clean)
}

/// Everything that the app needs.
pub(crate) fn serving(
    desk: Arc<Mutex<Desk>>,
    public_url: Option<String>,
    one_time: Vec<String>,
) -> Serving {
    Serving {
        desk,
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        packets: Arc::new(Packets),
        public_url,
        one_time,
    }
}

/// Serves until somebody presses Ctrl-C or the system asks for an end.
pub(crate) fn run_until_stopped(
    runtime: &tokio::runtime::Runtime,
    listening: Listening,
) -> anyhow::Result<()> {
    runtime.block_on(async {
        let stop = stop_signal().context("cannot wait for an end")?;
        listening.run(stop).await;
        Ok(())
    })
}

#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! { _ = interrupt.recv() => (), _ = terminate.recv() => () }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// Where the app listens on this machine alone, on any free port.
pub(crate) const ANY_PORT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
