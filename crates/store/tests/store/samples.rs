//! Invented things to keep, all made from numbers.

use std::path::Path;

use domain::{
    Assessment, Band, CaptureId, CaptureRole, Checkpoint, Decision, Field, Finding, HostStanding,
    IndicatorId, KeyUse, Language, Lead, LeadId, LeadReason, Lease, LinkKey, LinkKind, PostMarks,
    Posting, PostingId, PostingKind, RuleId, Ruling, Score, Sha256, Source, SourceId, Span, Spread,
    Verdict, Walk, Yield,
};
use jiff::Timestamp;
use store::{Batch, Change, SledStore, Store, StoredCapture, StoredPosting};

pub(crate) fn source_id(n: u64) -> SourceId {
    SourceId::new(format!("board-{n}")).unwrap()
}

pub(crate) fn capture_id(n: u64) -> CaptureId {
    CaptureId::new(format!("c-{n:024x}")).unwrap()
}

/// Spread like digests are, not one after another.
pub(crate) fn posting_id(n: u64) -> PostingId {
    PostingId::derive(&source_id(0), &n.to_string())
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).unwrap()
}

pub(crate) fn source(n: u64) -> Source {
    Source {
        language: Some(Language::Uk),
        ..Source::new(source_id(n), "feed", format!("https://board-{n}.example/feed"), "invented")
    }
}

pub(crate) fn capture(n: u64, source: u64, url: &str, payload: &str) -> Change {
    Change::PutCapture(StoredCapture {
        id: capture_id(n),
        source: source_id(source),
        role: CaptureRole::Page,
        url: url.to_owned(),
        payload: Sha256::of(payload.as_bytes()),
        file: "000001.warc.gz".to_owned(),
        offset: n * 1_000,
        length: 1_000,
    })
}

pub(crate) fn see(posting: u64, content: &str) -> Change {
    Change::SeePosting { id: posting_id(posting), content: Sha256::of(content.as_bytes()).into() }
}

/// A flagged posting; text and points depend on the number.
pub(crate) fn stored(n: u64, source: u64, language: Language, indicator: &str) -> StoredPosting {
    let text = format!("Invented offer {n}: your papers stay with us. ").repeat(20);
    let span = Span::quoting(Field::Text, &text, 0..8).unwrap();
    let finding = Finding::new(
        IndicatorId::new(indicator).unwrap(),
        RuleId::new(format!("uk.{indicator}.kept")).unwrap(),
        1,
        0.1 + n as f64 / 3.0,
        vec![span],
    );
    let score = Score::from_probability(0.5);
    StoredPosting {
        posting: Posting {
            id: posting_id(n),
            source: source_id(source),
            capture: capture_id(n),
            row: None,
            key: n.to_string(),
            kind: PostingKind::JobAd,
            url: None,
            title: None,
            text,
            author: None,
            published_at: None,
            captured_at: at(n as i64),
            saved_at: None,
            language: None,
            region: None,
            places: Vec::new(),
            pay: None,
            employer: None,
            hidden_links: Vec::new(),
            images: Vec::new(),
            stylesheets: vec!["https://a.example/site.css".to_owned()],
            marks: PostMarks::default(),
            contacts: Vec::new(),
        },
        assessment: Assessment {
            language: Some(language),
            score,
            band: Band::of(score),
            findings: finding.into_iter().collect(),
            mitigations: Vec::new(),
            rule_set: Sha256::of(b"rules"),
        },
    }
}

pub(crate) fn lead(n: u64, percent: u8, opened: i64) -> Lead {
    let score = Score::from_probability(f64::from(percent) / 100.0);
    Lead {
        reasons: vec![LeadReason {
            indicator: IndicatorId::new("template-reuse").ok(),
            points: 0.3,
            words: "invented".to_owned(),
        }],
        spread: Spread {
            names: [format!("Name {n}")].into(),
            languages: [Language::Ru].into(),
            indicators: IndicatorId::new("document-retention").into_iter().collect(),
            from: ["UA", "MD"].map(String::from).into_iter().take(n as usize % 3).collect(),
            to: [["TR", "DE"][n as usize % 2].to_owned()].into(),
            last_at: Some(at(opened)),
            ..Spread::default()
        },
        told_apart: n % 5 == 1,
        ..Lead::new(posting_id(n), score, at(opened))
    }
}

pub(crate) fn decision(verdict: Verdict) -> Decision {
    Decision {
        by: "Olena Example".to_owned(),
        at: at(0),
        verdict,
        reason: "invented".to_owned(),
        lead: lead(1, 90, 0).id,
        postings: (0..8).map(posting_id).collect(),
    }
}

pub(crate) fn phone(value: &str) -> LinkKey {
    LinkKey { kind: LinkKind::Contact, value: value.to_owned() }
}

pub(crate) fn link_key(value: &str, posting: u64) -> Change {
    let words = LinkKey { kind: LinkKind::Text, value: format!("{posting:064x}") };
    Change::PutLinkKeys { posting: posting_id(posting), keys: vec![phone(value), words] }
}

pub(crate) fn key_use(value: &str, employer: u32) -> Change {
    let used = KeyUse { employers: [employer].into(), ..KeyUse::default() };
    Change::PutKeyUse { key: phone(value), used }
}

/// These postings are of one hand, and the last is of another.
pub(crate) fn ruling(seq: u64, postings: &[u64]) -> Change {
    let mut one: Vec<PostingId> = postings.iter().map(|n| posting_id(*n)).collect();
    let other: Vec<PostingId> = one.pop().into_iter().collect();
    let groups = vec![one, other];
    let by = "Olena Example".to_owned();
    Change::PutRuling(Ruling { seq, by, at: at(0), reason: "invented".to_owned(), groups })
}

pub(crate) fn checkpoint(source: u64, position: &str) -> Change {
    let mut checkpoint = Checkpoint::default();
    checkpoint.set("newest", position);
    Change::SetCheckpoint { source: source_id(source), checkpoint }
}

pub(crate) fn walk(source: u64, new: u64) -> Change {
    let yielded =
        Yield { read: new + 3, new, titled: new, delay_minutes: Some(9), ..Yield::default() };
    let walk = Walk { started_at: at(0), ended_at: at(new as i64), finished: true, yielded };
    Change::AddWalk { source: source_id(source), walk }
}

/// A lease of the scanner with this number, taken so many seconds after the beginning.
pub(crate) fn lease(holder: u64, seconds: i64) -> Lease {
    Lease::from(at(seconds), &format!("scanner-{holder}"))
}

pub(crate) fn host(n: u64, asked: u32) -> Change {
    Change::PutHost(HostStanding {
        host: format!("https://board-{n}.example"),
        day: 19_000,
        asked,
        answered_at: Some(at(i64::from(asked))),
        ..HostStanding::default()
    })
}

pub(crate) fn batch(applied: u64, changes: Vec<Change>) -> Batch {
    Batch { changes, applied: Some(applied) }
}

/// What entry `n` of an invented log changes: some of everything, and now and then something that
/// an earlier entry put.
pub(crate) fn entry(n: u64) -> Batch {
    let mut changes = vec![
        Change::PutSource(source(n % 3)),
        capture(n, n % 3, &format!("https://board.example/{}", n % 50), &n.to_string()),
        checkpoint(n % 3, &n.to_string()),
        walk(n % 3, n),
        Change::PutLease { source: source_id(n % 3), lease: lease(1, n as i64) },
        host(n % 4, n as u32),
    ];
    for posting in n * 20..n * 20 + 20 {
        changes.push(see(posting, "content"));
    }
    for flagged in [n * 20, n * 20 + 7, n * 20 + 13] {
        let kept = stored(flagged, n % 3, Language::Ru, "document-retention");
        changes.push(Change::PutPosting(Box::new(kept)));
        changes.push(Change::PutLead(lead(flagged, (flagged % 60) as u8 + 40, flagged as i64)));
        let number = format!("+380 00 {}", flagged % 40);
        changes.push(link_key(&number, flagged));
        changes.push(key_use(&number, n as u32));
    }
    changes.push(ruling(n, &[n * 20, n * 20 + 7, n * 20 + 13]));
    if n.is_multiple_of(4) {
        changes.push(Change::RemoveLead(LeadId::founded_by(&posting_id(n * 20 - 7))));
    }
    if n > 10 {
        let mut earlier = lead((n - 10) * 20, 77, n as i64);
        earlier.claimed_by = Some("Mihai Example".to_owned());
        changes.push(Change::PutLead(earlier));
    }
    batch(n, changes)
}

pub(crate) fn dump(store: &dyn Store) -> String {
    let mut dump = Vec::new();
    store.dump(&mut dump).unwrap();
    String::from_utf8(dump).unwrap()
}

/// The store that entries 1 to `entries` make, in a folder.
pub(crate) fn loaded(dir: &Path, entries: u64) -> SledStore {
    let (store, _) = SledStore::open(dir).unwrap();
    for n in 1..=entries {
        store.commit_relaxed(&entry(n)).unwrap();
    }
    store.sync().unwrap();
    store
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for found in std::fs::read_dir(from).unwrap() {
        let found = found.unwrap();
        let copy = to.join(found.file_name());
        if found.file_type().unwrap().is_dir() {
            copy_folder(&found.path(), &copy);
        } else {
            std::fs::copy(found.path(), copy).unwrap();
        }
    }
}
