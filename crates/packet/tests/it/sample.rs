//! An invented lead with its desk: a post in Ukrainian full of what breaks pages, an ad in
//! Romanian, and a tip that tells of a victim.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use domain::{
    Assessment, Band, Capture, CaptureId, CaptureMethod, CaptureRole, Contact, ContactKind,
    CoverSheet, Decision, Field, Finding, GradeScheme, Grading, IndicatorId, Language, Lead, Link,
    LinkKind, Note, Pay, Posting, PostingKind, Score, Sha256, Snapshot, Source, SourceId, Span,
    Tlp, Translation, Verdict,
};
use evidence::{CaptureArchive, CustodyLog, DeskKey, Event, Vault};
use jiff::Timestamp;
use packet::{Handover, IndicatorGrounds, IndicatorWords, PacketRequest, ReportLanguage, Variant};
use store::StoredPosting;

pub const LONG_URL: &str = "https://jobs.example/apply/very-long-path/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?utm_source=zrazok&token=0123456789abcdef0123456789abcdef0123456789abcdef&next=%D1%80%D0%BE%D0%B1%D0%BE%D1%82%D0%B0";
pub const POST: &str = "🔥✈️ Робота в Туреччині для дівчат 18–25! Паспорт залишається у координатора, виїзд сьогодні. Телефон 067 123 45 67, пишіть @zrazok_hr 👩‍👩‍👧\nУмови: https://jobs.example/apply/very-long-path/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?utm_source=zrazok&token=0123456789abcdef0123456789abcdef0123456789abcdef&next=%D1%80%D0%BE%D0%B1%D0%BE%D1%82%D0%B0\nЗа кордоном кажуть: مرحبا بكم في العمل і עבודה בחוץ לארץ. #ignore *me* $x$ <script>alert(1)</script> \u{202e}txet";
const AD_TITLE: &str = "Îngrijitoare în Țara Exemplului — cazare și masă";
const AD: &str = "Căutăm femei singure, fără experiență. Cazarea și transportul se rețin din salariu. Actele se predau la sosire. Sunați: 0712 345 678.";
const TIP: &str =
    "Моя сестра Оксана Зразкова, паспорт АА 718293, поїхала за цим оголошенням і телефон забрали.";

/// What may not be found in a redacted packet, in any form.
pub const SECRETS: [&str; 23] = [
    PEER,
    "067 123 45 67",
    "380671234567",
    "671234567",
    "zrazok_hr",
    "0712 345 678",
    "40712345678",
    "712345678",
    "very-long-path",
    "utm_source=zrazok",
    "Зразок Кадри",
    "Зразкова",
    "Оксана",
    "718293",
    "телефон забрали",
    "t.me/zrazok",
    "hidden.example",
    "Ірина Приклад",
    "сестра могла виїхати",
    "sample-channel",
    "сильні ознаки, я дзвонила знайомій",
    "jobs.example",
    "agentie_exemplu",
];

pub struct SampleDesk {
    folder: tempfile::TempDir,
    pub lead: Lead,
    postings: Vec<StoredPosting>,
    links: Vec<Link>,
    indicators: BTreeMap<IndicatorId, IndicatorWords>,
    grounds: BTreeMap<IndicatorId, IndicatorGrounds>,
    pub cover: CoverSheet,
}

/// Who answered for the second posting's page.
pub const PEER: &str = "203.0.113.57";

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn capture(source: &str, url: &str, at: &str, body: &str) -> Capture {
    let source = SourceId::new(source).unwrap();
    let (fetched_at, sha256) = (time(at), Sha256::of(body.as_bytes()));
    Capture {
        id: CaptureId::derive(&source, url, fetched_at, &sha256),
        source,
        role: CaptureRole::Page,
        method: CaptureMethod::Http,
        url: url.to_owned(),
        redirects: Vec::new(),
        fetched_at,
        status: 200,
        request_headers: vec![("user-agent".into(), "fusion/0.0.0".into())],
        response_headers: vec![("content-type".into(), "text/html; charset=utf-8".into())],
        body: body.as_bytes().to_vec(),
        sha256,
        decoded: None,
        peer: domain::Peer::default(),
    }
}

fn span(field: Field, text: &str, quote: &str) -> Span {
    let start = text.find(quote).unwrap();
    Span::quoting(field, text, start..start + quote.len()).unwrap()
}

fn contact(kind: ContactKind, value: &str, text: &str, quote: &str) -> Contact {
    Contact { kind, value: value.to_owned(), span: span(Field::Text, text, quote) }
}

fn finding(indicator: &str, rule: &str, points: f64, spans: Vec<Span>) -> Finding {
    Finding::new(indicator.parse().unwrap(), rule.parse().unwrap(), 2, points, spans).unwrap()
}

fn assessed(language: Language, findings: Vec<Finding>, mitigations: Vec<Finding>) -> Assessment {
    let score = Score::from_probability(0.93);
    let rule_set = Sha256::of(b"invented rules");
    let language = Some(language);
    Assessment { language, score, band: Band::of(score), findings, mitigations, rule_set }
}

fn posting(capture: &Capture, kind: PostingKind, key: &str, text: &str) -> Posting {
    let source = Source::new(capture.source.clone(), "feed", "", "invented");
    Posting::read(&source, capture, kind, key, text.to_owned())
}

fn the_post(page: &Capture) -> StoredPosting {
    let mut post = posting(page, PostingKind::SocialPost, "https://t.me/zrazok/77", POST);
    post.url = Some("https://t.me/zrazok/77".into());
    post.author = Some("Зразок Кадри".into());
    post.published_at = Some(time("2026-11-01T18:30:00Z"));
    post.hidden_links = vec!["https://hidden.example/form".into()];
    post.contacts = vec![
        contact(ContactKind::Phone, "+380671234567", POST, "067 123 45 67"),
        contact(ContactKind::Handle, "telegram:zrazok_hr", POST, "@zrazok_hr"),
        contact(ContactKind::Url, LONG_URL, POST, LONG_URL),
    ];
    let findings = vec![
        finding(
            "document-retention",
            "uk.documents.kept",
            2.4,
            vec![span(Field::Text, POST, "Паспорт залишається у координатора")],
        ),
        finding(
            "departure-urgency",
            "uk.urgency.today",
            1.1,
            vec![span(Field::Text, POST, "виїзд сьогодні")],
        ),
        finding(
            "women-only-young",
            "uk.women.young",
            0.9,
            vec![span(Field::Text, POST, "для дівчат 18–25")],
        ),
        finding(
            "messenger-only-contact",
            "any.contact.messenger",
            0.2,
            vec![span(Field::Text, POST, "пишіть @zrazok_hr")],
        ),
    ];
    StoredPosting { posting: post, assessment: assessed(Language::Uk, findings, Vec::new()) }
}

fn the_ad(page: &Capture) -> StoredPosting {
    let mut ad = posting(page, PostingKind::JobAd, "ad-5", AD);
    ad.title = Some(AD_TITLE.to_owned());
    ad.url = Some("https://jobs.example/ads/5".into());
    ad.author = Some("agentie_exemplu".into());
    ad.places = vec!["Țăndărei".into(), "Alba".into(), "Șimleu".into()];
    ad.employer = Some("Exemplu SRL".into());
    ad.pay = Some(Pay {
        min: Some(1500.0),
        max: Some(2000.0),
        currency: Some("EUR".into()),
        period: Some("month".into()),
    });
    ad.contacts = vec![contact(ContactKind::Phone, "+40712345678", AD, "0712 345 678")];
    let findings = vec![
        finding(
            "recruitment-debt",
            "ro.debt.from-wages",
            1.9,
            vec![span(Field::Text, AD, "se rețin din salariu")],
        ),
        finding(
            "document-retention",
            "ro.documents.kept",
            1.6,
            vec![span(Field::Text, AD, "Actele se predau la sosire")],
        ),
    ];
    let mitigations = vec![finding(
        "named-employer",
        "ro.employer.named",
        -0.6,
        vec![span(Field::Title, AD_TITLE, "Țara Exemplului")],
    )];
    StoredPosting { posting: ad, assessment: assessed(Language::Ro, findings, mitigations) }
}

fn the_tip(page: &Capture) -> StoredPosting {
    let tip = posting(page, PostingKind::Tip, "tip-9", TIP);
    let findings = vec![finding(
        "phone-restriction",
        "uk.phone.taken",
        1.4,
        vec![span(Field::Text, TIP, "телефон забрали")],
    )];
    StoredPosting { posting: tip, assessment: assessed(Language::Uk, findings, Vec::new()) }
}

impl SampleDesk {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let desk = folder.path();
        let mut pages = [
            capture("sample-channel", "https://t.me/s/zrazok", "2026-11-02T08:00:00Z", POST),
            capture("sample-board", "https://jobs.example/ads/5", "2026-11-02T08:05:00Z", AD),
            capture("tips", "file:///tip.ndjson", "2026-11-02T08:10:00Z", TIP),
        ];
        pages[1].peer.address = Some(PEER.parse().unwrap());
        pages[1].peer.certificate = Some(b"an invented certificate".to_vec());
        let postings = vec![the_post(&pages[0]), the_ad(&pages[1]), the_tip(&pages[2])];
        let id: domain::LeadId = "l-0123456789abcdef01234567".parse().unwrap();
        let vault = Vault::open(desk, None).unwrap();
        let (mut log, _) = CustodyLog::open(&desk.join("custody")).unwrap();
        let (mut captures, _) = CaptureArchive::open(&vault, None).unwrap();
        let mut snapshots = Vec::new();
        for (page, stored) in pages.iter().zip(&postings) {
            let stored_at = captures.append(page).unwrap();
            let kept = Event::Capture {
                capture: page.id.clone(),
                source: page.source.clone(),
                role: page.role,
                url: page.url.clone(),
                fetched_at: page.fetched_at,
                payload: page.sha256,
                file: stored_at.file,
                offset: stored_at.offset,
                length: stored_at.length,
                record: stored_at.record,
                without: Vec::new(),
            };
            log.append(page.fetched_at, "fusion", vec![kept]).unwrap();
            let (file, sha256) = evidence::take_snapshot(
                &vault,
                &stored.posting,
                &stored.assessment,
                page,
                &[],
                page.fetched_at,
                "fusion 0.0.0",
            )
            .unwrap();
            let (posting, capture) = (stored.posting.id.clone(), page.id.clone());
            let snapshot = Snapshot { posting, capture, file, sha256 };
            let frozen = Event::Snapshot { lead: id.clone(), snapshot: snapshot.clone() };
            log.append(page.fetched_at, "fusion", vec![frozen]).unwrap();
            snapshots.push(snapshot);
        }
        let decision = Decision {
            by: "Ірина Приклад".into(),
            at: time("2026-11-02T09:00:00Z"),
            verdict: Verdict::Escalate,
            reason: "сильні ознаки, я дзвонила знайомій".into(),
            lead: id.clone(),
            postings: postings.iter().map(|stored| stored.posting.id.clone()).collect(),
        };
        let note = Note {
            by: "Ірина Приклад".into(),
            at: time("2026-11-02T08:50:00Z"),
            text: "сестра могла виїхати вчора".into(),
            lead: id.clone(),
        };
        log.append(note.at, &note.by, vec![Event::View { lead: id.clone() }]).unwrap();
        let noted = Event::Note { lead: id.clone(), text: note.text.clone() };
        log.append(note.at, &note.by, vec![noted]).unwrap();
        let (verdict, reason) = (decision.verdict, decision.reason.clone());
        let decided = Event::Decision { lead: id.clone(), verdict, reason };
        log.append(decision.at, &decision.by, vec![decided]).unwrap();
        log.seal().unwrap();
        let founding = postings[0].posting.id.clone();
        let lead = Lead {
            id,
            postings: postings.iter().map(|stored| stored.posting.id.clone()).collect(),
            decisions: vec![decision],
            notes: vec![note],
            snapshots,
            ..Lead::new(founding, Score::from_probability(0.93), pages[0].fetched_at)
        };
        let links = vec![Link {
            kind: LinkKind::Contact,
            value: "+380671234567".into(),
            strength: 0.9,
            to: lead.postings[1].clone(),
            lead: lead.id.clone(),
            from: lead.postings[0].clone(),
            here: None,
            there: None,
            weak: None,
        }];
        Self {
            folder,
            cover: cover(&postings),
            lead,
            postings,
            links,
            indicators: indicators(),
            grounds: grounds(),
        }
    }

    pub fn dir(&self) -> &Path {
        self.folder.path()
    }

    pub fn request(&self) -> PacketRequest<'_> {
        PacketRequest {
            desk: "Пробна група",
            lead: &self.lead,
            postings: &self.postings,
            links: &self.links,
            indicators: &self.indicators,
            rule_set: Sha256::of(b"invented rules"),
            prepared_by: "Mihai Exemplu",
            approved_by: "Olena Example",
            built_at: time("2026-11-02T10:00:00Z"),
        }
    }

    pub fn handover(&self, language: ReportLanguage, variant: Variant) -> Handover<'_> {
        Handover {
            language,
            variant,
            grading: Grading::by_person(GradeScheme::FourFour, Some("B"), Some("4"), None).unwrap(),
            tlp: Tlp::AmberStrict,
            conditions: "Nu se contactează persoanele. Зворотний зв’язок: desk@example.org",
            retain_until: Some("2027-11-02".parse().unwrap()),
            cover: &self.cover,
            grounds: &self.grounds,
            // Setting it takes a moment in a build for tests; those that look at it ask for it.
            pdf: false,
            ..Handover::default()
        }
    }

    /// The page that a posting was read from.
    pub fn page_of(&self, posting: &Posting) -> Capture {
        let entries = evidence::entries(&self.dir().join("custody"), 0).unwrap();
        let kept = entries.filter_map(|entry| match entry.unwrap().event {
            Event::Capture { capture, file, offset, length, .. } if capture == posting.capture => {
                Some(CaptureArchive::read(&self.vault(), &file, offset, length).unwrap())
            }
            _ => None,
        });
        kept.last().unwrap()
    }

    pub fn vault(&self) -> Vault {
        Vault::open(self.dir(), None).unwrap()
    }

    pub fn key(&self) -> DeskKey {
        DeskKey::open(&self.dir().join("keys")).unwrap()
    }

    pub fn build(&self, handover: &Handover<'_>, name: &str) -> PathBuf {
        let place = self.dir().join(name);
        packet::build_for(&self.request(), handover, &self.vault(), &place)
            .unwrap()
            .hand_out()
            .unwrap()
    }
}

fn cover(postings: &[StoredPosting]) -> CoverSheet {
    CoverSheet {
        summary: "Пропозиція роботи за кордоном; телефон +380671234567.".into(),
        exploitation: "sexual".into(),
        alternatives: "Справжній готель.".into(),
        would_change: "Назва роботодавця.".into(),
        mask: vec!["Оксана".into()],
        translation: vec![Translation {
            posting: postings[0].posting.id.clone(),
            language: "en".into(),
            text: "Work in Turkey for girls 18–25! The passport stays with the coordinator. Phone 067 123 45 67".into(),
            translator: "Ana Exemplu".into(),
            method: "human".into(),
        }],
    }
}

fn indicators() -> BTreeMap<IndicatorId, IndicatorWords> {
    let words = |title: &str, definition: &str| IndicatorWords {
        title: title.into(),
        definition: definition.into(),
    };
    BTreeMap::from([
        (
            "document-retention".parse().unwrap(),
            words("Identity documents kept or handed over", "Originals are kept by somebody else"),
        ),
        ("departure-urgency".parse().unwrap(), words("Urgent departure, pressure to decide", "")),
    ])
}

fn grounds() -> BTreeMap<IndicatorId, IndicatorGrounds> {
    let grounds = IndicatorGrounds { strength: "strong".into(), source: "ILO 2009; UNODC".into() };
    BTreeMap::from([("document-retention".parse().unwrap(), grounds)])
}

/// Digests follow from versions and formats; what a snapshot shows is the rest.
pub fn without_digests(text: &str) -> String {
    let mut plain = String::new();
    let mut run = String::new();
    for letter in text.chars().chain(['\n']) {
        if letter.is_ascii_digit() || ('a'..='f').contains(&letter) {
            run.push(letter);
            continue;
        }
        plain.push_str(if run.len() == 64 { "<SHA-256>" } else { &run });
        run.clear();
        plain.push(letter);
    }
    plain
}

/// The files of a packet, in order, by their names in the bag.
pub fn files(packet: &Path) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(packet).unwrap()).unwrap();
    (0..zip.len())
        .map(|index| {
            let mut file = zip.by_index(index).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            let name = file.name().unwrap().into_owned();
            (name.split_once('/').unwrap().1.to_owned(), bytes)
        })
        .collect()
}

pub fn text_of(packet: &Path, name: &str) -> String {
    let found = files(packet).into_iter().find(|(file, _)| file == name);
    String::from_utf8(found.unwrap_or_else(|| panic!("{name} is not there")).1).unwrap()
}
