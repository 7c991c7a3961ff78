//! A desk with some leads in a temporary folder, the app on it, and browsers to visit it with.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use domain::{Clock, LeadId, Sha256};
use jiff::{SignedDuration, Timestamp};
use pipeline::{Desk, ImportOptions};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::accounts::Role;
use crate::app::{App, EvidencePlace, PacketMaker, PacketTerms, Serving};
use crate::evidence_origin::{self, EvidenceOrigin};
use crate::language::Language;
use crate::listen::Patience;
use crate::{Randomness, rights};

pub(super) const ORIGIN: &str = "http://desk.test";
pub(super) const EVIDENCE_ORIGIN: &str = "http://evidence.test";
const EVIDENCE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8401);

/// Random bytes that are the same in every test, and never twice the same.
#[derive(Default)]
pub(crate) struct Counting(AtomicU64);

impl Randomness for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(32) {
            let number = self.0.fetch_add(1, Ordering::Relaxed);
            let digest = Sha256::of(&number.to_be_bytes());
            part.copy_from_slice(&digest.as_bytes()[..part.len()]);
        }
    }
}

/// A clock that a test moves.
pub(super) struct Hands(Mutex<Timestamp>);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

impl Hands {
    pub(super) fn move_on(&self, minutes: i64) {
        let mut now = self.0.lock().unwrap();
        *now = now.checked_add(SignedDuration::from_mins(minutes)).unwrap();
    }
}

/// Makes a packet of a few invented bytes, the way the real one is made: logged, then there.
struct InventedPackets;

impl PacketMaker for InventedPackets {
    fn build(
        &self,
        desk: &mut Desk,
        lead: &LeadId,
        by: &str,
        terms: &PacketTerms,
    ) -> Result<(PathBuf, Sha256), String> {
        let told = |error: &dyn std::fmt::Display| error.to_string();
        let approved = desk.may_export(lead, by, None).map_err(|error| told(&error))?;
        let folder = desk.dir().join("data/packets");
        std::fs::create_dir_all(&folder).map_err(|error| told(&error))?;
        let (path, bytes) = (folder.join(format!("{lead}.zip")), format!("invented: {terms:?}"));
        std::fs::write(&path, &bytes).map_err(|error| told(&error))?;
        let digest = Sha256::of(bytes.as_bytes());
        desk.record_export(lead, by, &approved, digest, &format!("{lead}.zip"))
            .map_err(|error| told(&error))?;
        Ok((path, digest))
    }
}

pub(super) struct House {
    pub(super) app: App,
    pub(super) clock: Arc<Hands>,
    desk: Arc<Mutex<Desk>>,
    pub(super) router: Router,
    folder: TempDir,
}

/// The key of an encrypted desk lies beside it under this name.
pub(super) const EVIDENCE_KEY: &str = "evidence.key";

/// Two that are flagged, of different hands, and an ordinary one.
pub(super) fn some_postings() -> Vec<Value> {
    vec![
        json!({"id": "1", "title": "Робота в Туреччині", "author": "@invented_hr", "region": "UA",
            "text": "Дівчата 18-25 на роботу в Туреччину, документи не потрібні. Паспорт залишається у координатора, дорогу відпрацюєте. Виїзд сьогодні. +380671234567"}),
        json!({"id": "2", "region": "UA",
            "text": "Пекарня шукає помічника, офіційне оформлення, графік 5/2. Дзвоніть 0501112233"}),
        json!({"id": "3", "title": "Робота", "region": "UA",
            "text": "Беремо дівчат без документів, паспорт здаєте хазяїну на зберігання, телефон теж забираємо. Пишіть на вайбер 063 765 43 21"}),
    ]
}

impl House {
    pub(super) async fn new() -> Self {
        Self::with(&some_postings()).await
    }

    pub(super) async fn with(postings: &[Value]) -> Self {
        Self::prepared(postings, |_, _| ()).await
    }

    /// The same, after something was done in the folder of the closed desk, with the names of its
    /// leads.
    pub(super) async fn prepared(
        postings: &[Value],
        prepare: impl FnOnce(&std::path::Path, Vec<LeadId>),
    ) -> Self {
        let lines: String = postings.iter().map(|posting| format!("{posting}\n")).collect();
        Self::of_file("postings.ndjson", lines.as_bytes(), prepare).await
    }

    /// With what is read out of a file of this name.
    pub(super) async fn of_file(
        name: &str,
        bytes: &[u8],
        prepare: impl FnOnce(&std::path::Path, Vec<LeadId>),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("desk");
        pipeline::init(&dir, "Test desk", "desk@example.org").unwrap();
        let clock = Arc::new(Hands(Mutex::new("2026-11-28T10:00:00Z".parse().unwrap())));
        let desk = Arc::new(Mutex::new(Desk::open(&dir, clock.clone()).unwrap()));
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        let collectors = pipeline::Collectors::new(clock.clone());
        pipeline::import(desk.clone(), &file, &ImportOptions::default(), &collectors)
            .await
            .unwrap();
        let closed = Arc::into_inner(desk).unwrap().into_inner().unwrap();
        let leads = closed.queue(&store::QueueFilter::default(), 100).unwrap();
        closed.close().unwrap();
        prepare(&dir, leads.into_iter().map(|row| row.lead.id).collect());
        let key = dir.with_file_name(EVIDENCE_KEY);
        let key = key.is_file().then_some(key.as_path());
        let desk = Desk::open_with(&dir, key, clock.clone()).unwrap();
        let desk = Arc::new(Mutex::new(desk));
        Self::on(folder, desk, clock)
    }

    /// The app on a desk that is open, with everything on its board.
    fn on(folder: TempDir, desk: Arc<Mutex<Desk>>, clock: Arc<Hands>) -> Self {
        let serving = Serving {
            desk: desk.clone(),
            clock: clock.clone(),
            random: Arc::new(Counting::default()),
            packets: Arc::new(InventedPackets),
            public_url: None,
            evidence: EvidencePlace { listen: EVIDENCE, url: None },
            one_time: Vec::new(),
        };
        let beside = EvidenceOrigin::at(EVIDENCE, Some(EVIDENCE_ORIGIN.to_owned()));
        let (app, _) = App::new(serving, vec![ORIGIN.to_owned()], beside).unwrap();
        while !app.board.is_loaded() {
            std::thread::yield_now();
        }
        let router = rights::router(app.clone(), Patience::default());
        Self { app, clock, desk, router, folder }
    }

    /// The app ended and started again; meanwhile this is done on the desk by the command line.
    pub(super) async fn started_again(self, meanwhile: impl FnOnce(&mut Desk)) -> Self {
        let Self { app, clock, desk, router, folder } = self;
        app.end().await;
        drop((app, router));
        let dir = folder.path().join("desk");
        let closed = |mut desk: Arc<Mutex<Desk>>| loop {
            // Who has put everything on the board lets go of the desk within a moment.
            match Arc::try_unwrap(desk) {
                Ok(desk) => break desk.into_inner().unwrap().close().unwrap(),
                Err(shared) => desk = shared,
            }
            std::thread::yield_now();
        };
        closed(desk);
        let mut desk = Desk::open(&dir, clock.clone()).unwrap();
        meanwhile(&mut desk);
        desk.close().unwrap();
        let desk = Desk::open(&dir, clock.clone()).unwrap();
        Self::on(folder, Arc::new(Mutex::new(desk)), clock)
    }

    /// What the other origin answers, asked as a browser asks for a frame.
    pub(super) async fn framed(&self, address: &str, headers: &[(&str, &str)]) -> Answer {
        let path = address.strip_prefix(EVIDENCE_ORIGIN).unwrap_or(address);
        let mut request = Request::builder().uri(path);
        let usual = [("host", "evidence.test"), ("sec-fetch-dest", "iframe")];
        let said = |name: &str| headers.iter().any(|(known, _)| *known == name);
        for (name, value) in usual.iter().filter(|(name, _)| !said(name)).chain(headers) {
            request = request.header(*name, *value);
        }
        let router = evidence_origin::router(self.app.clone(), Patience::default());
        Answer::of(router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()).await
    }

    /// Does something on the desk.
    pub(super) fn work<T>(&self, work: impl FnOnce(&mut Desk) -> T) -> T {
        work(&mut self.desk.lock().unwrap())
    }

    pub(super) fn dir(&self) -> PathBuf {
        self.folder.path().join("desk")
    }

    /// Somebody with these roles, logged in.
    pub(super) fn somebody(&self, login: &str, roles: &[Role]) -> Browser<'_> {
        let now = self.clock.now();
        self.app
            .accounts
            .change(|book| {
                if book.find(login).is_none() {
                    book.add(login, &format!("{login} Example"), roles, Language::En, now)?;
                }
                Ok(())
            })
            .unwrap();
        let cookie = self.app.sessions.begin(login, &*self.app.random, now);
        let (session, _) = self.app.sessions.of(&cookie, &*self.app.random, now).unwrap();
        Browser {
            house: self,
            cookies: vec![("fusion_session".into(), cookie)],
            csrf: session.csrf,
        }
    }

    pub(super) fn nobody(&self) -> Browser<'_> {
        Browser { house: self, cookies: Vec::new(), csrf: String::new() }
    }

    /// The leads, the most urgent first.
    pub(super) fn leads(&self) -> Vec<LeadId> {
        let all = store::QueueFilter { all_statuses: true, ..store::QueueFilter::default() };
        let wanted = crate::board::Wanted { filter: all, text: String::new() };
        self.app.board.find(&wanted, 0, 1000).ids()
    }

    /// The leads that the desk's own queue has, as the command line shows it.
    pub(super) fn queue(&self, filter: &store::QueueFilter) -> Vec<LeadId> {
        let desk = self.desk.lock().unwrap();
        let rows = desk.queue(filter, 100).unwrap();
        rows.into_iter().map(|row| row.lead.id).collect()
    }

    /// The lead of this name.
    pub(super) fn lead(&self, id: &LeadId) -> domain::Lead {
        self.desk.lock().unwrap().existing(id).unwrap()
    }

    /// What people did, by the names of the entries in the custody log.
    pub(super) fn acts(&self, lead: &LeadId) -> Vec<(String, String)> {
        let named = |act: crate::board::Act| {
            let value = serde_json::to_value(&act.event).unwrap();
            (act.by, value["event"].as_str().unwrap().to_owned())
        };
        self.app.board.acts_on(&self.lead(lead)).into_iter().map(named).collect()
    }
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Answer {
    async fn of(response: axum::response::Response) -> Self {
        let (parts, body) = response.into_parts();
        let kind = parts.headers.get(header::CONTENT_TYPE);
        let is_stream = kind.is_some_and(|kind| kind == "text/event-stream");
        let bytes =
            if is_stream { Vec::new() } else { to_bytes(body, 1 << 24).await.unwrap().to_vec() };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Self { status: parts.status, headers: parts.headers, text }
    }

    pub(super) fn goes_to(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(super) fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    #[track_caller]
    pub(super) fn says(self, words: &str) -> Self {
        assert!(self.text.contains(words), "`{words}` is not in {}", self.text);
        self
    }
}

/// Keeps cookies and sends forms as a browser does.
#[derive(Clone)]
pub(super) struct Browser<'h> {
    pub(super) house: &'h House,
    pub(super) cookies: Vec<(String, String)>,
    pub(super) csrf: String,
}

impl Browser<'_> {
    pub(super) async fn get(&mut self, path: &str) -> Answer {
        self.send(self.request("GET", path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form with the secret that it must carry.
    pub(super) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let mut pairs = vec![("csrf", self.csrf.clone())];
        pairs.extend(form.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let encoded =
            |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let body: Vec<String> = pairs
            .iter()
            .map(|(name, value)| {
                let value = if *name == "csrf" { value.clone() } else { encoded(value) };
                format!("{name}={value}")
            })
            .collect();
        let request = self
            .request("POST", path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, ORIGIN)
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(Body::from(body.join("&"))).unwrap()).await
    }

    pub(super) fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder().method(method).uri(path).header(header::HOST, "desk.test");
        if cookies.is_empty() {
            request
        } else {
            request.header(header::COOKIE, cookies.join("; "))
        }
    }

    pub(super) async fn send(&mut self, request: Request<Body>) -> Answer {
        let response = self.house.router.clone().oneshot(request).await.unwrap();
        let answer = Answer::of(response).await;
        for line in answer.headers.get_all(header::SET_COOKIE) {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        if let Some(csrf) = answer.text.split("name=\"csrf\" value=\"").nth(1) {
            self.csrf = csrf.split('"').next().unwrap().to_owned();
        }
        answer
    }
}
