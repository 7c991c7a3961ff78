//! A WACZ file read again: held against itself, by the digest of its manifest and those that the manifest
//! states of each part; and the picture in it.

use std::collections::BTreeSet;
use std::io::{Cursor, Read, Seek};

use domain::Sha256;
use jiff::Timestamp;
use serde::Deserialize;
use warc::WarcReader;
use zip::read::ZipFile;
use zip::{CompressionMethod, ZipArchive};

use crate::durable::digest_in;
use crate::picture::{MOST_BYTES as MOST_OF_PICTURE, Made, Mark};
use crate::wacz::{PICTURE, VIEW};

const MANIFEST: &str = "datapackage.json";
const OF_MANIFEST: &str = "datapackage-digest.json";
/// The longest manifest that is read.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

#[derive(Deserialize)]
struct Manifest {
    resources: Vec<Stated>,
}

#[derive(Deserialize)]
struct Stated {
    path: String,
    hash: Sha256,
}

#[derive(Deserialize)]
struct OfManifest {
    path: String,
    hash: Sha256,
}

/// Says which part is not as the file's own manifest states it; the first, if there are several.
pub(crate) fn agrees_with_itself(wacz: impl Read + Seek, piece: &mut [u8]) -> Result<(), String> {
    let mut zip =
        ZipArchive::new(wacz).map_err(|error| format!("it is no ZIP file any more: {error}"))?;
    let manifest = part(&mut zip, MANIFEST, MOST_BYTES)?;
    let stated: OfManifest = json(OF_MANIFEST, &part(&mut zip, OF_MANIFEST, MOST_BYTES)?)?;
    if stated.path != MANIFEST || stated.hash != Sha256::of(&manifest) {
        return Err(format!("{OF_MANIFEST} states another digest of {MANIFEST}"));
    }
    let manifest: Manifest = json(MANIFEST, &manifest)?;
    let mut known = BTreeSet::from([MANIFEST.to_owned(), OF_MANIFEST.to_owned()]);
    for Stated { path, hash } in manifest.resources {
        let mut part = open(&mut zip, &path)?;
        let digest = digest_in(&mut part, piece).map_err(|error| format!("{path}: {error}"))?;
        if digest != hash {
            return Err(format!("{path} has digest {digest}, {MANIFEST} states {hash}"));
        }
        known.insert(path);
    }
    for name in zip.file_names() {
        let name = name.map_err(|error| format!("the name of a part cannot be read: {error}"))?;
        if !known.contains(&*name) {
            return Err(format!("{MANIFEST} does not speak of {name}"));
        }
    }
    Ok(())
}

fn part<R: Read + Seek>(zip: &mut ZipArchive<R>, path: &str, most: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = open(zip, path)?.take(most + 1).read_to_end(&mut bytes);
    match read {
        Ok(length) if length as u64 <= most => Ok(bytes),
        Ok(_) => Err(format!("{path} has more than {most} bytes")),
        Err(error) => Err(format!("{path}: {error}")),
    }
}

/// A part as it lies in the file: snapshots hold none that would have to be unpacked.
fn open<'a, R: Read + Seek>(
    zip: &'a mut ZipArchive<R>,
    path: &str,
) -> Result<ZipFile<'a, R>, String> {
    let part = zip.by_name(path).map_err(|error| format!("{path}: {error}"))?;
    match part.compression() {
        CompressionMethod::Stored => Ok(part),
        _ => Err(format!("{path} is compressed, and was not")),
    }
}

/// The picture of a page that a snapshot holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PagePicture {
    /// The whole page, as PNG.
    pub png: Vec<u8>,
    /// UTC, when it was taken.
    pub taken_at: Timestamp,
    /// What the browser says of itself.
    pub browser: String,
    /// Where the words stand on it that rules found; none in a snapshot of an earlier program.
    pub marks: Vec<Mark>,
}

#[derive(Deserialize)]
struct Pictured {
    #[serde(flatten)]
    made: Made,
    #[serde(default)]
    marks: Vec<Mark>,
}

/// The picture in a snapshot's file; `None` of one that has none. The error says what cannot be read.
pub fn page_picture(wacz: &[u8]) -> Result<Option<PagePicture>, String> {
    let mut zip = ZipArchive::new(Cursor::new(wacz)).map_err(|error| error.to_string())?;
    if zip.index_for_name(PICTURE).is_none() {
        return Ok(None);
    }
    let Pictured { made, marks } = json(PICTURE, &part(&mut zip, PICTURE, MOST_BYTES)?)?;
    let archive = "archive/data.warc.gz";
    let most = wacz.len() as u64;
    let warc = part(&mut zip, archive, most)?;
    let records = WarcReader::new(warc.as_slice(), MOST_OF_PICTURE);
    let prefix = format!("urn:{VIEW}:");
    for record in records.map_err(|error| format!("{archive}: {error}"))? {
        let record = record.map_err(|problem| format!("{archive}: {problem}"))?;
        if record.field("WARC-Target-URI").is_none_or(|target| !target.starts_with(&prefix)) {
            continue;
        }
        let date = record.field("WARC-Date").and_then(|date| date.parse().ok());
        let taken_at = date.ok_or_else(|| format!("{archive}: the picture has no date"))?;
        let (png, browser) = (record.block, made.browser);
        return Ok(Some(PagePicture { png, taken_at, browser, marks }));
    }
    Err(format!("{archive} holds no picture"))
}

fn json<T: for<'de> Deserialize<'de>>(path: &str, bytes: &[u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("{path}: {error}"))
}
