//! `stems.yaml` of a language: what the beginnings of words speak for, whole words, and the beginnings of
//! two neighbours, of which one may be the border of a sentence.

use domain::Language;

use super::yaml::{Fields, Node};
use crate::problem::{Problems, code};
use crate::tenor::{BETWEEN, BORDER, StemWeight, Stems, WORD, whole};

pub(crate) const FILE: &str = "stems.yaml";

/// Largest number that is read, either way: far beyond what a fit gives.
const MOST: f64 = 100.0;

/// Reads the file; `None` if nothing can be weighed with it.
pub(crate) fn read(root: &Node, language: &str, problems: &mut Problems) -> Option<Stems> {
    let before = problems.count();
    let mut fields = root.fields(FILE, problems);
    language_is(language, &mut fields, problems);
    also(fields.take("also"), problems);
    let never = never(fields.take("never"), problems);
    // For readers: how many postings were fitted to.
    fields.take("postings");
    let bias = bias(MOST, &mut fields, problems);
    let stems = fields.need("stems", problems).map(|node| lines(node, &never, problems));
    fields.finish(problems);
    let (bias, stems) = (bias?, stems?);
    (problems.count() == before).then_some(Stems { bias, stems })
}

/// A fitted file is that of its folder's language.
pub(super) fn language_is(language: &str, fields: &mut Fields<'_>, problems: &mut Problems) {
    if let Some(node) = fields.need("language", problems)
        && node.text() != Some(language)
    {
        let message = format!("`language` must be `{language}`, as the folder");
        problems.report(code::ID, node.line, message);
    }
}

/// What a text comes to in which no word is known, of at most this size.
pub(super) fn bias(most: f64, fields: &mut Fields<'_>, problems: &mut Problems) -> Option<f64> {
    let node = fields.need("bias", problems)?;
    let bias = node.number().filter(|bias| bias.abs() <= most);
    if bias.is_none() {
        problems.report(code::WEIGHTS, node.line, "`bias` must be a number");
    }
    bias
}

/// Languages close enough to be fitted together, and told by the same numbers.
pub(crate) fn also(list: Option<&Node>, problems: &mut Problems) -> Vec<Language> {
    let entries = list.map_or(&[][..], |list| list.list("`also`", problems));
    let mut languages = Vec::new();
    for entry in entries {
        match entry.text().and_then(Language::from_code) {
            Some(language) => languages.push(language),
            None => problems.report(code::ID, entry.line, "`also` lists codes of languages"),
        }
    }
    languages
}

/// Beginnings and whole words that must not speak, since they say who somebody is or where from.
pub(crate) fn never(list: Option<&Node>, problems: &mut Problems) -> Vec<String> {
    let entries = list.map_or(&[][..], |list| list.list("`never`", problems));
    let mut never: Vec<String> =
        entries.iter().filter_map(|entry| Some(entry.text()?.to_owned())).collect();
    never.sort_unstable();
    never
}

/// Whether a stem or word, or one of two, must not speak, or begins as one that must not.
pub(crate) fn is_never(name: &str, never: &[String]) -> bool {
    let is_listed = |name: &str| never.binary_search_by(|other| other.as_str().cmp(name)).is_ok();
    name.split(BETWEEN).any(|name| {
        let word = name.strip_prefix(WORD).unwrap_or(name);
        let ends = word.char_indices().skip(1).map(|(at, _)| at).chain([word.len()]);
        let mut beginnings = ends.map(|end| &word[..end]);
        beginnings.any(is_listed) || is_listed(&whole(word))
    })
}

/// One stem a line, one word, or the stems of two neighbours: with its rarity, and its points.
fn lines(node: &Node, never: &[String], problems: &mut Problems) -> Vec<(String, StemWeight)> {
    let mut stems: Vec<(String, StemWeight)> = Vec::new();
    let text = node.text().unwrap_or_default();
    for (number, line) in text.lines().enumerate() {
        let at = node.line + number;
        let Some((stem, weight)) = stem(line) else {
            let message = "a line is a stem, its rarity and its points: `абон 6.13 -0.42`";
            problems.report(code::WEIGHTS, at, message);
            continue;
        };
        if stems.last().is_some_and(|(last, _)| last.as_str() >= stem) {
            problems.report(code::WEIGHTS, at, "stems stand in order, each once");
        }
        stems.push((stem.to_owned(), weight));
    }
    // Whoever adds to `never` is heard at once, and not from the next fit on.
    stems.retain(|(stem, _)| !is_never(stem, never));
    stems
}

fn stem(line: &str) -> Option<(&str, StemWeight)> {
    let mut parts = line.rsplitn(3, BETWEEN);
    let mut number = || parts.next()?.parse::<f64>().ok().filter(|number| number.abs() <= MOST);
    let (points, rarity) = (number()?, number()?);
    let stem = parts.next()?;
    // `nan` and `inf` are numbers to the parser, and beginnings of words.
    let is_number = |part: &str| part.parse::<f64>().is_ok_and(f64::is_finite);
    let is_stem = |part: &str| !part.is_empty() && !part.contains(WORD) && !is_number(part);
    let are_stems = match stem.strip_prefix(WORD) {
        Some(word) => is_stem(word) && !word.contains(BETWEEN),
        None => {
            let mut parts = stem.split(BETWEEN);
            parts.clone().count() <= 2
                && parts.clone().all(is_stem)
                && parts.any(|part| part != BORDER)
        }
    };
    (rarity > 0.0 && are_stems).then_some((stem, StemWeight { rarity, points }))
}

#[cfg(test)]
mod tests {
    use super::super::yaml;
    use super::*;

    fn problems_of(source: &str) -> Vec<String> {
        let mut problems = Problems::default();
        let read = read(&yaml::parse(source).unwrap(), "uk", &mut problems);
        let told: Vec<String> = problems.sorted().iter().map(ToString::to_string).collect();
        assert_eq!(read.is_some(), told.is_empty(), "{told:?}");
        told
    }

    #[test]
    fn what_is_wrong_with_a_line_is_told_at_its_place() {
        let file = |lines: &str| {
            format!("language: uk\nnever: [жін, дівч]\nbias: -0.5\nstems: |\n  {lines}\n")
        };
        assert_eq!(problems_of(&file("абон 6.1 -0.4\n  абон банк 3 1\n  банк 3 0.2")), [""; 0]);
        assert_eq!(problems_of(&file("=абон 6.1 -0.4\n  абон 3 1")), [""; 0]);
        assert_eq!(problems_of(&file(". абон 3 1\n  абон 6.1 -0.4\n  абон . 3 1")), [""; 0]);
        assert_eq!(problems_of(&file("inf 3 1\n  my nan 3 1\n  nan 6.1 -0.4")), [""; 0]);
        for (lines, line, expected) in [
            ("абон 6.1", 5, "a line is a stem"),
            ("абон 6.1 0.2 0.3", 5, "a line is a stem"),
            ("абон банк віза 6.1 0.2", 5, "a line is a stem"),
            ("абон  6.1 0.2", 5, "a line is a stem"),
            (". . 6.1 0.2", 5, "a line is a stem"),
            ("абон 0 0.2", 5, "a line is a stem"),
            ("= 6.1 0.2", 5, "a line is a stem"),
            ("=абон банк 6.1 0.2", 5, "a line is a stem"),
            ("абон =банк 6.1 0.2", 5, "a line is a stem"),
            ("абон NaN 0.2", 5, "a line is a stem"),
            ("банк 3 1\n  абон 6 1", 6, "in order"),
            ("абон 3 1\n  абон 6 1", 6, "in order"),
        ] {
            let told = problems_of(&file(lines));
            assert_eq!(told.len(), 1, "{lines}: {told:?}");
            assert!(
                told[0].contains(expected) && told[0].contains(&format!(":{line}")),
                "{told:?}"
            );
        }
        assert!(problems_of("language: ru\nbias: x\nstems: |\n  абон 1 1\n").len() == 2);
        let also = "language: uk\nalso: [ru, xx]\nbias: 0\nstems: |\n  абон 1 1\n";
        assert!(problems_of(also)[0].contains("`also` lists codes of languages"));
    }

    #[test]
    fn what_must_not_speak_is_not_read() {
        let file = "language: uk\nnever: [дівч, жін, =він]\nbias: 0\nstems: |\n  =він 3 1\n  \
            =вінок 3 1\n  =жінка 3 1\n  він 3 1\n  вінок 3 1\n  дівч 3 1\n  дім 3 1\n  жити 2 1\n  \
            жити він 2 1\n  жити жінк 2 1\n  жінк 6 1\n  жінко 7 1\n";
        let read = read(&yaml::parse(file).unwrap(), "uk", &mut Problems::default()).unwrap();
        let stems: Vec<&str> = read.stems.iter().map(|(stem, _)| stem.as_str()).collect();
        assert_eq!(stems, ["=вінок", "вінок", "дім", "жити"]);
    }
}
