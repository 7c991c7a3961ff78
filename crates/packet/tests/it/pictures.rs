//! The quoted words are framed on the picture of the page, in both reports, and in no redacted packet.
#![cfg(unix)]

use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use evidence::{Browser, Mark, Sought, Viewed};
use packet::{ReportLanguage, Variant};

use crate::sample::{SampleDesk, files, text_of};

/// A picture of 1280 by 2000 dots.
fn png() -> Vec<u8> {
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, 1280, 2000);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    let pixels: Vec<u8> =
        (0..2000_u32).flat_map(|y| [200, (y / 8) as u8, 90].repeat(1280)).collect();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    png
}

/// What stands for a browser: it shows every page alike, and finds all words one below the other.
fn browser(dir: &Path, sought: usize) -> Browser {
    use std::os::unix::fs::PermissionsExt as _;
    let program = dir.join("browser");
    let places: Vec<_> = (0..sought).map(|n| [[80, 300 + 40 * n, 400, 24]]).collect();
    let measured = serde_json::json!({"height": 2000, "html": "<p>x", "places": places});
    let measured = format!("<pre id=\"measured\">{measured}</pre>");
    std::fs::write(dir.join("browser.html"), measured).unwrap();
    std::fs::write(dir.join("browser.png"), png()).unwrap();
    let script = "#!/bin/sh\nfor word in \"$@\"; do case \"$word\" in\n\
                  --version) echo 'Invented 1';;\n--dump-dom) cat \"$0.html\";;\n\
                  --screenshot=*) cp \"$0.png\" \"${word#--screenshot=}\";;\nesac; done\n";
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    Browser::at(&program).unwrap()
}

/// A desk whose first posting's page was pictured. The words of its first finding were not found, those
/// of the others were.
pub fn pictured(desk: &mut SampleDesk, change: impl Fn(&mut Vec<Mark>)) -> String {
    let stored = desk.request().postings[0].clone();
    let quotes: Vec<_> = stored
        .assessment
        .findings
        .iter()
        .flat_map(|finding| finding.spans().iter().map(move |span| (finding, span)))
        .collect();
    let sought = quotes.iter().map(|(_, span)| {
        let (before, after) = (String::new(), String::new());
        Sought { before, words: span.quote.clone(), after }
    });
    let sought: Vec<Sought> = sought.collect();
    let page = desk.page_of(&stored.posting);
    let picture = browser(desk.dir(), sought.len()).picture(&page, &[], &sought).unwrap();
    let marks = quotes.iter().enumerate().map(|(number, (finding, span))| Mark {
        indicator: finding.indicator.clone(),
        rule: finding.rule.clone(),
        quote: span.quote.clone(),
        places: picture.places(number),
    });
    let mut marks: Vec<Mark> = marks.collect();
    change(&mut marks);
    let viewed = Viewed {
        posting: &stored.posting,
        assessment: &stored.assessment,
        page: &page,
        beside: &[],
        picture: &picture,
        marks: &marks,
        taken_at: "2026-11-02T08:45:00Z".parse().unwrap(),
        software: "fusion 0.0.0",
    };
    let (file, sha256) = viewed.take(&desk.vault()).unwrap();
    let (posting, capture) = (stored.posting.id.clone(), page.id);
    desk.lead.snapshots.push(domain::Snapshot { posting, capture, file: file.clone(), sha256 });
    file
}

#[test]
fn quoted_words_are_framed_with_the_number_of_their_sign() {
    let mut desk = SampleDesk::new();
    let file = pictured(&mut desk, |marks| marks[0].places.clear());
    for (language, missed) in [
        (ReportLanguage::En, "Signs whose words were not found on the picture: 1"),
        (ReportLanguage::Uk, "Ознаки, слів яких на картинці не знайдено: 1"),
        (ReportLanguage::Ru, "Признаки, слов которых на картинке не найдено: 1"),
        (ReportLanguage::Ro, "Semne ale căror cuvinte nu au fost găsite pe imagine: 1"),
    ] {
        let packet = desk.build(&desk.handover(language, Variant::Full), "a.zip");
        let html = text_of(&packet, "data/report.html");
        assert!(html.contains(&file) && html.contains(missed), "{html}");
        assert!(html.contains("<td>1. ") && html.contains("<td>2. "), "signs have numbers");
        assert!(html.contains(">2</text>") && !html.contains(">1</text>"), "{html}");
        assert!(html.contains("class=\"frame\" x=\"80\" y=\"120\" width=\"400\" height=\"24\""));
        let (_, data) = html.split_once("data:image/png;base64,").unwrap();
        let strip = BASE64_STANDARD.decode(data.split_once('"').unwrap().0).unwrap();
        let strip = png::Decoder::new(std::io::Cursor::new(strip)).read_info().unwrap();
        assert!(strip.info().width == 1280 && strip.info().height < 800);
    }
}

#[test]
fn a_sign_that_is_not_found_any_more_and_a_picture_of_before_frame_nothing() {
    for forget in [true, false] {
        let mut desk = SampleDesk::new();
        pictured(&mut desk, |marks| match forget {
            true => marks.clear(),
            false => marks.iter_mut().for_each(|mark| mark.quote.push('!')),
        });
        let packet = desk.build(&desk.handover(ReportLanguage::En, Variant::Full), "a.zip");
        let html = text_of(&packet, "data/report.html");
        assert!(html.contains("None of the quoted words was found on the picture"));
        assert!(!html.contains("class=\"frame\""));
    }
}

#[test]
fn a_redacted_packet_has_no_picture() {
    let mut desk = SampleDesk::new();
    pictured(&mut desk, |_| ());
    let packet = desk.build(&desk.handover(ReportLanguage::Uk, Variant::Redacted), "a.zip");
    let html = text_of(&packet, "data/report.html");
    assert!(!html.contains("data:image") && !html.contains("class=\"frame\""));
    let png_magic = b"\x89PNG";
    for (name, bytes) in files(&packet) {
        assert!(!bytes.windows(4).any(|window| window == png_magic), "{name}");
    }
}
