//! Opening a file that a person gave us: gzip off, and a look at its beginning to see that it is
//! text at all.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};

use domain::{Capture, Outcome, Problem, Source};
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8};
use flate2::bufread::MultiGzDecoder;
use url::Url;

use crate::ScanError;
use crate::charset::undeclared_encoding;

/// How much of a file is looked at before it is read.
const HEAD: usize = 64 * 1024;

const UNREADABLE: Outcome = Outcome::fault("file.unreadable");
const BINARY: Outcome = Outcome::fault("file.binary");
const TOO_LARGE: Outcome = Outcome::fault("file.too-large");
const EMPTY: Outcome = Outcome::fault("file.empty");

/// The largest saved page that is read: SingleFile packs all pictures into it.
const LARGEST_PAGE: u64 = 64 * 1024 * 1024;

/// A file's name without its folders, which are nobody's business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileName(String);

impl FileName {
    pub(crate) fn of(path: &Path) -> Self {
        Self(path.file_name().unwrap_or_default().to_string_lossy().into_owned())
    }

    /// Of the file that a capture was taken from.
    pub(crate) fn of_capture(capture: &Capture) -> Self {
        let address = capture.url.split('#').next().unwrap_or_default();
        Self::of(Path::new(address))
    }

    /// `file:///name`, as an address: a name can hold line breaks and `#`.
    pub(crate) fn address(&self) -> String {
        let mut url = Url::parse("file:///").expect("the constant is an address");
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.clear().push(&self.0);
        }
        url.into()
    }

    /// The disk, or the gzip in the file, fails on the way.
    pub(crate) fn broken_off(&self, error: &std::io::Error) -> ScanError {
        let detail = format!("cannot read {self} to its end: {error}");
        ScanError::Incomplete(Problem::new(UNREADABLE, self.address(), detail))
    }

    pub(crate) fn problem(&self, outcome: Outcome, what: impl fmt::Display) -> ScanError {
        ScanError::Incomplete(Problem::new(outcome, self.address(), format!("{self} {what}")))
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A text file that is open.
pub(crate) struct OpenFile {
    pub(crate) name: FileName,
    pub(crate) reader: Box<dyn BufRead + Send>,
    /// By its beginning; UTF-16 is turned into UTF-8 while it is read, since rows are cut at bytes.
    pub(crate) encoding: &'static Encoding,
    pub(crate) head: Vec<u8>,
}

/// Opens the file of a source as it lies there.
pub(crate) fn open_bytes(source: &Source) -> Result<(FileName, BufReader<File>), ScanError> {
    let path = path_of(source);
    let name = FileName::of(&path);
    match File::open(&path) {
        Ok(file) => Ok((name, BufReader::with_capacity(HEAD, file))),
        Err(error) => Err(unreadable(&path, &error)),
    }
}

/// The whole file of a source, gzip off, when it is no larger than a saved page may be.
pub(crate) fn whole(source: &Source) -> Result<(FileName, Vec<u8>), ScanError> {
    let (name, mut file) = open_bytes(source)?;
    let broken_off = |error: std::io::Error| name.broken_off(&error);
    let gzipped = file.fill_buf().map_err(broken_off)?.starts_with(b"\x1f\x8b");
    let mut reader: Box<dyn Read + Send> =
        if gzipped { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut bytes = Vec::new();
    (&mut reader).take(LARGEST_PAGE + 1).read_to_end(&mut bytes).map_err(broken_off)?;
    if bytes.len() as u64 > LARGEST_PAGE {
        return Err(name.problem(TOO_LARGE, format!("has more than {LARGEST_PAGE} bytes")));
    }
    if bytes.trim_ascii().is_empty() {
        return Err(name.problem(EMPTY, "is empty"));
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    if !undeclared_encoding(head).name().starts_with("UTF-16") && is_binary(head) {
        return Err(name.problem(BINARY, "is no text: it is no saved page"));
    }
    Ok((name, bytes))
}

/// Where the file of a source lies.
pub(crate) fn path_of(source: &Source) -> PathBuf {
    PathBuf::from(source.url.strip_prefix("file://").unwrap_or(&source.url))
}

/// A file or folder that cannot be opened or read.
pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> ScanError {
    let detail = format!("cannot read {}: {error}", path.display());
    ScanError::Incomplete(Problem::new(UNREADABLE, FileName::of(path).address(), detail))
}

/// Opens the file of a source. What is no text is refused here in one sentence.
pub(crate) fn open(source: &Source) -> Result<OpenFile, ScanError> {
    let path = path_of(source);
    let (name, mut file) = open_bytes(source)?;
    let unreadable = |error: std::io::Error| unreadable(&path, &error);
    let gzipped = file.fill_buf().map_err(unreadable)?.starts_with(b"\x1f\x8b");
    let mut reader: Box<dyn Read + Send> =
        if gzipped { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };

    let head = beginning(&mut reader).map_err(unreadable)?;
    let mut encoding = undeclared_encoding(&head);
    let is_wide = encoding.name().starts_with("UTF-16");
    if !is_wide && is_binary(&head) {
        let what = "is no text with a row a line; a spreadsheet must be saved as CSV first";
        return Err(name.problem(BINARY, what));
    }
    let mut whole: Box<dyn Read + Send> =
        Box::new(std::io::Cursor::new(head.clone()).chain(reader));
    if is_wide {
        whole = Box::new(Utf8Reader {
            inner: whole,
            decoder: encoding.new_decoder(),
            ended: false,
            ready: Vec::new(),
        });
    }
    let mut reader = BufReader::with_capacity(HEAD, whole);
    let mut head = head;
    if is_wide {
        encoding = UTF_8;
        head = reader.fill_buf().map_err(unreadable)?.to_vec();
    }
    Ok(OpenFile { name, reader: Box::new(reader), encoding, head })
}

/// Up to [`HEAD`] bytes; less only when the file is shorter.
fn beginning(reader: &mut dyn Read) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    reader.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Text has no zero bytes and hardly any control characters.
pub(crate) fn is_binary(head: &[u8]) -> bool {
    let is_control = |byte: &&u8| **byte < 0x20 && !b"\t\n\r\x0c\x1b".contains(*byte);
    head.contains(&0) || head.iter().filter(is_control).count() > head.len() / 100
}

/// UTF-16 as UTF-8, piece by piece.
struct Utf8Reader {
    inner: Box<dyn Read + Send>,
    decoder: Decoder,
    ended: bool,
    ready: Vec<u8>,
}

impl Read for Utf8Reader {
    fn read(&mut self, mut out: &mut [u8]) -> std::io::Result<usize> {
        let mut piece = [0; 4096];
        while self.ready.is_empty() && !self.ended {
            let got = self.inner.read(&mut piece)?;
            self.ended = got == 0;
            // Three bytes for each unit of two is the most that can come out.
            let mut text = vec![0; 3 * piece.len() + 16];
            let (result, _, written, _) =
                self.decoder.decode_to_utf8(&piece[..got], &mut text, self.ended);
            debug_assert_eq!(result, CoderResult::InputEmpty);
            text.truncate(written);
            self.ready = text;
        }
        let count = out.len().min(self.ready.len());
        out.write_all(&self.ready[..count])?;
        self.ready.drain(..count);
        Ok(count)
    }
}
