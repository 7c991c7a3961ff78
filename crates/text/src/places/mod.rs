//! Places of a small gazetteer in a text, and what they are to the offer: where people are taken
//! from, through, to, and where they shall work. Told by case, preposition and the words before.

mod route;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

pub use self::route::Route;
use crate::fold::{Folded, Token, TokenKind, fold_word};

/// What a place is to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlaceRole {
    /// People are taken from there.
    Origin,
    /// On the way.
    Transit,
    /// They are taken there.
    Destination,
    /// They shall work there.
    Work,
    /// Named, and no more can be told.
    Named,
}

impl PlaceRole {
    /// The word used in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Origin => "from",
            Self::Transit => "through",
            Self::Destination => "to",
            Self::Work => "work in",
            Self::Named => "named",
        }
    }
}

/// A place that is named in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its English name.
    pub name: &'static str,
    /// ISO 3166-1 alpha-2 of the country that it is or lies in.
    pub country: &'static str,
    /// What it is to the offer.
    pub role: PlaceRole,
    /// The bytes of the original where it is named.
    pub range: Range<usize>,
}

/// The places of a folded text, in order. A place that the gazetteer does not have is not found.
pub fn places(folded: &Folded) -> Vec<Place> {
    let tokens = folded.tokens();
    let mut places: Vec<Place> = Vec::new();
    let mut last = None;
    for (at, token) in tokens.iter().enumerate() {
        if token.kind != TokenKind::Word {
            continue;
        }
        let word = folded.word(token);
        let Some((entry, ending)) = GAZETTEER.find(word) else { continue };
        // `до Берліна та Варшави`: the second is what the first is.
        let beside = last.filter(|last| at - last <= 2 && tokens[*last].sentence == token.sentence);
        let before = beside.and_then(|_| places.last()).map_or(PlaceRole::Named, |last| last.role);
        last = Some(at);
        places.push(Place {
            name: entry.name,
            country: entry.country,
            role: role(folded, at, ending).unwrap_or(before),
            range: token.from as usize..token.to as usize,
        });
    }
    places
}

struct Entry {
    name: &'static str,
    country: &'static str,
}

struct Gazetteer {
    entries: Vec<Entry>,
    /// From a whole word.
    words: HashMap<String, usize>,
    /// From a stem that endings may follow.
    stems: HashMap<String, usize>,
}

static GAZETTEER: LazyLock<Gazetteer> =
    LazyLock::new(|| Gazetteer::read(include_str!("gazetteer.txt")));

/// Case endings of names of places, folded; the empty one among them.
const ENDINGS: &[&str] = &[
    "", "а", "я", "у", "ю", "і", "и", "ї", "е", "о", "ом", "ем", "ою", "ею", "єю", "ой", "ей",
    "ій", "ия", "ию", "ии", "ией", "ія", "ію", "ії", "ією", "ы", "ь", "ю", "ами", "ах", "ам", "ів",
    "ов", "я", "і", "ові", "єві", "a", "ă", "ei", "ul", "ului", "ia", "iei", "ie", "e", "i", "ii",
];

impl Gazetteer {
    fn read(text: &'static str) -> Self {
        let mut gazetteer =
            Self { entries: Vec::new(), words: HashMap::new(), stems: HashMap::new() };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut parts = line.split(' ');
            let (Some(name), Some(country), Some(_kind)) =
                (parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            let entry = gazetteer.entries.len();
            gazetteer.entries.push(Entry { name, country });
            for form in parts {
                match form.strip_suffix('-') {
                    Some(stem) => gazetteer.stems.insert(fold_word(stem), entry),
                    None => gazetteer.words.insert(fold_word(form), entry),
                };
            }
        }
        gazetteer
    }

    /// The entry of a folded word, with the ending that it has.
    fn find<'w>(&self, word: &'w str) -> Option<(&Entry, &'w str)> {
        if let Some(entry) = self.words.get(word) {
            return Some((&self.entries[*entry], ""));
        }
        let borders = word.char_indices().map(|(at, _)| at).chain([word.len()]);
        let stems = borders.rev().take(5).filter_map(|at| word.split_at_checked(at));
        let known = |ending: &str| ENDINGS.contains(&ending);
        stems
            .filter(|(_, ending)| known(ending))
            .find_map(|(stem, ending)| Some((&self.entries[*self.stems.get(stem)?], ending)))
    }
}

/// How many words before a place are looked at.
const NEAR: usize = 6;

/// `None` when no preposition stands before the place.
fn role(folded: &Folded, at: usize, ending: &str) -> Option<PlaceRole> {
    let tokens = folded.tokens();
    let before: Vec<&str> = tokens[at.saturating_sub(NEAR)..at]
        .iter()
        .rev()
        .take_while(|token: &&Token| token.sentence == tokens[at].sentence)
        .map(|token| folded.word(token))
        .collect();
    if let ["la", "de", ..] = before.as_slice() {
        return Some(PlaceRole::Origin);
    }
    let (far, first) =
        (0..).zip(&before).take(2).find_map(|(far, w)| Some((far, preposition(w)?)))?;
    let moves = before.iter().any(|word| is_motion(word));
    let after = tokens.get(at + 1).map_or("", |token| folded.word(token));
    Some(match first {
        Preposition::From => PlaceRole::Origin,
        // `fete din Moldova`, `plecare din Iași`, `din Iași spre Torino` are from there; what is said to
        // be there otherwise, `club din Cipru`, is where the work is.
        Preposition::Din if moves || is_toward(after) => PlaceRole::Origin,
        Preposition::Din if before.get(far + 1).is_none_or(|word| is_people(word)) => {
            PlaceRole::Origin
        }
        Preposition::Din => PlaceRole::Work,
        Preposition::Through => PlaceRole::Transit,
        Preposition::To => PlaceRole::Destination,
        // `в Польщу`, `в Берлін` is where to; `в Польщі`, `в Берліні` is where.
        Preposition::Slavic if is_accusative(ending) => PlaceRole::Destination,
        Preposition::Slavic => PlaceRole::Work,
        Preposition::In if moves => PlaceRole::Destination,
        Preposition::In => PlaceRole::Work,
    })
}

fn is_accusative(ending: &str) -> bool {
    ["", "у", "ю", "ію", "ию", "ь"].contains(&ending)
}

enum Preposition {
    From,
    Din,
    Through,
    To,
    Slavic,
    In,
}

fn preposition(word: &str) -> Option<Preposition> {
    Some(match word {
        "з" | "із" | "зі" | "від" | "из" | "от" | "с" | "from" | "dela" => {
            Preposition::From
        }
        "din" => Preposition::Din,
        "через" | "via" | "through" | "prin" | "транзитом" => Preposition::Through,
        "до" | "к" | "to" | "spre" | "catre" | "for" => Preposition::To,
        "в" | "у" | "на" | "во" => Preposition::Slavic,
        "in" | "la" | "at" | "near" | "langa" | "біля" | "возле" | "под" | "під" => {
            Preposition::In
        }
        _ => return None,
    })
}

/// Romanian words of the way there.
fn is_toward(word: &str) -> bool {
    ["spre", "catre", "pana"].contains(&word)
}

/// Romanian words for those who are sought, or who come along.
fn is_people(word: &str) -> bool {
    const STEMS: &[&str] = &[
        "baiet", "barbat", "candidat", "familii", "femei", "fete", "muncitor", "oameni", "persoan",
        "refugiat", "studen", "tiner",
    ];
    STEMS.iter().any(|stem| word.starts_with(stem))
}

/// Words of going somewhere, in the languages whose preposition does not tell.
fn is_motion(word: &str) -> bool {
    const STEMS: &[&str] = &[
        "plec",
        "transport",
        "drum",
        "calator",
        "merge",
        "duce",
        "leav",
        "depart",
        "travel",
        "trip",
        "mov",
        "going",
    ];
    STEMS.iter().any(|stem| word.starts_with(stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `role name`, in order.
    fn found(text: &str) -> Vec<String> {
        places(&Folded::new(text))
            .iter()
            .map(|place| format!("{} {}", place.role.name(), place.name))
            .collect()
    }

    #[test]
    fn case_and_preposition_tell_what_a_place_is_to_the_offer() {
        for (text, expected) in [
            (
                "Виїзд з Києва через Варшаву до Берліна",
                vec!["from Kyiv", "through Warsaw", "to Berlin"],
            ),
            ("Робота в Польщі, виїзд у Польщу щосереди", vec!["work in Poland", "to Poland"]),
            (
                "Работа в Германии, едем в Берлин из Одессы",
                vec!["work in Germany", "to Berlin", "from Odesa"],
            ),
            ("Работа в Праге для девушек", vec!["work in Prague"]),
            ("Plecare din Chișinău în Italia", vec!["from Chisinau", "to Italy"]),
            ("Transport de la Iași la Torino și Milano", vec!["from Iasi", "to Turin", "to Milan"]),
            ("Căutăm fete pentru un club de lux din Cipru", vec!["work in Cyprus"]),
            ("Fermă din Spania ia persoane din Moldova", vec!["work in Spain", "from Moldova"]),
            ("Microbuz din Iași spre Torino", vec!["from Iasi", "to Turin"]),
            ("Lucru în Germania, cazare la Berlin", vec!["work in Germany", "work in Berlin"]),
            (
                "Work in Milan, leave from Lviv via Hungary to Italy",
                vec!["work in Milan", "from Lviv", "through Hungary", "to Italy"],
            ),
            ("ПОЛЬЩА! Анталья", vec!["named Poland", "named Antalya"]),
            ("польська мова, немецкий язык, італійська кухня", vec![]),
            ("Римма шукає дані про грузи", vec![]),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn names_are_found_as_both_languages_bend_them() {
        for (text, expected) in [
            (
                "из Киева, из Львова, из Харькова, из Одессы",
                vec!["Kyiv", "Lviv", "Kharkiv", "Odesa"],
            ),
            ("з Києва, зі Львова, з Харкова, з Одеси", vec!["Kyiv", "Lviv", "Kharkiv", "Odesa"]),
            ("из Кишинёва, из Кишинева, з Кишинева", vec!["Chisinau", "Chisinau", "Chisinau"]),
            ("в Варшаве, в Стамбуле, в Бухаресте", vec!["Warsaw", "Istanbul", "Bucharest"]),
        ] {
            let names: Vec<&str> = places(&Folded::new(text)).iter().map(|p| p.name).collect();
            assert_eq!(names, expected, "{text}");
        }
    }

    #[test]
    fn a_place_is_quoted_where_it_stands() {
        let text = "Їдемо до Бухареста";
        let place = &places(&Folded::new(text))[0];
        assert_eq!(&text[place.range.clone()], "Бухареста");
        assert_eq!(place.country, "RO");
    }

    #[test]
    fn no_form_is_of_two_places() {
        let lines = include_str!("gazetteer.txt").lines().filter(|line| !line.starts_with('#'));
        let mut places = std::collections::BTreeMap::new();
        for line in lines {
            for form in line.split(' ').skip(3) {
                let other = places.insert(fold_word(form), line);
                assert!(other.is_none_or(|other| other == line), "{form}");
            }
        }
    }
}
