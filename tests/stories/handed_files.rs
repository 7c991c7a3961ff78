//! Files that other programs made, through the command: what each becomes, and what is said of one
//! that is none.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::desk::{Desk, collect_files, repository};

const AD: &str = "Дівчата 18-25 на роботу в Туреччину, документи не потрібні. Паспорт залишається у координатора, дорогу відпрацюєте. Виїзд сьогодні. +380671234567";

fn html() -> String {
    format!(
        "<!DOCTYPE html><!--\n Page saved with SingleFile \n url: https://board.example/ad/1 \n \
         saved date: Thu Nov 26 2026 14:03:11 GMT+0200 (EET)\n--><html lang=uk><meta charset=utf-8>\
         <title>Робота</title><nav>Меню</nav><p>{AD}</p></html>"
    )
}

/// A page with a job ad that the collector of job pages knows.
fn job_page() -> String {
    let job = json!({"@context": "https://schema.org", "@type": "JobPosting", "title": "Робота",
        "description": AD, "identifier": "7", "hiringOrganization": {"name": "Вигадана"}});
    format!(
        "<html><head><script type=\"application/ld+json\">{job}</script></head><p>Меню сайту, реклама, новини і погода</p></html>"
    )
}

fn warc(pages: &[(&str, &str, &str)]) -> Vec<u8> {
    let mut file = Vec::new();
    for (url, kind, body) in pages {
        let block = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n{body}");
        file.extend_from_slice(
            format!(
                "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-10-01T09:30:00Z\r\n\
                 Content-Type: application/http; msgtype=response\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n",
                block.len()
            )
            .as_bytes(),
        );
    }
    file
}

/// The posting of the lead on top, its keys and values as JSON.
fn posting(desk: &Desk) -> Value {
    desk.queue()[0]["posting"]["posting"].clone()
}

#[test]
fn a_saved_page_becomes_a_lead_with_its_address_and_time() {
    let desk = Desk::new();
    let said = desk.import("ad.html", html().as_bytes(), &[]).ended(0);
    assert!(said.out.contains("1 postings read: 1 flagged"), "{}", said.out);
    let posting = posting(&desk);
    assert_eq!(posting["url"], "https://board.example/ad/1");
    assert_eq!(posting["saved_at"], "2026-11-26T12:03:11Z");
    assert_eq!(posting["text"], AD);
    let lead = desk.top_lead();
    let shown = desk.fusion(&["queue", "show", &lead, "--by", "Olena"]).ended(0).out;
    assert!(shown.contains("saved: 2026-11-26T12:03:11Z, as the imported file says"), "{shown}");
    desk.fusion(&["evidence", "verify"]).ended(0);
}

#[test]
fn pages_of_an_archive_go_to_the_collectors_that_know_them() {
    let feed = format!(
        "<rss version=\"2.0\"><channel><title>x</title><item><guid>1</guid><title>a</title><description>{AD}</description></item></channel></rss>"
    );
    let telegram = format!(
        "<div class=\"tgme_channel_history\"><div class=\"tgme_widget_message\" data-post=\"invented/5\">\
         <div class=\"tgme_widget_message_text\">{AD}</div></div></div>"
    );
    let status = json!([{"id": "7", "uri": "https://m.example/7", "created_at": "2026-03-01T10:00:00Z",
        "url": "https://m.example/@invented/7", "content": format!("<p>{AD}</p>"), "visibility": "public",
        "spoiler_text": "", "language": "uk", "reblog": null, "poll": null, "media_attachments": [],
        "account": {"id": "1", "acct": "invented"}}]);
    let status = status.to_string();
    let page = job_page();
    for (url, kind, body, key) in [
        ("https://board.example/7", "text/html", page.as_str(), "Вигадана 7"),
        ("https://board.example/rss", "application/rss+xml", feed.as_str(), "1"),
        ("https://t.me/s/invented", "text/html", telegram.as_str(), "invented/5"),
        (
            "https://m.example/api/v1/timelines/tag/x",
            "application/json",
            status.as_str(),
            "https://m.example/7",
        ),
    ] {
        let desk = Desk::new();
        desk.import("crawl.warc", &warc(&[(url, kind, body)]), &[]).ended(0);
        let posting = posting(&desk);
        assert_eq!(posting["key"], key, "{url}");
        assert!(posting["text"].as_str().unwrap().contains(AD));
        assert!(!posting["text"].as_str().unwrap().contains("Меню сайту"), "{url}");
        assert_eq!(posting["saved_at"], "2026-10-01T09:30:00Z");
    }
}

#[test]
fn importing_an_archive_again_changes_nothing_and_a_rebuild_gives_the_same() {
    let desk = Desk::new();
    let file = warc(&[
        ("https://b.example/1", "text/html", &html()),
        ("https://b.example/1", "text/html", &job_page()),
        ("https://b.example/2.png", "image/png", "x"),
    ]);
    let first = desk.import("crawl.warc", &file, &["--format", "json"]).ended(0).json();
    assert_eq!(first["outcomes"]["record.no-page"], 1, "{first}");
    let queue = desk.queue();
    let second = desk.import("crawl.warc", &file, &["--format", "json"]).ended(0).json();
    assert_eq!(second["outcomes"]["fetch.same-bytes"], 2, "{second}");
    assert_eq!(desk.queue(), queue);
    desk.fusion(&["store", "rebuild"]).ended(0);
    assert_eq!(desk.queue(), queue);
    desk.fusion(&["evidence", "verify"]).ended(0);
}

#[test]
fn a_chat_export_gives_leads_cut_to_their_message() {
    let neighbour = "слова іншої людини, яких у пакеті не має бути";
    let message = |id: u64, text: &str| json!({"id": id, "type": "message", "date_unixtime": "1772359200", "from": "Робота", "text": text});
    // What a chat is stands before its messages.
    let chat = |sort: &str, messages: Value| {
        format!(r#"{{"name": "Робота", "type": "{sort}", "id": 12, "messages": {messages}}}"#)
    };
    let channel = chat("public_channel", json!([message(1, neighbour), message(2, AD)]));
    let desk = Desk::new();
    let said = desk.import("result.json", channel.as_bytes(), &["--region", "UA"]).ended(0);
    assert!(said.out.contains("2 postings read: 1 flagged, 1 clear"), "{}", said.out);
    let snapshot =
        std::fs::read_dir(desk.dir().join("snapshots")).unwrap().next().unwrap().unwrap();
    let mut zip = zip::ZipArchive::new(std::fs::File::open(snapshot.path()).unwrap()).unwrap();
    let mut plain = String::new();
    let warc = zip.by_name("archive/data.warc.gz").unwrap();
    std::io::Read::read_to_string(&mut flate2::read::MultiGzDecoder::new(warc), &mut plain)
        .unwrap();
    assert!(plain.contains(AD) && !plain.contains(neighbour), "{plain}");

    let path = desk.beside("private.json");
    std::fs::write(&path, chat("personal_chat", json!([message(1, AD)]))).unwrap();
    desk.fusion(&["import", path.to_str().unwrap()]).refused(&["private chats", "fusion tip"]);
    let said = desk.fusion(&["tip", path.to_str().unwrap(), "--by", "Olena"]).ended(0);
    assert!(said.out.contains("1 postings read: 1 flagged"), "{}", said.out);
}

#[test]
fn a_watched_folder_is_a_source_like_any_other() {
    let desk = Desk::new();
    let drop = desk.beside("drop");
    std::fs::create_dir(&drop).unwrap();
    let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_772_359_200);
    let put = |name: &str, content: &[u8]| {
        std::fs::write(drop.join(name), content).unwrap();
        std::fs::File::options()
            .write(true)
            .open(drop.join(name))
            .unwrap()
            .set_modified(old)
            .unwrap();
    };
    put("page.html", html().as_bytes());
    put("notes.docx", b"PK");
    let row = format!("{}\n", json!({"id": "1", "text": AD}));
    put("rows.ndjson", row.as_bytes());
    let drop = drop.to_str().unwrap();
    desk.fusion(&[
        "source",
        "add",
        "--id",
        "drop",
        "--kind",
        "folder",
        "--url",
        drop,
        "--basis",
        "our own folder",
    ])
    .ended(0);
    let first = desk.fusion(&["--format", "json", "scan"]).ended(0).json();
    assert_eq!(first["outcomes"]["file.taken-in"], 2, "{first}");
    assert_eq!(first["outcomes"]["file.unknown-kind"], 1);
    let queue = desk.queue();
    // The page and the row hold the same words: one hand.
    assert_eq!(queue.len(), 1);
    assert_eq!(queue[0]["lead"]["postings"].as_array().unwrap().len(), 2);
    let second = desk.fusion(&["--format", "json", "scan"]).ended(0).json();
    assert_eq!(second["outcomes"]["file.known"], 2, "{second}");
    desk.fusion(&["store", "rebuild"]).ended(0);
    assert_eq!(desk.queue(), queue);
}

/// Every file of the desk with its length and bytes.
fn all_bytes(desk: &Desk) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    collect_files(&desk.dir(), &mut files);
    files.sort();
    files.into_iter().map(|file| (file.clone(), std::fs::read(file).unwrap())).collect()
}

#[test]
fn a_file_or_folder_that_is_tested_is_shown_and_nothing_is_written() {
    let desk = Desk::new();
    let before = all_bytes(&desk);
    let seeds = repository().join("fuzz/seeds");
    for (kind, seed) in [
        ("ndjson", "packed.ndjson.gz"),
        ("csv", "semicolon.csv"),
        ("parquet", "duckdb.parquet"),
        ("warc", "members.warc.gz"),
        ("wacz", "small.wacz"),
        ("html", "single-file.html"),
        ("mhtml", "blink.mhtml"),
        ("telegram-export", "channel.json"),
    ] {
        let path = seeds.join(kind).join(seed);
        let test = ["--format", "json", "source", "test", path.to_str().unwrap()];
        let tested = desk.fusion(&test).ended(0).json();
        assert_eq!(tested["kind"], kind, "{tested}");
        let imported = Desk::new().fusion(&["--format", "json", "import", path.to_str().unwrap()]);
        let imported = imported.ended(0).json();
        let read = |name: &str| imported["outcomes"][name].as_u64().unwrap_or(0);
        let read = read("posting.flagged") + read("posting.clear") + read("posting.unchanged");
        assert!(read > 0 && tested["found"] == read, "{kind}: {read} are read, {tested}");
    }

    let drop = desk.beside("drop");
    std::fs::create_dir(&drop).unwrap();
    let rows: String = (0..30).map(|id| format!("{}\n", json!({"id": id, "text": AD}))).collect();
    std::fs::write(drop.join("rows.ndjson"), rows).unwrap();
    std::fs::write(drop.join("notes.docx"), "PK").unwrap();
    for name in ["rows.ndjson", "notes.docx"] {
        let file = std::fs::File::options().write(true).open(drop.join(name)).unwrap();
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
    }
    let said = desk.fusion(&["source", "test", drop.to_str().unwrap()]).ended(0).out;
    assert!(said.contains("1 part,") && said.contains("read as folder: 30 postings"), "{said}");
    assert!(said.contains("and 10 more") && said.contains("1  file.unknown-kind"), "{said}");

    let column = ["source", "test", "offers.csv", "--column", "text=duties"];
    let offers = desk.beside("offers.csv");
    std::fs::write(&offers, format!("nr,duties\n1,\"{AD}\"\n")).unwrap();
    let said = desk.command(&column).current_dir(offers.parent().unwrap()).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("read as csv: 1 postings"), "{said}");

    for (path, args, words) in [
        ("offers.csv", &["--kind", "feed"][..], "kind `feed` does not read"),
        ("drop", &["--kind", "csv"], "kind `csv` does not read"),
        ("gone.csv", &[], "nor a file or folder"),
        ("drop/notes.docx", &[], "--kind"),
    ] {
        let path = desk.beside(path);
        let test = [&["source", "test", path.to_str().unwrap()], args].concat();
        desk.fusion(&test).refused(&[words]);
    }
    assert_eq!(all_bytes(&desk), before);
}

#[test]
fn what_is_no_such_file_is_said_in_one_line() {
    let desk = Desk::new();
    for (name, content, words) in [
        ("a.warc", &b"not an archive"[..], "a.warc is no WARC file"),
        ("a.wacz", b"not an archive", "a.wacz is no WACZ file"),
        ("a.html", b"\x89PNG\0\0", "a.html is no text"),
        ("a.json", b"{\"a\": 1}", "no export of Telegram Desktop"),
        ("a.pdf", b"%PDF", "--kind"),
    ] {
        let path = desk.beside(name);
        std::fs::write(&path, content).unwrap();
        desk.fusion(&["import", path.to_str().unwrap()]).refused(&[words]);
    }
    assert!(desk.queue().is_empty());
}
