//! `signs.yaml` of a language: what the words of leads say of the signs that they show.

use super::indicator::Signs;
use super::stems::{bias, language_is};
use super::yaml::{Node, shortened};
use crate::problem::{Problems, code};
use crate::tenor::SignStems;

pub(crate) const FILE: &str = "signs.yaml";

/// Largest number that is read, either way: far beyond what a fit gives.
const MOST: f64 = 1_000.0;

/// Reads the file; a sign in which something is wrong is left out.
pub(crate) fn read(
    root: &Node,
    language: &str,
    signs: &Signs,
    problems: &mut Problems,
) -> Vec<SignStems> {
    let mut fields = root.fields(FILE, problems);
    language_is(language, &mut fields, problems);
    // For readers: how many leads were fitted to.
    fields.take("leads");
    let table = fields.need("signs", problems);
    fields.finish(problems);
    let entries = table.map_or_else(Vec::new, |node| node.entries("`signs`", problems));
    let mut read = Vec::new();
    for (id, node) in entries {
        match signs.place(id) {
            Some(place) => read.extend(sign(node, place, problems)),
            None => {
                let message = format!("`{}` is no indicator", shortened(id));
                problems.report(code::ID, node.line, message);
            }
        }
    }
    read
}

fn sign(node: &Node, sign: u16, problems: &mut Problems) -> Option<SignStems> {
    let mut fields = node.fields("a sign", problems);
    let bias = bias(MOST, &mut fields, problems);
    let stems = fields.need("stems", problems);
    fields.finish(problems);
    let mut points = Vec::new();
    let node = stems?;
    for (number, line) in node.text().unwrap_or_default().lines().enumerate() {
        let of_stem = line.rsplit_once(' ').and_then(|(stem, points)| {
            let points: f64 = points.parse().ok()?;
            (!stem.is_empty() && points.abs() <= MOST).then(|| (stem.to_owned(), points))
        });
        if of_stem.is_none() {
            let message = "a line is a stem and its points: `паспо 4.20`";
            problems.report(code::WEIGHTS, node.line + number, message);
        }
        points.extend(of_stem);
    }
    Some(SignStems { sign, bias: bias?, points })
}

#[cfg(test)]
mod tests {
    use super::super::{indicator, yaml};
    use super::*;

    const INDICATORS: &str = "mitigations: []\nindicators:\n  - id: retention\n    title: t\n    \
        dimension: context\n    strength: weak\n    source: s\n    definition: d\n    why: w\n";

    fn problems_of(source: &str) -> Vec<String> {
        let mut problems = Problems::default();
        let signs = indicator::read(&yaml::parse(INDICATORS).unwrap(), &mut problems);
        read(&yaml::parse(source).unwrap(), "uk", &signs, &mut problems);
        problems.sorted().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_wrong_with_a_sign_is_told_at_its_place() {
        let file = |signs: &str| format!("language: uk\nleads: 9\nsigns:\n{signs}");
        let sound = "  retention:\n    bias: -1\n    stems: |\n      паспо 4.2\n      . у мене 1\n";
        assert_eq!(problems_of(&file(sound)), [""; 0]);
        assert_eq!(problems_of("language: uk\nsigns: {}\n"), [""; 0]);
        for (signs, line, expected) in [
            ("  other:\n    bias: 1\n    stems: ''\n", 5, "`other` is no indicator"),
            ("  retention:\n    bias: x\n    stems: ''\n", 5, "`bias` must be a number"),
            ("  retention:\n    bias: 1\n", 5, "stems"),
            ("  retention:\n    bias: 1\n    stems: |\n      паспо\n", 7, "a line is a stem"),
            ("  retention:\n    bias: 1\n    stems: |\n      паспо inf\n", 7, "a line is a stem"),
            ("  - retention\n", 4, "must be a table"),
        ] {
            let told = problems_of(&file(signs));
            assert_eq!(told.len(), 1, "{signs}: {told:?}");
            assert!(told[0].contains(expected), "{told:?}");
            assert!(told[0].contains(&format!(":{line}")), "{told:?}");
        }
        let twice = file(&format!("{sound}{sound}"));
        assert!(problems_of(&twice)[0].contains("stands twice"));
    }
}
