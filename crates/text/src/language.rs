//! The language of short, sloppy texts. Letters that only one language has and words that everybody
//! uses decide most; the statistical detector is asked when they do not, since it costs forty times
//! as much as everything else.

use std::sync::{LazyLock, OnceLock};

use domain::Language;
use lingua::{LanguageDetector, LanguageDetectorBuilder};

use crate::common_word_lists::COMMON;
use crate::common_words::{CommonWords, Points};
use crate::fold::{Folded, TokenKind};
use crate::letters::is_cyrillic;

/// Words looked at; the rest of a long text says the same.
const MOST_WORDS: usize = 200;
/// How far ahead a language must be to be decided by words and letters.
const CLEAR_LEAD: i32 = 2;
/// Texts of fewer words say so little that the source's own statement decides a near tie.
const FEW_WORDS: usize = 4;

/// The language that the text is in; `None` when it has no words. `hint` decides between languages
/// that come out about equal.
pub fn language(folded: &Folded, hint: Option<Language>) -> Option<Language> {
    if folded.romanized().is_some() {
        return folded.romanized();
    }
    words(folded).next()?;
    by_signs(folded, hint).or_else(|| by_statistics(folded)).or(hint)
}

fn words(folded: &Folded) -> impl Iterator<Item = &str> {
    let words = folded.tokens().iter().filter(|token| token.kind == TokenKind::Word);
    words.take(MOST_WORDS).map(|token| folded.word(token))
}

/// The language by letters and common words, when one is clearly ahead of all others, or when the
/// hinted one is about as far ahead as the best.
fn by_signs(folded: &Folded, hint: Option<Language>) -> Option<Language> {
    let points = points(folded);
    let mut ranked = Language::ALL.map(|language| (points[language as usize], language));
    ranked.sort_by_key(|(points, language)| (-points, *language));
    let [best, second, ..] = ranked;
    if best.0 >= second.0 + CLEAR_LEAD {
        return Some(best.1);
    }
    let is_short = || words(folded).nth(FEW_WORDS - 1).is_none();
    hint.filter(|hint| best.0 <= points[*hint as usize] + 1 && is_short())
}

fn by_statistics(folded: &Folded) -> Option<Language> {
    let words: Vec<&str> = words(folded).collect();
    detector().detect_language_of(words.join(" ")).map(from_lingua)
}

/// Points by language: a word that everybody uses counts three, a letter that is the language's
/// own one, as often as it occurs.
fn points(folded: &Folded) -> Points {
    static WORDS: LazyLock<CommonWords> = LazyLock::new(|| CommonWords::of(COMMON, 3));
    let common = &*WORDS;
    let mut points = Points::default();
    let mut told = Told::default();
    for word in words(folded) {
        if let Some(more) = common.points(word) {
            points.iter_mut().zip(more).for_each(|(points, more)| *points += more);
        }
        if word.chars().next().is_some_and(is_cyrillic) {
            count_telling(word.as_bytes(), &mut told);
        }
    }
    for ((_, has, lacks), count) in TELLING.iter().zip(&told[1..]) {
        has.iter().for_each(|language| points[*language as usize] += *count);
        lacks.iter().for_each(|language| points[*language as usize] -= 2 * *count);
    }
    points
}

/// Letters that tell languages apart, with those that have them as their own and those that lack them.
/// A letter that a language does not have speaks against it, more than its own letters speak for it:
/// foreign names carry one or two.
const TELLING: [(char, &[Language], &[Language]); 10] = {
    use Language::{Be, Bg, Ru, Uk};
    [
        ('ї', &[Uk], &[Ru, Be, Bg]),
        ('є', &[Uk], &[Ru, Be, Bg]),
        ('і', &[Uk, Be], &[Ru, Bg]),
        ('ў', &[Be], &[Uk, Ru, Bg]),
        ('ы', &[Ru, Be], &[Uk, Bg]),
        ('э', &[Ru, Be], &[Uk, Bg]),
        ('ъ', &[Bg], &[Uk, Be]),
        ('и', &[], &[Be]),
        ('щ', &[], &[Be]),
        // Bulgarian has it in ьо alone.
        ('ь', &[], &[Bg]),
    ]
};

/// By second byte of a letter in UTF-8 and last bit of its first (which is D0 or D1): one more than
/// its place in [`TELLING`], or 0.
const TELLING_AT: [u8; 128] = {
    let mut at = [0; 128];
    let mut index = 0;
    while index < TELLING.len() {
        at[TELLING[index].0 as usize & 0x7f] = index as u8 + 1;
        index += 1;
    }
    at
};

/// How often each letter of [`TELLING`] was met, from place 1 on; at place 0, all other letters.
type Told = [i32; TELLING.len() + 1];

/// Counts the telling letters of a word that begins in Cyrillic.
fn count_telling(word: &[u8], told: &mut Told) {
    let mut rest = word;
    while let Some((&[first, second], after)) = rest.split_first_chunk() {
        if !matches!(first, 0xd0 | 0xd1) {
            rest = &rest[1..];
            continue;
        }
        rest = after;
        let index =
            usize::from(TELLING_AT[usize::from(first & 1) << 6 | usize::from(second & 0x3f)]);
        let is_soft_before_o = index == SOFT && after.starts_with("о".as_bytes());
        told[index] += i32::from(!is_soft_before_o);
    }
}

/// The place of ь in [`Told`].
const SOFT: usize = TELLING.len();

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

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, hint: Option<Language>) -> Option<Language> {
        language(&Folded::new(text), hint)
    }

    #[test]
    fn letters_and_common_words_decide_without_statistics() {
        for (text, expected) in [
            ("Потрібні дівчата на роботу", Language::Uk),
            ("Требуются девушки на работу за границей, жильё есть", Language::Ru),
            ("Cautam fete pentru munca in strainatate", Language::Ro),
            ("Girls wanted for work in the club", Language::En),
            ("Szukamy osoby do pracy bez doświadczenia", Language::Pl),
            ("Wir suchen Frauen für die Arbeit mit Kindern", Language::De),
            ("Търсим жени за работа в чужбина, това е шанс", Language::Bg),
            ("Патрэбны жанчыны на працу ў горад", Language::Be),
            ("Потрібні дівчата на роботу, для связи пишите what'sapp", Language::Uk),
        ] {
            let folded = Folded::new(text);
            assert_eq!(by_signs(&folded, None), Some(expected), "{text}");
        }
    }

    #[test]
    fn the_hint_decides_what_the_text_leaves_open() {
        assert_eq!(told("паспорт", Some(Language::Uk)), Some(Language::Uk));
        assert_eq!(told("паспорт", Some(Language::Ru)), Some(Language::Ru));
        assert_eq!(
            told("дівчата є", Some(Language::Ru)),
            Some(Language::Uk),
            "not against letters"
        );
        assert_eq!(told("067 🔥 !!!", Some(Language::Ru)), None);
    }

    /// How many sentences of each language must be left to statistics, which take forty times as
    /// long as all the rest.
    #[test]
    fn most_sentences_need_no_statistics() {
        let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
        let dir = std::env::var("FUSION_REFERENCE_DATA").unwrap_or_else(|_| beside.to_owned());
        let mut total = (0, 0);
        for language in Language::ALL {
            let file = format!("{dir}/langid/lingua_{language}_sentences_partA.txt");
            let Ok(text) = std::fs::read_to_string(&file) else {
                assert!(std::env::var("CI").as_deref() != Ok("true"), "no reference data: {file}");
                eprintln!("skipped: no reference data at {file}");
                return;
            };
            let left =
                text.lines().filter(|line| by_signs(&Folded::new(line), None).is_none()).count();
            eprintln!("{language}: {left} of {} sentences need statistics", text.lines().count());
            total = (total.0 + left, total.1 + text.lines().count());
        }
        assert!(total.0 * 10 < total.1, "{total:?}");
    }
}
