//! A desk on paper: imports a file and reads what was kept.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use collect::{
    CaptureSink, Collector, KeepError, PageReader, Reading, SavedWeb, Scan, ScanError,
    file_collectors,
};
use domain::{
    Capture, CaptureId, CaptureMethod, CaptureRole, Checkpoint, FixedClock, Posting, PostingKind,
    Problem, Sha256, Source, SourceId, Tally,
};

/// What came of an import.
#[derive(Default)]
pub(crate) struct Imported {
    pub(crate) captures: Vec<Capture>,
    pub(crate) tally: Tally,
    /// Of the walk.
    pub(crate) problems: Vec<Problem>,
    pub(crate) postings: Vec<Posting>,
    /// Of reading.
    pub(crate) row_problems: Vec<Problem>,
    /// Why the walk ended early.
    pub(crate) incomplete: Option<Problem>,
}

impl Imported {
    /// Rows that became postings, and rows that did not.
    pub(crate) fn rows(&self) -> (usize, usize) {
        (self.postings.len(), self.row_problems.len())
    }

    pub(crate) fn texts(&self) -> Vec<&str> {
        self.postings.iter().map(|posting| posting.text.as_str()).collect()
    }

    /// `name at place` of each row that could not be read.
    pub(crate) fn named_rows(&self) -> Vec<String> {
        self.row_problems.iter().map(named).collect()
    }
}

pub(crate) fn named(problem: &Problem) -> String {
    format!("{} at {}", problem.outcome, problem.place)
}

#[derive(Default)]
pub(crate) struct Kept(pub(crate) Vec<Capture>);

#[async_trait]
impl CaptureSink for Kept {
    async fn keep(&mut self, capture: &Capture) -> Result<bool, KeepError> {
        self.0.push(capture.clone());
        Ok(true)
    }
}

pub(crate) fn collector(kind: &str) -> Box<dyn Collector> {
    let clock = FixedClock("2026-03-01T12:00:00Z".parse().unwrap());
    // Pages that are marked so are a collector's; all others are nobody's.
    let pages: PageReader = Arc::new(|source, page| {
        let text = collect::decode(page.content(), page.header("content-type")).text;
        let Some((_, known)) = text.split_once("known-to-a-collector:") else {
            return Reading::default();
        };
        let words = known.split('<').next().unwrap_or_default().trim().to_owned();
        let key = page.url.clone();
        let posting = Posting::read(source, page, PostingKind::JobAd, key, words);
        Reading {
            postings: vec![Posting { url: Some(page.url.clone()), ..posting }],
            ..Reading::default()
        }
    });
    let mut collectors = file_collectors(Arc::new(clock), &pages).into_iter();
    collectors.find(|collector| collector.kind() == kind).unwrap()
}

pub(crate) fn source(kind: &str, path: &Path, columns: &[(&str, &str)]) -> Source {
    let columns = columns.iter().map(|(field, header)| ((*field).into(), (*header).into()));
    Source {
        columns: columns.collect(),
        ..Source::new(SourceId::new("drop").unwrap(), kind, path.to_string_lossy(), "invented")
    }
}

pub(crate) async fn import(kind: &str, path: &Path, columns: &[(&str, &str)]) -> Imported {
    let (collector, source) = (collector(kind), source(kind, path, columns));
    let (web, mut kept) = (SavedWeb::default(), Kept::default());
    let mut scan = Scan::new(&source, Checkpoint::default(), &web, &mut kept);
    let ended = collector.fetch(&mut scan).await;
    let mut imported =
        Imported { tally: scan.tally, problems: scan.problems, ..Imported::default() };
    imported.incomplete = match ended {
        Ok(()) => None,
        Err(ScanError::Incomplete(problem)) => Some(problem),
        Err(ScanError::Keep(error)) => panic!("{error}"),
    };
    for capture in &kept.0 {
        let reading = collector.read(&source, capture);
        imported.postings.extend(reading.postings);
        imported.row_problems.extend(reading.problems);
    }
    imported.captures = kept.0;
    imported
}

/// Imports a file of this name with this content.
pub(crate) async fn import_bytes(
    name: &str,
    content: impl AsRef<[u8]>,
    columns: &[(&str, &str)],
) -> Imported {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    import(collect::detect_kind(&path).unwrap(), &path, columns).await
}

/// Reads bytes as if they had been kept, with no import before.
pub(crate) fn read(kind: &str, url: &str, content_type: &str, body: &[u8]) -> Reading {
    let source = source(kind, Path::new("drop"), &[]);
    let fetched_at = "2026-03-01T12:00:00Z".parse().unwrap();
    let sha256 = Sha256::of(body);
    let capture = Capture {
        id: CaptureId::derive(&source.id, url, fetched_at, &sha256),
        source: source.id.clone(),
        role: CaptureRole::Page,
        method: CaptureMethod::File,
        url: url.to_owned(),
        redirects: Vec::new(),
        fetched_at,
        status: 0,
        request_headers: Vec::new(),
        response_headers: vec![("Content-Type".to_owned(), content_type.to_owned())],
        body: body.to_vec(),
        sha256,
        decoded: None,
        peer: domain::Peer::default(),
    };
    collector(kind).read(&source, &capture)
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// The folder of reference data, if this machine has it.
pub(crate) fn reference_data() -> Option<PathBuf> {
    let folder = std::env::var_os("FUSION_REFERENCE_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "no reference data at {folder:?}");
    eprintln!("skipped: no reference data at {}", folder.display());
    None
}
