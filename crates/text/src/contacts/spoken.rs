//! Phone numbers in words: "нуль шістдесят сім, сто двадцять три, сорок п'ять, шістдесят сім".

use std::ops::Range;
use std::sync::LazyLock;

use domain::Region;
use regex::Regex;

use super::number_words::{is_combining, plain, value_of};
use super::pattern;
use super::phone::{self, MOST_DIGITS};

/// Fewest number words that make a run worth a look: fewer are ages and sums.
const FEWEST_WORDS: usize = 4;
/// Bytes of the longest word that says a number, with room for stress marks.
const LONGEST_WORD: usize = 64;

/// The numbers of a text that are written in words, or in words and digits mixed, with their places.
pub(super) fn phones(text: &str, region: Option<Region>) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut run: Vec<Part> = Vec::new();
    let mut words = Words { text, at: 0 }.peekable();
    loop {
        let next = words.next();
        let after = words.peek().and_then(|range| said_at(text, range.clone()));
        let part = next.as_ref().and_then(|range| {
            let said = said_at(text, range.clone())?.between(run.last(), after.as_ref())?;
            Some(Part { range: range.clone(), said })
        });
        let touches = part.as_ref().zip(run.last()).is_none_or(|(part, last)| {
            is_gap(text.get(last.range.end..part.range.start).unwrap_or("x"))
        });
        if part.is_none() || !touches {
            found.extend(number_of(text, &run, region));
            run.clear();
        }
        run.extend(part);
        if next.is_none() {
            return found;
        }
    }
}

/// What stands between two number words of one number.
fn is_gap(gap: &str) -> bool {
    gap.chars().count() <= 4 && gap.chars().all(|c| c.is_whitespace() || ",.-–—()/;".contains(c))
}

/// A number word or a run of digits, with its place.
struct Part {
    range: Range<usize>,
    said: Said,
}

/// What a word says in a number.
enum Said {
    /// As digits stand, with zeros in front.
    Digits(String),
    Value(u32),
    /// "Hundred" with or without a word before it that says how many.
    Hundred,
    /// "And" between tens and ones, or behind hundreds.
    And,
    /// The "a" of "a hundred", "o" in Romanian.
    Article,
}

impl Said {
    /// The same, if it can be part of a number here: an "and" and an article stand between certain
    /// words only, and mean something else in every other place.
    fn between(self, before: Option<&Part>, after: Option<&Said>) -> Option<Self> {
        let fits = match self {
            Self::And => match (before.map(|part| &part.said), after) {
                (Some(Self::Value(tens)), Some(Self::Value(1..=9))) => {
                    (20..100).contains(tens) && tens % 10 == 0
                }
                (Some(Self::Hundred), Some(Self::Value(1..=99))) => true,
                _ => false,
            },
            Self::Article => matches!(after, Some(Self::Hundred)),
            _ => true,
        };
        fits.then_some(self)
    }
}

fn said_at(text: &str, range: Range<usize>) -> Option<Said> {
    let word = text.get(range)?;
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return (word.len() <= MOST_DIGITS).then(|| Said::Digits(word.to_owned()));
    }
    if word.len() > LONGEST_WORD {
        return None;
    }
    let word = plain(word);
    match word.as_str() {
        "hundred" | "suta" | "sute" => Some(Said::Hundred),
        "and" | "si" => Some(Said::And),
        "a" | "o" => Some(Said::Article),
        _ => value_of(&word).map(Said::Value),
    }
}

fn number_of(text: &str, run: &[Part], region: Option<Region>) -> Option<(Range<usize>, String)> {
    let (first, last) = (run.first()?, run.last()?);
    let words = run.iter().filter(|part| matches!(part.said, Said::Value(_) | Said::Hundred));
    let plus = is_plus(&text[..first.range.start]);
    if words.count() < FEWEST_WORDS || !plus && !run.iter().any(is_zero) {
        return None;
    }
    let value = phone::number(text, &digits_of(run), plus, region)?;
    Some((first.range.start..last.range.end, value))
}

/// Without a zero or a plus the words are ages and sums, however many.
fn is_zero(part: &Part) -> bool {
    match &part.said {
        Said::Value(value) => *value == 0,
        Said::Digits(digits) => digits.starts_with('0'),
        _ => false,
    }
}

/// Whether a plus is the last that stands or is said here.
fn is_plus(before: &str) -> bool {
    let before = before.trim_end_matches(|c: char| c.is_whitespace() || ",:-".contains(c));
    let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    before.ends_with('+') || word.len() <= LONGEST_WORD && ["плюс", "plus"].contains(&&*plain(word))
}

/// Hundreds, tens and ones that follow each other downwards are one group: 100, 20, 3 is 123.
fn digits_of(run: &[Part]) -> String {
    let mut digits = String::new();
    let mut group: Option<u32> = None;
    for (place, part) in run.iter().enumerate() {
        // "Two hundred three hundred": the three belongs to what follows.
        let is_many = matches!(run.get(place + 1), Some(Part { said: Said::Hundred, .. }));
        let room = group.map_or(0, |group| match group {
            group if group % 100 == 0 && group > 0 => 100,
            group if group % 10 == 0 && group > 10 => 10,
            _ => 0,
        });
        group = match (&part.said, group) {
            (Said::And, _) => continue,
            (Said::Value(value), Some(sum)) if !is_many && (1..room).contains(value) => {
                Some(sum + value)
            }
            (Said::Hundred, Some(many @ 1..=9)) => Some(many * 100),
            (said, before) => {
                digits.extend(before.map(|sum| sum.to_string()));
                match said {
                    Said::Digits(written) => {
                        digits.push_str(written);
                        None
                    }
                    Said::Value(value) => Some(*value),
                    Said::Hundred => Some(100),
                    Said::Article | Said::And => None,
                }
            }
        };
    }
    digits.extend(group.map(|sum| sum.to_string()));
    digits
}

/// Words and runs of digits, with their places.
struct Words<'a> {
    text: &'a str,
    at: usize,
}

impl Iterator for Words<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let belongs = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’') || is_combining(c);
        let rest = self.text.get(self.at..)?;
        let start = self.at + rest.find(belongs)?;
        let rest = &self.text[start..];
        let end = start + rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.at = end;
        Some(start..end)
    }
}

/// What no number of ours is spoken without: "zero", or a plus in words. Each as it is mostly written
/// and no pattern, since every text is searched for them.
static SIGNS: LazyLock<Regex> = LazyLock::new(|| {
    pattern("нуль|Нуль|НУЛЬ|ноль|Ноль|НОЛЬ|zero|Zero|ZERO|плюс|Плюс|ПЛЮС|plus|Plus|PLUS")
});

/// Whether a text may say a number in words, told in one pass.
pub(super) fn may_speak(text: &str) -> bool {
    SIGNS.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str, region: &str) -> Vec<String> {
        assert!(may_speak(text) || phones(text, Region::new(region)).is_empty(), "{text}");
        phones(text, Region::new(region)).into_iter().map(|(_, value)| value).collect()
    }

    #[test]
    fn a_number_is_read_in_each_language_however_it_is_written() {
        for (region, text, expected) in [
            (
                "UA",
                "Нуль шістдесят сім, сто двадцять три, сорок пʼять, шістдесят сім",
                "+380671234567",
            ),
            (
                "UA",
                "ПЛЮС ТРИ ВІСІМ НУЛЬ ШІСТДЕСЯТ СІМ двісті тридцять чотири 56 78",
                "+380672345678",
            ),
            (
                "UA",
                "НОЛЬ шестьдесят семь сто двадцать три сорок пять шестьдесят семь",
                "+380671234567",
            ),
            (
                "RU",
                "Плюс семь девятьсот три двести тридцать четыре пятьдесят шесть семьдесят восемь",
                "+79032345678",
            ),
            (
                "RO",
                "zero șapte doi doi o sută douăzeci și trei patru sute cincizeci și șase",
                "+40722123456",
            ),
            (
                "RO",
                "ZERO ŞAPTE DOUĂZECI ȘI DOI UNA SUTA douazeci si trei patru cinci sase",
                "+40722123456",
            ),
            ("RO", "Plus patru zero șapte doi doi două sute trei sute patruzeci", "+40722200340"),
            (
                "RO",
                "Zero seven two two one hundred and twenty three four hundred fifty six",
                "+40722123456",
            ),
            (
                "RO",
                "plus four zero, seven twenty-two, two hundred, three hundred and forty",
                "+40722200340",
            ),
            (
                "RO",
                "zero s\u{326}apte doi doi a hundred twenty three four five six",
                "+40722123456",
            ),
        ] {
            assert_eq!(values(text, region), [expected], "{text}");
        }
    }

    #[test]
    fn pay_and_ages_in_words_are_no_numbers() {
        for text in [
            "plus bonus, two hundred, three hundred, four hundred, five hundred euro",
            "zero taxe, douăzeci și trei, douăzeci și patru, treizeci și cinci de ani",
            "плюс премія: двадцять, тридцять, сорок, п'ятдесят, шістдесят тисяч",
            "шестьдесят семь сто двадцать три сорок пять шестьдесят семь, ноль опыта",
            "unu si doi si trei si patru si cinci, zero",
            "o casă, a hundred, zero, one, two and three",
        ] {
            for region in ["UA", "RU", "RO", "MD"] {
                assert_eq!(values(text, region), [""; 0], "{text} in {region}");
            }
        }
    }
}
