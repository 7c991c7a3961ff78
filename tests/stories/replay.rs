//! Snapshots in a replay viewer of another house, in a real browser: what somebody sees of a posting
//! who has the file and nothing of ours.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::browser::tools;
use crate::desk::{Desk, collect_files, fusion, repository};

const AD: &str = "Дівчата 18-25 на роботу в Туреччину, документи не потрібні. Паспорт залишається у координатора, дорогу відпрацюєте. Виїзд сьогодні.";
const NOT_FOUND: &str = "Archived Page Not Found";

struct Snapshot {
    file: PathBuf,
    /// Where the page is in it, by its own list of pages.
    address: String,
    posting: Value,
}

impl Snapshot {
    fn open(file: PathBuf) -> Self {
        let pages = part(&file, "pages/pages.jsonl");
        let page: Value = serde_json::from_str(pages.lines().nth(1).unwrap()).unwrap();
        let address = page["url"].as_str().unwrap().to_owned();
        let posting = serde_json::from_str(&part(&file, "fusion/posting.json")).unwrap();
        Self { file, address, posting }
    }

    /// All snapshots of a desk.
    fn all(desk: &Path) -> Vec<Self> {
        let mut files = Vec::new();
        collect_files(&desk.join("snapshots"), &mut files);
        files.sort();
        files.into_iter().map(Self::open).collect()
    }

    fn words(&self, field: &str) -> String {
        squeezed(self.posting[field].as_str().unwrap())
    }
}

fn part(file: &Path, name: &str) -> String {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(file).unwrap()).unwrap();
    let mut text = String::new();
    zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// Lines break elsewhere in a browser.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What of a page is shown.
struct Shown {
    seen: String,
    /// What its frame holds, seen or not.
    holds: String,
}

/// Replays a page of each of these snapshots.
fn replay(tools: &Path, pages: &[(&Path, &str)]) -> Vec<Shown> {
    let mut node = Command::new("node");
    node.arg(repository().join("tests/browser/replay.mjs")).env("FUSION_BROWSER_TOOLS", tools);
    for (file, address) in pages {
        node.arg(file).arg(address);
    }
    let output = node.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told.len(), pages.len());
    let shown = |one: &Value| Shown {
        seen: squeezed(one["seen"].as_str().unwrap()),
        holds: squeezed(one["holds"].as_str().unwrap()),
    };
    told.iter().map(shown).collect()
}

/// A page that somebody saved and handed over.
fn import_page(desk: &Desk) {
    let page =
        format!("<!DOCTYPE html><html lang=uk><meta charset=utf-8><nav>Меню</nav><p>{AD}</p>");
    desk.import("ad.html", page.as_bytes(), &[]).ended(0);
}

#[test]
fn the_words_of_a_posting_are_seen_in_the_replay_of_its_snapshot() {
    let Some(tools) = tools("replaywebpage") else { return };
    let folder = tempfile::tempdir().unwrap();
    let demo = folder.path().join("demo");
    // The sites are gone when it ends: what is seen afterwards comes out of the snapshots.
    fusion(&["demo", "--no-serve", "--dir", demo.to_str().unwrap()]).ended(0);
    let desk = Desk::new();
    import_page(&desk);

    // One posting of each page.
    let mut of_page = BTreeMap::new();
    for snapshot in Snapshot::all(&demo).into_iter().chain(Snapshot::all(&desk.dir())) {
        of_page.entry(snapshot.address.clone()).or_insert(snapshot);
    }
    let pages: Vec<_> =
        of_page.values().map(|one| (one.file.as_path(), one.address.as_str())).collect();
    let mut seen = BTreeMap::new();
    for (snapshot, shown) in of_page.values().zip(replay(&tools, &pages)) {
        let (source, text) = (snapshot.posting["source"].as_str().unwrap(), snapshot.words("text"));
        let at = format!("{} of {source}: {}", snapshot.address, shown.seen);
        if source == "sample-board" {
            assert!(shown.seen.contains(&snapshot.words("title")), "{at}");
            // Most job pages of the demo have their text for machines only (JSON-LD).
            assert!(shown.holds.contains(&text), "{at}");
        } else {
            // A feed is no page: the viewer shows its bare text.
            assert!(shown.seen.contains(&text), "{at}");
        }
        *seen.entry(source).or_insert(0) += u32::from(shown.seen.contains(&text));
    }
    let sources =
        ["import-ad-html", "sample-board", "sample-channel-ro", "sample-channel-uk", "sample-feed"];
    assert!(seen.keys().eq(&sources) && seen.values().all(|count| *count > 0), "{seen:?}");
}

#[test]
fn nothing_is_seen_of_another_page_or_of_one_with_a_changed_byte() {
    let Some(tools) = tools("replaywebpage") else { return };
    let desk = Desk::new();
    import_page(&desk);
    let snapshot = Snapshot::all(&desk.dir()).remove(0);
    let (begin, length) = record(&snapshot);
    let whole = std::fs::read(&snapshot.file).unwrap();
    // Past the record's gzip header, in its middle, and in the checksum at its end.
    let damaged: Vec<PathBuf> = [12, length / 2, length - 6]
        .iter()
        .map(|at| {
            let (file, mut bytes) = (desk.beside(&format!("{at}.wacz")), whole.clone());
            bytes[begin + at] ^= 1;
            std::fs::write(&file, bytes).unwrap();
            file
        })
        .collect();
    let mut pages = vec![
        (snapshot.file.as_path(), snapshot.address.as_str()),
        (snapshot.file.as_path(), "file:///another.html"),
    ];
    pages.extend(damaged.iter().map(|file| (file.as_path(), snapshot.address.as_str())));
    let shown = replay(&tools, &pages);
    assert!(shown[0].seen.contains(AD), "{}", shown[0].seen);
    for (one, (file, _)) in shown.iter().zip(&pages).skip(1) {
        let at = format!("{}: {}", file.display(), one.seen);
        assert!(one.seen.starts_with(NOT_FOUND), "{at}");
        assert!(!AD.split(' ').any(|word| word.len() > 8 && one.holds.contains(word)), "{at}");
    }
}

/// Where the page's record begins in the snapshot's file, and its length there.
fn record(snapshot: &Snapshot) -> (usize, usize) {
    let index = part(&snapshot.file, "indexes/index.cdx");
    let entry = index.lines().next().unwrap().splitn(3, ' ').nth(2).unwrap();
    let entry: Value = serde_json::from_str(entry).unwrap();
    assert_eq!(entry["url"], snapshot.address.as_str());
    let number = |name: &str| entry[name].as_str().unwrap().parse::<usize>().unwrap();
    let mut zip = zip::ZipArchive::new(std::fs::File::open(&snapshot.file).unwrap()).unwrap();
    let warc = zip.by_name("archive/data.warc.gz").unwrap();
    assert_eq!(warc.compression(), zip::CompressionMethod::Stored);
    let begin = usize::try_from(warc.data_start().unwrap()).unwrap();
    (begin + number("offset"), number("length"))
}

/// A row of a file is kept at an address like `file:///ads.ndjson#line=1`. The viewer looks for an
/// address without what follows `#`, so that it finds none: the row is in the snapshot, for `fusion` and
/// for readers of WARC files, and in the list of pages, which holds the posting's text.
#[test]
fn a_row_of_a_file_is_no_page_to_the_viewer() {
    let Some(tools) = tools("replaywebpage") else { return };
    let desk = Desk::new();
    let row = serde_json::json!({"id": "1", "text": AD});
    desk.import("ads.ndjson", format!("{row}\n").as_bytes(), &[]).ended(0);
    let snapshot = Snapshot::all(&desk.dir()).remove(0);
    assert!(snapshot.address.ends_with("ads.ndjson#line=1"), "{}", snapshot.address);
    let shown = replay(&tools, &[(&snapshot.file, &snapshot.address)]).remove(0);
    assert!(shown.seen.starts_with(NOT_FOUND), "{}", shown.seen);
    assert!(part(&snapshot.file, "pages/pages.jsonl").contains(AD));
}
