//! A snapshot: the evidence of one flagged posting, in one file that needs nothing else.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use domain::{Assessment, Capture, CaptureId, Posting, PostingId, Sha256};
use jiff::Timestamp;
use rayon::prelude::*;

use crate::at_rest::{SNAPSHOTS, Vault};
use crate::capture_records::Packed;
use crate::picture::{Mark, Picture};
use crate::wacz::{self, Wacz};
use crate::{EvidenceError, durable, extract};

/// Freezes a posting with its page, and what belongs to the page, such as the robots.txt that
/// allowed it, into a WACZ file in `snapshots/`. Of a page of rows it holds the posting's row alone. Gives
/// its name and digest.
///
/// The same input gives the same bytes, so that a snapshot that a crash kept out of the custody log
/// is taken again without leaving a second file. A file of that name with other bytes is never
/// overwritten; the new one gets a number.
pub fn take_snapshot(
    vault: &Vault,
    posting: &Posting,
    assessment: &Assessment,
    page: &Capture,
    beside: &[Capture],
    taken_at: Timestamp,
    software: &str,
) -> Result<(String, Sha256), EvidenceError> {
    let all = ToFreeze { posting, assessment, page, beside };
    let taken = freeze(vault, &all, None, taken_at, software)?;
    name_all(vault)?;
    Ok(taken)
}

/// Makes the names of snapshots durable that were put in place since the last time.
fn name_all(vault: &Vault) -> Result<(), EvidenceError> {
    durable::sync_dir(&vault.desk().join(SNAPSHOTS))
}

fn freeze(
    vault: &Vault,
    all: &ToFreeze<'_>,
    packed: Option<&BTreeMap<CaptureId, Packed>>,
    taken_at: Timestamp,
    software: &str,
) -> Result<(String, Sha256), EvidenceError> {
    let ToFreeze { posting, assessment, page, beside } = *all;
    let refused = |what: String| EvidenceError::Refused { what };
    if page.id != posting.capture {
        let what = format!("a snapshot of posting {}: {} is not its page", posting.id, page.id);
        return Err(refused(what));
    }
    let extract = match posting.row {
        None => None,
        Some(row) => Some(extract::cut(page, row).ok_or_else(|| {
            refused(format!("a snapshot of posting {}: its page has no such row", posting.id))
        })?),
    };
    let (page, page_of) = match &extract {
        Some((row, of)) => (row, Some(of)),
        None => (page, None),
    };
    let what = (posting, assessment);
    let whole = Wacz::of_page(what, page, beside, taken_at, software);
    put_unnamed(vault, &Wacz { page_of, packed, ..whole }, &posting.capture, "")
}

/// A flagged posting, and what its snapshot is made of.
#[derive(Debug)]
pub struct ToFreeze<'a> {
    /// The posting.
    pub posting: &'a Posting,
    /// What the rules said of it.
    pub assessment: &'a Assessment,
    /// Its page.
    pub page: &'a Capture,
    /// What belongs to the page.
    pub beside: &'a [Capture],
}

/// Takes a snapshot of each, as of when its page was fetched, in their order: on all cores, since a
/// disk that is told to make one file safe can make several so.
pub fn take_snapshots(
    vault: &Vault,
    all: &[ToFreeze<'_>],
    software: &str,
) -> Result<Vec<(String, Sha256)>, EvidenceError> {
    // The postings of a page share its records; of a page of rows each has its own.
    let whole = all.iter().filter(|one| one.posting.row.is_none()).map(|one| one.page);
    let shared = whole.chain(all.iter().flat_map(|one| one.beside));
    let shared: BTreeMap<&CaptureId, &Capture> =
        shared.map(|capture| (&capture.id, capture)).collect();
    let shared: Vec<&Capture> = shared.into_values().collect();
    let packed = shared.par_iter().map(|capture| (capture.id.clone(), Packed::of(capture)));
    let packed: BTreeMap<CaptureId, Packed> = packed.collect();
    let take =
        |one: &ToFreeze<'_>| freeze(vault, one, Some(&packed), one.page.fetched_at, software);
    let taken: Vec<_> = all.par_iter().map(take).collect();
    let taken = taken.into_iter().collect::<Result<Vec<_>, _>>()?;
    if !taken.is_empty() {
        name_all(vault)?;
    }
    Ok(taken)
}

/// The same with the pictures that the posting shows, which come later, in a file of its own beside the
/// first: `beside` holds them, and what allowed us to fetch them. It is taken when the last of these
/// was fetched.
pub fn take_with_media(
    vault: &Vault,
    posting: &Posting,
    assessment: &Assessment,
    page: &Capture,
    beside: &[Capture],
    software: &str,
) -> Result<(String, Sha256), EvidenceError> {
    if page.id != posting.capture || posting.row.is_some() {
        let what = format!("the pictures of posting {}: {} is not its page", posting.id, page.id);
        return Err(EvidenceError::Refused { what });
    }
    let fetched = beside.iter().map(|capture| capture.fetched_at);
    let taken_at = fetched.max().unwrap_or(page.fetched_at).max(page.fetched_at);
    let wacz = Wacz::of_page((posting, assessment), page, beside, taken_at, software);
    put(vault, &wacz, &posting.capture, MEDIA)
}

/// Whether a snapshot's file has the pictures that its posting shows, by its name.
pub fn has_media(file: &str) -> bool {
    file.contains(MEDIA)
}

/// Freezes what came in the place of a posting when its page was asked for again: the word of the server
/// that it is gone, or a page that does not show it any more. The posting is told as it was known.
pub fn take_instead(
    vault: &Vault,
    posting: &Posting,
    assessment: &Assessment,
    answer: &Capture,
    beside: &[Capture],
    software: &str,
) -> Result<(String, Sha256), EvidenceError> {
    if answer.id == posting.capture {
        let what = format!("the page of posting {} as what came in its place", posting.id);
        return Err(EvidenceError::Refused { what });
    }
    let what = (posting, assessment);
    let whole = Wacz::of_page(what, answer, beside, answer.fetched_at, software);
    let wacz = Wacz { is_instead: true, ..whole };
    put(vault, &wacz, &answer.id, "")
}

/// The same with the page as a browser showed it, in a file of its own beside the first: a browser
/// does not always paint the same bytes.
#[derive(Debug)]
pub struct Viewed<'a> {
    /// The posting.
    pub posting: &'a Posting,
    /// What the rules said of it.
    pub assessment: &'a Assessment,
    /// Its page: all of it, no row of a file.
    pub page: &'a Capture,
    /// What belongs to the page.
    pub beside: &'a [Capture],
    /// How the browser showed it.
    pub picture: &'a Picture,
    /// Where on the picture the words stand that rules found in the posting.
    pub marks: &'a [Mark],
    /// When.
    pub taken_at: Timestamp,
    /// Name and version of this program.
    pub software: &'a str,
}

impl Viewed<'_> {
    /// Writes the file into `snapshots/`, under a name that is free; gives its name and digest.
    pub fn take(&self, vault: &Vault) -> Result<(String, Sha256), EvidenceError> {
        let Self { posting, assessment, page, beside, picture, marks, taken_at, software } = *self;
        if page.id != posting.capture || posting.row.is_some() {
            let what = format!("a picture of posting {}: {} is not its page", posting.id, page.id);
            return Err(EvidenceError::Refused { what });
        }
        let whole = Wacz::of_page((posting, assessment), page, beside, taken_at, software);
        let wacz = Wacz { picture: Some(picture), marks, ..whole };
        put(vault, &wacz, &posting.capture, VIEW)
    }

    /// Whether a snapshot's file has a picture of its page, by its name.
    pub fn is_in(file: &str) -> bool {
        file.contains(VIEW)
    }
}

/// What the name of a snapshot with a picture has; ids are hex digits.
const VIEW: &str = "-view";
/// What the name of a snapshot with the posting's own pictures has.
const MEDIA: &str = "-media";

fn bytes_of(wacz: &Wacz<'_>) -> Result<Vec<u8>, EvidenceError> {
    wacz.to_bytes().map_err(|error| EvidenceError::Refused {
        what: format!("a snapshot of posting {}: {error}", wacz.posting.id),
    })
}

fn put(
    vault: &Vault,
    wacz: &Wacz<'_>,
    capture: &CaptureId,
    kind: &str,
) -> Result<(String, Sha256), EvidenceError> {
    let taken = put_unnamed(vault, wacz, capture, kind)?;
    name_all(vault)?;
    Ok(taken)
}

/// The same for one of several, whose names are made durable together.
fn put_unnamed(
    vault: &Vault,
    wacz: &Wacz<'_>,
    capture: &CaptureId,
    kind: &str,
) -> Result<(String, Sha256), EvidenceError> {
    let posting = wacz.posting;
    let bytes = bytes_of(wacz)?;
    let digest = Sha256::of(&bytes);
    durable::make_dir(&vault.desk().join(SNAPSHOTS))?;
    for number in 1_u32.. {
        let name = file_name(&posting.id, capture, kind, number);
        match vault.read_snapshot(&name) {
            Ok(there) if there == bytes => return Ok((name, digest)),
            // One that was changed stays for `verify` to name.
            Ok(_) | Err(EvidenceError::Damaged { .. }) => {}
            Err(EvidenceError::File { error, .. }) if error.kind() == ErrorKind::NotFound => {
                vault.put_unnamed(&format!("{SNAPSHOTS}/{name}"), &bytes)?;
                return Ok((name, digest));
            }
            Err(error) => return Err(error),
        }
    }
    Err(EvidenceError::Refused {
        what: format!("a snapshot of posting {}: all its names are taken", posting.id),
    })
}

fn file_name(posting: &PostingId, capture: &CaptureId, kind: &str, number: u32) -> String {
    match number {
        1 => format!("{posting}-{capture}{kind}.{}", wacz::ENDING),
        _ => format!("{posting}-{capture}{kind}-{number}.{}", wacz::ENDING),
    }
}
