//! Words that are hidden from filters are found all the same, and hiding the words of an ordinary ad
//! makes it no lead.
//!
//! A sample is tried in every run. `FUSION_ALL_DISGUISES=1` tries all examples and all ads, and tells
//! of each one that is missed.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod disguise;

use std::io::Read as _;
use std::path::PathBuf;
use std::sync::LazyLock;

use disguise::Disguise;
use domain::{Assessment, Field};
use rules::{Assessor, Rule, RuleSet, Subject};
use text::Folded;

static BUILT_IN: LazyLock<RuleSet> = LazyLock::new(|| RuleSet::builtin().unwrap());

/// Share of the examples that must be found in each disguise.
const FOUND: f64 = 0.98;
/// From this score on a posting is flagged.
const FLAGGED: u8 = 40;

fn all() -> bool {
    std::env::var_os("FUSION_ALL_DISGUISES").is_some()
}

fn assess(assessor: &mut Assessor<'_>, text: &str) -> Assessment {
    let folded = Folded::new(text);
    let contacts = text::contacts(Field::Text, text, None);
    let subject = Subject { title: None, text: (text, &folded), contacts: &contacts };
    assessor.assess(&subject, None)
}

fn fires(assessor: &mut Assessor<'_>, rule: &Rule, text: &str) -> bool {
    let assessment = assess(assessor, text);
    let found =
        if rule.sign.is_mitigation() { &assessment.mitigations } else { &assessment.findings };
    found.iter().any(|finding| finding.rule == rule.id)
}

#[test]
fn rules_fire_on_their_examples_in_every_disguise() {
    let mut assessor = Assessor::new(&BUILT_IN);
    let rules = BUILT_IN.rules().iter().filter(|rule| rule.status.runs());
    let examples: Vec<(&Rule, &str)> = rules
        .flat_map(|rule| rule.examples.iter().map(move |e| (rule, e.text.as_str())))
        .step_by(if all() { 1 } else { 9 })
        .collect();
    let mut low = Vec::new();
    for disguise in &disguise::ALL {
        let missed: Vec<String> = (0..)
            .zip(&examples)
            .filter_map(|(seed, (rule, text))| {
                let hidden = disguise.apply(text, seed);
                (!fires(&mut assessor, rule, &hidden)).then(|| format!("{}: {hidden}", rule.id))
            })
            .collect();
        let share = 1.0 - missed.len() as f64 / examples.len() as f64;
        let Disguise { name, .. } = disguise;
        eprintln!("{name}: {share:.4} of {}", examples.len());
        if all() {
            missed.iter().for_each(|missed| eprintln!("    {name}: {missed}"));
        }
        if share < FOUND {
            low.push(format!("{name}: {share:.3}\n    {}", missed.join("\n    ")));
        }
    }
    assert!(low.is_empty(), "{}", low.join("\n"));
}

#[test]
fn no_disguise_makes_a_lead_of_an_ordinary_ad() {
    let mut ads: Vec<String> = BUILT_IN
        .rules()
        .iter()
        // What is no warning and no report is an offer as often as not.
        .filter(|rule| !rule.sign.is_mitigation())
        .flat_map(|rule| rule.counter_examples.iter().map(|example| example.text.clone()))
        .collect();
    ads.extend(ordinary_ads());
    let step = if all() { 1 } else { 23 };
    let mut assessor = Assessor::new(&BUILT_IN);
    let mut flagged = Vec::new();
    for (seed, ad) in (0..).zip(ads.iter().step_by(step)) {
        // What is flagged as it stands is not made a lead by a disguise.
        if assess(&mut assessor, ad).score.value() >= FLAGGED {
            continue;
        }
        for disguise in &disguise::ALL {
            let hidden = disguise.apply(ad, seed);
            let assessment = assess(&mut assessor, &hidden);
            if assessment.score.value() >= FLAGGED {
                let rules: Vec<&str> =
                    assessment.findings.iter().map(|f| f.rule.as_str()).collect();
                flagged.push(format!("{} by {rules:?}: {hidden}", disguise.name));
            }
        }
    }
    assert!(flagged.is_empty(), "of {}:\n{}", ads.len() / step, flagged.join("\n"));
}

/// Ads that people wrote and nobody doubts, where the reference data lies.
fn ordinary_ads() -> Vec<String> {
    let beside = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    let data = std::env::var_os("FUSION_REFERENCE_DATA").map_or(beside, PathBuf::from);
    let mut ads = Vec::new();
    for (file, columns) in [
        ("superjob_ru_530.csv.gz", vec!["name", "duties", "requirements", "conditions", "salary"]),
        ("emscad_raw_first499_partA.csv.gz", vec!["title", "description", "requirements"]),
    ] {
        let Ok(packed) = std::fs::read(data.join("jobads").join(file)) else {
            eprintln!("without {file}: no reference data");
            continue;
        };
        let mut table = String::new();
        flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut table).unwrap();
        let mut reader = csv::Reader::from_reader(table.trim_start_matches('\u{feff}').as_bytes());
        let headers = reader.headers().unwrap().clone();
        for row in reader.records() {
            let row = row.unwrap();
            let of = |name: &str| row.get(headers.iter().position(|h| h == name).unwrap());
            if of_fraud(&headers, &row) {
                continue;
            }
            let parts: Vec<&str> = columns.iter().filter_map(|column| of(column)).collect();
            let ad = parts.join("\n");
            ads.push(ad[..ad.floor_char_boundary(1_500)].to_owned());
        }
    }
    ads
}

fn of_fraud(headers: &csv::StringRecord, row: &csv::StringRecord) -> bool {
    let column = headers.iter().position(|header| header == "fraudulent");
    column.is_some_and(|column| row.get(column) != Some("0"))
}
