//! What the brief says, in which order, before it is set: HTML and PDF are both set from it.

use domain::Language;
use serde::Serialize;

use super::plot::{self, Bar};
use super::{Brief, Wording, called, decimal, name, say};
use crate::chance::Ratio;
use crate::counts::Dimension;
use crate::trends::{Change, Trend};

/// The brief of a week in one of its languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BriefSheet {
    /// The language, by its ISO 639-1 code.
    pub language: &'static str,
    /// The title.
    pub title: String,
    /// For whom it is.
    pub subtitle: String,
    /// Which week.
    pub week: String,
    /// What it does not say, and may not be used for.
    pub limits: String,
    /// The rest, one after another.
    pub blocks: Vec<Block>,
}

/// A part of the brief.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Block {
    /// Of a section, or of a part of one.
    Heading {
        /// 2 or 3.
        level: u8,
        /// The words.
        text: String,
    },
    /// A paragraph.
    Paragraph {
        /// The words.
        text: String,
    },
    /// A paragraph on how the rest is to be read.
    Note {
        /// The words.
        text: String,
    },
    /// Sentences, one a line.
    Items {
        /// The sentences.
        items: Vec<String>,
    },
    /// Wordings, each with the number of texts that have it.
    Words {
        /// The wordings.
        words: Vec<(String, u64)>,
    },
    /// A plot.
    Plot {
        /// What it shows.
        title: String,
        /// The plot.
        #[serde(skip)]
        svg: String,
    },
}

/// The brief in one of its four languages.
pub(super) fn sheet(brief: &Brief, language: Language) -> BriefSheet {
    let told = |id: &str, given: &[(&str, &str)]| say(id, language, given);
    let trends = &brief.trends;
    let (week, from, to) =
        (trends.week.to_string(), day(trends.from, language), day(trends.to, language));
    let k = brief.shown_from.to_string();
    let mut blocks = Vec::new();
    in_short(brief, language, &mut blocks);
    for (heading, dimension) in [
        ("offers", Dimension::Sector),
        ("whom", Dimension::TargetGroup),
        ("where", Dimension::Country),
        ("routes", Dimension::Route),
        ("platforms", Dimension::Platform),
        ("languages", Dimension::Language),
        ("signs", Dimension::Indicator),
    ] {
        list(brief, heading, dimension, language, &mut blocks);
    }
    wording(brief, language, &k, &mut blocks);
    changed(brief, language, &mut blocks);
    blocks.push(heading(2, told("advice", &[])));
    let items = (1..=5).map(|n| told(&format!("advice-{n}"), &[])).collect();
    blocks.push(Block::Items { items });
    let past = trends.read_past.len().to_string();
    blocks.push(heading(2, told("how", &[])));
    for text in [
        told("how-1", &[("past", &past)]),
        told("how-2", &[]),
        told("made", &[("version", env!("CARGO_PKG_VERSION"))]),
    ] {
        blocks.push(Block::Note { text });
    }
    BriefSheet {
        language: language.code(),
        title: told("title", &[]),
        subtitle: told("subtitle", &[]),
        week: told("week", &[("week", &week), ("from", &from), ("to", &to)]),
        limits: told("limits", &[("k", &k)]),
        blocks,
    }
}

fn heading(level: u8, text: String) -> Block {
    Block::Heading { level, text }
}

fn in_short(brief: &Brief, language: Language, blocks: &mut Vec<Block>) {
    let told = |id: &str, given: &[(&str, &str)]| say(id, language, given);
    let all = brief.all();
    let hidden = format!("<{}", brief.shown_from);
    let shown = |count: Option<u64>| match count {
        Some(count) if count > 0 => grouped(count),
        _ => hidden.clone(),
    };
    let (read, flagged) =
        (shown(Some(brief.trends.read)), shown(all.and_then(|trend| trend.count)));
    blocks.push(heading(2, told("in-short", &[])));
    let text = told("read", &[("read", &read), ("flagged", &flagged)]);
    blocks.push(Block::Paragraph { text });
    let Some(all) = all.filter(|all| all.count.is_some_and(|count| count > 0)) else {
        blocks.push(Block::Paragraph { text: told("too-few", &[]) });
        return;
    };
    let sentence = match all.change {
        Change::Rising => "rising-all",
        Change::Falling => "falling-all",
        Change::Steady => "steady-all",
        Change::ShortPast => "short-past",
    };
    let numbers = numbers(all.ratio, language);
    let given = [("ratio", numbers[0].as_str()), ("low", &numbers[1]), ("high", &numbers[2])];
    blocks.push(Block::Paragraph { text: told(sentence, &given) });
    let past = i32::try_from(all.past.len()).unwrap_or(0);
    let weeks: Vec<(String, Option<u64>)> = all
        .past
        .iter()
        .chain([&all.count])
        .enumerate()
        .map(|(place, count)| {
            let week = brief.trends.week.back(past - i32::try_from(place).unwrap_or(0));
            (week.monday().strftime("%d.%m").to_string(), *count)
        })
        .collect();
    let title = told("weeks-plot", &[]);
    blocks.push(heading(3, title.clone()));
    blocks.push(Block::Plot { svg: plot::weeks(&title, &weeks), title });
}

fn list(
    brief: &Brief,
    id: &str,
    dimension: Dimension,
    language: Language,
    blocks: &mut Vec<Block>,
) {
    let rows = brief.rows(dimension);
    let title = say(id, language, &[]);
    blocks.push(heading(2, title.clone()));
    if rows.is_empty() {
        blocks.push(Block::Paragraph { text: say("none", language, &[]) });
        return;
    }
    let bars: Vec<Bar> = rows
        .iter()
        .map(|trend| Bar {
            label: called(trend, language),
            count: trend.count.unwrap_or(0),
            expected: expected(trend),
        })
        .collect();
    blocks.push(Block::Plot { svg: plot::bars(&title, &bars), title });
    if dimension == Dimension::Sector {
        blocks.push(Block::Note { text: say("legend", language, &[]) });
    }
}

/// What the past would let expect for as much read. Not told where it is too little to be shown.
fn expected(trend: &Trend) -> Option<f64> {
    let ratio = trend.ratio?;
    let shown = trend.past.iter().all(Option::is_some);
    (shown && ratio.value > 0.0).then(|| (trend.count.unwrap_or(0) as f64 + 0.5) / ratio.value)
}

fn wording(brief: &Brief, language: Language, k: &str, blocks: &mut Vec<Block>) {
    if brief.wording.is_empty() && brief.new_words.is_empty() {
        return;
    }
    blocks.push(heading(2, say("wording", language, &[])));
    blocks.push(Block::Note { text: say("wording-note", language, &[("k", k)]) });
    let mut by_language: Vec<&str> = brief.wording.iter().map(|w| w.language.as_str()).collect();
    by_language.dedup();
    for code in by_language {
        let of_it = brief.wording.iter().filter(|wording| wording.language == code);
        blocks.push(heading(3, name("language", code, language).into_owned()));
        blocks.push(words(of_it));
    }
    if !brief.new_words.is_empty() {
        blocks.push(heading(3, say("new-words", language, &[])));
        blocks.push(words(brief.new_words.iter()));
    }
}

fn words<'a>(wording: impl Iterator<Item = &'a Wording>) -> Block {
    Block::Words { words: wording.map(|one| (one.words.clone(), one.texts)).collect() }
}

fn changed(brief: &Brief, language: Language, blocks: &mut Vec<Block>) {
    let changes = brief.changes();
    blocks.push(heading(2, say("changed", language, &[])));
    if changes.is_empty() {
        let short = brief.all().is_none_or(|all| all.change == Change::ShortPast);
        let sentence = if short { "short-past" } else { "nothing-changed" };
        blocks.push(Block::Paragraph { text: say(sentence, language, &[]) });
        return;
    }
    let told = changes.into_iter().map(|trend| {
        let sentence = if trend.change == Change::Rising { "rose" } else { "fell" };
        let what = called(trend, language);
        let [ratio, low, high] = numbers(trend.ratio, language);
        let given = [("what", what.as_str()), ("ratio", &ratio), ("low", &low), ("high", &high)];
        say(sentence, language, &given)
    });
    blocks.push(Block::Items { items: told.collect() });
}

fn numbers(ratio: Option<Ratio>, language: Language) -> [String; 3] {
    let Some(Ratio { value, low, high }) = ratio else { return Default::default() };
    [value, low, high].map(|number| decimal(number, language))
}

/// A date as it is written in this language.
fn day(date: jiff::civil::Date, language: Language) -> String {
    let form = if language == Language::En { "%-d %B %Y" } else { "%d.%m.%Y" };
    date.strftime(form).to_string()
}

/// Thousands apart, by a narrow blank.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}
