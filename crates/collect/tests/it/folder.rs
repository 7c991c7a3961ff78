//! A folder that files are dropped into.

use std::path::Path;
use std::time::{Duration, SystemTime};

use collect::{SavedWeb, Scan, ScanError};
use domain::Checkpoint;

use crate::desk::{Kept, collector, named, source};

struct Walk {
    tally: String,
    problems: Vec<String>,
    texts: Vec<String>,
    incomplete: Option<String>,
}

/// Walks the folder from `checkpoint` on and moves it.
async fn walk(folder: &Path, checkpoint: &mut Checkpoint) -> Walk {
    let (collector, source) = (collector("folder"), source("folder", folder, &[]));
    let (web, mut kept) = (SavedWeb::default(), Kept::default());
    let mut scan = Scan::new(&source, checkpoint.clone(), &web, &mut kept);
    let ended = collector.fetch(&mut scan).await;
    let incomplete = match ended {
        Ok(()) => None,
        Err(ScanError::Incomplete(problem)) => Some(named(&problem)),
        Err(error) => panic!("{error}"),
    };
    *checkpoint = scan.checkpoint;
    let tally = scan.tally.iter().map(|(outcome, times)| format!("{outcome} {times}"));
    let tally = tally.collect::<Vec<_>>().join(", ");
    let problems = scan.problems.iter().map(named).collect();
    let postings = kept.0.iter().flat_map(|capture| collector.read(&source, capture).postings);
    let texts = postings.map(|posting| posting.text).collect();
    Walk { tally, problems, texts, incomplete }
}

/// Writes a file as it would stand there so many seconds before the walk.
fn drop_file(folder: &Path, name: &str, content: &str, seconds_ago: u64) {
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    // The walk's clock stands still at this time.
    let now: jiff::Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    let since_1970 = u64::try_from(now.as_second()).unwrap() - seconds_ago;
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(since_1970);
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
}

#[tokio::test]
async fn each_file_is_taken_in_once_whatever_kind_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let mut checkpoint = Checkpoint::default();
    drop_file(dir, "a drop.csv", "id,text\n1,one\n", 60);
    drop_file(dir, "b.ndjson", "{\"id\":\"1\",\"text\":\"two\"}\n", 60);
    drop_file(dir, "c.html", "<html><p>three, and some more words on the page</p>", 60);
    std::fs::create_dir(dir.join("deeper")).unwrap();
    let first = walk(dir, &mut checkpoint).await;
    assert_eq!(first.texts, ["one", "two", "three, and some more words on the page"]);
    assert_eq!(first.tally, "fetch.new 3, file.taken-in 3");

    let second = walk(dir, &mut checkpoint).await;
    assert_eq!((second.tally.as_str(), second.texts.len()), ("file.known 3", 0));

    // The same content under another name is known; other content under the same name is new.
    drop_file(dir, "copy.csv", "id,text\n1,one\n", 60);
    drop_file(dir, "b.ndjson", "{\"id\":\"1\",\"text\":\"four\"}\n", 50);
    std::fs::remove_file(dir.join("c.html")).unwrap();
    let third = walk(dir, &mut checkpoint).await;
    assert_eq!(
        (third.tally.as_str(), third.texts),
        ("fetch.new 1, file.taken-in 1, file.known 2", vec!["four".to_owned()])
    );
    assert!(
        !checkpoint.positions.values().any(|of| of.ends_with("c.html")),
        "what is gone is forgotten"
    );
}

#[tokio::test]
async fn what_is_still_being_written_is_left_for_the_next_walk() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let mut checkpoint = Checkpoint::default();
    drop_file(dir, "fresh.csv", "id,text\n1,o", 2);
    drop_file(dir, "half.csv.part", "id,text\n", 60);
    drop_file(dir, "half.csv.crdownload", "id,text\n", 60);
    drop_file(dir, ".hidden.csv", "id,text\n", 60);
    let first = walk(dir, &mut checkpoint).await;
    assert_eq!((first.tally.as_str(), first.texts.len()), ("file.hidden 1, file.unfinished 3", 0));
    drop_file(dir, "fresh.csv", "id,text\n1,one\n", 11);
    assert_eq!(walk(dir, &mut checkpoint).await.texts, ["one"]);
}

#[tokio::test]
async fn what_cannot_be_read_is_named_until_it_is_mended() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let mut checkpoint = Checkpoint::default();
    drop_file(dir, "a.xlsx", "PK", 60);
    drop_file(dir, "b.csv", "body\nx\n", 60);
    drop_file(dir, "c.csv", "id,text\n1,one\n", 60);
    for _ in 0..2 {
        let walk = walk(dir, &mut checkpoint).await;
        assert_eq!(
            walk.problems,
            ["file.unknown-kind at file:///a.xlsx", "file.no-column at file:///b.csv"]
        );
        assert_eq!(walk.incomplete, None, "the others are taken in all the same");
    }
    drop_file(dir, "b.csv", "id,text\n2,two\n", 40);
    assert_eq!(walk(dir, &mut checkpoint).await.texts, ["two"]);

    let gone = walk(&dir.join("no such folder"), &mut checkpoint).await;
    assert_eq!(gone.incomplete.as_deref(), Some("file.unreadable at file:///no%20such%20folder"));
}
