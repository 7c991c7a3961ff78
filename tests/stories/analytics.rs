//! What is asked of everything that was read: hunts, trends, what is new, briefs, decisions.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::desk::{Desk, fusion};
use crate::paper::pages_of;
use crate::tools::{outside, runs, tool};

/// Posts of twelve weeks from 2026-01-05 on; every third one keeps passports.
fn posts(weeks: usize, a_week: usize) -> String {
    let line = |week: usize, number: usize| {
        let day = jiff::civil::date(2026, 1, 5)
            .saturating_add(jiff::Span::new().days((week * 7 + number % 7) as i64));
        let text = match number % 3 {
            0 => format!(
                "Робота в Німеччині на фермі. Паспорт зберігається у координатора. Заїзд {number}{week}"
            ),
            1 => format!(
                "Кухар у кафе, Польща. Договір, вихідні, адреса на сайті. Зміна {number}{week}"
            ),
            _ => format!("Збір полуниці, оплата щотижня. Бригада {number}{week}"),
        };
        json!({ "id": format!("{week}-{number}"), "text": text, "author": format!("Автор {number}"),
                "published_at": format!("{day}T10:00:00Z") })
        .to_string()
    };
    let lines = (0..weeks).flat_map(|week| (0..a_week).map(move |number| line(week, number)));
    lines.collect::<Vec<_>>().join("\n")
}

fn desk_with(weeks: usize, a_week: usize) -> Desk {
    let desk = Desk::new();
    let imported =
        desk.import("posts.ndjson", posts(weeks, a_week).as_bytes(), &["--source", "posts"]);
    imported.ended(0);
    desk
}

const TRENDS: [&str; 6] = ["--format", "json", "analyse", "trends", "--week", "2026-W10"];

#[test]
fn a_hunt_looks_through_all_postings_and_quotes_the_words() {
    let desk = desk_with(2, 9);
    let said = desk.fusion(&["--format", "ndjson", "hunt", "бригад~", "--language", "uk"]).ended(0);
    let hits = said.lines();
    assert_eq!(hits.len(), 6);
    for hit in &hits {
        assert_eq!(hit["found"][0]["spans"][0]["quote"], "Бригада");
        assert_ne!(hit["band"], "critical");
    }
    let said = desk.fusion(&["hunt", "бригада", "--limit", "2"]).ended(0);
    assert!(
        said.out.contains("6 of 18 wordings") && said.out.contains("and 4 more"),
        "{}",
        said.out
    );
    let said = desk.fusion(&["--format", "json", "hunt", "uk.documents.kept"]).ended(0).json();
    assert_eq!(said["counts"]["hits"], 6);
    assert_eq!(said["counts"]["flagged_already"], 6);
    let none = desk.fusion(&["hunt", "бригада", "--since", "2099-01-01"]).ended(0);
    assert!(none.out.contains("0 of 0"), "{}", none.out);
}

#[test]
fn a_hunt_for_nothing_usable_is_refused_in_one_sentence() {
    let desk = desk_with(1, 3);
    desk.fusion(&["hunt", "nowhere.yaml"]).refused(&["cannot read nowhere.yaml"]);
    desk.fusion(&["hunt", "uk.no.rule"]).refused(&["uk.no.rule", "fusion rules list"]);
    desk.fusion(&["hunt", "паспорт* (у|в"]).refused(&["cannot hunt for the phrase"]);
    desk.fusion(&["hunt", ""]).refused(&["cannot hunt for the phrase"]);
    let unproven = desk.beside("rule.yaml");
    std::fs::write(
        &unproven,
        "topic: slang\nlanguage: uk\nrules:\n  - id: uk.slang.new\n    name: New words\n",
    )
    .unwrap();
    desk.fusion(&["hunt", unproven.to_str().unwrap()]).refused(&["uk/slang.yaml", "uk.slang.new"]);
    desk.fusion(&["hunt", "а", "--since", "yesterday"]).ended(2);
    fusion(&["--desk", "/nowhere", "hunt", "слово"]).refused(&["/nowhere"]);
}

#[test]
fn trends_count_by_the_week_of_publication() {
    let desk = desk_with(10, 12);
    let trends = desk.fusion(&TRENDS).ended(0).json();
    assert_eq!(trends["read"], 12);
    assert_eq!(trends["read_past"].as_array().unwrap().len(), 8);
    let row = |dimension: &str, value: &str| -> Value {
        let rows = trends["trends"].as_array().unwrap();
        let of = rows.iter().find(|row| row["dimension"] == dimension && row["value"] == value);
        of.unwrap_or_else(|| panic!("{dimension} {value}: {rows:?}")).clone()
    };
    assert_eq!(row("all", "")["count"], 4);
    assert_eq!(row("indicator", "document-retention")["count"], 4);
    assert_eq!(row("sector", "farm")["count"], 4);
    assert_eq!(row("country", "DE")["count"], 4);
    assert_eq!(row("all", "")["change"], "steady");
    let human =
        desk.fusion(&["analyse", "trends", "--week", "2026-W10", "--by", "country"]).ended(0);
    assert!(human.out.contains("DE") && !human.out.contains("indicator\n"), "{}", human.out);
}

#[test]
fn the_archive_is_a_view_that_can_be_thrown_away() {
    let desk = desk_with(10, 12);
    let first = desk.fusion(&TRENDS).ended(0).out;
    let archive = desk.dir().join("archive");
    let parquet = || std::fs::read_dir(&archive).unwrap().count();
    assert!(parquet() >= 2);
    std::fs::remove_dir_all(&archive).unwrap();
    assert_eq!(desk.fusion(&TRENDS).ended(0).out, first);
    desk.fusion(&["store", "rebuild"]).ended(0);
    assert_eq!(desk.fusion(&TRENDS).ended(0).out, first);
    // What is read later joins what is there, and what is read again does not.
    desk.import("more.ndjson", posts(11, 12).as_bytes(), &["--source", "posts"]).ended(0);
    assert_eq!(desk.fusion(&TRENDS).ended(0).out, first);
    let hunted = desk.fusion(&["--format", "json", "hunt", "паспорт*"]).ended(0).json();
    assert_eq!(hunted["counts"]["read"], 11 * 12);
}

#[test]
fn a_damaged_archive_is_told_and_rebuilt() {
    let desk = desk_with(3, 6);
    desk.fusion(&TRENDS).ended(0);
    let part: PathBuf = std::fs::read_dir(desk.dir().join("archive"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .find(|path| path.extension().is_some_and(|ending| ending == "parquet"))
        .unwrap();
    std::fs::write(&part, b"no parquet").unwrap();
    desk.fusion(&TRENDS).refused(&["cannot read", "fusion store rebuild"]);
    desk.fusion(&["store", "rebuild"]).ended(0);
    desk.fusion(&TRENDS).ended(0);
}

#[test]
fn a_command_that_is_killed_leaves_an_archive_that_completes_itself() {
    let desk = desk_with(12, 100);
    let mut delay = 30;
    for _ in 0..6 {
        let mut child = desk.command(&TRENDS).stdout(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(delay));
        child.kill().unwrap();
        child.wait().unwrap();
        delay = delay * 5 / 3;
    }
    let after = desk.fusion(&TRENDS).ended(0).out;
    std::fs::remove_dir_all(desk.dir().join("archive")).unwrap();
    assert_eq!(desk.fusion(&TRENDS).ended(0).out, after);
}

#[test]
fn a_brief_is_written_in_four_languages_and_names_nobody() {
    let desk = desk_with(10, 60);
    let said = desk.fusion(&["analyse", "brief", "--week", "2026-W10"]).ended(0);
    let mut reports = Vec::new();
    for language in ["uk", "ro", "ru", "en"] {
        let path = desk.dir().join(format!("data/briefs/brief-2026-W10-{language}.html"));
        assert!(said.out.contains(path.to_str().unwrap()), "{}", said.out);
        let page = std::fs::read_to_string(&path).unwrap();
        assert!(page.contains("<svg") && !page.contains("Автор"));
        let report = path.with_extension("pdf");
        assert!(said.out.contains(report.to_str().unwrap()), "{}", said.out);
        reports.push(report.to_str().unwrap().to_owned());
        // Both are set from the same, and say the same.
        if let (Some(pages), Some(pdftotext)) = (pages_of(&report), tool("pdftotext")) {
            assert!(pages >= 2, "{language}: {pages} pages");
            let text = runs(&pdftotext, &["-raw", report.to_str().unwrap(), "-"], &desk.dir());
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            let text = squeezed(&text);
            let headings: Vec<&str> = page.split("<h2>").skip(1).collect();
            assert!(headings.len() > 8 && !text.contains("Автор"));
            for heading in headings {
                let heading = heading.split('<').next().unwrap().replace("&#39;", "'");
                assert!(text.contains(&squeezed(&heading)), "{language}: {heading}");
            }
        }
    }
    outside("pdf.py", &reports.iter().map(String::as_str).collect::<Vec<_>>());
    let first = std::fs::read(&reports[0]).unwrap();
    desk.fusion(&["analyse", "brief", "--week", "2026-W10", "--language", "uk"]).ended(0);
    assert!(std::fs::read(&reports[0]).unwrap() == first, "the same numbers give the same bytes");
    if let Ok(dir) = std::env::var("FUSION_KEEP_PDF") {
        for report in &reports {
            let name = Path::new(report).file_name().unwrap();
            std::fs::copy(report, Path::new(&dir).join(name)).unwrap();
        }
    }
    desk.fusion(&["analyse", "brief", "--language", "pl"]).ended(2);
    desk.fusion(&["analyse", "brief", "--shown-from", "2"]).ended(2);
    desk.fusion(&["analyse", "brief", "--week", "soon"]).ended(2);
}

#[test]
fn decisions_become_calibration_and_cases() {
    let desk = desk_with(1, 12);
    let empty = desk.fusion(&["analyse", "calibration"]).ended(0);
    assert!(empty.out.contains("0 leads decided"), "{}", empty.out);
    let more = [
        "Беремо без документів, паспорт здаєте хазяїну на зберігання, телефон теж забираємо, 067 111 22 33",
        "Your passport stays with the boss, girls 18-25, no documents needed, leave tonight, call +44 20 7946 0958",
        "Pașaportul rămâne la manager, fete 18-25, fără acte, plecare azi, telefonul se predă, 0722 111 222",
    ];
    let more =
        more.iter().enumerate().map(|(id, text)| format!("{}\n", json!({"id": id, "text": text})));
    desk.import("more.ndjson", more.collect::<String>().as_bytes(), &["--source", "tips"]).ended(0);
    let leads = desk.queue();
    assert!(leads.len() >= 4, "{}", leads.len());
    for (place, row) in leads.iter().enumerate() {
        let lead = row["lead"]["id"].as_str().unwrap().to_owned();
        let verdict = if place % 2 == 0 { "escalate" } else { "dismiss" };
        desk.fusion(&["queue", "claim", &lead, "--by", "Olena"]).ended(0);
        let decide =
            ["queue", "decide", &lead, "--verdict", verdict, "--reason", "x", "--by", "Olena"];
        desk.fusion(&decide).ended(0);
    }
    let said = desk.fusion(&["--format", "json", "analyse", "calibration"]).ended(0).json();
    assert_eq!(
        (&said["calibration"]["decided"], &said["calibration"]["kept"]),
        (&json!(leads.len()), &json!(leads.len().div_ceil(2)))
    );
    assert!(said["no_weights_because"].as_str().unwrap().contains("too little"));
    // A second reader, who keeps all of the sample but leaves one row open.
    let sheet = desk.beside("sheet.csv");
    let draw = ["analyse", "double-read", "--sample", "5", "--output", sheet.to_str().unwrap()];
    desk.fusion(&draw).ended(0);
    let drawn = std::fs::read_to_string(&sheet).unwrap();
    assert!(!drawn.contains("escalate") && !drawn.contains("Автор"), "{drawn}");
    let mut rows = csv::Reader::from_reader(drawn.as_bytes());
    // As a spreadsheet saves it where numbers have a comma.
    let mut filled = csv::WriterBuilder::new().delimiter(b';').from_path(&sheet).unwrap();
    filled.write_record(rows.headers().unwrap()).unwrap();
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), leads.len().min(5));
    for (place, row) in rows.iter().enumerate() {
        let said = if place == 0 { "" } else { "Yes" };
        filled.write_record(row.iter().take(4).chain([said])).unwrap();
    }
    drop(filled);
    let second = ["analyse", "calibration", "--second", sheet.to_str().unwrap()];
    let said = desk.fusion(&[&["--format", "json"], &second[..]].concat()).ended(0).json();
    let reading = &said["second_reading"];
    assert_eq!(reading["agreement"]["leads"], rows.len() - 1, "{reading}");
    let differ = reading["differ"].as_array().unwrap().len() as u64;
    assert_eq!(reading["agreement"]["agreed"].as_u64().unwrap() + differ, rows.len() as u64 - 1);
    std::fs::write(&sheet, drawn.trim_end().to_owned() + "perhaps\n").unwrap();
    let refused = desk.fusion(&second).ended(2);
    assert!(refused.err.contains("keep is \"perhaps\"; write yes or no"), "{}", refused.err);
    let sheets = desk.beside("sheets");
    let cases = ["analyse", "cases", "--language", "ro", "--output", sheets.to_str().unwrap()];
    desk.fusion(&cases).ended(0);
    let sheet = std::fs::read_to_string(sheets.join("cases.html")).unwrap();
    let answers = std::fs::read_to_string(sheets.join("answers.html")).unwrap();
    assert!(sheet.contains("Cazul 1") && answers.contains("actele sunt reținute"));
    assert!(!sheet.contains("Автор"));
}

#[test]
fn the_doctor_says_what_works_and_what_is_missing() {
    let desk = desk_with(1, 3);
    let well = desk.fusion(&["--format", "json", "doctor"]).ended(0).json();
    let standing = |name: &str| -> Value {
        let all = well.as_array().unwrap();
        all.iter().find(|f| f["what"] == name).unwrap_or_else(|| panic!("{name}"))["standing"]
            .clone()
    };
    for name in ["program", "clock", "time zones", "built-in rules", "desk", "contact", "archive"] {
        assert_eq!(standing(name), "ok", "{name}");
    }
    let settings = desk.dir().join("fusion.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, text.replace("desk@example.org", "")).unwrap();
    let ill = desk.fusion(&["doctor"]).ended(1);
    assert!(ill.out.contains("MISSING  contact"), "{}", ill.out);
    std::fs::write(&settings, "format = [").unwrap();
    let ill = desk.fusion(&["doctor"]).ended(1);
    assert!(ill.out.contains("MISSING  desk"), "{}", ill.out);
    // Without a desk it speaks of the machine alone.
    fusion(&["doctor"]).ended(0);
}

#[test]
fn no_words_of_postings_stand_in_the_log() {
    let desk = desk_with(2, 9);
    let said = desk.fusion(&["-vv", "hunt", "слово"]).ended(0);
    assert!(!said.err.contains("Паспорт") && !said.err.contains("Автор"), "{}", said.err);
}
