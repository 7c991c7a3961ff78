use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use domain::{LeadId, OutcomeClass, Sha256};
use pipeline::{Desk, PipelineError, PoliteClient, WatchNews};
use web::{Accounts, EvidencePlace, PacketMaker, PacketTerms, Randomness, Serving};

use super::stop::told_to_end;
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
    fn build(
        &self,
        desk: &mut Desk,
        lead: &LeadId,
        by: &str,
        terms: &PacketTerms,
    ) -> Result<(PathBuf, Sha256), String> {
        packet::build_as_said(desk, lead, by, terms).map_err(|error| format!("{error:#}"))
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
    let evidence = evidence_place(args)?;
    let client = desk.settings().polite_client(Arc::new(SystemClock))?;
    let desk = Arc::new(Mutex::new(desk));
    let runtime = runtime()?;
    let serving = serving(desk.clone(), args.public_url.clone(), evidence, Vec::new());
    let listening = runtime.block_on(web::listen(serving, args.listen))?;
    let address = args.public_url.clone().unwrap_or(format!("http://{}", listening.address));
    output.result(&serde_json::json!({ "address": address }))?;
    output.line(format!("The app is at {address} until you press Ctrl-C."))?;
    if !args.no_scan {
        output.line("Sources are walked as they come due.")?;
    }
    output.flush()?;
    runtime.block_on(async {
        let (ended, end) = tokio::sync::oneshot::channel::<()>();
        let (silenced, silence) = tokio::sync::oneshot::channel::<()>();
        let app = async {
            listening.run(told_to_end()).await;
            drop((ended, silenced));
        };
        let scheduler = async {
            if !args.no_scan {
                let end = async { drop(end.await) };
                walk_what_is_due(desk.clone(), client, end).await;
            }
        };
        let telling = tell_of_critical_leads(desk.clone(), &address, async { drop(silence.await) });
        tokio::join!(app, scheduler, telling);
    });
    drop(runtime);
    scan::close(desk)?;
    Ok(Ended::Clean)
}

/// Where captured pages are shown. Never under the app's own name: its cookies would go there too.
fn evidence_place(args: &Serve) -> anyhow::Result<EvidencePlace> {
    let host = |url: &String| url.split_once("://").map(|(_, host)| host.to_owned());
    let url = args.evidence_url.clone();
    if url.is_some() && url.as_ref().and_then(host) == args.public_url.as_ref().and_then(host) {
        anyhow::bail!(
            "--evidence-url must have another host than --public-url, as in https://evidence.example.org: captured pages are kept apart from the app"
        );
    }
    Ok(EvidencePlace { listen: args.evidence_listen.unwrap_or(ANY_PORT), url })
}

/// Everything that the app needs.
pub(crate) fn serving(
    desk: Arc<Mutex<Desk>>,
    public_url: Option<String>,
    evidence: EvidencePlace,
    one_time: Vec<String>,
) -> Serving {
    Serving {
        desk,
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        packets: Arc::new(Packets),
        public_url,
        evidence,
        one_time,
    }
}

/// Tells whom `[notify]` names, until the app ends. How that goes stands on the page of sources.
async fn tell_of_critical_leads(
    desk: Arc<Mutex<Desk>>,
    address: &str,
    end: impl Future<Output = ()>,
) {
    let variables = |name: &str| std::env::var(name).ok();
    let told = |error: &PipelineError| {
        remark(&format!("note: nobody could be told of critical leads: {error}"));
    };
    let clock = Arc::new(SystemClock);
    pipeline::keep_telling(desk, clock, &variables, address, &told, end).await;
}

/// Walks what is due until the app ends. Scheduled scans that cannot go on are told of; the app
/// stays.
async fn walk_what_is_due(
    desk: Arc<Mutex<Desk>>,
    client: PoliteClient,
    end: impl Future<Output = ()> + Send,
) {
    let told = |news: WatchNews<'_>| match news {
        WatchNews::Walked(source, report) => {
            let (flagged, faults) =
                (report.tally.of("posting.flagged"), report.tally.of_class(OutcomeClass::Fault));
            tracing::info!(%source, flagged, faults, "a source was walked");
        }
        WatchNews::Revisited(source, report) => {
            let of = |name| report.tally.of(name);
            let (changed, gone) = (of("revisit.changed"), of("revisit.gone"));
            tracing::info!(%source, changed, gone, "postings were asked for again");
        }
        WatchNews::Fetched(source, report) => {
            let of = |name: &str| {
                ["image", "stylesheet"].map(|kind| report.tally.of(&format!("{kind}.{name}")))
            };
            let [kept, failed] = ["kept", "failed"].map(|name| of(name).iter().sum::<u64>());
            tracing::info!(%source, kept, failed, "pictures and stylesheets were fetched");
        }
        WatchNews::Fault(fault) => {
            remark(&format!("FAULT {}", crate::output::one_line(&fault.to_string())));
        }
        WatchNews::Rehashed(files, faults) => {
            tracing::info!(files, faults, "all evidence was read again");
        }
        WatchNews::Stamped(report) => {
            tracing::info!(report.gathered, report.waiting, "trusted time was asked for");
            for (authority, reason) in &report.failed {
                let reason = crate::output::one_line(reason);
                remark(&format!("note: {authority} gave no trusted time: {reason}"));
            }
        }
        WatchNews::NotStamped(error) => {
            remark(&format!("note: no authority was asked for trusted time: {error}"));
        }
        WatchNews::Retained(report) => {
            let total = report.total();
            tracing::info!(total.captures, total.leads, "what is past its time was deleted");
        }
        WatchNews::NotRehashed(error) => {
            remark(&format!("note: evidence could not be read again: {error}"));
        }
        WatchNews::NotRetained(error) => {
            remark(&format!("note: what is past its time could not be deleted: {error}"));
        }
        WatchNews::Changed => tracing::info!("the sources were changed and are read anew"),
        WatchNews::Refused(error) => {
            remark(&format!("note: the sources stay as they were: {error}"));
        }
    };
    if let Err(error) = pipeline::watch(desk, Arc::new(client), &told, end).await {
        remark(&format!("note: no source is walked any more: {error}"));
    }
}

/// Where the app listens on this machine alone, on any free port.
pub(crate) const ANY_PORT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
