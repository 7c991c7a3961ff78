//! A large desk of invented leads, put into its index straight away.

use std::path::Path;
use std::sync::Arc;

use domain::{
    CaptureId, Claim, Contact, ContactKind, Decision, Field, Lead, LeadId, LinkKey, LinkKind,
    PostMarks, Posting, PostingId, PostingKind, Sha256, SourceId, Span, Verdict,
};
use jiff::{SignedDuration, Timestamp};
use pipeline::{Desk, Examination, Examiner, Words};
use store::{Batch, Change, ContentMark, SledStore, Store, StoredPosting};
use web::{Accounts, Language, Role, add_account};

use super::app::{SomeRandom, SystemClock};

/// A word that every posting has.
const IN_ALL: &str = "оголошення";
const SOURCES: u64 = 300;
/// Postings kept at a time.
const TOGETHER: u64 = 1_000;

/// What recruiters write; each is flagged.
const OFFERS: [(&str, &str); 6] = [
    (
        "Робота в Туреччині",
        "Дівчата 18-25 з Одеси на роботу в Стамбул, документи не потрібні. Паспорт залишається у координатора, дорогу відпрацюєте. Виїзд сьогодні.",
    ),
    (
        "Робота",
        "Беремо дівчат без документів у Польщу, паспорт здаєте хазяїну на зберігання, телефон теж забираємо.",
    ),
    (
        "Работа в Германии",
        "Девушки без опыта на работу в Берлин, паспорт сдаёте старшей на хранение, долг за дорогу отработаете. Выезд сегодня.",
    ),
    (
        "Работа за границей",
        "Нужны люди из Молдовы на стройку в Москву. Документы заберёт бригадир, с объекта не выходить, оплата после сезона.",
    ),
    (
        "Munca in Italia",
        "Fete din Chisinau pentru munca in Italia, pasaportul ramane la patron, transportul se plateste din salariu, plecare azi.",
    ),
    (
        "Work abroad",
        "Girls 18-25 wanted for work in Turkey, no documents needed. Your passport is kept by the coordinator and the travel debt is worked off.",
    ),
];

/// SplitMix64.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }
}

fn posting_id(lead: u64, nth: u64) -> PostingId {
    PostingId::new(format!("p-{:016x}{nth:08x}", spread(lead))).unwrap()
}

/// Ids are digests: they are spread over the whole range.
fn spread(lead: u64) -> u64 {
    lead.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

pub(super) fn lead_id(lead: u64) -> LeadId {
    LeadId::founded_by(&posting_id(lead, 0))
}

fn phone(lead: u64) -> String {
    format!("+38067{:07}", lead % 10_000_000)
}

fn word(number: u64) -> String {
    let syllables = ["ро", "бо", "та", "ви", "їз", "ка", "ла", "ми", "не", "по", "ску", "де"];
    let mut dice = Dice(number * 977 + 5);
    (0..2 + number % 3).map(|_| syllables[dice.below(12) as usize]).collect()
}

/// Fifty words, few of which are used most, as in all languages.
fn filler(dice: &mut Dice) -> String {
    let words = (0..50).map(|_| {
        let share = dice.below(1_000_000) as f64 / 1e6;
        word((share * share * share * 20_000.0) as u64)
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The address of a search that finds every lead.
pub(super) fn search_for_all() -> String {
    format!("/queue?status=all&q={}", escaped(IN_ALL))
}

pub(super) fn some_filter(dice: &mut Dice) -> String {
    let band = ["", "high", "critical"][dice.below(3) as usize];
    let language = ["", "uk", "ru", "ro", "en"][dice.below(5) as usize];
    let sign = ["", "document-retention", "debt-bondage"][dice.below(3) as usize];
    let source =
        if dice.below(4) == 0 { format!("source-{}", dice.below(SOURCES)) } else { String::new() };
    let status = ["", "open", "all", "decided"][dice.below(4) as usize];
    format!(
        "/queue?band={band}&language={language}&indicator={sign}&source={source}&status={status}"
    )
}

pub(super) fn some_search(dice: &mut Dice, leads: u64) -> String {
    let words = match dice.below(4) {
        0 => phone(dice.below(leads)),
        1 => "паспорт координатора".to_owned(),
        2 => word(dice.below(200)),
        _ => format!("{} {}", word(dice.below(20)), word(dice.below(2_000))),
    };
    format!("/queue?q={}", escaped(&words))
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Makes the desk with its index, and people who may log in.
pub(super) fn fill(dir: &Path, postings: u64, leads: u64, people: usize) {
    let _ = std::fs::remove_dir_all(dir);
    pipeline::init(dir, "Bench desk", "desk@example.org").unwrap();
    let desk = Desk::open(dir, Arc::new(SystemClock)).unwrap();
    let mut examiner = Examiner::new(&desk.settings().rule_set);
    let examined = OFFERS.map(|(title, text)| {
        let examined = examiner.examine(Words { title: Some(title), text, ..Words::default() });
        assert!(examined.assessment.band.is_flagged(), "{title}: {:?}", examined.assessment.score);
        examined
    });
    drop(examiner);
    desk.close().unwrap();
    let accounts = Accounts::of(dir);
    for number in 0..people {
        let (login, name) = (format!("person{number}"), format!("Person {number} Example"));
        let roles = [Role::Investigator];
        let now = "2026-11-28T10:00:00Z".parse().unwrap();
        add_account(&accounts, &login, &name, &roles, Language::En, &SomeRandom, now).unwrap();
    }
    let (store, _) = SledStore::open(&dir.join("store")).unwrap();
    let of_a_lead = (postings / leads).max(1);
    // In the order of ids, in which a tree is filled quickest. It is the same tree in any order.
    let mut order: Vec<u64> = (0..leads).collect();
    order.sort_unstable_by_key(|lead| spread(*lead));
    let mut changes = Vec::new();
    for (done, lead) in (1..).zip(order) {
        put_lead(lead, of_a_lead, &examined, &mut changes);
        if done * of_a_lead % TOGETHER < of_a_lead || done == leads {
            let changes = std::mem::take(&mut changes);
            store.commit_relaxed(&Batch { changes, applied: None }).unwrap();
        }
    }
    // As `fusion store compact` does.
    store.compact().unwrap().close().unwrap();
    std::fs::write(dir.join("filled"), "").unwrap();
}

fn put_lead(number: u64, postings: u64, examined: &[Examination], changes: &mut Vec<Change>) {
    let mut dice = Dice(number);
    let kind = dice.below(OFFERS.len() as u64) as usize;
    let filler = filler(&mut dice);
    let opened: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let opened = opened + SignedDuration::from_mins(dice.below(460_000) as i64);
    let source = format!("source-{}", dice.below(SOURCES));
    let mut ids = Vec::new();
    let mut lead: Option<Lead> = None;
    for nth in 0..postings {
        let (title, offer) = OFFERS[kind];
        let text = format!("{offer} {filler} {IN_ALL} {nth} тел. {}", phone(number));
        let posting = posting(posting_id(number, nth), &source, title, text, opened, number);
        let assessment = examined[kind].assessment.clone();
        ids.push(posting.id.clone());
        if lead.is_none() {
            lead = Some(link::found(&posting, &assessment, number as u32));
        }
        let content = ContentMark::from(Sha256::of(posting.text.as_bytes()));
        changes.push(Change::SeePosting { id: posting.id.clone(), content });
        let of = |kind: LinkKind, value: String| LinkKey { kind, value };
        let keys = vec![
            of(LinkKind::Contact, phone(number)),
            of(LinkKind::Template, format!("{number:016x}")),
        ];
        changes.push(Change::PutLinkKeys { posting: posting.id.clone(), keys });
        changes.push(Change::PutPosting(Box::new(StoredPosting { posting, assessment })));
    }
    let mut lead = lead.expect("a lead has a posting");
    lead.postings = ids;
    act(&mut lead, &mut dice);
    changes.push(Change::PutLead(lead));
}

/// A third is decided, one in twenty claimed.
fn act(lead: &mut Lead, dice: &mut Dice) {
    let (by, at) = (format!("Person {} Example", dice.below(20)), lead.opened_at);
    match dice.below(60) {
        0..20 => {
            let verdict = [Verdict::Dismiss, Verdict::Dismiss, Verdict::Escalate, Verdict::Monitor];
            lead.decisions.push(Decision {
                by,
                at,
                verdict: verdict[dice.below(4) as usize],
                reason: "invented".to_owned(),
                lead: lead.id.clone(),
                postings: lead.postings.clone(),
            });
        }
        20..23 => {
            lead.claimed_by = Some(by.clone());
            lead.claim = Some(Claim { at, by, lead: lead.id.clone() });
        }
        _ => {}
    }
}

fn posting(
    id: PostingId,
    source: &str,
    title: &str,
    text: String,
    at: Timestamp,
    lead: u64,
) -> Posting {
    let number = phone(lead);
    let start = text.len() - number.len();
    let span = Span::quoting(Field::Text, &text, start..text.len()).unwrap();
    Posting {
        key: id.to_string(),
        id,
        capture: CaptureId::new("c-000000000000000000000000").unwrap(),
        source: SourceId::new(source).unwrap(),
        row: None,
        kind: PostingKind::SocialPost,
        url: Some(format!("https://board.example/{lead}")),
        title: Some(title.to_owned()),
        text,
        author: Some(format!("@invented_{}", lead % 5_000)),
        published_at: Some(at),
        captured_at: at,
        saved_at: None,
        language: None,
        region: None,
        places: Vec::new(),
        pay: None,
        employer: None,
        hidden_links: Vec::new(),
        images: Vec::new(),
        stylesheets: Vec::new(),
        marks: PostMarks::default(),
        contacts: vec![Contact { kind: ContactKind::Phone, value: number, span }],
    }
}
