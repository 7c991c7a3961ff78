//! Ordinary ads stay off the queue. The few that do not, and that we accept, are listed with the
//! reason in `fixtures/ordinary/accepted-hits.csv`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::desk::{fusion, fusion_fed, reference_data, repository};

/// The real ads: file, language, and the columns that a reader sees, the headline first.
const REAL: [(&str, &str, &[&str]); 3] = [
    ("superjob_ru_530", "ru", &["name", "duties", "requirements", "conditions", "salary"]),
    (
        "hh_ru_1171_snippets",
        "ru",
        &["Название", "Компания", "Требования", "Ключевые навыки", "Зарплата от", "Валюта"],
    ),
    (
        "emscad_raw_first499_partA",
        "en",
        &["title", "company_profile", "description", "requirements", "benefits", "salary_range"],
    ),
];

/// Rows of a reference file as maps from header to cell.
fn rows(data: &Path, file: &str) -> Vec<BTreeMap<String, String>> {
    let path = data.join("jobads").join(format!("{file}.csv.gz"));
    let mut reader = csv::Reader::from_reader(GzDecoder::new(std::fs::File::open(path).unwrap()));
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn is_fraud(row: &BTreeMap<String, String>) -> bool {
    row.get("fraudulent").is_some_and(|mark| matches!(mark.as_str(), "1" | "t"))
}

fn real_ads(data: &Path) -> Vec<Value> {
    let mut ads = Vec::new();
    for (file, language, columns) in REAL {
        for (number, row) in rows(data, file).iter().enumerate().filter(|(_, row)| !is_fraud(row)) {
            let cells: Vec<&str> = columns[1..]
                .iter()
                .filter_map(|column| row.get(*column).map(String::as_str))
                .filter(|cell| !cell.is_empty())
                .collect();
            ads.push(json!({"id": format!("{file}-{number}"), "lang": language,
                "title": row[columns[0]], "text": cells.join("\n")}));
        }
    }
    ads
}

fn invented_ads() -> Vec<Value> {
    let mut ads = Vec::new();
    for entry in std::fs::read_dir(repository().join("fixtures/ordinary")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "ndjson") {
            let text = std::fs::read_to_string(&path).unwrap();
            ads.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
        }
    }
    ads
}

/// The ids of those that are flagged, with what flagged them.
fn flagged(ads: &[Value]) -> BTreeMap<String, String> {
    let lines: Vec<String> = ads.iter().map(Value::to_string).collect();
    let assessed = fusion_fed(&["assess"], lines.join("\n").as_bytes()).ended(0).lines();
    assert_eq!(assessed.len(), ads.len());
    let is_flagged =
        |one: &&Value| ["medium", "high", "critical"].contains(&one["band"].as_str().unwrap());
    let rules = |one: &Value| {
        let findings = one["findings"].as_array().unwrap();
        findings.iter().map(|finding| finding["rule"].to_string()).collect::<Vec<_>>().join(" ")
    };
    assessed
        .iter()
        .filter(is_flagged)
        .map(|one| (one["id"].as_str().unwrap().to_owned(), rules(one)))
        .collect()
}

fn accepted() -> BTreeSet<String> {
    let path = repository().join("fixtures/ordinary/accepted-hits.csv");
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader
        .deserialize::<(String, String)>()
        .map(|row| {
            let (id, because) = row.unwrap();
            assert!(!because.trim().is_empty(), "{id} is accepted without a reason");
            id
        })
        .collect()
}

#[test]
fn ordinary_ads_are_not_flagged_save_the_accepted_ones() {
    let mut ads = invented_ads();
    let invented = ads.len();
    ads.extend(reference_data().map(|data| real_ads(&data)).unwrap_or_default());
    let flagged = flagged(&ads);
    eprintln!("{} of {} ordinary ads are flagged", flagged.len(), ads.len());
    let accepted = accepted();
    let new: Vec<_> = flagged.iter().filter(|(id, _)| !accepted.contains(*id)).collect();
    assert!(new.is_empty(), "flagged and not accepted: {new:#?}");
    let there: BTreeSet<&str> = ads.iter().filter_map(|ad| ad["id"].as_str()).collect();
    let gone: Vec<_> = accepted
        .iter()
        .filter(|id| there.contains(id.as_str()) && !flagged.contains_key(*id))
        .collect();
    assert!(gone.is_empty(), "accepted and no longer flagged, take them off the list: {gone:?}");
    let real =
        flagged.keys().filter(|id| REAL.iter().any(|(file, ..)| id.starts_with(file))).count();
    assert!(real * 1000 <= 3 * (ads.len() - invented), "{real} real ads are flagged");
}

/// Fraud in job ads is not trafficking: what the ranking says of it is shown, not asked for. The
/// texts are lemmatised, without order of words, so that hardly a phrase can match.
#[test]
fn the_ranking_of_fraudulent_ads_is_reported() {
    let Some(data) = reference_data() else { return };
    let lines: Vec<String> = rows(&data, "emscad_balanced_lemmatised_partA")
        .iter()
        .enumerate()
        .map(|(number, row)| {
            let text = &row["text"];
            let label = if is_fraud(row) { "lead" } else { "ordinary" };
            json!({"id": number.to_string(), "lang": "en", "text": text, "label": label,
                "indicators": [], "scenario": number.to_string()})
            .to_string()
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fraud.ndjson");
    std::fs::write(&file, lines.join("\n")).unwrap();
    let report = fusion(&["--format", "json", "eval", file.to_str().unwrap()]).ended(0).json();
    let figures = &report["figures"][0];
    eprintln!("fraudulent ads (English, lemmatised): AUC {}", figures["auc"]);
    assert!(figures["auc"]["value"].as_f64().is_some_and(|auc| (0.0..=1.0).contains(&auc)));
}
