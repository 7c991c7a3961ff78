//! Sets a page as PDF/A-2u (ISO 19005-2) and PDF/UA-1 (ISO 14289-1), with typst. What comes from
//! outside goes in as data and is never read as mark-up; no file, package or network is in reach of a
//! template.

mod fonts;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Dict, Duration, Smart, Value};
use typst::syntax::{FileId, Source};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

pub use fonts::{MISSING, legible};

/// A page that could not be set: what typst says of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TypesetError(String);

/// What is set.
pub struct Sheet {
    /// The template: typst's mark-up, ours. It finds the two below in `sys.inputs`.
    pub template: &'static str,
    /// `report`: JSON. Its letters are to be [`legible`].
    pub report: String,
    /// `pictures`: PNG or SVG.
    pub pictures: Vec<Vec<u8>>,
    /// What the document is known by, for good.
    pub ident: String,
    /// The document's date.
    pub at: jiff::Timestamp,
}

/// The page as a PDF. The same sheet gives the same bytes.
pub fn pdf(sheet: Sheet) -> Result<Vec<u8>, TypesetError> {
    let utc = sheet.at.to_zoned_datetime(jiff::tz::TimeZone::UTC).datetime();
    let date = Datetime::from_ymd_hms(
        i32::from(utc.year()),
        utc.month().unsigned_abs(),
        utc.day().unsigned_abs(),
        utc.hour().unsigned_abs(),
        utc.minute().unsigned_abs(),
        utc.second().unsigned_abs(),
    );
    let ident = sheet.ident.clone();
    let desk = Desk::new(sheet);
    let result = typst::compile::<PagedDocument>(&desk);
    let document = result.output.map_err(|errors| failed(errors.as_slice()))?;
    let write = |standards: &[PdfStandard]| {
        let options = PdfOptions {
            ident: Smart::Custom(ident.clone()),
            creator: Smart::Custom(Some(concat!("fusion ", env!("CARGO_PKG_VERSION")).to_owned())),
            timestamp: date.map(Timestamp::new_utc),
            standards: PdfStandards::new(standards)
                .map_err(|error| TypesetError(error.message().to_string()))?,
            ..PdfOptions::default()
        };
        typst_pdf::pdf(&document, &options).map_err(|errors| failed(errors.as_slice()))
    };
    // A page that a screen reader stumbles over is better than none.
    let pdf =
        write(&[PdfStandard::A_2u, PdfStandard::Ua_1]).or_else(|_| write(&[PdfStandard::A_2u]))?;
    // What typst remembers of a document is of no use for the next one, and would grow.
    typst::comemo::evict(0);
    Ok(pdf)
}

fn failed(errors: &[SourceDiagnostic]) -> TypesetError {
    let first = errors.first().map(|error| error.message.to_string());
    TypesetError(first.unwrap_or_default())
}

/// All that a template can see: itself, its inputs and the fonts.
struct Desk {
    library: LazyHash<Library>,
    template: Source,
}

impl Desk {
    fn new(sheet: Sheet) -> Self {
        let mut inputs = Dict::new();
        inputs.insert("report".into(), Value::Str(sheet.report.into()));
        let pictures = sheet.pictures.into_iter().map(|picture| Value::Bytes(Bytes::new(picture)));
        inputs.insert("pictures".into(), Value::Array(pictures.collect()));
        let library = Library::builder().with_inputs(inputs).build();
        Self { library: LazyHash::new(library), template: Source::detached(sheet.template) }
    }
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        fonts::book()
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
        fonts::font(index)
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        // A page says its own time.
        None
    }
}
