//! Which regexes can match a text at all: those of which all the literal pieces stand in it that
//! every match must hold. Found for all regexes in one pass, so that a regex costs nothing on the
//! texts that it has nothing to do with.

use std::collections::BTreeMap;

use aho_corasick::Anchored;
use aho_corasick::automaton::Automaton as _;
use aho_corasick::dfa::DFA;
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::pattern::{self, LazyRegex};
use crate::vocabulary::Table;

/// Most pieces of one clause; an expression with more is tried without it.
const MAX_PIECES: usize = 64;
/// Most clauses of one regex.
const MAX_CLAUSES: usize = 4;
/// Most characters of a class that are looked for one by one.
const MAX_CLASS: u32 = 8;

/// Pieces of which every match holds at least one.
type Clause = Vec<String>;

/// The clauses of all regexes, in one automaton.
#[derive(Debug, Default)]
pub(crate) struct Prefilter {
    /// `None` if there is nothing to look for.
    finder: Option<DFA>,
    /// Piece to the clauses it stands for: regex times [`MAX_CLAUSES`] plus number of the clause.
    clauses_of: Table,
    /// By regex, the bits of all its clauses.
    all_of: Vec<u8>,
}

impl Prefilter {
    pub(crate) fn of(regexes: &[LazyRegex]) -> Self {
        let mut all_of = Vec::new();
        let mut by_piece: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (number, regex) in regexes.iter().enumerate() {
            let clauses = clauses_of(&regex.source);
            all_of.push((1u8 << clauses.len()) - 1);
            for (at, clause) in clauses.into_iter().enumerate() {
                for piece in clause {
                    let slot = (number * MAX_CLAUSES + at) as u32;
                    by_piece.entry(piece).or_default().push(slot);
                }
            }
        }
        let rows: Vec<Vec<u32>> = by_piece.values().cloned().collect();
        let finder = if rows.is_empty() { None } else { DFA::new(by_piece.keys()).ok() };
        if finder.is_none() {
            all_of.fill(0);
        }
        Self { finder, clauses_of: Table::of(&rows), all_of }
    }

    /// Marks the clauses that hold in a folded text. `marks` has one byte for each regex.
    pub(crate) fn mark(&self, folded: &str, marks: &mut [u8]) {
        let Some(finder) = &self.finder else { return };
        let Ok(mut state) = finder.start_state(Anchored::No) else { return };
        // The library's own search for overlapping matches takes twice as long to find none.
        for byte in folded.bytes() {
            state = finder.next_state(Anchored::No, state, byte);
            if finder.is_special(state) && finder.is_match(state) {
                for index in 0..finder.match_len(state) {
                    self.mark_piece(finder.match_pattern(state, index).as_u32(), marks);
                }
            }
        }
    }

    fn mark_piece(&self, piece: u32, marks: &mut [u8]) {
        for slot in self.clauses_of.row(piece) {
            let (regex, number) = (*slot as usize / MAX_CLAUSES, *slot as usize % MAX_CLAUSES);
            marks[regex] |= 1 << number;
        }
    }

    /// Whether a regex can match, by its marks.
    pub(crate) fn can_match(&self, regex: usize, marks: &[u8]) -> bool {
        marks[regex] == self.all_of[regex]
    }
}

/// The clauses worth looking for.
fn clauses_of(source: &str) -> Vec<Clause> {
    let Ok(hir) = pattern::parse(source) else { return Vec::new() };
    let mut clauses = clauses(&hir);
    clauses.sort_by_key(|clause| (std::cmp::Reverse(rarity(clause)), clause.len()));
    clauses.dedup();
    let rare = clauses.iter().filter(|clause| rarity(clause) >= 2).count();
    clauses.truncate(if rare > 0 { rare.min(MAX_CLAUSES) } else { 1 });
    clauses.retain(|clause| rarity(clause) > 0);
    clauses
}

/// A guess at how rare the most frequent piece of a clause is: letters are frequent, signs are not,
/// blanks are everywhere.
fn rarity(clause: &Clause) -> usize {
    let of_piece = |piece: &String| -> usize {
        let of_char = |c: char| match c {
            c if c.is_whitespace() => 0,
            c if c.is_alphanumeric() || ".,-".contains(c) => 1,
            _ => 2,
        };
        piece.chars().map(of_char).sum()
    };
    clause.iter().map(of_piece).min().unwrap_or(0)
}

fn clauses(hir: &Hir) -> Vec<Clause> {
    match hir.kind() {
        _ if let Some(all) = all_of(hir) => as_clause(all).into_iter().collect(),
        HirKind::Concat(parts) => of_sequence(parts),
        HirKind::Alternation(branches) => {
            let mut union = Clause::new();
            for branch in branches {
                let Some(rarest) = clauses(branch).into_iter().max_by_key(rarity) else {
                    return Vec::new();
                };
                union.extend(rarest);
            }
            union.sort();
            union.dedup();
            if union.len() > MAX_PIECES { Vec::new() } else { vec![union] }
        }
        HirKind::Repetition(repetition) if repetition.min > 0 => clauses(&repetition.sub),
        HirKind::Capture(capture) => clauses(&capture.sub),
        _ => Vec::new(),
    }
}

/// The clauses of what follows one upon the other. Pieces that touch are put together, since the
/// longer a piece, the rarer it is.
fn of_sequence(parts: &[Hir]) -> Vec<Clause> {
    let mut clauses_so_far = Vec::new();
    let mut touching = Vec::new();
    for part in parts {
        match all_of(part) {
            Some(next) => match product(&touching, &next) {
                Some(longer) => touching = longer,
                None => clauses_so_far.extend(as_clause(std::mem::replace(&mut touching, next))),
            },
            None => {
                clauses_so_far.extend(as_clause(std::mem::take(&mut touching)));
                clauses_so_far.extend(clauses(part));
            }
        }
    }
    clauses_so_far.extend(as_clause(touching));
    clauses_so_far
}

/// All that an expression matches, if that is little.
fn all_of(hir: &Hir) -> Option<Clause> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(vec![String::new()]),
        HirKind::Literal(literal) => {
            std::str::from_utf8(&literal.0).ok().map(|text| vec![text.to_owned()])
        }
        HirKind::Class(Class::Unicode(class)) => {
            let size: u32 =
                class.ranges().iter().map(|r| r.end() as u32 - r.start() as u32 + 1).sum();
            let chars = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            (size <= MAX_CLASS).then(|| chars.map(String::from).collect())
        }
        HirKind::Capture(capture) => all_of(&capture.sub),
        HirKind::Concat(parts) => {
            parts.iter().try_fold(Clause::new(), |whole, part| product(&whole, &all_of(part)?))
        }
        HirKind::Alternation(branches) => {
            let mut union = Clause::new();
            for branch in branches {
                union.extend(all_of(branch)?);
            }
            union.sort();
            union.dedup();
            (union.len() <= MAX_PIECES).then_some(union)
        }
        _ => None,
    }
}

/// Each of the first with each of the second behind it; the second alone if there is no first.
fn product(first: &Clause, second: &Clause) -> Option<Clause> {
    if first.is_empty() {
        return Some(second.clone());
    }
    let each = first.iter().flat_map(|a| second.iter().map(move |b| format!("{a}{b}")));
    (first.len() * second.len() <= MAX_PIECES).then(|| each.collect())
}

/// Pieces, unless one of them is nothing and so stands everywhere.
fn as_clause(pieces: Clause) -> Option<Clause> {
    (!pieces.is_empty() && pieces.iter().all(|piece| !piece.is_empty())).then_some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_are_what_every_match_holds() {
        for (source, expected) in [
            (r"\bпаспорт\w* на дн\w+", "паспорт &  на дн"),
            (r"(?:1[6-9]|20)-30\b", "16-30|17-30|18-30|19-30|20-30"),
            (r"\bдівч\w*\W+1[6-9] ?- ?2\d", "дівч & 16|17|18|19"),
            (r"(?:ab|cd)+x?", "ab|cd"),
            (r"\d+ ?[€$] (?:за|в) день", "$ в день|$ за день|€ в день|€ за день"),
            (r"\d{2,}", ""),
            (r"(?:o|ооо)\s[«„]", "«|„"),
            (r"x?|y", ""),
        ] {
            let found = clauses_of(source);
            let found: Vec<String> = found.iter().map(|clause| clause.join("|")).collect();
            assert_eq!(found.join(" & "), expected, "{source}");
        }
    }

    #[test]
    fn a_regex_is_tried_only_where_all_its_clauses_hold() {
        let sources = [r"\d+ ?[€$] в день", r"\d{2,}", "паспорт|віза"];
        let prefilter = Prefilter::of(&sources.map(LazyRegex::new));
        for (text, expected) in [
            ("100 € в день", [true, true, false]),
            ("100 в день", [false, true, false]),
            ("віза за 100 €", [false, true, true]),
            ("", [false, true, false]),
        ] {
            let mut marks = [0; 3];
            prefilter.mark(text, &mut marks);
            let tried = [0, 1, 2].map(|regex| prefilter.can_match(regex, &marks));
            assert_eq!(tried, expected, "{text}");
        }
    }
}
