//! A desk of invented leads: every posting with its page, its snapshot, and their entries in the log.

use std::path::Path;

use domain::{
    Assessment, Band, Capture, CaptureId, CaptureMethod, CaptureRole, Contact, ContactKind, Field,
    Finding, Language, Lead, LeadId, Posting, PostingKind, Score, Sha256, Snapshot, Source,
    SourceId, Span,
};
use evidence::{CaptureArchive, CustodyLog, Event, Vault};
use jiff::{SignedDuration, Timestamp};
use store::StoredPosting;

/// As long as a page of a job board is, more or less.
const PAGE_BYTES: usize = 40_000;
const QUOTE: &str = "паспорт залишається у координатора";
const WORDS: [&str; 16] = [
    "робота",
    "житло",
    "щодня",
    "виїзд",
    "оплата",
    "теплиця",
    "склад",
    "графік",
    "дорога",
    "зміна",
    "місто",
    "хостел",
    "договір",
    "сезон",
    "бригада",
    "тиждень",
];

/// When the posting of this number was captured.
pub fn at(number: usize) -> Timestamp {
    Timestamp::from_second(1_780_000_000).unwrap() + SignedDuration::from_secs(number as i64)
}

pub fn fill(desk: &Path, leads: usize, postings: usize) {
    let _ = std::fs::remove_dir_all(desk);
    std::fs::create_dir_all(desk).unwrap();
    let vault = Vault::open(desk, None).unwrap();
    let (mut log, _) = CustodyLog::open(&desk.join("custody")).unwrap();
    let (mut archive, _) = CaptureArchive::open(&vault, None).unwrap();
    let mut all: Vec<(Lead, Vec<StoredPosting>)> = Vec::new();
    for lead in 0..leads {
        let pages: Vec<(Capture, StoredPosting)> =
            (0..postings).map(|number| page(lead, number, postings)).collect();
        let captures: Vec<&Capture> = pages.iter().map(|(capture, _)| capture).collect();
        let stored = archive.append_batch(&captures).unwrap();
        let kept =
            captures.iter().zip(stored).map(|(capture, stored)| Event::captured(capture, stored));
        log.append(at(lead), "fusion", kept.collect()).unwrap();
        let founding = pages[0].1.posting.id.clone();
        let mut made = Lead::new(founding, Score::from_probability(0.9), at(lead));
        made.postings = pages.iter().map(|(_, stored)| stored.posting.id.clone()).collect();
        made.snapshots =
            pages.iter().map(|(page, stored)| snapshot(&vault, page, stored)).collect();
        let taken = made.snapshots.iter().cloned();
        let id = LeadId::founded_by(&made.postings[0]);
        let taken = taken.map(|snapshot| Event::Snapshot { lead: id.clone(), snapshot });
        log.append(at(lead), "fusion", taken.collect()).unwrap();
        all.push((made, pages.into_iter().map(|(_, stored)| stored).collect()));
    }
    log.seal().unwrap();
    std::fs::write(desk.join("leads.json"), serde_json::to_vec(&all).unwrap()).unwrap();
}

fn snapshot(vault: &Vault, page: &Capture, stored: &StoredPosting) -> Snapshot {
    let (posting, assessment) = (&stored.posting, &stored.assessment);
    let at = page.fetched_at;
    let taken = evidence::take_snapshot(vault, posting, assessment, page, &[], at, "fusion bench");
    let (file, sha256) = taken.unwrap();
    Snapshot { posting: posting.id.clone(), capture: page.id.clone(), file, sha256 }
}

fn page(lead: usize, number: usize, postings: usize) -> (Capture, StoredPosting) {
    let seed = (lead * postings + number) as u64;
    let phone = format!("+38067{:07}", seed % 10_000_000);
    let text = format!("{}, {QUOTE}, дзвоніть {phone}. {}", words(seed, 60), words(seed + 7, 120));
    let noise = words(seed + 13, PAGE_BYTES / 14);
    let body = format!("<html><body><p>{text}</p><footer>{noise}</footer></body></html>");
    let (source, sha256) = (SourceId::new("board").unwrap(), Sha256::of(body.as_bytes()));
    let url = format!("https://jobs.example/ads/{seed}");
    let fetched_at = at(seed as usize);
    let capture = Capture {
        id: CaptureId::derive(&source, &url, fetched_at, &sha256),
        source: source.clone(),
        role: CaptureRole::Page,
        method: CaptureMethod::Http,
        url: url.clone(),
        redirects: Vec::new(),
        fetched_at,
        status: 200,
        request_headers: vec![("user-agent".into(), "fusion/bench".into())],
        response_headers: vec![("content-type".into(), "text/html; charset=utf-8".into())],
        body: body.into_bytes(),
        sha256,
        decoded: None,
        peer: domain::Peer::default(),
    };
    let source = Source::new(source, "job-page", "https://jobs.example/", "invented");
    let mut posting = Posting::read(&source, &capture, PostingKind::JobAd, url.clone(), text);
    posting.url = Some(url);
    posting.author = Some(format!("кадри {}", seed % 9));
    let text = &posting.text;
    let span = |quote: &str| {
        let start = text.find(quote).unwrap();
        Span::quoting(Field::Text, text, start..start + quote.len()).unwrap()
    };
    let (kind, spoken) = (ContactKind::Phone, span(&phone));
    let contacts = vec![Contact { kind, value: phone.clone(), span: spoken }];
    let (indicator, rule) = ("document-retention", "uk.documents.kept");
    let spans = vec![span(QUOTE)];
    let finding =
        Finding::new(indicator.parse().unwrap(), rule.parse().unwrap(), 1, 2.4, spans).unwrap();
    posting.contacts = contacts;
    let score = Score::from_probability(0.9);
    let assessment = Assessment {
        language: Some(Language::Uk),
        score,
        band: Band::of(score),
        findings: vec![finding],
        mitigations: Vec::new(),
        rule_set: Sha256::of(b"invented rules"),
    };
    (capture, StoredPosting { posting, assessment })
}

/// Words in an order that depends on the seed alone.
fn words(seed: u64, count: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = String::new();
    for _ in 0..count {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text.push_str(WORDS[(state >> 33) as usize % WORDS.len()]);
        text.push_str(if state.is_multiple_of(5) { "-2026 " } else { " " });
    }
    text
}
