//! Invented things to keep, all made from numbers.

use std::collections::BTreeMap;
use std::path::Path;

use domain::{
    Assessment, Band, CaptureId, CaptureRole, Checkpoint, Decision, Field, Finding, IndicatorId,
    Language, Lead, LeadId, LinkKind, Posting, PostingId, PostingKind, RuleId, Score, Sha256,
    Source, SourceId, SourceKind, Span, Verdict, Walk, Yield,
};
use jiff::Timestamp;
use store::{Batch, Change, SledStore, Store, StoredPosting};

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
        id: source_id(n),
        kind: SourceKind("feed".to_owned()),
        url: format!("https://board-{n}.example/feed"),
        language: Some(Language::Uk),
        region: None,
        basis: "invented".to_owned(),
        allow_private: false,
        min_delay_ms: None,
        max_pages: None,
        follow: None,
        columns: BTreeMap::new(),
        schedule: None,
        time_zone: None,
        paused: false,
    }
}

pub(crate) fn capture(n: u64, source: u64, url: &str, payload: &str) -> Change {
    Change::PutCapture {
        id: capture_id(n),
        source: source_id(source),
        role: CaptureRole::Page,
        url: url.to_owned(),
        payload: Sha256::of(payload.as_bytes()),
        file: "000001.warc.gz".to_owned(),
        offset: n * 1_000,
        length: 1_000,
    }
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
        id: LeadId::founded_by(&posting_id(n)),
        postings: vec![posting_id(n)],
        score,
        band: Band::of(score),
        opened_at: at(opened),
        claimed_by: None,
        decisions: Vec::new(),
        notes: Vec::new(),
        snapshots: Vec::new(),
    }
}

pub(crate) fn decision(verdict: Verdict) -> Decision {
    Decision { by: "Olena Example".to_owned(), at: at(0), verdict, reason: "invented".to_owned() }
}

pub(crate) fn link_key(value: &str, posting: u64) -> Change {
    Change::PutLinkKey {
        kind: LinkKind::Contact,
        value: value.to_owned(),
        posting: posting_id(posting),
        lead: LeadId::founded_by(&posting_id(posting)),
    }
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
    ];
    for posting in n * 20..n * 20 + 20 {
        changes.push(see(posting, "content"));
    }
    for flagged in [n * 20, n * 20 + 7, n * 20 + 13] {
        let kept = stored(flagged, n % 3, Language::Ru, "document-retention");
        changes.push(Change::PutPosting(Box::new(kept)));
        changes.push(Change::PutLead(lead(flagged, (flagged % 60) as u8 + 40, flagged as i64)));
        changes.push(link_key(&format!("+380 00 {}", flagged % 40), flagged));
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
