//! What near-copies have in common: the words that stay and the places where others stand. Works on
//! words alone, in any language.

use serde::Serialize;
use text::Folded;

/// Longest text, in words, and most texts that are compared: the work grows with the square.
const MOST_WORDS: usize = 600;
const MOST_TEXTS: usize = 24;
/// Most values of a slot that are kept.
const MOST_VALUES: usize = 12;
/// Least share of words that must stay; else the texts have no template.
const LEAST_KEPT: f64 = 0.5;

/// A text with slots.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Template {
    /// Words and slots in turn.
    pub parts: Vec<TemplatePart>,
    /// How many texts it was made from.
    pub texts: usize,
}

impl Template {
    /// The words that stay, `[…]` for each slot.
    pub fn words(&self) -> String {
        let parts = self.parts.iter().map(|part| match part {
            TemplatePart::Words { text } => text.split_whitespace().collect::<Vec<_>>().join(" "),
            TemplatePart::Slot { .. } => "[…]".to_owned(),
        });
        parts.collect::<Vec<_>>().join(" ")
    }
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "part")]
pub enum TemplatePart {
    /// Words that stay, as the first text has them.
    Words {
        /// As their author wrote them.
        text: String,
    },
    /// A place where the texts differ.
    Slot {
        /// What stands there.
        kind: SlotKind,
        /// In order of the texts, each once; empty where a text has nothing.
        values: Vec<String>,
    },
}

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SlotKind {
    /// Phones, handles, addresses.
    Contact,
    /// Pay, ages, dates.
    Number,
    /// Places, names and other words.
    Words,
}

impl SlotKind {
    /// The word used in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Number => "number",
            Self::Words => "words",
        }
    }
}

/// The template of these texts; `None` for fewer than two, and when they differ in most words.
pub fn template(texts: &[&str]) -> Option<Template> {
    let texts: Vec<Words<'_>> = texts.iter().take(MOST_TEXTS).map(|text| Words::of(text)).collect();
    let (first, others) = texts.split_first()?;
    if others.is_empty() {
        return None;
    }
    let mut fixed: Vec<usize> = (0..first.words.len()).collect();
    for other in others {
        let kept: Vec<&str> = fixed.iter().map(|at| first.words[*at].as_str()).collect();
        fixed = common(&kept, &other.refs()).iter().map(|(at, _)| fixed[*at]).collect();
    }
    let shortest = texts.iter().map(|text| text.words.len()).min()?;
    if fixed.is_empty() || (fixed.len() as f64) < LEAST_KEPT * shortest as f64 {
        return None;
    }
    let kept: Vec<&str> = fixed.iter().map(|at| first.words[*at].as_str()).collect();
    let places: Vec<Vec<usize>> = texts
        .iter()
        .map(|text| common(&kept, &text.refs()).iter().map(|(_, at)| *at).collect())
        .collect();
    Some(Template { parts: parts(&texts, &places), texts: texts.len() })
}

/// Words and slots, from where the kept words stand in each text.
fn parts(texts: &[Words<'_>], places: &[Vec<usize>]) -> Vec<TemplatePart> {
    let kept = places.first().map_or(0, Vec::len);
    let mut parts = Vec::new();
    let mut run: Option<(usize, usize)> = None;
    for gap in 0..=kept {
        let between = texts.iter().zip(places).map(|(text, places)| {
            let from = gap.checked_sub(1).map_or(0, |before| places[before] + 1);
            let to = places.get(gap).copied().unwrap_or(text.words.len());
            text.original(from, to)
        });
        let mut values: Vec<String> = Vec::new();
        for value in between {
            if !values.contains(&value) && values.len() < MOST_VALUES {
                values.push(value);
            }
        }
        if values.iter().any(|value| !value.is_empty()) {
            push_words(&mut parts, run.take(), &texts[0]);
            parts.push(TemplatePart::Slot { kind: kind_of(&values), values });
        }
        if let Some(at) = places[0].get(gap) {
            run = Some((run.map_or(*at, |(from, _)| from), at + 1));
        }
    }
    push_words(&mut parts, run, &texts[0]);
    parts
}

fn push_words(parts: &mut Vec<TemplatePart>, run: Option<(usize, usize)>, first: &Words<'_>) {
    if let Some((from, to)) = run {
        parts.push(TemplatePart::Words { text: first.original(from, to) });
    }
}

fn kind_of(values: &[String]) -> SlotKind {
    let filled = || values.iter().filter(|value| !value.is_empty());
    let is_contact = |value: &String| !text::contacts(domain::Field::Text, value, None).is_empty();
    let is_number = |value: &String| {
        let letters = value.chars().filter(|c| c.is_alphabetic()).count();
        value.chars().any(|c| c.is_ascii_digit()) && letters == 0
    };
    if filled().all(is_contact) {
        SlotKind::Contact
    } else if filled().all(is_number) {
        SlotKind::Number
    } else {
        SlotKind::Words
    }
}

/// A text as words, with the places where they stand in it.
struct Words<'t> {
    text: &'t str,
    words: Vec<String>,
    places: Vec<(usize, usize)>,
}

impl<'t> Words<'t> {
    fn of(text: &'t str) -> Self {
        let folded = Folded::new(text);
        let tokens = &folded.tokens()[..folded.tokens().len().min(MOST_WORDS)];
        Self {
            text,
            words: tokens.iter().map(|token| folded.word(token).to_owned()).collect(),
            places: tokens.iter().map(|token| (token.from as usize, token.to as usize)).collect(),
        }
    }

    fn refs(&self) -> Vec<&str> {
        self.words.iter().map(String::as_str).collect()
    }

    /// The words `from..to` as their author wrote them.
    fn original(&self, from: usize, to: usize) -> String {
        let Some(range) = self.places.get(from..to).filter(|range| !range.is_empty()) else {
            return String::new();
        };
        let (start, end) = (range[0].0, range[range.len() - 1].1);
        self.text.get(start..end).unwrap_or_default().to_owned()
    }
}

/// The longest common subsequence, as pairs of places.
fn common(a: &[&str], b: &[&str]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    let mut lengths = vec![0u16; (a.len() + 1) * width];
    for at in (0..a.len()).rev() {
        for other in (0..b.len()).rev() {
            lengths[at * width + other] = if a[at] == b[other] {
                lengths[(at + 1) * width + other + 1] + 1
            } else {
                lengths[(at + 1) * width + other].max(lengths[at * width + other + 1])
            };
        }
    }
    let (mut at, mut other) = (0, 0);
    let mut pairs = Vec::new();
    while at < a.len() && other < b.len() {
        if a[at] == b[other] {
            pairs.push((at, other));
            (at, other) = (at + 1, other + 1);
        } else if lengths[(at + 1) * width + other] >= lengths[at * width + other + 1] {
            at += 1;
        } else {
            other += 1;
        }
    }
    pairs
}

/// The longest run of words that two texts share, as the bytes where it stands in each.
pub(crate) fn shared_run(
    a: &str,
    b: &str,
) -> Option<(std::ops::Range<usize>, std::ops::Range<usize>)> {
    let (a, b) = (Words::of(a), Words::of(b));
    let mut best = (0, 0, 0);
    let mut before = vec![0usize; b.words.len() + 1];
    for (at, word) in a.words.iter().enumerate() {
        let mut now = vec![0; b.words.len() + 1];
        for (other, same) in b.words.iter().enumerate() {
            if word == same {
                now[other + 1] = before[other] + 1;
                if now[other + 1] > best.0 {
                    best = (now[other + 1], at + 1, other + 1);
                }
            }
        }
        before = now;
    }
    let (length, end_a, end_b) = best;
    let place = |words: &Words<'_>, end: usize| {
        let run = words.places.get(end.checked_sub(length)?..end)?;
        Some(run.first()?.0..run.last()?.1)
    };
    Some((place(&a, end_a)?, place(&b, end_b)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `[kind: values]` for slots, the words as they are.
    fn shown(texts: &[&str]) -> String {
        let parts = template(texts).unwrap().parts.into_iter().map(|part| match part {
            TemplatePart::Words { text } => text,
            TemplatePart::Slot { kind, values } => {
                format!("[{}: {}]", kind.name(), values.join(" | "))
            }
        });
        parts.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_that_stay_are_told_from_those_that_change() {
        assert_eq!(
            shown(&[
                "Дівчата 18-25 на роботу в Туреччину, оплата 1000 євро, дзвоніть Олені 067 123 45 67",
                "ДІВЧАТА 18-25 на роботу в Італію! Оплата 1500 євро, дзвоніть Марині 050 111 22 33",
            ]),
            "Дівчата 18-25 на роботу в [words: Туреччину | Італію] оплата [number: 1000 | 1500] \
             євро, дзвоніть [contact: Олені 067 123 45 67 | Марині 050 111 22 33]"
        );
        assert_eq!(
            shown(&[
                "Girls wanted for Berlin, call now 0671234567",
                "Girls wanted for Milan, call now",
                "Girls wanted for Berlin, call now 0501112233 today",
            ]),
            "Girls wanted for [words: Berlin | Milan] call now \
             [contact: 0671234567 |  | 0501112233 today]"
        );
    }

    #[test]
    fn texts_that_differ_in_most_words_have_none() {
        assert_eq!(template(&["one two three four", "five six seven eight"]), None);
        assert_eq!(template(&["one two"]), None);
        assert_eq!(template(&["", ""]), None);
    }

    #[test]
    fn the_longest_shared_run_is_quoted_in_both() {
        let (a, b) = ("Hello, girls wanted for Berlin now", "Now: GIRLS wanted for Milan");
        let (in_a, in_b) = shared_run(a, b).unwrap();
        assert_eq!((&a[in_a], &b[in_b]), ("girls wanted for", "GIRLS wanted for"));
    }
}
