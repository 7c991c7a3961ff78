//! The pictures that flagged postings show: frozen with them, and a reason why two are one lead.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::path::Path;
use std::time::Duration;

use image::{DynamicImage, ImageFormat, RgbImage};
use serde_json::{Value, json};

use super::pictures::{browser, use_browser};
use super::revisits::site::Site;
use crate::desk::{Desk, files_of};
use crate::tools::{runs, tool};

const WORDS: [&str; 2] = [
    "Робота в Туреччині. Паспорт забирає координатор, дорогу відпрацюєте. Дзвоніть +380671234567",
    "Дівчата на виїзд сьогодні ввечері, без документів, телефон здаєте хазяїну. +380509876543",
];

/// A picture with something on it, always the same for the same seed.
fn picture(seed: u32) -> Vec<u8> {
    let image = RgbImage::from_fn(160, 120, |x, y| {
        let wave = |step: u32| ((x * step + y * (seed % 7 + 2) + seed * 31) / 24 % 2 * 90) as u8;
        image::Rgb([wave(1) + (x / 2) as u8, wave(seed % 5 + 2), wave(3) + (y / 2) as u8])
    });
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(image).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn job(number: usize, words: &str, image: &str) -> String {
    let posting = json!({
        "@context": "https://schema.org", "@type": "JobPosting", "title": format!("Робота {number}"),
        "identifier": number.to_string(), "description": words, "image": [image],
    });
    format!(
        "<html><script type=\"application/ld+json\">{posting}</script><img src=\"{image}\"></html>"
    )
}

/// A board with these ads, each with the address of its picture.
fn board(ads: &[(&str, &str)]) -> (Site, Desk) {
    let site = Site::start();
    site.put("/robots.txt", "text/plain", "User-agent: *\nAllow: /\n");
    let links: String = (1..=ads.len()).map(|n| format!("<a href=\"/ad/{n}\">{n}</a>")).collect();
    site.put("/jobs", "text/html", format!("<html>{links}</html>"));
    for (number, (words, image)) in (1..).zip(ads) {
        site.put(&format!("/ad/{number}"), "text/html", job(number, words, image));
    }
    let desk = Desk::new();
    let source = format!(
        "[[source]]\nid = \"board\"\nkind = \"job-page\"\nurl = \"{}/jobs\"\nfollow = \"/ad/\"\n\
         basis = \"invented\"\nallow_private = true\nmin_delay_ms = 0\n",
        site.base
    );
    std::fs::write(desk.dir().join("sources.toml"), source).unwrap();
    (site, desk)
}

fn parts(zip: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(zip).unwrap()).unwrap();
    let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    let part = |name: String| {
        let mut bytes = Vec::new();
        zip.by_name(&name).unwrap().read_to_end(&mut bytes).unwrap();
        (name, bytes)
    };
    names.into_iter().map(part).collect()
}

#[test]
fn two_ads_with_one_picture_are_one_lead_and_whoever_gets_the_packet_sees_it() {
    let (site, desk) = board(&[(WORDS[0], "/a.png"), (WORDS[1], "/b.png")]);
    let shown = picture(1);
    site.put("/a.png", "image/png", shown.clone());
    site.put("/b.png", "image/png", shown.clone());
    let said = desk.fusion(&["scan"]).ended(0).out;
    assert!(said.contains("pictures of flagged postings: 2 kept"), "{said}");

    let queue = desk.queue();
    assert_eq!(queue.len(), 1, "two leads");
    let lead = desk.top_lead();
    let said = desk.fusion(&["lead", "show", &lead, "--by", "Olena"]).ended(0).out;
    assert!(said.contains("shows the same picture as"), "{said}");

    let snapshots = files_of(&desk.dir().join("snapshots"), "-media.wacz");
    assert_eq!(snapshots.len(), 2);
    let inside = parts(&snapshots[0]);
    let index = String::from_utf8(inside["indexes/index.cdx"].clone()).unwrap();
    assert!(index.contains("/a.png") || index.contains("/b.png"), "{index}");
    if let Some(wacz) = tool("wacz") {
        for file in &snapshots {
            let said = runs(&wacz, &["validate", "-f", file.to_str().unwrap()], &desk.dir());
            assert!(!said.to_lowercase().contains("invalid"), "{said}");
        }
    }
    if let Some(warcio) = tool("warcio") {
        let warc = desk.beside("data.warc.gz");
        std::fs::write(&warc, &inside["archive/data.warc.gz"]).unwrap();
        runs(&warcio, &["check", warc.to_str().unwrap()], &desk.dir());
        for file in files_of(&desk.dir().join("captures"), ".warc.gz") {
            runs(&warcio, &["check", file.to_str().unwrap()], &desk.dir());
        }
    }
    desk.fusion(&["evidence", "verify"]).ended(0);

    let decide = ["queue", "decide", &lead, "--verdict", "escalate", "--reason", "passport"];
    desk.fusion(&[&decide[..], &["--by", "Olena"]].concat()).ended(0);
    desk.fusion(&["packet", "approve", &lead, "--by", "Ion"]).ended(0);
    for (name, is_full) in [("full.zip", true), ("redacted.zip", false)] {
        let packet = desk.beside(name);
        let mut build = vec!["packet", "build", &lead, "--by", "Mihai"];
        build.extend(["--output", packet.to_str().unwrap()]);
        if !is_full {
            build.push("--redacted");
        }
        desk.fusion(&build).ended(0);
        desk.fusion(&["packet", "verify", packet.to_str().unwrap()]).ended(0);
        let parts = parts(&packet);
        let with_picture = parts.keys().filter(|part| part.ends_with("-media.wacz")).count();
        assert_eq!(with_picture, if is_full { 2 } else { 0 }, "{name}");
        let addresses = parts.iter().filter(|(_, bytes)| {
            let text = String::from_utf8_lossy(bytes);
            text.contains("/a.png") || text.contains("/b.png")
        });
        let said: Vec<&String> = addresses.map(|(part, _)| part).collect();
        assert_eq!(said.is_empty(), !is_full, "{name}: {said:?}");
        let report = parts.iter().find(|(part, _)| part.ends_with("data/report.html")).unwrap().1;
        assert!(String::from_utf8_lossy(report).contains("the same picture"), "{name}");
    }
}

/// What a prosecutor opens: the page as its author showed it, and one file that has all of it.
#[test]
fn a_picture_shows_the_page_with_its_styles_and_pictures_and_its_file_holds_them() {
    let Some(browser) = browser() else { return };
    let (site, desk) = board(&[(WORDS[0], "/a.png")]);
    let link = "<link rel=stylesheet href='/site.css'>";
    let page = job(1, WORDS[0], "/a.png").replace("<html>", &format!("<html>{link}"));
    site.put("/ad/1", "text/html", page);
    let shown = picture(1);
    site.put("/a.png", "image/png", shown.clone());
    let css = "body{margin:0;background:#0000ff} img{display:block}";
    site.put("/site.css", "text/css", css);
    use_browser(&desk, browser.to_str().unwrap());
    let said = desk.fusion(&["scan"]).ended(0).out;
    assert!(said.contains("stylesheets of their pages: 1 kept"), "{said}");

    let views = files_of(&desk.dir().join("snapshots"), "-view.wacz");
    assert_eq!(views.len(), 1);
    let inside = parts(&views[0]);
    let mut warc = Vec::new();
    flate2::read::MultiGzDecoder::new(&inside["archive/data.warc.gz"][..])
        .read_to_end(&mut warc)
        .unwrap();
    for part in [shown.as_slice(), css.as_bytes(), WORDS[0].as_bytes()] {
        assert!(warc.windows(part.len()).any(|window| window == part), "a part is missing");
    }
    let start = warc.windows(8).rposition(|window| window == b"\x89PNG\r\n\x1a\n").unwrap();
    let view = image::load_from_memory(&warc[start..]).unwrap().to_rgb8();
    let poster = image::load_from_memory(&shown).unwrap().to_rgb8();
    assert_eq!(view.width(), 1280);
    for (x, y) in [(5, 5), (80, 60), (150, 110)] {
        assert_eq!(view.get_pixel(x, y), poster.get_pixel(x, y), "the poster at {x} {y}");
    }
    assert_eq!(view.get_pixel(600, 600).0, [0, 0, 255], "the page's own blue");
    desk.fusion(&["evidence", "verify"]).ended(0);
}

/// For each posting, how often it was frozen with its pictures, and of each picture how often it is
/// said to be kept.
fn kept(desk: &Desk) -> BTreeMap<String, (u32, u32)> {
    let mut counts: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for file in files_of(&desk.dir().join("custody"), ".ndjson") {
        for line in std::fs::read_to_string(file).unwrap().lines() {
            let event = serde_json::from_str::<Value>(line).unwrap()["event"].clone();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            if event["event"] == "snapshot" && text(&event["snapshot"]["file"]).contains("-media") {
                counts.entry(text(&event["snapshot"]["posting"])).or_default().0 += 1;
            } else if event["event"] == "image" {
                assert!(event["capture"].is_string(), "{event}");
                counts.entry(text(&event["posting"])).or_default().1 += 1;
            }
        }
    }
    counts
}

#[test]
fn killed_anywhere_it_fetches_and_freezes_each_picture_once() {
    const ADS: usize = 8;
    let addresses: Vec<String> = (0..ADS).map(|n| format!("/{n}.png")).collect();
    let words: Vec<String> =
        (0..ADS).map(|n| format!("{} Дзвоніть +38067123{:04}", WORDS[0], 4500 + n)).collect();
    let ads = words.iter().zip(&addresses).map(|(words, at)| (words.as_str(), at.as_str()));
    let (site, desk) = board(&ads.collect::<Vec<_>>());
    for (number, address) in (0..).zip(&addresses) {
        site.put(address, "image/png", picture(number));
    }
    let sources = desk.dir().join("sources.toml");
    let text = std::fs::read_to_string(&sources).unwrap();
    // Slow enough that a kill falls between two pictures.
    std::fs::write(&sources, text.replace("min_delay_ms = 0", "min_delay_ms = 60")).unwrap();
    let null = std::process::Stdio::null;
    for round in 0..6_usize {
        let mut child = desk.command(&["scan"]).stdout(null()).stderr(null()).spawn().unwrap();
        // The first walk asks for a list and eight pages; the pictures come behind them.
        let asked = if round == 0 { 11 } else { round + 2 };
        while site.asked_so_far() < asked && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(3));
        }
        std::thread::sleep(Duration::from_millis(round as u64 * 13 % 40));
        let _ = child.kill();
        child.wait().unwrap();
        site.asked();
    }
    desk.fusion(&["scan"]).ended(0);
    let counts = kept(&desk);
    assert_eq!(counts.len(), ADS);
    assert!(counts.values().all(|counts| *counts == (1, 1)), "{counts:?}");
    let files = files_of(&desk.dir().join("snapshots"), "-media.wacz");
    assert_eq!(files.len(), ADS, "a file that no entry speaks of was left");
    desk.fusion(&["evidence", "verify"]).ended(0);
    let queue = desk.queue();
    desk.fusion(&["store", "rebuild"]).ended(0);
    assert_eq!(desk.queue(), queue);
}
