//! `wages.yaml`.

use text::Currency;

use super::yaml::{Fields, Node, shortened};
use crate::folding::Folding;
use crate::phrase::{self, Phrase};
use crate::problem::{Problems, code};
use crate::vocabulary::{Extent, VocabularyBuilder};
use crate::wages::{Country, Wages};

pub(crate) const FILE: &str = "wages.yaml";

/// Reads the table. What is wrong is noted, and the caller must then not reckon with it.
pub(crate) fn read(root: &Node, folding: &mut Folding, problems: &mut Problems) -> Wages {
    let mut top = root.fields("wages.yaml", problems);
    // For people who check the table; a table without them ages unseen.
    top.need_text("as_of", problems);
    top.need_text("source", problems);
    let mut wages = Wages {
        hours_per_month: positive(&mut top, "hours_per_month", problems),
        days_per_month: positive(&mut top, "days_per_month", problems),
        weeks_per_month: positive(&mut top, "weeks_per_month", problems),
        abroad: positive(&mut top, "abroad", problems),
        ..Wages::default()
    };
    if let Some(node) = top.need("for_one_euro", problems) {
        let mut rates = node.fields("`for_one_euro`", problems);
        wages.for_one_euro =
            Currency::ALL.iter().map(|c| positive(&mut rates, c.code(), problems)).collect();
        rates.finish(problems);
    }
    let mut vocabulary = VocabularyBuilder::default();
    if let Some(node) = top.need("countries", problems) {
        for (name, country) in node.entries("`countries`", problems) {
            let mut fields = country.fields("a country", problems);
            let index = wages.countries.len();
            wages.countries.push(Country {
                month: positive(&mut fields, "month", problems),
                currency: currency(&mut fields, problems),
            });
            if let Some(names) = fields.need("names", problems) {
                for node in names.list(&format!("`names` of {}", shortened(name)), problems) {
                    let Some((word, extent)) = word(node, folding, problems) else { continue };
                    let symbol = vocabulary.symbol(&word, extent) as usize;
                    if symbol < wages.country_of.len() {
                        let message = format!("`{}` stands twice", shortened(&word));
                        problems.report(code::WAGES, node.line, message);
                        continue;
                    }
                    wages.country_of.push(index);
                }
            }
            fields.finish(problems);
        }
    }
    top.finish(problems);
    wages.finder = vocabulary.finder();
    wages
}

fn positive(fields: &mut Fields<'_>, key: &str, problems: &mut Problems) -> f64 {
    let node = fields.take(key);
    let number = node.and_then(Node::number).filter(|number| *number > 0.0);
    number.unwrap_or_else(|| {
        let line = node.map_or(fields.line, |node| node.line);
        problems.report(code::WAGES, line, format!("`{key}` must be a number above 0"));
        1.0
    })
}

fn currency(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Currency> {
    let node = fields.take("currency")?;
    let known = Currency::ALL.into_iter().find(|currency| node.text() == Some(currency.code()));
    if known.is_none() {
        let codes = Currency::ALL.map(Currency::code).join(", ");
        problems.report(code::WAGES, node.line, format!("`currency` must be one of {codes}"));
    }
    known
}

/// A name of a place: one word, or the beginning of one.
fn word(node: &Node, folding: &mut Folding, problems: &mut Problems) -> Option<(Box<str>, Extent)> {
    match node.text().map(|source| phrase::parse(source, folding)) {
        Some(Ok(Phrase::Word(word))) => Some((word, Extent::Word)),
        Some(Ok(Phrase::Stem(stem))) => Some((stem, Extent::Stem)),
        _ => {
            let name = shortened(node.text().unwrap_or_default());
            let message = format!("`{name}` must be one word, or the beginning of one with a *");
            problems.report(code::WAGES, node.line, message);
            None
        }
    }
}
