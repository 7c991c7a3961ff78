//! The words that rules found in a posting, to be looked for on the picture of its page.

use domain::{Field, Finding, Span};
use evidence::{Mark, Picture, Sought};
use store::StoredPosting;

/// So many letters before and behind the words go along, to tell them from the same words elsewhere.
const AROUND: usize = 60;
/// Most quotes of one posting that are looked for.
const MOST: usize = 100;

/// What is sought for a posting, in the order in which [`marks_of`] asks for it.
pub(crate) fn sought_of(stored: &StoredPosting) -> Vec<Sought> {
    quotes(stored).map(|(_, span)| sought(stored, span)).collect()
}

/// Where the words of a posting's findings stand on the picture; `first` is the place of its own in the
/// list of all that was sought.
pub(crate) fn marks_of(stored: &StoredPosting, picture: &Picture, first: usize) -> Vec<Mark> {
    let quotes = quotes(stored).enumerate();
    let marks = quotes.map(|(number, (finding, span))| Mark {
        indicator: finding.indicator.clone(),
        rule: finding.rule.clone(),
        quote: span.quote.clone(),
        places: picture.places(first + number),
    });
    marks.collect()
}

fn quotes(stored: &StoredPosting) -> impl Iterator<Item = (&Finding, &Span)> {
    let findings = stored.assessment.findings.iter();
    findings.flat_map(|finding| finding.spans().iter().map(move |span| (finding, span))).take(MOST)
}

fn sought(stored: &StoredPosting, span: &Span) -> Sought {
    let posting = &stored.posting;
    let text = match span.field {
        Field::Text => posting.text.as_str(),
        Field::Title => posting.title.as_deref().unwrap_or_default(),
    };
    let before = text.get(..span.start).unwrap_or_default();
    let start = before.char_indices().rev().take(AROUND).last().map_or(before.len(), |(at, _)| at);
    let after = text.get(span.end..).unwrap_or_default();
    Sought {
        before: before[start..].to_owned(),
        words: span.quote.clone(),
        after: after.chars().take(AROUND).collect(),
    }
}
