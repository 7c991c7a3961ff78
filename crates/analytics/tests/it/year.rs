//! An invented year of postings, drawn from a seed.

use analytics::{Archive, Arrival};
use domain::{
    Assessment, Band, CaptureId, Field, Finding, Language, Posting, PostingId, PostingKind, Score,
    Sha256, SourceId, Span,
};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

/// Small, fast and the same everywhere (Steele and others, SplitMix64, 2014).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    pub fn chance(&mut self, share: f64) -> bool {
        (self.next() >> 11) as f64 / ((1_u64 << 53) as f64) < share
    }

    pub fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// The Monday on which the invented year begins.
pub const BEGIN: &str = "2026-01-05T00:00:00Z";

const WORK: [&str; 12] = [
    "збір полуниці на фермі",
    "пакування на складі",
    "догляд за літніми людьми",
    "робота на будівництві",
    "прибирання готелю",
    "робота на заводі",
    "покоївка в готелі",
    "водій категорії В",
    "швачка на фабрику",
    "офіціантка в кафе",
    "танці в клубі",
    "модельне агентство",
];
const PLACES: [&str; 8] = [
    "у Німеччині",
    "в Польщі",
    "в Італії",
    "у Чехії",
    "в Іспанії",
    "у Туреччині",
    "у Франції",
    "в Нідерландах",
];
const TERMS: [&str; 14] = [
    "Житло надаємо безкоштовно",
    "Досвід не потрібен",
    "Виїзд завтра зранку",
    "Оплата щотижня готівкою",
    "Допоможемо з документами",
    "Графік шість днів на тиждень",
    "Мову знати не треба",
    "Проїзд за наш рахунок",
    "Тільки дівчата до тридцяти",
    "Харчування за рахунок фірми",
    "Договір підписуємо на місці",
    "Паспорт зберігаємо в офісі",
    "Можна з дітьми",
    "Беремо пари та друзів",
];
const CALLS: [&str; 5] = [
    "Пишіть у телеграм",
    "Дзвоніть будь-коли",
    "Деталі в приватних",
    "Залиште номер у коментарях",
    "Чекаємо на ваші заявки",
];
/// Words of which some turn up anywhere, so that texts differ as texts do.
const FILLERS: [&str; 24] = [
    "хороший",
    "дружній",
    "великий",
    "новий",
    "швидко",
    "надійно",
    "офіційно",
    "разом",
    "сьогодні",
    "завжди",
    "багато",
    "трохи",
    "зручно",
    "поруч",
    "центр",
    "місто",
    "весна",
    "літо",
    "бригада",
    "команда",
    "родина",
    "друзі",
    "дорога",
    "година",
];

/// What is said more often from some week on.
#[derive(Clone, Copy)]
pub struct Planted {
    pub words: &'static str,
    pub week: usize,
    /// In so many postings of that week, of all.
    pub share: f64,
}

/// Postings of the first `weeks` weeks, `a_week` each.
pub fn year(seed: u64, weeks: usize, a_week: usize, planted: Option<Planted>) -> Vec<Arrival> {
    let mut dice = Dice(seed);
    let begin: Timestamp = BEGIN.parse().unwrap();
    let mut arrivals = Vec::new();
    for week in 0..weeks {
        // Weeks differ: one subject is in fashion, and the harvest comes nearer.
        let fashion = dice.below(WORK.len());
        for _ in 0..a_week {
            let subject = match () {
                () if dice.chance(0.06) => fashion,
                () if dice.chance(0.005 * week as f64) => 0,
                () => dice.below(WORK.len()),
            };
            let mut text = format!("Потрібні люди, {} {}. ", WORK[subject], dice.one(&PLACES));
            for _ in 0..2 + dice.below(3) {
                text.push_str(dice.one(&TERMS));
                for _ in 0..dice.below(3) {
                    text.push(' ');
                    text.push_str(dice.one(&FILLERS));
                }
                text.push_str(". ");
            }
            if let Some(planted) = planted
                && week + 1 == planted.week
                && dice.chance(planted.share)
            {
                text.push_str(&format!("Шукаємо на {} людей. ", planted.words));
            }
            text.push_str(dice.one(&CALLS));
            let author = dice.below(200);
            let contact = format!("@worker_{:03}", author);
            text.push_str(&format!(" {contact}"));
            let minutes = dice.below(7 * 24 * 60) as i64;
            let at = begin
                + SignedDuration::from_hours(week as i64 * 168)
                + SignedDuration::from_mins(minutes);
            let number = arrivals.len() as u64;
            arrivals.push(arrival(number, at, &text, &format!("Автор {author}")));
        }
    }
    arrivals
}

/// One posting with what a simple rule would say of it.
pub fn arrival(number: u64, at: Timestamp, text: &str, author: &str) -> Arrival {
    let source = SourceId::new(format!("channel-{}", number % 7)).unwrap();
    let key = number.to_string();
    let capture = CaptureId::derive(&source, &key, at, &Sha256::of(text.as_bytes()));
    let mut posting = Posting {
        id: PostingId::derive(&source, &key),
        source: source.clone(),
        capture,
        row: None,
        key,
        kind: PostingKind::SocialPost,
        url: Some(format!("https://posts.example/{number}")),
        title: None,
        text: text.to_owned(),
        author: Some(author.to_owned()),
        published_at: Some(at),
        captured_at: at + SignedDuration::from_mins(20),
        saved_at: None,
        language: None,
        region: None,
        places: Vec::new(),
        pay: None,
        employer: None,
        hidden_links: Vec::new(),
        images: Vec::new(),
        stylesheets: Vec::new(),
        contacts: Vec::new(),
        marks: domain::PostMarks::default(),
    };
    posting.contacts = text::contacts(Field::Text, &posting.text, None);
    Arrival { entry: number + 1, assessment: assessment(&posting), posting }
}

fn assessment(posting: &Posting) -> Assessment {
    let signs = [
        ("document-retention", "uk.documents.kept", "Паспорт зберігаємо", 4.0),
        ("departure-urgency", "uk.offer.urgent", "Виїзд завтра", 2.0),
        ("women-only-young", "uk.people.girls", "Тільки дівчата", 2.0),
    ];
    let findings: Vec<Finding> = signs
        .into_iter()
        .filter_map(|(indicator, rule, words, points)| {
            let at = posting.text.find(words)?;
            let span = Span::quoting(Field::Text, &posting.text, at..at + words.len())?;
            let (indicator, rule) = (indicator.parse().unwrap(), rule.parse().unwrap());
            Finding::new(indicator, rule, 1, points, vec![span])
        })
        .collect();
    let points: f64 = findings.iter().map(|finding| finding.points).sum();
    let score = Score::from_probability((points / 5.0).min(0.95));
    Assessment {
        language: Some(Language::Uk),
        score,
        band: Band::of(score),
        findings,
        mitigations: Vec::new(),
        rule_set: Sha256::of(b"rules"),
    }
}

/// An archive in a temporary folder.
pub struct Kept {
    pub folder: TempDir,
    pub archive: Archive,
}

/// An archive that holds these.
pub fn kept(arrivals: Vec<Arrival>) -> Kept {
    let folder = tempfile::tempdir().unwrap();
    let mut archive = Archive::open(&folder.path().join("archive")).unwrap();
    let last = arrivals.last().map_or(0, |arrival| arrival.entry);
    archive.take_in(arrivals, last).unwrap();
    Kept { folder, archive }
}
