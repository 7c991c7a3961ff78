//! Real words and numbers that nobody here wrote: how often language and phones come out right.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use std::collections::BTreeMap;
use std::io::Read as _;
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
        if sentences < 0.97 || pairs < 0.94 {
            low.push(code);
        }
    }
    assert!(low.is_empty(), "{low:?}");
}

/// Where people are recruited from, led through and brought to, with what is dialled before a national
/// number.
const TRUNKS: [(&str, &str); 34] = [
    ("UA", "0"),
    ("MD", "0"),
    ("RO", "0"),
    ("PL", ""),
    ("DE", "0"),
    ("BG", "0"),
    ("RU", "8"),
    ("BY", "8"),
    ("HU", "06"),
    ("SK", "0"),
    ("CZ", ""),
    ("AT", "0"),
    ("CH", "0"),
    ("IT", ""),
    ("ES", ""),
    ("PT", ""),
    ("FR", "0"),
    ("BE", "0"),
    ("NL", "0"),
    ("GB", "0"),
    ("IE", "0"),
    ("GR", ""),
    ("CY", ""),
    ("TR", "0"),
    ("IL", "0"),
    ("AE", "0"),
    ("GE", "0"),
    ("RS", "0"),
    ("HR", "0"),
    ("SI", "0"),
    ("LV", ""),
    ("EE", ""),
    ("SE", "0"),
    ("FI", "0"),
];

#[test]
fn phones_of_the_region_are_found_in_national_and_international_form() {
    let Some(dir) = reference_data() else { return };
    let table = std::fs::read_to_string(dir.join("phones/example_numbers.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let (mut right, mut wrong) = (0, Vec::new());
    for row in reader.records() {
        let row = row.unwrap();
        let (region, code, kind, national) = (&row[0], &row[1], &row[2], &row[3]);
        let Some((_, trunk)) = TRUNKS.iter().find(|(of, _)| *of == region) else { continue };
        if !["mobile", "fixedLine"].contains(&kind) {
            continue;
        }
        let expected = format!("+{code}{national}");
        let here = format!("тел. {trunk}{national}");
        for written in [format!("тел. +{code} {national}"), here] {
            let found = contacts(Field::Text, &written, Region::new(region));
            if found
                .iter()
                .any(|contact| contact.kind == ContactKind::Phone && contact.value == expected)
            {
                right += 1;
            } else {
                wrong.push(format!("{region} {written}"));
            }
        }
    }
    eprintln!("{right} right, wrong: {wrong:?}");
    assert!(right >= 100 && wrong.len() * 100 <= right, "{right} right, wrong: {wrong:?}");
}

#[test]
fn prices_dates_and_ids_of_real_ads_are_no_phones() {
    let Some(dir) = reference_data() else { return };
    let mut phones = Vec::new();
    let ads = job_ads(&dir);
    for text in &ads {
        let found = contacts(Field::Text, text, Region::new("RU"));
        phones.extend(
            found
                .into_iter()
                .filter(|contact| contact.kind == ContactKind::Phone)
                .map(|contact| contact.span.quote),
        );
    }
    eprintln!("{} numbers in {} ads: {phones:?}", phones.len(), ads.len());
    assert!(phones.len() * 20 < ads.len(), "{phones:?}");
}

/// The words of ordinary ads, with their brand names and typing slips, are not taken for hidden ones.
#[test]
fn few_words_of_real_ads_look_disguised() {
    let Some(dir) = reference_data() else { return };
    let (mut words, mut disguised) = (0, BTreeMap::<String, u32>::new());
    for text in job_ads(&dir) {
        let folded = Folded::new(&text);
        words += folded.tokens().len();
        for token in folded.tokens().iter().filter(|token| token.disguised) {
            let written = &text[token.from as usize..token.to as usize];
            *disguised.entry(format!("{written} -> {}", folded.word(token))).or_default() += 1;
        }
    }
    let total: u32 = disguised.values().sum();
    eprintln!("{total} of {words} words: {disguised:?}");
    assert!(total as usize * 500 < words, "{total} of {words} words: {disguised:?}");
}

fn job_ads(dir: &std::path::Path) -> Vec<String> {
    let file = std::fs::File::open(dir.join("jobads/superjob_ru_530.csv.gz")).unwrap();
    let mut table = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut table).unwrap();
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    reader.records().map(|row| row.unwrap().iter().collect::<Vec<_>>().join("\n")).collect()
}

/// Lower-case Cyrillic letters that Unicode calls confusable with a Latin one (UTS #39), each put in
/// a Latin word: it must come out as that Latin letter.
#[test]
fn cyrillic_look_alikes_come_out_of_latin_words() {
    let Some(dir) = reference_data() else { return };
    let file = std::fs::File::open(dir.join("confusables/confusables.json.gz")).unwrap();
    let mut table = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut table).unwrap();
    let table: BTreeMap<String, Vec<BTreeMap<String, String>>> =
        serde_json::from_str(&table).unwrap();
    let (mut right, mut wrong) = (0, Vec::new());
    for (letter, alike) in &table {
        let Some(cyrillic) = letter.chars().next().filter(|c| ('а'..='ԯ').contains(c)) else {
            continue;
        };
        let latin = alike.iter().map(|other| other["c"].as_str());
        let latin = latin.filter(|c| c.len() == 1 && c.bytes().all(|b| b.is_ascii_lowercase()));
        let expected: Vec<String> = latin.map(|latin| format!("fl{latin}gl")).collect();
        if letter.chars().count() != 1 || expected.is_empty() || cyrillic.is_uppercase() {
            continue;
        }
        let folded = Folded::new(&format!("fl{cyrillic}gl"));
        if expected.iter().any(|expected| expected == folded.text()) {
            right += 1;
        } else {
            wrong.push(format!("{cyrillic} {expected:?} {}", folded.text()));
        }
    }
    eprintln!("{right} letters right, wrong: {wrong:?}");
    assert!(right >= 10 && wrong.len() * 9 <= right, "{right} right, wrong: {wrong:?}");
}

#[test]
fn no_other_language_is_taken_for_cyrillic_in_latin_letters() {
    let Some(dir) = reference_data() else { return };
    let (mut lines, mut taken) = (0, Vec::new());
    for code in ["uk", "ru", "ro", "en", "pl", "de", "bg", "be"] {
        let file = dir.join(format!("langid/lingua_{code}_sentences_partA.txt"));
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            lines += 1;
            taken.extend(Folded::new(line).romanized().map(|_| line.to_owned()));
        }
    }
    assert!(lines > 3_000, "{lines}");
    assert_eq!(taken, Vec::<String>::new());
}
