//! Sets a report as PDF/A-2u (ISO 19005-2) and PDF/UA-1 (ISO 14289-1), with typst. What comes from
//! outside goes in as data and is never read as mark-up; no file, package or network is in reach of the
//! template.

use std::sync::LazyLock;

use serde::Serialize;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Dict, Duration, Smart, Value};
use typst::syntax::{FileId, Source};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::PacketError;
use crate::html::is_unruly;
use crate::page::{Block, Line, Page, Run};

const TEMPLATE: &str = include_str!("report.typ");
/// What a letter that no font has is shown as.
const MISSING: char = '\u{fffd}';

/// The report as a PDF/A file, dated at `at`. The same page and time give the same bytes.
pub(crate) fn set(page: &Page, ident: &str, at: jiff::Timestamp) -> Result<Vec<u8>, PacketError> {
    let utc = at.to_zoned_datetime(jiff::tz::TimeZone::UTC).datetime();
    let date = Datetime::from_ymd_hms(
        i32::from(utc.year()),
        utc.month().unsigned_abs(),
        utc.day().unsigned_abs(),
        utc.hour().unsigned_abs(),
        utc.minute().unsigned_abs(),
        utc.second().unsigned_abs(),
    );
    let desk = Desk::new(&settable(page));
    let result = typst::compile::<PagedDocument>(&desk);
    let document = result.output.map_err(|errors| failed(errors.as_slice()))?;
    let write = |standards: &[PdfStandard]| {
        let options = PdfOptions {
            ident: Smart::Custom(ident.to_owned()),
            creator: Smart::Custom(Some(concat!("fusion ", env!("CARGO_PKG_VERSION")).to_owned())),
            timestamp: date.map(Timestamp::new_utc),
            standards: PdfStandards::new(standards)
                .map_err(|error| PacketError::Pdf(error.message().to_string()))?,
            ..PdfOptions::default()
        };
        typst_pdf::pdf(&document, &options).map_err(|errors| failed(errors.as_slice()))
    };
    // A report that a screen reader stumbles over is better than none.
    let pdf =
        write(&[PdfStandard::A_2u, PdfStandard::Ua_1]).or_else(|_| write(&[PdfStandard::A_2u]))?;
    // What typst remembers of a document is of no use for the next one, and would grow.
    typst::comemo::evict(0);
    Ok(pdf)
}

fn failed(errors: &[SourceDiagnostic]) -> PacketError {
    let first = errors.first().map(|error| error.message.to_string());
    PacketError::Pdf(first.unwrap_or_default())
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
    pictures: Vec<Bytes>,
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
                    pictures.push(Bytes::new(std::mem::take(&mut strip.png)));
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

fn legible(text: &str) -> String {
    let fonts = &*FONTS;
    let shown = |letter: char| match letter {
        '\n' => Some('\n'),
        '\t' => Some(' '),
        // They join or colour the sign before them, and have no shape of their own.
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ad}' => {
            None
        }
        letter if is_unruly(letter) || !fonts.have(letter) => Some(MISSING),
        letter => Some(letter),
    };
    text.chars().filter_map(shown).collect()
}

struct Fonts {
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
    let own: [&'static [u8]; 3] = [
        include_bytes!("../fonts/NotoEmoji-Regular.ttf"),
        include_bytes!("../fonts/NotoNaskhArabic-Regular.ttf"),
        include_bytes!("../fonts/NotoSansHebrew-Regular.ttf"),
    ];
    let files = typst_assets::fonts().chain(own);
    let fonts: Vec<Font> = files.flat_map(|file| Font::iter(Bytes::new(file))).collect();
    // The fonts for formulas are never asked for, and would only be looked through.
    let wanted = |font: &Font| !font.info().family.contains("Computer Modern");
    let fonts: Vec<Font> = fonts.into_iter().filter(wanted).collect();
    Fonts { book: LazyHash::new(FontBook::from_fonts(&fonts)), fonts }
});

impl Fonts {
    fn have(&self, letter: char) -> bool {
        letter == ' '
            || letter == '\u{a0}'
            || self.fonts.iter().any(|font| font.info().coverage.contains(u32::from(letter)))
    }
}

/// All that the template can see: itself, the report and the fonts.
struct Desk {
    library: LazyHash<Library>,
    template: Source,
}

impl Desk {
    fn new(report: &Settable) -> Self {
        let json = serde_json::to_string(report).expect("plain structs serialise");
        let mut inputs = Dict::new();
        inputs.insert("report".into(), Value::Str(json.into()));
        let pictures = report.pictures.iter().cloned().map(Value::Bytes);
        inputs.insert("pictures".into(), Value::Array(pictures.collect()));
        let library = Library::builder().with_inputs(inputs).build();
        Self { library: LazyHash::new(library), template: Source::detached(TEMPLATE) }
    }
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FONTS.book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() {
            Ok(self.template.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn file(&self, _: FileId) -> FileResult<Bytes> {
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        // The report says its own time.
        None
    }
}
