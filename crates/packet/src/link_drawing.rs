use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use domain::{Link, LinkKind, PostingId};
use serde::Serialize;

use crate::html::escaped;

/// Most postings, and most shared things, of a picture; the table beside it has all.
const MOST: usize = 40;
/// Longest label, in characters.
const LONGEST: usize = 44;

const ROW: usize = 22;
const LEFT: usize = 230;
const RIGHT: usize = 430;
const WIDTH: usize = 760;

/// Links as a picture: postings to the left, what they share to the right, and a line wherever a
/// posting has it. What ties nothing by itself is drawn in dashes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct LinkDrawing {
    pub(crate) postings: Vec<String>,
    pub(crate) shared: Vec<Shared>,
    /// Numbers of a posting and of something shared.
    lines: Vec<(usize, usize)>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Shared {
    pub(crate) label: String,
    is_weak: bool,
}

impl LinkDrawing {
    /// Draws the links among `postings`, which are called as their readers know them. `kind` is a
    /// link's kind in words. `None` if no two of them are linked.
    pub(crate) fn new<'a>(
        postings: &[(&PostingId, String)],
        links: &'a [Link],
        kind: impl Fn(LinkKind) -> &'a str,
    ) -> Option<Self> {
        let number = |id| postings.iter().position(|(known, _)| *known == id);
        let mut holders: BTreeMap<(LinkKind, &str), (BTreeSet<usize>, bool)> = BTreeMap::new();
        for link in links {
            let (Some(from), Some(to)) = (number(&link.from), number(&link.to)) else { continue };
            let (known, is_weak) =
                holders.entry((link.kind, &link.value)).or_insert((BTreeSet::new(), true));
            known.extend([from, to]);
            *is_weak &= link.weak.is_some();
        }
        let mut holders: Vec<_> = holders.into_iter().collect();
        // What most share is seen first.
        holders.sort_by_key(|((kind, value), (known, _))| {
            (std::cmp::Reverse(known.len()), *kind, *value)
        });
        let mut drawing = Self { postings: Vec::new(), shared: Vec::new(), lines: Vec::new() };
        let mut rows: BTreeMap<usize, usize> = BTreeMap::new();
        let linked = holders.iter().flat_map(|(_, (known, _))| known).collect::<BTreeSet<_>>();
        for &posting in linked.into_iter().take(MOST) {
            rows.insert(posting, drawing.postings.len());
            drawing.postings.push(shortened(&postings[posting].1));
        }
        for ((link, value), (known, is_weak)) in holders.into_iter().take(MOST) {
            let label = match link {
                LinkKind::Contact | LinkKind::Page => shortened(value),
                LinkKind::Person => shortened(&format!("{}: {value}", kind(link))),
                LinkKind::Text
                | LinkKind::Template
                | LinkKind::Image
                | LinkKind::Likeness
                | LinkKind::Layout => kind(link).to_owned(),
            };
            let ends = known.iter().filter_map(|posting| rows.get(posting));
            let here = drawing.shared.len();
            drawing.lines.extend(ends.map(|row| (*row, here)));
            drawing.shared.push(Shared { label, is_weak });
        }
        (!drawing.lines.is_empty()).then_some(drawing)
    }

    /// The picture, to stand in a page; `title` says what it shows to those who do not see it.
    pub(crate) fn svg(&self, title: &str) -> String {
        let height = self.height();
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"links\" role=\"img\" viewBox=\"0 0 {WIDTH} {height}\" \
             font-size=\"13\"><title>{}</title>\n",
            escaped(title)
        );
        for (posting, shared) in &self.lines {
            let (from, to) =
                (self.row(*posting, self.postings.len()), self.row(*shared, self.shared.len()));
            let dashes =
                if self.shared[*shared].is_weak { " stroke-dasharray=\"4 3\"" } else { "" };
            let _ = writeln!(
                svg,
                "<line x1=\"{LEFT}\" y1=\"{from}\" x2=\"{RIGHT}\" y2=\"{to}\" stroke=\"currentColor\"{dashes}/>"
            );
        }
        for (number, label) in self.postings.iter().enumerate() {
            let y = self.row(number, self.postings.len());
            let _ = writeln!(
                svg,
                "<circle cx=\"{LEFT}\" cy=\"{y}\" r=\"4\" fill=\"currentColor\"/>\
                 <text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"currentColor\">{}</text>",
                LEFT - 10,
                y + 4,
                escaped(label)
            );
        }
        for (number, shared) in self.shared.iter().enumerate() {
            let y = self.row(number, self.shared.len());
            let _ = writeln!(
                svg,
                "<rect x=\"{}\" y=\"{}\" width=\"8\" height=\"8\" fill=\"currentColor\"/>\
                 <text x=\"{}\" y=\"{}\" fill=\"currentColor\">{}</text>",
                RIGHT - 4,
                y - 4,
                RIGHT + 10,
                y + 4,
                escaped(&shared.label)
            );
        }
        svg.push_str("</svg>\n");
        svg
    }

    fn height(&self) -> usize {
        ROW * self.postings.len().max(self.shared.len())
    }

    /// The middle of a row; the shorter column is spread over the height of the longer.
    fn row(&self, number: usize, of: usize) -> usize {
        self.height() * (2 * number + 1) / (2 * of.max(1))
    }
}

fn shortened(label: &str) -> String {
    if label.chars().count() <= LONGEST {
        return label.to_owned();
    }
    let mut short: String = label.chars().take(LONGEST - 1).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use domain::LeadId;

    use super::*;

    fn id(letter: char) -> PostingId {
        let source = domain::SourceId::new("board").unwrap();
        PostingId::derive(&source, &letter.to_string())
    }

    fn link(from: char, to: char, kind: LinkKind, value: &str) -> Link {
        let (from, to) = (id(from), id(to));
        Link {
            kind,
            value: value.to_owned(),
            strength: 1.0,
            lead: LeadId::founded_by(&to),
            from,
            to,
            here: None,
            there: None,
            weak: (kind == LinkKind::Template).then(|| "common".to_owned()),
        }
    }

    fn drawn(links: &[Link]) -> Option<LinkDrawing> {
        let ids = ['a', 'b', 'c', 'd'].map(id);
        let names: Vec<_> =
            ids.iter().zip(1..).map(|(id, number)| (id, format!("Posting {number}"))).collect();
        LinkDrawing::new(&names, links, |_| "same template")
    }

    #[test]
    fn what_most_postings_share_comes_first_and_each_has_one_line_to_it() {
        let drawing = drawn(&[
            link('a', 'b', LinkKind::Template, "f00"),
            link('a', 'b', LinkKind::Contact, "+380000000001"),
            link('a', 'd', LinkKind::Contact, "+380000000001"),
            link('b', 'd', LinkKind::Contact, "+380000000001"),
        ])
        .unwrap();
        assert_eq!(drawing.postings, ["Posting 1", "Posting 2", "Posting 4"]);
        let labels: Vec<_> =
            drawing.shared.iter().map(|one| (one.label.as_str(), one.is_weak)).collect();
        assert_eq!(labels, [("+380000000001", false), ("same template", true)]);
        assert_eq!(drawing.lines, [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1)]);
    }

    #[test]
    fn links_to_postings_elsewhere_draw_nothing() {
        assert_eq!(drawn(&[link('a', 'z', LinkKind::Contact, "+380000000001")]), None);
    }

    #[test]
    fn labels_from_outside_stay_text() {
        let value = "https://example.org/<script>alert(1)</script>";
        let svg = drawn(&[link('a', 'b', LinkKind::Page, value)]).unwrap().svg("\"links\"");
        assert!(svg.contains("&lt;script&gt;") && !svg.contains("<script"), "{svg}");
        assert!(svg.contains("<title>&quot;links&quot;</title>"));
    }
}
