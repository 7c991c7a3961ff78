//! Real ads and real feeds: what is read, passed over and failed adds up, and every failure has a
//! name.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use crate::desk::{Desk, collect_files, reference_data};

fn count(report: &Value, name: &str) -> u64 {
    report["outcomes"][name].as_u64().unwrap_or(0)
}

/// Postings that came out of a scan or import, whatever became of them.
fn read(report: &Value) -> u64 {
    ["posting.flagged", "posting.clear", "posting.unchanged"]
        .iter()
        .map(|name| count(report, name))
        .sum()
}

fn faults(report: &Value) -> BTreeMap<String, u64> {
    let mut faults = BTreeMap::new();
    for source in report["sources"].as_array().unwrap() {
        for outcome in source["outcomes"].as_array().unwrap() {
            if outcome["class"] == "fault" {
                *faults.entry(outcome["name"].as_str().unwrap().to_owned()).or_insert(0) +=
                    outcome["count"].as_u64().unwrap();
            }
        }
    }
    faults
}

#[test]
fn real_job_ads_are_imported_and_few_of_them_flagged() {
    let Some(data) = reference_data() else { return };
    let desk = Desk::new();
    let mut flagged = 0;
    let mut all = 0;
    for (file, rows, columns) in [
        ("superjob_ru_530.csv.gz", 530, vec!["title=name", "text=duties+requirements+conditions"]),
        (
            "hh_ru_1171_snippets.csv.gz",
            1171,
            vec!["title=Название", "text=Требования+Ключевые навыки", "employer=Компания"],
        ),
        (
            "emscad_raw_first499_partA.csv.gz",
            249,
            vec![
                "id=job_id",
                "title=title",
                "text=company_profile+description+requirements+benefits",
            ],
        ),
    ] {
        let path = data.join("jobads").join(file);
        let mut args = vec!["--format", "json", "import", path.to_str().unwrap()];
        for column in &columns {
            args.extend(["--column", column]);
        }
        let report = desk.fusion(&args).ended(0).json();
        let failed: u64 = faults(&report).values().sum();
        assert_eq!(read(&report) + failed, rows, "{file}: {}", report["outcomes"]);
        flagged += count(&report, "posting.flagged");
        all += read(&report);
    }
    eprintln!("{flagged} of {all} real ordinary ads are flagged");
    assert!(flagged * 100 <= all, "{flagged} of {all} real ordinary ads are flagged");
}

#[test]
fn real_feeds_and_pages_are_scanned_and_every_failure_is_named() {
    let Some(data) = reference_data() else { return };
    let mut files = Vec::new();
    collect_files(&data.join("feeds"), &mut files);
    let mut pages = Vec::new();
    collect_files(&data.join("structured_html"), &mut pages);
    pages.retain(|page| page.extension().is_some_and(|ending| ending == "html"));
    files.sort();
    pages.sort();
    assert!(files.len() > 600 && pages.len() > 20);
    let address = serve(data.clone());

    let mut sources = String::new();
    for (kind, list) in [("feed", &files), ("job-page", &pages)] {
        for (number, file) in list.iter().enumerate() {
            let path = file.strip_prefix(&data).unwrap().to_str().unwrap();
            sources += &format!(
                "[[source]]\nid = \"{kind}-{number}\"\nkind = \"{kind}\"\nurl = \"http://{address}/{path}\"\n\
                 basis = \"reference data\"\nallow_private = true\nmin_delay_ms = 0\n\n"
            );
        }
    }
    let desk = Desk::new();
    std::fs::write(desk.dir().join("sources.toml"), sources).unwrap();
    let settings = "format = 1\n[desk]\nname = 'x'\ncontact = 'a@example.org'\n[polite]\nmin_delay_ms = 0\nmax_requests_per_host = 5000\n";
    std::fs::write(desk.dir().join("fusion.toml"), settings).unwrap();
    let report = desk.fusion(&["--format", "json", "scan"]).ended(0).json();

    let asked = (files.len() + pages.len()) as u64;
    assert_eq!(
        count(&report, "source.finished") + count(&report, "source.incomplete"),
        asked,
        "{}",
        report["outcomes"]
    );
    assert_eq!(report["sources"].as_array().unwrap().len() as u64, asked);
    // Each source is one page: it was fetched, or the reason why not has a name.
    for source in report["sources"].as_array().unwrap() {
        let outcomes = source["outcomes"].as_array().unwrap();
        let fetched = outcomes.iter().any(|outcome| {
            outcome["name"] == "fetch.new"
                || outcome["name"].as_str().unwrap().starts_with("fetch.")
                    && outcome["class"] == "fault"
        });
        assert!(fetched, "{source}");
        let failed = outcomes.iter().filter(|outcome| outcome["class"] == "fault");
        let failed: u64 = failed.map(|outcome| outcome["count"].as_u64().unwrap()).sum();
        assert!(source["problems"].as_array().unwrap().len() as u64 >= failed, "{source}");
    }
    eprintln!("{} postings read; faults: {:?}", read(&report), faults(&report));
    assert!(read(&report) > 100, "{}", report["outcomes"]);
    desk.fusion(&["evidence", "verify"]).ended(0);
}

/// Serves files below a folder on loopback.
fn serve(root: PathBuf) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let root = Arc::new(root);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let root = root.clone();
            std::thread::spawn(move || answer(stream, &root));
        }
    });
    address
}

fn answer(mut stream: TcpStream, root: &Path) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?.take(16 * 1024)).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let path = first.split(' ').nth(1).unwrap_or("/").trim_start_matches('/');
    let kind = if path.ends_with(".html") { "text/html" } else { "application/xml" };
    match std::fs::read(root.join(path)) {
        Ok(body) => {
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            )?;
            stream.write_all(&body)
        }
        Err(_) => write!(
            stream,
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        ),
    }
}
