//! An invented desk: pages, a robots.txt and a file, as they come from the client and the import,
//! and what the pipeline does with them.

use std::fs;
use std::path::{Path, PathBuf};

use domain::{
    Assessment, Band, Capture, CaptureId, CaptureMethod, CaptureRole, Checkpoint, Field, Finding,
    Header, Language, LeadId, PostMarks, Posting, PostingId, PostingKind, Score, Selectors, Sha256,
    Snapshot, Source, SourceId, Span, Verdict, Walk, Yield,
};
use evidence::{CaptureArchive, CustodyLog, Depth, Event, Vault, VerifyReport};
use jiff::Timestamp;
use tempfile::TempDir;

pub(crate) const SOFTWARE: &str = "fusion 0.0.0";
const TEXT: &str = "Робота в теплиці, паспорт залишається у координатора. +380 00 000 00 01";

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn headers(pairs: &[(&str, &str)]) -> Vec<Header> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A page as the polite client hands it over.
pub(crate) fn page(url: &str, at: &str, body: &[u8]) -> Capture {
    let source = SourceId::new("jobs-iasi").unwrap();
    let (fetched_at, sha256) = (time(at), Sha256::of(body));
    Capture {
        id: CaptureId::derive(&source, url, fetched_at, &sha256),
        source,
        role: CaptureRole::Page,
        method: CaptureMethod::Http,
        url: url.to_owned(),
        redirects: Vec::new(),
        fetched_at,
        status: 200,
        request_headers: headers(&[("user-agent", "fusion/0.0.0"), ("accept-encoding", "gzip")]),
        response_headers: headers(&[
            ("content-type", "text/html; charset=utf-8"),
            ("etag", "\"a\""),
        ]),
        body: body.to_vec(),
        sha256,
        decoded: None,
        peer: domain::Peer::default(),
    }
}

pub(crate) fn robots(url: &str, at: &str) -> Capture {
    let mut capture = page(url, at, b"User-agent: *\nAllow: /\n");
    capture.role = CaptureRole::Robots;
    capture.response_headers = headers(&[("content-type", "text/plain"), ("content-length", "23")]);
    capture
}

/// Rows of an imported file.
pub(crate) fn rows(url: &str, at: &str, body: &[u8]) -> Capture {
    let mut capture = page(url, at, body);
    capture.method = CaptureMethod::File;
    capture.status = 0;
    capture.request_headers = Vec::new();
    capture.response_headers = headers(&[("Content-Type", "text/csv")]);
    capture
}

pub(crate) fn gzipped(plain: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(plain).unwrap();
    gzip.finish().unwrap()
}

/// A page that came in chunks, packed, after a redirect.
pub(crate) fn packed_page() -> Capture {
    let plain = format!("<html><body><p>{TEXT}</p></body></html>").into_bytes();
    let mut capture = page(
        "https://jobs.example/ad/7?b=2&A=1",
        "2026-11-23T10:00:01.123456789Z",
        &gzipped(&plain),
    );
    capture.redirects = vec!["http://jobs.example/ad/7".into()];
    capture.response_headers = headers(&[
        ("content-type", "text/html; charset=utf-8"),
        ("content-encoding", "gzip"),
        ("transfer-encoding", "chunked"),
    ]);
    capture.decoded = Some(plain);
    capture
}

pub(crate) fn posting_of(capture: &Capture) -> Posting {
    Posting {
        id: PostingId::derive(&capture.source, &capture.url),
        source: capture.source.clone(),
        capture: capture.id.clone(),
        row: None,
        key: capture.url.clone(),
        kind: PostingKind::JobAd,
        url: Some(capture.url.clone()),
        title: Some("Теплиця, житло надаємо".into()),
        text: TEXT.into(),
        author: Some("invented_agency".into()),
        published_at: None,
        captured_at: capture.fetched_at,
        saved_at: None,
        language: Some(Language::Uk),
        region: None,
        places: vec!["Warszawa".into()],
        pay: None,
        employer: None,
        hidden_links: Vec::new(),
        images: Vec::new(),
        stylesheets: Vec::new(),
        marks: PostMarks::default(),
        contacts: Vec::new(),
    }
}

pub(crate) fn assessment() -> Assessment {
    let quoted = "паспорт залишається у координатора";
    let start = TEXT.find(quoted).unwrap();
    let span = Span::quoting(Field::Text, TEXT, start..start + quoted.len()).unwrap();
    let finding = Finding::new(
        "document-retention".parse().unwrap(),
        "uk.documents.kept".parse().unwrap(),
        1,
        2.4,
        vec![span],
    );
    let score = Score::from_probability(0.87);
    Assessment {
        language: Some(Language::Uk),
        score,
        band: Band::of(score),
        findings: finding.into_iter().collect(),
        mitigations: Vec::new(),
        rule_set: Sha256::of(b"invented rules"),
    }
}

pub(crate) fn source() -> Source {
    let selectors = Selectors { title: Some("h1".into()), ..Selectors::default() };
    let selectors = Box::new(selectors);
    let keys = [("app_key".to_owned(), "DESK_KEY".to_owned())];
    Source {
        language: Some(Language::Ro),
        selectors,
        keys: keys.into(),
        ..Source::new(
            SourceId::new("jobs-iasi").unwrap(),
            "job-page",
            "https://jobs.example/",
            "public page of an invented board",
        )
    }
}

/// A desk's three folders, filled as the pipeline fills them.
pub(crate) struct Desk {
    pub(crate) dir: TempDir,
    pub(crate) vault: Vault,
    pub(crate) log: CustodyLog,
    pub(crate) archive: CaptureArchive,
}

pub(crate) const NOW: &str = "2026-11-23T10:05:00Z";

impl Desk {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let vault = vault(dir.path());
        Self::of(dir, vault)
    }

    /// In this folder, which may be encrypted.
    pub(crate) fn of(dir: TempDir, vault: Vault) -> Self {
        let (log, archive) = open_vault(&vault);
        Self { dir, vault, log, archive }
    }

    /// Small files, so that a few entries fill several.
    pub(crate) fn of_small_files() -> Self {
        let mut desk = Self::new();
        desk.log = desk.log.with_segment_bytes(1500);
        desk.archive = desk.archive.with_file_bytes(2000);
        desk
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn record(&mut self, actor: &str, event: Event) {
        self.log.append(time(NOW), actor, vec![event]).unwrap();
    }

    pub(crate) fn keep(&mut self, capture: &Capture) {
        let stored = self.archive.append(capture).unwrap();
        self.record("fusion", capture_event(capture, &stored));
    }

    pub(crate) fn snapshot(&mut self, captures: &[Capture]) -> Snapshot {
        let posting = posting_of(&captures[0]);
        let at = captures[0].fetched_at;
        let (file, sha256) = evidence::take_snapshot(
            &self.vault,
            &posting,
            &assessment(),
            &captures[0],
            &captures[1..],
            at,
            SOFTWARE,
        )
        .unwrap();
        let snapshot =
            Snapshot { capture: posting.capture.clone(), posting: posting.id, file, sha256 };
        let lead = LeadId::founded_by(&snapshot.posting);
        self.record("fusion", Event::Snapshot { lead, snapshot: snapshot.clone() });
        snapshot
    }

    pub(crate) fn verify(&self) -> VerifyReport {
        verify_vault(&self.vault, Depth::Digests)
    }

    /// Verifies with all contents.
    pub(crate) fn look_into(&self) -> VerifyReport {
        verify_vault(&self.vault, Depth::Contents)
    }
}

pub(crate) fn vault(desk: &Path) -> Vault {
    Vault::open(desk, None).unwrap()
}

pub(crate) fn open(desk: &Path) -> (CustodyLog, CaptureArchive) {
    open_vault(&vault(desk))
}

pub(crate) fn open_vault(vault: &Vault) -> (CustodyLog, CaptureArchive) {
    let custody = vault.desk().join("custody");
    let (log, _) = CustodyLog::open(&custody).unwrap();
    let end = evidence::last_captures(&custody, 1).unwrap().end;
    let (archive, _) = CaptureArchive::open(vault, end).unwrap();
    (log, archive)
}

pub(crate) fn verify_vault(vault: &Vault, depth: Depth) -> VerifyReport {
    evidence::verify_from(vault, depth, None, time(NOW), &mut |_, _, _| ()).unwrap()
}

pub(crate) fn capture_event(capture: &Capture, stored: &evidence::Stored) -> Event {
    Event::captured(capture, stored.clone())
}

pub(crate) fn verify(desk: &Path) -> VerifyReport {
    evidence::verify(desk, &mut |_, _| ()).unwrap()
}

/// The captures of the filled desk, in order.
pub(crate) fn sample_captures() -> Vec<Capture> {
    vec![
        robots("https://jobs.example/robots.txt", "2026-11-23T10:00:00Z"),
        packed_page(),
        rows("file:///оголошення 1.csv#rows=1-2", "2026-11-23T10:00:02Z", b"id,text\n1,a\n2,b\n"),
        page(
            "https://jobs.example/ad/8",
            "2026-11-23T10:00:03Z",
            b"<p>Kitchen help, day shift</p>",
        ),
    ]
}

/// A desk on which a bit of everything has happened, closed in order.
pub(crate) fn filled(mut desk: Desk) -> Desk {
    desk.record("fusion", Event::Source { source: Box::new(source()) });
    let captures = sample_captures();
    captures.iter().for_each(|capture| desk.keep(capture));
    let taken = desk.snapshot(&[captures[1].clone(), captures[0].clone()]);
    let mut checkpoint = Checkpoint::default();
    checkpoint.set("etag https://jobs.example/ad/7", "\"a\"");
    desk.record("fusion", Event::Checkpoint { source: source().id, checkpoint });
    let (started_at, ended_at) = (time("2026-11-23T10:00:00Z"), time("2026-11-23T10:00:09Z"));
    let yielded =
        Yield { read: 2, new: 2, dated: 2, dates: 1, delay_minutes: Some(7), ..Yield::default() };
    let walk = Walk { started_at, ended_at, finished: true, yielded };
    desk.record("fusion", Event::Walk { source: source().id, walk });
    let lead = LeadId::founded_by(&taken.posting);
    let reason = "паспорт у координатора; see \"text\"".to_owned();
    desk.record("Olena K.", Event::View { lead: lead.clone() });
    desk.record("Olena K.", Event::Claim { lead: lead.clone() });
    desk.record(
        "Olena K.",
        Event::Note { lead: lead.clone(), text: "same phone\nas last week".into() },
    );
    let verdict = Verdict::Escalate;
    desk.record("Olena K.", Event::Decision { lead: lead.clone(), verdict, reason });
    let postings = [taken.posting.clone(), PostingId::derive(&source().id, "another")];
    let leads: Vec<LeadId> = postings.iter().map(LeadId::founded_by).collect();
    let groups = postings.iter().map(|posting| vec![posting.clone()]).collect();
    let reason = "the same voice on the phone".to_owned();
    let merge = Event::Merge { leads: leads.clone(), postings: postings.to_vec(), reason };
    desk.record("Olena K.", merge);
    let reason = "two sisters, two agencies".to_owned();
    desk.record("Ion P.", Event::Split { leads, groups, reason });
    desk.record("Olena K.", Event::Withdrawal { lead: lead.clone() });
    let reason = "to call back".to_owned();
    desk.record("Olena K.", Event::Reveal { lead: lead.clone(), reason });
    let reason = "as before".to_owned();
    desk.record("Olena K.", Event::Decision { lead: lead.clone(), verdict, reason });
    let packet = Sha256::of(b"an invented packet");
    let file = format!("packet-{lead}.zip");
    desk.record("Olena K.", Event::Approval { lead: lead.clone(), on_word_of: None });
    let approved_by = "Olena K.".into();
    desk.record("Ion P.", Event::Export { lead: lead.clone(), approved_by, packet, file });
    let (file, encrypted) = ("packet.zip.age".into(), Sha256::of(b"an invented secret"));
    let recipients = vec!["age1invented".into()];
    let handover = Event::Handover { lead: lead.clone(), packet, recipients, file, encrypted };
    desk.record("Ion P.", handover);
    let (from, reference) = ("Unit 7".into(), "letter 12".into());
    desk.record("Ion P.", Event::Receipt { lead, packet, from, reference });
    desk.log.seal().unwrap();
    desk
}

/// All files of a folder, with their paths from it, sorted.
pub(crate) fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for file in fs::read_dir(dir).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            let name = PathBuf::from(path.file_name().unwrap());
            found.extend(files(&path).into_iter().map(|file| name.join(file)));
        } else {
            found.push(path.file_name().unwrap().into());
        }
    }
    found.sort();
    found
}

pub(crate) fn copy_desk(from: &Path) -> TempDir {
    let to = tempfile::tempdir().unwrap();
    for file in files(from) {
        let target = to.path().join(&file);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(from.join(&file), target).unwrap();
    }
    to
}
