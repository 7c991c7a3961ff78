//! WACZ (<https://specs.webrecorder.net/wacz/1.1.1/>): a ZIP with WARC files, the list of pages that
//! somebody looked at, and the digest of each part.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Read};
use std::sync::Arc;

use async_trait::async_trait;
use domain::{Capture, Clock, Outcome, Problem, Source};
use zip::ZipArchive;

use crate::file_opening::{self, FileName};
use crate::saved_page::PageReader;
use crate::wacz_package::{Package, file_digest, listed_pages};
use crate::warc_file::{Records, keep_records, read_record};
use crate::{Collector, Reading, Scan, ScanError};

const NO_WACZ: Outcome = Outcome::fault("file.not-wacz");
const WRONG_DIGEST: Outcome = Outcome::fault("wacz.wrong-digest");
const PART_MISSING: Outcome = Outcome::fault("wacz.part-missing");
const UNLISTED: Outcome = Outcome::fault("wacz.part-unlisted");
const UNREADABLE: Outcome = Outcome::fault("wacz.part-unreadable");
const PAGE_LIST: Outcome = Outcome::fault("wacz.page-list-broken");
const PAGE_MISSING: Outcome = Outcome::fault("wacz.page-missing");

/// More parts are no archive of a person's browsing.
const MOST_PARTS: usize = 10_000;
/// The largest list or manifest.
const LARGEST_LIST: u64 = 64 * 1024 * 1024;
/// Most lines of a list of pages that are looked at, and most faults of it that are named.
const MOST_LISTED: usize = 100_000;
const MOST_NAMED: usize = 1000;
/// A part unpacks to ten times its size; what unpacks to more than this is made to hurt.
const MOST_TIMES: u64 = 200;
const FREE: u64 = 64 * 1024 * 1024;

/// Web archives of other programs as WACZ.
pub(crate) struct WaczFile {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) pages: PageReader,
}

#[async_trait]
impl Collector for WaczFile {
    fn kind(&self) -> &'static str {
        "wacz"
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let mut archive = Archive::open(scan.source)?;
        let parts = archive.check(scan)?;
        let mut listed = archive.listed_pages(scan, &parts);
        for part in parts.iter().filter(|part| is_warc(part)) {
            let address = format!("{}#{part}&", archive.name.address());
            let place = address.trim_end_matches('&').to_owned();
            let problem = match archive.part(part) {
                Ok(file) => {
                    match keep_records(scan, &*self.clock, &address, file, &mut listed).await? {
                        Records::Some => continue,
                        Records::None(why) => format!("it is no WARC file: {why}"),
                    }
                }
                Err(what) => what,
            };
            scan.fail(Problem::new(UNREADABLE, place, problem));
        }
        for page in listed.iter().take(MOST_NAMED) {
            let detail = "the list of pages has it, the archive has no record of it";
            scan.fail(Problem::new(PAGE_MISSING, page, detail));
        }
        Ok(())
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        read_record(source, capture, &self.pages)
    }
}

fn is_warc(part: &str) -> bool {
    let lower = part.to_ascii_lowercase();
    lower.starts_with("archive/") && (lower.ends_with(".warc") || lower.ends_with(".warc.gz"))
}

struct Archive {
    name: FileName,
    zip: ZipArchive<BufReader<File>>,
}

impl Archive {
    fn open(source: &Source) -> Result<Self, ScanError> {
        let (name, file) = file_opening::open_bytes(source)?;
        let refused = |name: &FileName, what: String| Err(name.problem(NO_WACZ, what));
        let zip = match ZipArchive::new(file) {
            Ok(zip) => zip,
            Err(error) => return refused(&name, format!("is no WACZ file: {error}")),
        };
        if zip.len() > MOST_PARTS {
            return refused(&name, format!("has more than {MOST_PARTS} parts"));
        }
        Ok(Self { name, zip })
    }

    /// Holds every part against the manifest and names what does not agree. Gives the parts that
    /// may be read, in order of name.
    fn check(&mut self, scan: &mut Scan<'_>) -> Result<Vec<String>, ScanError> {
        let stated = match self.text("datapackage.json") {
            Ok(text) => Package::parse(&text),
            Err(what) => Err(what),
        };
        let package = match stated {
            Ok(package) => package,
            Err(what) => {
                let what = format!("is no WACZ file: datapackage.json: {what}");
                return Err(self.name.problem(NO_WACZ, what));
            }
        };
        let address = self.name.address();
        let fault = |outcome, part: &str, what: &str| {
            Problem::new(outcome, format!("{address}#{part}"), what.to_owned())
        };
        if let Some(right) = self.is_manifest_right()
            && !right
        {
            let what = "it does not have the digest that datapackage-digest.json states";
            scan.fail(fault(WRONG_DIGEST, "datapackage.json", what));
        }
        let names: Vec<String> =
            self.zip.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect();
        let mut sound = Vec::new();
        for (part, stated) in &package.digests {
            if !names.contains(part) {
                scan.fail(fault(PART_MISSING, part, "the manifest lists it, the archive lacks it"));
                continue;
            }
            let digest = self.part(part).and_then(|file| file_digest(file, stated));
            match digest {
                Ok(true) => sound.push(part.clone()),
                Ok(false) => {
                    let what =
                        "it does not have the digest that the manifest states; it is not read";
                    scan.fail(fault(WRONG_DIGEST, part, what));
                }
                Err(what) => scan.fail(fault(UNREADABLE, part, &what)),
            }
        }
        for name in names.iter().filter(|name| is_warc(name)) {
            if !package.digests.contains_key(name) {
                let what = "the manifest does not list it; it is not read";
                scan.fail(fault(UNLISTED, name, what));
            }
        }
        Ok(sound)
    }

    /// The addresses that the lists of pages name. Lines that name none are faults.
    fn listed_pages(&mut self, scan: &mut Scan<'_>, parts: &[String]) -> BTreeSet<String> {
        let mut pages = BTreeSet::new();
        for list in parts.iter().filter(|part| part.starts_with("pages/")) {
            let text = self.text(list).unwrap_or_default();
            for line in listed_pages(&text).take(MOST_LISTED) {
                match line {
                    Ok(page) => {
                        let url = url::Url::parse(&page).map_or(page, String::from);
                        pages.insert(url);
                    }
                    Err((line, what)) if scan.problems.len() < MOST_NAMED => {
                        let place = format!("{}#{list} line {line}", self.name.address());
                        scan.fail(Problem::new(PAGE_LIST, place, what));
                    }
                    Err(_) => scan.tally.count(PAGE_LIST),
                }
            }
        }
        pages
    }

    /// Whether the manifest has the digest that stands beside it; `None` when none does.
    fn is_manifest_right(&mut self) -> Option<bool> {
        let stated = self.text("datapackage-digest.json").ok()?;
        let stated: BTreeMap<String, serde_json::Value> = serde_json::from_str(&stated).ok()?;
        let hash = stated.get("hash")?.as_str()?.to_owned();
        self.part("datapackage.json").and_then(|file| file_digest(file, &hash)).ok()
    }

    fn text(&mut self, part: &str) -> Result<String, String> {
        let mut text = Vec::new();
        let file = self.part(part)?;
        let read = file.take(LARGEST_LIST).read_to_end(&mut text);
        read.map_err(|error| format!("it cannot be read: {error}"))?;
        String::from_utf8(text).map_err(|_| "it is not UTF-8".to_owned())
    }

    /// A part, unpacked while it is read, up to what an honest one could unpack to.
    fn part(&mut self, name: &str) -> Result<BufReader<impl Read + Send>, String> {
        let file = self.zip.by_name(name).map_err(|error| error.to_string())?;
        let most = FREE.max(file.compressed_size().saturating_mul(MOST_TIMES));
        Ok(BufReader::new(Bounded { inner: file, left: most }))
    }
}

/// Fails behind so many bytes.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(into)?;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| std::io::Error::other("it unpacks to far more than a page would"))?;
        Ok(read)
    }
}
