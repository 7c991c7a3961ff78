//! Invented networks of recruiters, always the same for the same seed: who change names, numbers,
//! wording and languages, amid ads of others that share boards' numbers, links and boilerplate.
#![allow(dead_code, reason = "shared by tests and the bench")]

use domain::{CaptureId, Field, LinkKey, Posting, PostingId, PostingKind, Region, SourceId};
use link::{KeyDigest, Keys, MemoryNetwork, Signs};
use text::Folded;

const PHRASES: &str = include_str!("phrases.txt");
const LANGUAGES: [&str; 4] = ["uk", "ru", "ro", "en"];
const NAMES: [&str; 24] = [
    "Олена",
    "Марина",
    "Світлана",
    "Ігор",
    "Тарас",
    "Оксана",
    "Анна",
    "Виктор",
    "Сергей",
    "Наталья",
    "Ирина",
    "Руслан",
    "Ioana",
    "Mihai",
    "Elena",
    "Andrei",
    "Cristina",
    "Vasile",
    "Anna",
    "Victor",
    "Diana",
    "Alex",
    "Maria",
    "Paul",
];
const PLACES: [&str; 20] = [
    "Berlin",
    "Warszawa",
    "Praha",
    "Milano",
    "Antalya",
    "Istanbul",
    "Dubai",
    "Lisboa",
    "Paris",
    "Köln",
    "Gdańsk",
    "Brno",
    "Roma",
    "Wien",
    "Rotterdam",
    "Limassol",
    "Athens",
    "Madrid",
    "Lyon",
    "Torino",
];

/// SplitMix64.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }
}

fn phrases(language: &str, kind: &str) -> Vec<&'static str> {
    let lines = PHRASES.lines().filter_map(|line| {
        let (of, rest) = line.split_once(' ')?;
        let (what, phrase) = rest.split_once(' ')?;
        (of == language && what == kind).then_some(phrase)
    });
    lines.collect()
}

/// One invented ad, before it is a posting.
#[derive(Clone, Debug)]
pub(crate) struct Ad {
    /// Who wrote it; ads of nobody in particular have a number of their own.
    pub(crate) hand: usize,
    pub(crate) text: String,
    pub(crate) employer: Option<String>,
    pub(crate) hidden_links: Vec<String>,
    pub(crate) is_ordinary: bool,
}

/// A wording with open slots.
fn wording(language: &str, dice: &mut Dice) -> String {
    let mut take = |kind: &str, count: usize| {
        let mut all = phrases(language, kind);
        dice.shuffle(&mut all);
        all.truncate(count);
        all
    };
    let mut parts = take("opening", 1);
    parts.extend(take("offer", 2));
    parts.extend(take("condition", 5));
    parts.extend(take("closing", 1));
    let fillers = phrases(language, "filler");
    let words = parts.join(". ");
    // Nobody puts it quite as others do.
    let own = words.split(' ').map(|word| match dice.percent(25) {
        true => format!("{word} {}", dice.pick(&fillers)),
        false => word.to_owned(),
    });
    own.collect::<Vec<_>>().join(" ")
}

struct Recruiter {
    wordings: Vec<String>,
    contacts: Vec<String>,
    names: Vec<&'static str>,
}

impl Recruiter {
    fn new(number: usize, dice: &mut Dice) -> Self {
        let languages = 1 + dice.below(3);
        let first = dice.below(4);
        let mut wordings = Vec::new();
        for language in 0..languages {
            for _ in 0..1 + dice.below(3) {
                wordings.push(wording(LANGUAGES[(first + language) % 4], dice));
            }
        }
        let phones = 1 + dice.below(5);
        let mut contacts: Vec<String> =
            (0..phones).map(|n| format!("+38067{:07}", number * 10 + n)).collect();
        contacts.push(format!("телеграм @koord_{number}"));
        if dice.percent(40) {
            contacts.push(format!("jobs{number}@mail-{number}.example.com"));
        }
        let names = (0..1 + dice.below(9)).map(|_| *dice.pick(&NAMES)).collect();
        Self { wordings, contacts, names }
    }

    fn ad(&self, hand: usize, dice: &mut Dice) -> Ad {
        let wording = dice.pick(&self.wordings).clone();
        let contact = match dice.below(100) {
            0..12 => "в особисті".to_owned(),
            12..40 => format!("{} або {}", dice.pick(&self.contacts), dice.pick(&self.contacts)),
            _ => dice.pick(&self.contacts).clone(),
        };
        let contact = if dice.percent(20) { disguised(&contact) } else { contact };
        let mut text = filled(&wording, &contact, dice.pick::<&str>(&self.names), dice);
        if dice.percent(15) {
            text = edited(&text, dice);
        }
        if dice.percent(3) {
            text = format!("{text}. Гаряча лінія {}", board_number(dice.below(5)));
        }
        Ad { hand, text, employer: None, hidden_links: Vec::new(), is_ordinary: false }
    }
}

fn filled(wording: &str, contact: &str, name: &str, dice: &mut Dice) -> String {
    let pay = (8 + dice.below(40)) * 100;
    wording
        .replace("{place}", dice.pick::<&str>(&PLACES))
        .replace("{pay}", &pay.to_string())
        .replace("{name}", name)
        .replace("{contact}", contact)
}

/// Digits as emoji, blanks between.
fn disguised(contact: &str) -> String {
    let spread = contact.chars().map(|c| match c {
        '0'..='9' => format!("{c}\u{fe0f}\u{20e3}"),
        c => c.to_string(),
    });
    if contact.starts_with('+') && !contact.contains(' ') {
        spread.collect()
    } else {
        contact.to_owned()
    }
}

/// A word left out and one doubled.
fn edited(text: &str, dice: &mut Dice) -> String {
    let mut words: Vec<&str> = text.split(' ').collect();
    words.remove(dice.below(words.len() - 6));
    let at = dice.below(words.len() - 6);
    words.insert(at, words[at]);
    words.join(" ")
}

fn board_number(board: usize) -> String {
    format!("+38044000{:04}", 1000 + board)
}

/// Ads of `hands` recruiters, and as many of nobody in particular as make `flagged` in all, with
/// `ordinary` ones beside them. Boards' numbers, channels and boilerplate run through all of them.
pub(crate) fn ads(seed: u64, hands: usize, flagged: usize, ordinary: usize) -> Vec<Ad> {
    let mut dice = Dice::new(seed);
    let recruiters: Vec<Recruiter> = (0..hands).map(|n| Recruiter::new(n, &mut dice)).collect();
    let mut ads = Vec::new();
    for (hand, recruiter) in recruiters.iter().enumerate() {
        // A few have many ads, most have some.
        let most = flagged * 7 / 10 / hands;
        let count = if dice.percent(15) { most * 3 } else { most / 2 + dice.below(most / 3 + 1) };
        ads.extend((0..count.max(2)).map(|_| recruiter.ad(hand, &mut dice)));
    }
    ads.truncate(flagged);
    let mut nobody = hands;
    for digest in 0..20 {
        let listed = (0..8).map(|n| recruiters[(digest * 8 + n) % hands].contacts[0].clone());
        let text = format!("Огляд тижня {digest}: {}", listed.collect::<Vec<_>>().join(", "));
        ads.push(alone(&mut nobody, text, None, false));
    }
    let boilerplate = wording("en", &mut dice);
    while ads.iter().filter(|ad| !ad.is_ordinary).count() < flagged {
        ads.push(stranger(&mut nobody, &boilerplate, false, &mut dice));
    }
    for _ in 0..ordinary {
        ads.push(stranger(&mut nobody, &boilerplate, true, &mut dice));
    }
    dice.shuffle(&mut ads);
    ads
}

fn alone(nobody: &mut usize, text: String, employer: Option<String>, is_ordinary: bool) -> Ad {
    *nobody += 1;
    Ad { hand: *nobody, text, employer, hidden_links: Vec::new(), is_ordinary }
}

/// An ad of somebody who wrote no other.
fn stranger(nobody: &mut usize, boilerplate: &str, is_ordinary: bool, dice: &mut Dice) -> Ad {
    let own = format!("+38050{:07}", *nobody);
    let employer = format!("Employer {nobody}");
    let language = *dice.pick(&LANGUAGES);
    let name = *dice.pick(&NAMES);
    let mut ad = match dice.below(10) {
        // Through a board: its number, its name for the employer.
        0..3 => {
            let words = wording(language, dice);
            let text = filled(&words, &board_number(dice.below(5)), name, dice);
            alone(nobody, text, Some(employer), is_ordinary)
        }
        // In the words of a board's form.
        3 => {
            let text = filled(boilerplate, &own, name, dice);
            alone(nobody, text, Some(employer), is_ordinary)
        }
        _ => {
            let words = wording(language, dice);
            let text = filled(&words, &own, name, dice);
            alone(nobody, text, None, is_ordinary)
        }
    };
    if dice.percent(30) {
        ad.hidden_links = vec!["https://t.me/big_board_of_jobs".to_owned()];
    }
    if dice.percent(30) {
        ad.text += " https://big-board.example.com/ https://big-board.example.com/jobs";
    }
    ad
}

/// A text as a posting.
pub(crate) fn posting(text: String, employer: Option<String>, number: usize) -> Posting {
    let source = SourceId::new("invented").unwrap();
    let region = Region::new("UA");
    Posting {
        id: PostingId::derive(&source, &number.to_string()),
        capture: CaptureId::new("c-000000000000000000000000").unwrap(),
        source,
        row: None,
        key: number.to_string(),
        kind: PostingKind::SocialPost,
        url: None,
        title: None,
        contacts: text::contacts(Field::Text, &text, region),
        text,
        author: None,
        published_at: None,
        captured_at: jiff::Timestamp::UNIX_EPOCH,
        saved_at: None,
        language: None,
        region,
        places: Vec::new(),
        pay: None,
        employer,
        hidden_links: Vec::new(),
        images: Vec::new(),
        stylesheets: Vec::new(),
        marks: domain::PostMarks::default(),
    }
}

/// An ad with its keys, ready to be linked.
pub(crate) struct Linkable {
    pub(crate) hand: usize,
    pub(crate) is_ordinary: bool,
    pub(crate) keys: Vec<KeyDigest>,
    pub(crate) signs: Signs,
    pub(crate) words: link::Words,
}

impl Linkable {
    pub(crate) fn of(ad: &Ad, number: usize) -> Self {
        let mut posting = posting(ad.text.clone(), ad.employer.clone(), number);
        posting.hidden_links = ad.hidden_links.clone();
        let keys: Keys = link::keys(&posting, &Folded::new(&posting.text));
        let used: Vec<_> = match ad.is_ordinary {
            true => keys.of_places().map(digest).collect(),
            false => keys.of_one_hand().map(digest).collect(),
        };
        Self {
            hand: ad.hand,
            is_ordinary: ad.is_ordinary,
            keys: used,
            signs: keys.signs(ad.is_ordinary),
            words: keys.words(),
        }
    }

    pub(crate) fn arrive(&self, network: &mut MemoryNetwork, number: u32) {
        network.put_words(number, self.words.clone());
        let Ok(()) = if self.is_ordinary {
            link::pass(network, &self.keys, &self.signs)
        } else {
            link::arrive(network, &number, &self.keys, &self.signs)
        };
    }
}

fn digest(key: &LinkKey) -> KeyDigest {
    KeyDigest::of(key)
}
