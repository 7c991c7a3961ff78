//! A report as it is before it is set: what it says, in which order, in which form. HTML and PDF
//! are both set from it, so that they say the same.

use domain::Span;
use serde::Serialize;

use crate::link_drawing::LinkDrawing;
use crate::page_picture::Strip;

/// A run of text of one kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", content = "text", rename_all = "lowercase")]
pub(crate) enum Run {
    Plain(String),
    Strong(String),
    /// Quoted words, as their author wrote them.
    Quote(String),
    /// Words that a rule found, inside a quotation.
    Mark(String),
    /// Hashes, ids, addresses: to be copied, and broken anywhere.
    Code(String),
    Small(String),
}

/// What stands in one line, or one cell of a table.
pub(crate) type Line = Vec<Run>;

pub(crate) fn plain(text: impl Into<String>) -> Line {
    vec![Run::Plain(text.into())]
}

pub(crate) fn code(text: impl Into<String>) -> Line {
    vec![Run::Code(text.into())]
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Block {
    Heading {
        level: u8,
        text: String,
    },
    Paragraph {
        line: Line,
    },
    /// Set apart so that nobody passes over it.
    Notice {
        title: String,
        lines: Vec<Line>,
        grave: bool,
    },
    /// Name and value.
    Facts {
        rows: Vec<(String, Vec<Line>)>,
    },
    Table {
        head: Vec<String>,
        rows: Vec<Vec<Line>>,
    },
    /// Who shares what; a table beside it says the same.
    Drawing {
        title: String,
        drawing: LinkDrawing,
    },
    /// Parts of the picture of a page.
    Picture {
        title: String,
        strips: Vec<Strip>,
    },
    /// Somebody else's text.
    Quotation {
        language: String,
        title: Line,
        text: Line,
    },
}

/// A whole report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Page {
    pub(crate) language: &'static str,
    pub(crate) title: String,
    /// On every page: traffic light, handling code, version.
    pub(crate) banner: String,
    pub(crate) page: String,
    pub(crate) page_of: String,
    pub(crate) blocks: Vec<Block>,
}

impl Page {
    pub(crate) fn heading(&mut self, level: u8, text: impl Into<String>) {
        self.blocks.push(Block::Heading { level, text: text.into() });
    }

    pub(crate) fn paragraph(&mut self, line: Line) {
        self.blocks.push(Block::Paragraph { line });
    }

    pub(crate) fn facts(&mut self, rows: Vec<(String, Vec<Line>)>) {
        if !rows.is_empty() {
            self.blocks.push(Block::Facts { rows });
        }
    }

    pub(crate) fn table(&mut self, head: &[&String], rows: Vec<Vec<Line>>) {
        let head = head.iter().map(|name| (*name).clone()).collect();
        self.blocks.push(Block::Table { head, rows });
    }
}

/// `text` with the places of `spans` marked. Spans that overlap become one mark; one that does not
/// lie on the borders of characters marks nothing.
pub(crate) fn marked<'a>(text: &str, spans: impl IntoIterator<Item = &'a Span>) -> Line {
    let mut places: Vec<(usize, usize)> =
        spans.into_iter().map(|span| (span.start, span.end)).collect();
    places.sort_unstable();
    let mut line = Line::new();
    let mut at = 0;
    let mut places = places.into_iter().peekable();
    while let Some((start, mut end)) = places.next() {
        while let Some((_, next_end)) = places.next_if(|(next, _)| *next <= end) {
            end = end.max(next_end);
        }
        let (Some(before), Some(inside)) = (text.get(at..start), text.get(start..end)) else {
            continue;
        };
        if !before.is_empty() {
            line.push(Run::Plain(before.to_owned()));
        }
        line.push(Run::Mark(inside.to_owned()));
        at = end;
    }
    if let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        line.push(Run::Plain(rest.to_owned()));
    }
    line
}

#[cfg(test)]
mod tests {
    use domain::Field;

    use super::*;

    fn span(start: usize, end: usize) -> Span {
        Span { field: Field::Text, start, end, quote: String::new() }
    }

    #[test]
    fn marks_that_overlap_become_one_and_the_rest_is_kept() {
        let spans = [span(6, 9), span(2, 4), span(3, 6), span(90, 99)];
        let line = marked("0123456789<", &spans);
        let plain = |text: &str| Run::Plain(text.to_owned());
        assert_eq!(line, [plain("01"), Run::Mark("2345678".to_owned()), plain("9<")]);
        assert_eq!(marked("при<в", &[span(1, 3)]), [plain("при<в")], "a span off the borders");
    }
}
