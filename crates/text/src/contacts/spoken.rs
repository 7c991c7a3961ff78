//! Phone numbers in words: "нуль шістдесят сім, сто двадцять три, сорок п'ять, шістдесят сім".

use std::ops::Range;
use std::sync::LazyLock;

use domain::Region;
use regex::Regex;

use super::pattern;
use super::phone::{self, MOST_DIGITS};

/// Fewest number words that make a run worth a look: fewer are ages and sums.
const FEWEST_WORDS: usize = 4;

/// The numbers of a text that are written in words, or in words and digits mixed, with their places.
pub(super) fn phones(text: &str, region: Option<Region>) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut run: Vec<Part> = Vec::new();
    let mut words = Words { text, at: 0 };
    loop {
        let next = words.next();
        let part = next.as_ref().and_then(|range| part_of(text, range.clone()));
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

/// A number word or a run of digits.
struct Part {
    range: Range<usize>,
    value: u32,
    /// As digits stand, with zeros in front; `None` for a word.
    digits: Option<String>,
}

fn part_of(text: &str, range: Range<usize>) -> Option<Part> {
    let word = text.get(range.clone())?;
    if word.bytes().all(|byte| byte.is_ascii_digit()) && word.len() <= MOST_DIGITS {
        return Some(Part { range, value: 0, digits: Some(word.to_owned()) });
    }
    let value = value_of(&word.to_lowercase())?;
    Some(Part { range, value, digits: None })
}

fn number_of(text: &str, run: &[Part], region: Option<Region>) -> Option<(Range<usize>, String)> {
    let (first, last) = (run.first()?, run.last()?);
    if run.iter().filter(|part| part.digits.is_none()).count() < FEWEST_WORDS {
        return None;
    }
    let mut digits = String::new();
    // Hundreds, tens and ones that follow each other downwards are one group: 100, 20, 3 is 123.
    let mut group: Option<u32> = None;
    for part in run {
        let room = group.map_or(0, |group| match group {
            group if group % 100 == 0 && group > 0 => 100,
            group if group % 10 == 0 && group > 10 => 10,
            _ => 0,
        });
        match (&part.digits, group) {
            (None, Some(sum)) if part.value > 0 && part.value < room => {
                group = Some(sum + part.value);
            }
            (None, _) => {
                group.take().into_iter().for_each(|sum| digits.push_str(&sum.to_string()));
                group = Some(part.value);
            }
            (Some(written), _) => {
                group.take().into_iter().for_each(|sum| digits.push_str(&sum.to_string()));
                digits.push_str(written);
            }
        }
    }
    group.into_iter().for_each(|sum| digits.push_str(&sum.to_string()));
    let plus = matches!(text[..first.range.start].trim_end(), before if before.ends_with('+')
        || before.to_lowercase().ends_with("плюс") || before.ends_with("plus"));
    let value = phone::number(text, &digits, plus, region)?;
    Some((first.range.start..last.range.end, value))
}

/// The value of a number word in Ukrainian, Russian, Romanian or English.
fn value_of(word: &str) -> Option<u32> {
    const ONES: [&[&str]; 10] = [
        &["нуль", "ноль", "zero"],
        &["один", "одна", "одно", "unu", "una", "one"],
        &["два", "дві", "две", "doi", "doua", "două", "two"],
        &["три", "trei", "three"],
        &["чотири", "четыре", "patru", "four"],
        &["п'ять", "п’ять", "пять", "cinci", "five"],
        &["шість", "шесть", "sase", "șase", "six"],
        &["сім", "семь", "sapte", "șapte", "seven"],
        &["вісім", "восемь", "opt", "eight"],
        &["дев'ять", "дев’ять", "девять", "noua", "nouă", "nine"],
    ];
    const TEENS: [&[&str]; 10] = [
        &["десять", "zece", "ten"],
        &["одинадцять", "одиннадцать", "unsprezece", "eleven"],
        &["дванадцять", "двенадцать", "doisprezece", "twelve"],
        &["тринадцять", "тринадцать", "treisprezece", "thirteen"],
        &["чотирнадцять", "четырнадцать", "paisprezece", "fourteen"],
        &["п'ятнадцять", "п’ятнадцять", "пятнадцать", "cincisprezece", "fifteen"],
        &["шістнадцять", "шестнадцать", "saisprezece", "sixteen"],
        &["сімнадцять", "семнадцать", "saptesprezece", "șaptesprezece", "seventeen"],
        &["вісімнадцять", "восемнадцать", "optsprezece", "eighteen"],
        &["дев'ятнадцять", "дев’ятнадцять", "девятнадцать", "nouasprezece", "nineteen"],
    ];
    const TENS: [&[&str]; 8] = [
        &["двадцять", "двадцать", "douazeci", "douăzeci", "twenty"],
        &["тридцять", "тридцать", "treizeci", "thirty"],
        &["сорок", "patruzeci", "forty"],
        &["п'ятдесят", "п’ятдесят", "пятьдесят", "cincizeci", "fifty"],
        &["шістдесят", "шестьдесят", "saizeci", "șaizeci", "sixty"],
        &["сімдесят", "семьдесят", "saptezeci", "șaptezeci", "seventy"],
        &["вісімдесят", "восемьдесят", "optzeci", "eighty"],
        &["дев'яносто", "дев’яносто", "девяносто", "nouazeci", "nouăzeci", "ninety"],
    ];
    const HUNDREDS: [&[&str]; 9] = [
        &["сто", "hundred"],
        &["двісті", "двести"],
        &["триста"],
        &["чотириста", "четыреста"],
        &["п'ятсот", "п’ятсот", "пятьсот"],
        &["шістсот", "шестьсот"],
        &["сімсот", "семьсот"],
        &["вісімсот", "восемьсот"],
        &["дев'ятсот", "дев’ятсот", "девятьсот"],
    ];
    let tables: [(&[&[&str]], u32, u32); 4] =
        [(&ONES, 0, 1), (&TEENS, 10, 1), (&TENS, 20, 10), (&HUNDREDS, 100, 100)];
    tables.iter().find_map(|(table, from, step)| {
        let place = table.iter().position(|words| words.contains(&word))?;
        Some(from + step * place as u32)
    })
}

/// Words and runs of digits, with their places.
struct Words<'a> {
    text: &'a str,
    at: usize,
}

impl Iterator for Words<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let belongs = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’');
        let rest = self.text.get(self.at..)?;
        let start = self.at + rest.find(belongs)?;
        let rest = &self.text[start..];
        let end = start + rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.at = end;
        Some(start..end)
    }
}

/// What no number of ours is spoken without: "zero", or a plus in words.
static SIGNS: LazyLock<Regex> = LazyLock::new(|| pattern("нуль|ноль|zero|НУЛЬ|Нуль|Ноль|плюс"));

/// Whether a text may say a number in words, told in one pass.
pub(super) fn may_speak(text: &str) -> bool {
    SIGNS.is_match(text)
}
