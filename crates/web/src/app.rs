use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use analytics::RuleFate;
use domain::{Clock, CoverSheet, LeadId, Sha256, Tlp};
use evidence::Vault;
use jiff::{SignedDuration, Timestamp};
use pipeline::{Desk, PipelineError, Views};
use store::Store;
use tokio::sync::Semaphore;

use crate::accounts::Accounts;
use crate::accounts::password::Nobody;
use crate::archive::Counted;
use crate::board::{self, Board};
use crate::evidence_origin::EvidenceOrigin;
use crate::refusal::Refusal;
use crate::session::Sessions;
use crate::terms::Signs;
use crate::throttle::Throttle;
use crate::{Randomness, WebError, upload};

/// Passwords that are verified at the same time: each takes 19 MiB and a core.
const PASSWORDS_AT_ONCE: usize = 2;
/// Readers of the index at the same time, for each core. More of them take turns at the core and all
/// are late; so who came first is served first.
const READERS_OF_A_CORE: usize = 2;

/// On what terms a person hands a lead over; what is not said holds as the desk's settings have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PacketTerms {
    /// Contacts, names, addresses and remarks are masked, and evidence files left out.
    pub redacted: bool,
    /// The language of the report, by its ISO 639-1 code.
    pub language: Option<String>,
    /// The source's grade by the desk's scheme.
    pub source_grade: Option<String>,
    /// The information's grade.
    pub information_grade: Option<String>,
    /// The handling code.
    pub handling: Option<String>,
    /// The traffic light.
    pub tlp: Option<Tlp>,
    /// What is written for the packet.
    pub cover: CoverSheet,
}

/// Makes packets of decided leads. The app does not know how; two persons are asked for by it.
pub trait PacketMaker: Send + Sync {
    /// Builds the packet of a lead, logs the export, and puts the file into the desk's
    /// `data/packets/`. `by` is who asks for it, another person than who decided. The error is a
    /// sentence for people.
    fn build(
        &self,
        desk: &mut Desk,
        lead: &LeadId,
        by: &str,
        terms: &PacketTerms,
    ) -> Result<(PathBuf, Sha256), String>;
}

/// When the rules' hits were counted, at which entry of the log, and what came of it.
type KnownFates = (Timestamp, u64, Arc<Vec<RuleFate>>);

/// So long they are shown though the desk has moved on.
const FATES_GOOD_FOR: SignedDuration = SignedDuration::from_secs(60);

/// Where captured pages are shown: apart from the app, so that nothing of theirs is ever of its origin.
#[derive(Clone, Debug)]
pub struct EvidencePlace {
    /// The address to listen on; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// The address by which people reach it behind a proxy, of another host than the app's.
    pub url: Option<String>,
}

/// What the app serves, and with what.
pub struct Serving {
    /// The desk. The app shares it with whoever scans.
    pub desk: Arc<Mutex<Desk>>,
    /// The present time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub random: Arc<dyn Randomness>,
    /// Makes packets.
    pub packets: Arc<dyn PacketMaker>,
    /// The address by which people reach the app, when it stands behind a proxy that speaks TLS:
    /// `https://desk.example.org`.
    pub public_url: Option<String>,
    /// Where evidence is shown.
    pub evidence: EvidencePlace,
    /// Accounts that a link lets in once, without a password: for `fusion demo` alone.
    pub one_time: Vec<String>,
}

/// Everything that pages need. Cheap to clone.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

pub(crate) struct Parts {
    desk: Arc<Mutex<Desk>>,
    views: Arc<Views>,
    index: Arc<dyn Store>,
    pub(crate) desk_name: String,
    pub(crate) desk_dir: PathBuf,
    pub(crate) vault: Vault,
    pub(crate) accounts: Accounts,
    pub(crate) board: Arc<Board>,
    signs: Arc<Signs>,
    pub(crate) evidence: EvidenceOrigin,
    pub(crate) counted: Counted,
    rule_fates: Mutex<Option<KnownFates>>,
    /// A scan that was begun here is under way.
    pub(crate) scanning: AtomicBool,
    pub(crate) sessions: Sessions,
    pub(crate) throttle: Throttle,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Randomness>,
    pub(crate) packets: Arc<dyn PacketMaker>,
    pub(crate) nobody: Nobody,
    pub(crate) passwords: Semaphore,
    readers: Semaphore,
    /// Turns for forms with files.
    pub(crate) uploads: Arc<Semaphore>,
    /// Whether cookies may travel over TLS alone.
    pub(crate) over_tls: bool,
    /// Origins that forms may come from, and hosts that may be asked for.
    pub(crate) origins: Vec<String>,
    /// Digests of one-time links, each with the login that it lets in.
    pub(crate) one_time: Mutex<Vec<(Sha256, String)>>,
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

impl Drop for Parts {
    fn drop(&mut self) {
        self.board.end();
    }
}

impl std::ops::Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// The app, and the paths of its one-time links, one for each account asked for.
    pub(crate) fn new(
        serving: Serving,
        origins: Vec<String>,
        evidence: EvidenceOrigin,
    ) -> Result<(Self, Vec<String>), WebError> {
        let (desk_name, desk_dir, vault, signs, index) = {
            let desk = serving.desk.lock().unwrap_or_else(PoisonError::into_inner);
            let settings = desk.settings();
            let name = settings.config.desk.name.clone();
            (name, desk.dir().to_owned(), desk.vault().clone(), Signs::of(settings), desk.reader())
        };
        let board = Arc::new(Board::new());
        let mut one_time = Vec::new();
        let mut links = Vec::new();
        for login in serving.one_time {
            let secret = crate::random_word(&*serving.random);
            links.push(format!("/enter/{secret}"));
            one_time.push((Sha256::of(secret.as_bytes()), login));
        }
        let parts = Parts {
            desk_name,
            accounts: Accounts::of(&desk_dir),
            desk_dir,
            vault,
            board: board.clone(),
            signs: Arc::new(signs),
            evidence,
            counted: Counted::default(),
            rule_fates: Mutex::default(),
            scanning: AtomicBool::new(false),
            sessions: Sessions::default(),
            throttle: Throttle::default(),
            nobody: Nobody::new(&*serving.random)?,
            passwords: Semaphore::new(PASSWORDS_AT_ONCE),
            readers: Semaphore::new(READERS_OF_A_CORE * cores()),
            uploads: upload::turns(),
            over_tls: serving.public_url.as_deref().is_some_and(|url| url.starts_with("https:")),
            origins,
            one_time: Mutex::new(one_time),
            desk: serving.desk.clone(),
            views: Arc::new(Views::of(serving.desk.clone())),
            index: index.clone(),
            clock: serving.clock,
            random: serving.random,
            packets: serving.packets,
        };
        let desk = serving.desk;
        // The app answers meanwhile: a large desk takes some seconds.
        std::thread::spawn(move || {
            if let Err(error) = board::load(&board, &desk, &*index) {
                tracing::error!(%error, "the queue could not be read");
            }
        });
        Ok((Self(Arc::new(parts)), links))
    }

    /// What became of each rule's hits. All leads are read for it, so it is kept for a while.
    pub(crate) fn rule_fates(&self, now: Timestamp) -> Result<Arc<Vec<RuleFate>>, Refusal> {
        let failed = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, "the rules' hits could not be counted");
            Refusal::failed()
        };
        // Who waits for the same finds it made.
        let mut known = self.rule_fates.lock().unwrap_or_else(PoisonError::into_inner);
        let applied = self.index.applied().map_err(|error| failed(&error))?;
        if let Some((at, of, fates)) = &*known
            && (*of == applied || now.duration_since(*at) < FATES_GOOD_FOR)
        {
            return Ok(fates.clone());
        }
        let fates = analytics::rule_fates(&*self.index).map_err(|error| failed(&error))?;
        let fates = Arc::new(fates);
        *known = Some((now, applied, fates.clone()));
        Ok(fates)
    }

    /// To be said when nobody is answered any more.
    pub(crate) async fn end(&self) {
        self.board.end();
        let app = self.clone();
        // Why it could not be kept is in the log by then.
        let kept = self.beside(move || {
            app.board.keep(&*app.index);
            Ok(())
        });
        let _ = kept.await;
    }

    /// The words of the desk's signs.
    pub(crate) fn signs(&self) -> Arc<Signs> {
        self.signs.clone()
    }

    /// Reads the index, beside the threads that answer and without waiting for the desk: who scans or
    /// decides just now keeps nobody from reading.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Store) -> Result<T, PipelineError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let _turn = self.readers.acquire().await.map_err(|_| Refusal::failed())?;
        let index = self.index.clone();
        self.beside(move || work(&*index).map_err(Refusal::from)).await
    }

    /// Writes into the custody log that a person is shown a lead, before it is. Gives the name that
    /// the lead bears now.
    pub(crate) async fn log_view(&self, lead: LeadId, by: String) -> Result<LeadId, Refusal> {
        let (logged, is_first) = self.views.ask(lead, by);
        if is_first {
            let views = self.views.clone();
            let served = move || {
                views.serve();
                Ok(())
            };
            self.beside(served).await?;
        }
        match logged.await {
            Ok(logged) => logged.map_err(Refusal::from),
            Err(_) => Err(Refusal::failed()),
        }
    }

    /// Works on the desk, beside the threads that answer: it syncs files and may wait for a scan.
    pub(crate) async fn desk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Desk) -> Result<T, PipelineError> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.desk_or_refuse(move |desk| work(desk).map_err(Refusal::from)).await
    }

    /// The same for work that refuses in words of its own.
    pub(crate) async fn desk_or_refuse<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Desk) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let desk = self.desk.clone();
        self.beside(move || work(&mut desk.lock().unwrap_or_else(PoisonError::into_inner))).await
    }

    /// Runs something slow beside the threads that answer.
    pub(crate) async fn beside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        match tokio::task::spawn_blocking(work).await {
            Ok(result) => result,
            Err(error) => {
                tracing::error!(%error, "work on the desk did not come to its end");
                Err(Refusal::failed())
            }
        }
    }

    /// The desk itself, for scans.
    pub(crate) fn desk_handle(&self) -> Arc<Mutex<Desk>> {
        self.desk.clone()
    }
}
