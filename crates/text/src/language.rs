//! The language of short, sloppy texts. Letters that only one language has and words that everybody
//! uses decide most; the statistical detector is asked when they do not, since it costs forty times
//! as much as everything else.

use std::collections::HashMap;
use std::sync::OnceLock;

use domain::Language;
use lingua::{LanguageDetector, LanguageDetectorBuilder};

use crate::fold::{Folded, TokenKind};
use crate::letters::is_cyrillic;

/// Words looked at; the rest of a long text says the same.
const MOST_WORDS: usize = 200;
/// How far ahead a language must be to be decided by words and letters.
const CLEAR_LEAD: i32 = 2;

/// The language that the text is in; `None` when it has no words. `hint` decides between languages
/// that come out about equal.
pub fn language(folded: &Folded, hint: Option<Language>) -> Option<Language> {
    let words: Vec<&str> = folded
        .tokens()
        .iter()
        .filter(|token| token.kind == TokenKind::Word)
        .take(MOST_WORDS)
        .map(|token| folded.word(token))
        .collect();
    if words.is_empty() {
        return None;
    }
    let points = points(&words);
    let mut ranked: Vec<(i32, Language)> =
        Language::ALL.iter().map(|language| (points[*language as usize], *language)).collect();
    ranked.sort_by_key(|(points, language)| (-points, *language));
    let (best, second) = (ranked[0], ranked[1]);
    if best.0 >= second.0 + CLEAR_LEAD {
        return Some(best.1);
    }
    if let Some(hint) = hint
        && best.0 <= points[hint as usize] + 1
        && words.len() < 4
    {
        return Some(hint);
    }
    detector()
        .detect_language_of(words.join(" "))
        .map(from_lingua)
        .or(hint)
        .or((best.0 > 0).then_some(best.1))
}

/// Points by language: a word that everybody uses counts three, a letter that is the language's
/// own one, as often as it occurs.
fn points(words: &[&str]) -> [i32; 8] {
    let common = common_words();
    let mut points = [0; 8];
    for word in words {
        if let Some(languages) = common.get(word) {
            for language in languages {
                points[*language as usize] += 3;
            }
        }
        if word.chars().next().is_some_and(is_cyrillic) {
            letters(word, &mut points);
        }
    }
    points
}

/// The languages of each common word.
fn common_words() -> &'static HashMap<&'static str, Vec<Language>> {
    static WORDS: OnceLock<HashMap<&'static str, Vec<Language>>> = OnceLock::new();
    WORDS.get_or_init(|| {
        let mut words: HashMap<&str, Vec<Language>> = HashMap::new();
        for (language, list) in COMMON {
            for word in *list {
                words.entry(word).or_default().push(*language);
            }
        }
        words
    })
}

/// A letter that a language does not have speaks against it, more than its own letters speak for it:
/// foreign names carry one or two.
fn letters(word: &str, points: &mut [i32; 8]) {
    use Language::{Be, Bg, Ru, Uk};
    for c in word.chars() {
        let (has, lacks): (&[Language], &[Language]) = match c {
            'ї' | 'є' => (&[Uk], &[Ru, Be, Bg]),
            'і' => (&[Uk, Be], &[Ru, Bg]),
            'ў' => (&[Be], &[Uk, Ru, Bg]),
            'ы' | 'э' => (&[Ru, Be], &[Uk, Bg]),
            'ъ' => (&[Bg], &[Uk, Be]),
            'и' | 'щ' => (&[], &[Be]),
            _ => continue,
        };
        for language in has {
            points[*language as usize] += 1;
        }
        for language in lacks {
            points[*language as usize] -= 2;
        }
    }
}

/// Words that everybody uses and that few neighbours share, folded.
const COMMON: &[(Language, &[&str])] = &[
    (
        Language::Uk,
        &[
            "на",
            "за",
            "до",
            "по",
            "я",
            "його",
            "із",
            "вам",
            "під",
            "при",
            "мені",
            "їх",
            "не",
            "так",
            "й",
            "буде",
            "та",
            "що",
            "від",
            "або",
            "як",
            "для",
            "є",
            "ми",
            "ви",
            "це",
            "робота",
            "потрібні",
            "шукаємо",
            "без",
            "ще",
            "дуже",
            "якщо",
            "після",
            "в",
            "з",
            "у",
            "вас",
            "нас",
            "документи",
            "дівчата",
            "дзвоніть",
            "пишіть",
            "зарплата",
            "роботу",
            "треба",
            "хто",
            "де",
            "тільки",
        ],
    ),
    (
        Language::Ru,
        &[
            "на",
            "за",
            "по",
            "к",
            "до",
            "же",
            "я",
            "меня",
            "его",
            "все",
            "так",
            "ко",
            "из",
            "вам",
            "под",
            "при",
            "мне",
            "их",
            "тебе",
            "есть",
            "будет",
            "буду",
            "и",
            "что",
            "от",
            "или",
            "как",
            "для",
            "мы",
            "вы",
            "это",
            "работа",
            "нужны",
            "требуются",
            "без",
            "еще",
            "если",
            "после",
            "в",
            "с",
            "у",
            "вас",
            "нас",
            "документы",
            "девушки",
            "звоните",
            "пишите",
            "зарплата",
            "работу",
            "не",
            "только",
            "очень",
            "ищем",
            "где",
        ],
    ),
    (
        Language::Ro,
        &[
            "si", "pentru", "cu", "din", "sau", "ca", "nu", "este", "sunt", "la", "de", "fara",
            "munca", "cautam", "fete", "lucru", "salariu", "acte", "va", "ne", "mai", "daca",
            "dupa", "cazare", "contract", "un", "o", "cei", "care", "pe", "sa", "se", "in",
        ],
    ),
    (
        Language::En,
        &[
            "the", "and", "for", "with", "you", "your", "we", "our", "is", "are", "of", "to", "no",
            "not", "work", "job", "looking", "call", "from", "or", "be", "have", "this", "that",
            "will", "need", "girls",
        ],
    ),
    (
        Language::Pl,
        &[
            "i",
            "w",
            "z",
            "na",
            "do",
            "dla",
            "oraz",
            "lub",
            "nie",
            "jest",
            "praca",
            "pracy",
            "szukamy",
            "bez",
            "sie",
            "jak",
            "po",
            "od",
            "to",
            "czy",
            "oferujemy",
            "zl",
            "osoby",
            "umowa",
        ],
    ),
    (
        Language::De,
        &[
            "und", "der", "die", "das", "fur", "mit", "wir", "ist", "nicht", "ein", "eine", "zu",
            "auf", "im", "von", "den", "arbeit", "suchen", "sie", "bei", "oder", "ohne", "gesucht",
            "auch", "sind", "werden",
        ],
    ),
    (
        Language::Bg,
        &[
            "не",
            "по",
            "до",
            "го",
            "му",
            "си",
            "сме",
            "беше",
            "има",
            "той",
            "тя",
            "те",
            "ни",
            "ви",
            "ли",
            "бе",
            "ме",
            "към",
            "според",
            "през",
            "под",
            "из",
            "но",
            "още",
            "може",
            "пред",
            "вече",
            "само",
            "много",
            "или",
            "и",
            "за",
            "на",
            "от",
            "или",
            "как",
            "ние",
            "вие",
            "това",
            "работа",
            "търсим",
            "без",
            "още",
            "ако",
            "след",
            "в",
            "с",
            "се",
            "да",
            "е",
            "са",
            "при",
            "ще",
            "което",
            "като",
        ],
    ),
    (
        Language::Be,
        &[
            "і",
            "што",
            "ад",
            "або",
            "як",
            "для",
            "мы",
            "вы",
            "гэта",
            "праца",
            "патрэбны",
            "без",
            "яшчэ",
            "калі",
            "пасля",
            "у",
            "з",
            "вас",
            "нас",
            "не",
            "ёсць",
            "толькі",
            "праз",
        ],
    ),
];

fn detector() -> &'static LanguageDetector {
    static DETECTOR: OnceLock<LanguageDetector> = OnceLock::new();
    DETECTOR.get_or_init(|| {
        use lingua::Language as L;
        let languages = [
            L::Ukrainian,
            L::Russian,
            L::Romanian,
            L::English,
            L::Polish,
            L::German,
            L::Bulgarian,
            L::Belarusian,
        ];
        LanguageDetectorBuilder::from_languages(&languages).build()
    })
}

fn from_lingua(language: lingua::Language) -> Language {
    match language {
        lingua::Language::Ukrainian => Language::Uk,
        lingua::Language::Russian => Language::Ru,
        lingua::Language::Romanian => Language::Ro,
        lingua::Language::English => Language::En,
        lingua::Language::Polish => Language::Pl,
        lingua::Language::German => Language::De,
        lingua::Language::Bulgarian => Language::Bg,
        lingua::Language::Belarusian => Language::Be,
    }
}
