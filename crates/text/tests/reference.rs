//! Real words and numbers that nobody here wrote: how often language and phones come out right.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use std::path::PathBuf;

use domain::{ContactKind, Field, Language, Region};
use text::{Folded, contacts, language};

fn reference_data() -> Option<PathBuf> {
    let beside = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    let dir = std::env::var_os("FUSION_REFERENCE_DATA").map_or(beside, PathBuf::from);
    if dir.is_dir() {
        return Some(dir);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "no reference data at {}", dir.display());
    eprintln!("skipped: no reference data at {}", dir.display());
    None
}

/// Share of lines of a file that are taken for its language.
fn share_right(dir: &std::path::Path, code: &str, what: &str) -> f64 {
    let file = dir.join(format!("langid/lingua_{code}_{what}_partA.txt"));
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let expected = Language::from_code(code);
    let right = lines.iter().filter(|line| language(&Folded::new(line), None) == expected).count();
    right as f64 / lines.len() as f64
}

#[test]
fn languages_are_told_apart() {
    let Some(dir) = reference_data() else { return };
    let mut low = Vec::new();
    for code in ["uk", "ru", "ro", "en", "pl", "de", "bg", "be"] {
        let (sentences, pairs) =
            (share_right(&dir, code, "sentences"), share_right(&dir, code, "word-pairs"));
        eprintln!("{code}: sentences {sentences:.3}, word pairs {pairs:.3}");
        if sentences < 0.95 || pairs < 0.94 {
            low.push(code);
        }
    }
    assert!(low.is_empty(), "{low:?}");
}

#[test]
fn phones_of_the_region_are_found_in_national_and_international_form() {
    let Some(dir) = reference_data() else { return };
    let table = std::fs::read_to_string(dir.join("phones/example_numbers.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let (mut right, mut wrong) = (0, Vec::new());
    for row in reader.records() {
        let row = row.unwrap();
        let (region, code, kind, national) = (&row[0], &row[1], &row[2], &row[3]);
        if !["UA", "MD", "RO", "PL", "DE", "BG"].contains(&region)
            || !["mobile", "fixedLine"].contains(&kind)
        {
            continue;
        }
        let trunk = if region == "PL" { "" } else { "0" };
        let expected = format!("+{code}{national}");
        for written in [format!("тел. +{code} {national}"), format!("тел. {trunk}{national}")]
        {
            let found = contacts(Field::Text, &written, Region::new(region));
            if found
                .iter()
                .any(|contact| contact.kind == ContactKind::Phone && contact.value == expected)
            {
                right += 1;
            } else {
                wrong.push(written);
            }
        }
    }
    eprintln!("{right} right, wrong: {wrong:?}");
    assert!(right >= 20 && wrong.len() * 50 <= right, "{right} right, wrong: {wrong:?}");
}

#[test]
fn prices_dates_and_ids_of_real_ads_are_no_phones() {
    use std::io::Read as _;
    let Some(dir) = reference_data() else { return };
    let file = std::fs::File::open(dir.join("jobads/superjob_ru_530.csv.gz")).unwrap();
    let mut table = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut table).unwrap();
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let mut phones = Vec::new();
    let mut ads = 0;
    for row in reader.records() {
        let text = row.unwrap().iter().collect::<Vec<_>>().join("\n");
        ads += 1;
        let found = contacts(Field::Text, &text, Region::new("RU"));
        phones.extend(
            found
                .into_iter()
                .filter(|contact| contact.kind == ContactKind::Phone)
                .map(|contact| contact.span.quote),
        );
    }
    eprintln!("{} numbers in {ads} ads: {phones:?}", phones.len());
    assert!(phones.len() * 20 < ads, "{phones:?}");
}
