//! Words from outside, made safe to look at. Markup is escaped by the templates; this sees to the
//! rest: what would turn the direction of reading, hide, or break the line.

use domain::Span;
use maud::{Markup, html};

/// The text with control characters, and marks that turn the direction of reading or show nothing,
/// replaced by a sign that something stood there. Line breaks and tabs stay.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e0fff}' => {
                '\u{fffd}'
            }
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// The text on one line, at most so many letters of it.
pub(crate) fn shortened(text: &str, letters: usize) -> String {
    let line = clean(text).split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= letters {
        return line;
    }
    line.chars().take(letters.saturating_sub(1)).chain(['…']).collect()
}

/// A passage that is marked in a text, and the number of the reason beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Passage {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) reason: usize,
    /// Speaks against a look.
    pub(crate) against: bool,
}

impl Passage {
    pub(crate) fn of(span: &Span, reason: usize, against: bool) -> Self {
        Self { start: span.start, end: span.end, reason, against }
    }
}

/// The text with its passages marked. Where passages overlap, the piece carries the reasons of all.
/// `title` gives the words that a mark shows when pointed at.
pub(crate) fn marked(text: &str, passages: &[Passage], title: &dyn Fn(usize) -> String) -> Markup {
    let whole = |passage: &&Passage| text.get(passage.start..passage.end).is_some();
    let passages: Vec<&Passage> = passages.iter().filter(whole).collect();
    let mut borders: Vec<usize> = passages.iter().flat_map(|p| [p.start, p.end]).collect();
    borders.extend([0, text.len()]);
    borders.sort_unstable();
    borders.dedup();
    let pieces = borders.windows(2).map(|pair| {
        let (start, end) = (pair[0], pair[1]);
        let here: Vec<&&Passage> =
            passages.iter().filter(|p| p.start <= start && end <= p.end).collect();
        (&text[start..end], end, here)
    });
    html! {
        @for (piece, end, here) in pieces {
            @if !here.is_empty() {
                @let reasons = distinct(here.iter().map(|p| p.reason));
                @let words = reasons.iter().map(|r| title(*r)).collect::<Vec<_>>().join(" · ");
                mark.against[here.iter().all(|p| p.against)] title=(words)
                    data-reason=(reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
                    { (clean(piece)) }
                // The number stands once, where the passage ends for good.
                @let ending = here.iter().filter(|p| p.end == end && !goes_on(text, &passages, p));
                @for reason in distinct(ending.map(|p| p.reason)) {
                    sup { a href={ "#reason-" (reason) } { (reason % 1000) } }
                }
            } @else {
                (clean(piece))
            }
        }
    }
}

fn distinct(reasons: impl Iterator<Item = usize>) -> Vec<usize> {
    reasons.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// Whether another passage of the same reason follows at once, or reaches further.
fn goes_on(text: &str, passages: &[&Passage], passage: &Passage) -> bool {
    let follows = |next: &&Passage| {
        let between = text.get(passage.end..next.start.max(passage.end)).unwrap_or("x");
        next.reason == passage.reason && next.end > passage.end && between.trim().is_empty()
    };
    passages.iter().any(follows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_or_hides_the_reading_is_shown_as_a_sign() {
        assert_eq!(clean("a\u{202e}b\u{7}c\nd\u{2066}"), "a\u{fffd}b\u{fffd}c\nd\u{fffd}");
        assert_eq!(shortened("робота  за\nкордоном", 9), "робота з…");
    }

    #[test]
    fn marks_carry_their_reasons_and_the_text_stays_text() {
        let passages = [
            Passage { start: 1, end: 6, reason: 1, against: false },
            Passage { start: 4, end: 8, reason: 2, against: true },
            Passage { start: 90, end: 99, reason: 3, against: false },
        ];
        let html =
            marked("0<b>456789", &passages, &|reason| format!("why {reason}\"")).into_string();
        assert!(html.contains("title=\"why 1&quot; · why 2&quot;\""), "{html}");
        assert!(html.starts_with("0<mark"), "{html}");
        assert!(html.contains("&lt;b&gt;") && !html.contains("<b>"), "{html}");
        assert_eq!(html.matches("<sup>").count(), 2, "{html}");
        let together = [
            Passage { start: 0, end: 3, reason: 1, against: false },
            Passage { start: 4, end: 7, reason: 1, against: false },
        ];
        let html = marked("two one", &together, &|_| String::new()).into_string();
        assert_eq!(html.matches("<sup>").count(), 1, "{html}");
        let off = [Passage { start: 1, end: 3, reason: 1, against: false }];
        assert_eq!(marked("при<", &off, &|_| String::new()).into_string(), "при&lt;");
    }
}
