//! Sets a report as PDF.

use serde::Serialize;
use typeset::{MISSING, Sheet};

use crate::PacketError;
use crate::html::is_unruly;
use crate::page::{Block, Line, Page, Run};

const TEMPLATE: &str = include_str!("report.typ");

/// The report as a PDF/A file, dated at `at`. The same page and time give the same bytes.
pub(crate) fn set(page: &Page, ident: &str, at: jiff::Timestamp) -> Result<Vec<u8>, PacketError> {
    let mut page = settable(page);
    let pictures = std::mem::take(&mut page.pictures);
    let report = serde_json::to_string(&page).expect("plain structs serialise");
    let sheet = Sheet { template: TEMPLATE, report, pictures, ident: ident.to_owned(), at };
    typeset::pdf(sheet).map_err(|error| PacketError::Pdf(error.to_string()))
}

/// A page with the widths of its tables and without letters that no font has, since PDF/A forbids
/// them. The HTML report and the data have every letter.
#[derive(Serialize)]
struct Settable {
    #[serde(flatten)]
    page: Page,
    /// For each table, in order: how wide its columns are against each other.
    widths: Vec<Vec<usize>>,
    /// The parts of pictures, by their numbers; handed over beside the rest, which is text.
    #[serde(skip)]
    pictures: Vec<Vec<u8>>,
}

fn settable(page: &Page) -> Settable {
    let mut page = page.clone();
    let (mut widths, mut pictures) = (Vec::new(), Vec::new());
    page.title = legible(&page.title);
    page.banner = legible(&page.banner);
    for block in &mut page.blocks {
        match block {
            Block::Heading { text, .. } => *text = legible(text),
            Block::Paragraph { line } => make_legible(line),
            Block::Notice { title, lines, .. } => {
                *title = legible(title);
                lines.iter_mut().for_each(make_legible);
            }
            Block::Facts { rows } => {
                for (name, values) in rows {
                    *name = legible(name);
                    values.iter_mut().for_each(make_legible);
                }
            }
            Block::Table { head, rows } => {
                rows.iter_mut().flatten().for_each(make_legible);
                widths.push(column_widths(head, rows));
            }
            Block::Drawing { drawing, .. } => {
                let shared = drawing.shared.iter_mut().map(|shared| &mut shared.label);
                for label in drawing.postings.iter_mut().chain(shared) {
                    *label = legible(label);
                }
            }
            Block::Picture { title, strips } => {
                *title = legible(title);
                for strip in strips {
                    strip.nth = pictures.len();
                    pictures.push(std::mem::take(&mut strip.png));
                }
            }
            Block::Quotation { title, text, .. } => {
                make_legible(title);
                make_legible(text);
            }
        }
    }
    Settable { page, widths, pictures }
}

/// By what stands in them, within what a page can bear.
fn column_widths(head: &[String], rows: &[Vec<Line>]) -> Vec<usize> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let total: usize = cells.map(letters).sum();
        let name = head[column].chars().count() + 2;
        (total / rows.len().max(1)).max(name).clamp(5, 28)
    };
    (0..head.len()).map(width).collect()
}

fn text_of(run: &Run) -> &str {
    match run {
        Run::Plain(text)
        | Run::Strong(text)
        | Run::Quote(text)
        | Run::Mark(text)
        | Run::Code(text)
        | Run::Small(text) => text,
    }
}

fn letters(line: &Line) -> usize {
    line.iter().map(|run| text_of(run).chars().count()).max().unwrap_or_default()
}

fn make_legible(line: &mut Line) {
    for run in line {
        let (Run::Plain(text)
        | Run::Strong(text)
        | Run::Quote(text)
        | Run::Mark(text)
        | Run::Code(text)
        | Run::Small(text)) = run;
        *text = legible(text);
    }
}

/// Marks that turn the direction of reading are shown as missing letters, not obeyed.
fn legible(text: &str) -> String {
    let ruly: String = text.chars().map(|c| if is_unruly(c) { MISSING } else { c }).collect();
    typeset::legible(&ruly)
}
