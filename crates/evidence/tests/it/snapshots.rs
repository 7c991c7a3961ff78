use std::fs;
use std::io::Read as _;
use std::path::Path;

use domain::{Capture, Posting, RowPlace, Sha256};
use evidence::EvidenceError;

use crate::sample::{SOFTWARE, assessment, packed_page, posting_of, robots, rows, time, vault};

type Taken = Result<(String, Sha256), EvidenceError>;

/// Takes a posting's snapshot.
fn take(desk: &Path, posting: &Posting, page: &Capture) -> Taken {
    let (vault, at) = (vault(desk), page.fetched_at);
    evidence::take_snapshot(&vault, posting, &assessment(), page, &[], at, SOFTWARE)
}

/// The same, opened.
fn taken(desk: &Path, posting: &Posting, page: &Capture) -> zip::ZipArchive<fs::File> {
    let (file, _) = take(desk, posting, page).unwrap();
    zip::ZipArchive::new(fs::File::open(desk.join("snapshots").join(file)).unwrap()).unwrap()
}

#[test]
fn the_same_input_gives_the_same_file_and_is_not_written_twice() {
    let dir = tempfile::tempdir().unwrap();
    let page = packed_page();
    let beside = [robots("https://jobs.example/robots.txt", "2026-11-23T10:00:00Z")];
    let posting = posting_of(&page);
    let take = |at: &str| {
        let (vault, at) = (vault(dir.path()), time(at));
        evidence::take_snapshot(&vault, &posting, &assessment(), &page, &beside, at, SOFTWARE)
            .unwrap()
    };
    let first = take("2026-11-23T10:00:02Z");
    assert_eq!(first.0, format!("{}-{}.wacz", posting.id, posting.capture));
    assert_eq!(take("2026-11-23T10:00:02Z"), first);
    assert_eq!(crate::sample::files(&dir.path().join("snapshots")).len(), 1);

    // Another time is another file; the first stays as it is.
    let bytes = fs::read(dir.path().join("snapshots").join(&first.0)).unwrap();
    let second = take("2026-11-23T10:00:03Z");
    assert_eq!(second.0, format!("{}-{}-2.wacz", posting.id, posting.capture));
    assert_eq!(fs::read(dir.path().join("snapshots").join(&first.0)).unwrap(), bytes);
    assert_eq!(domain::Sha256::of(&bytes), first.1);
}

#[test]
fn a_snapshot_holds_page_posting_and_assessment() {
    let dir = tempfile::tempdir().unwrap();
    let page = packed_page();
    let posting = posting_of(&page);
    let mut zip = taken(dir.path(), &posting, &page);
    let mut part = |name: &str| {
        let mut bytes = Vec::new();
        zip.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    let read: domain::Posting = serde_json::from_slice(&part("fusion/posting.json")).unwrap();
    assert_eq!(read, posting);
    let read: domain::Assessment = serde_json::from_slice(&part("fusion/assessment.json")).unwrap();
    assert_eq!(read, assessment());

    // The index points at the page's own record.
    let index = String::from_utf8(part("indexes/index.cdx")).unwrap();
    assert!(index.starts_with("example,jobs)/ad/7?a=1&b=2 20261123100001 {"), "{index}");
    let fields: serde_json::Value =
        serde_json::from_str(index.splitn(3, ' ').nth(2).unwrap()).unwrap();
    let number = |name: &str| fields[name].as_str().unwrap().parse::<usize>().unwrap();
    let warc = part("archive/data.warc.gz");
    let member = &warc[number("offset")..number("offset") + number("length")];
    let record = evidence::WarcReader::new(member, 1 << 20).unwrap().next().unwrap().unwrap();
    assert_eq!(record.kind(), "response");
    assert_eq!(record.field("warc-target-uri"), Some(page.url.as_str()));
    assert!(record.block.ends_with(&page.body));
}

/// The other rows of a file are other people's.
#[test]
fn a_snapshot_of_a_row_holds_that_row_alone_and_says_what_it_is_cut_out_of() {
    let dir = tempfile::tempdir().unwrap();
    let content = b"id,text\n1,first\n2,second\n3,third\n";
    let part = rows("file:///x.csv#rows=1-3&line=2", "2026-11-23T10:00:00Z", content);
    let mut posting = posting_of(&part);
    posting.row = Some(RowPlace { header: 8, start: 16, end: 25, line: 3 });
    let mut zip = taken(dir.path(), &posting, &part);
    let warc = std::io::BufReader::new(zip.by_name("archive/data.warc.gz").unwrap());
    let records: Vec<_> =
        evidence::WarcReader::new(warc, 1 << 20).unwrap().map(Result::unwrap).collect();
    let row = records.iter().find(|record| record.kind() == "resource").unwrap();
    assert_eq!(row.block, b"id,text\n2,second\n");
    assert_eq!(row.field("warc-target-uri"), Some("file:///x.csv#line=3"));
    let metadata = records.iter().find(|record| record.kind() == "metadata").unwrap();
    let metadata = String::from_utf8(metadata.block.clone()).unwrap();
    let of = format!(
        r#""extract_of":{{"capture":"{}","payload":"{}","header":8,"start":16,"end":25}}"#,
        part.id, part.sha256
    );
    assert!(metadata.contains(&of), "{metadata}");

    posting.row = Some(RowPlace { header: 8, start: 16, end: 250, line: 3 });
    let error = take(dir.path(), &posting, &part).unwrap_err();
    assert!(error.to_string().contains("no such row"), "{error}");
}

#[test]
fn a_snapshot_without_the_posting_s_page_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let posting = posting_of(&packed_page());
    let other = rows("file:///x.csv", "2026-11-23T10:00:00Z", b"x");
    let error = take(dir.path(), &posting, &other).unwrap_err();
    assert!(error.to_string().contains("is not its page"), "{error}");
}
