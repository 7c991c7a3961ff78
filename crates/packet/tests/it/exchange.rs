//! Other programs read what a packet holds for them, by their own validators.

use std::path::{Path, PathBuf};

use domain::Tlp;
use packet::{ReportLanguage, Variant};
use serde_json::Value;

use crate::sample::{SampleDesk, files, text_of, without_digests};
use crate::tools::{outside, runs, tool};

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/exchange").join(name)
}

/// The exchange files of packets of each traffic light and both variants, each in a folder of its
/// own. The tools are slow to start: they get all of them at once.
fn unpacked(desk: &SampleDesk) -> Vec<String> {
    let variants = [Variant::Full, Variant::Redacted].into_iter().cycle();
    let mut folders = Vec::new();
    for (tlp, variant) in Tlp::ALL.into_iter().zip(variants) {
        let mut handover = desk.handover(ReportLanguage::Ro, variant);
        handover.tlp = tlp;
        let packet = desk.build(&handover, "x.zip");
        let folder = desk.dir().join(format!("exchange-{}", tlp.name()));
        std::fs::create_dir_all(&folder).unwrap();
        for (name, bytes) in files(&packet) {
            if let Some(name) = name.strip_prefix("data/exchange/") {
                std::fs::write(folder.join(name), bytes).unwrap();
            }
        }
        folders.push(folder.to_str().unwrap().to_owned());
    }
    folders
}

/// Check 103 asks for random ids (version 4); ours are made from what they name (version 5), so that
/// a second import updates the first. Everything else is on.
#[test]
fn the_stix_bundle_passes_the_strict_validator() {
    let Some(validator) = tool("stix2_validator") else { return };
    let desk = SampleDesk::new();
    let bundles: Vec<String> =
        unpacked(&desk).iter().map(|folder| format!("{folder}/stix.json")).collect();
    let mut args = vec!["--strict", "--version", "2.1", "--disable", "103"];
    args.extend(bundles.iter().map(String::as_str));
    let said = runs(&validator, &args, desk.dir());
    assert_eq!(said.matches("STIX JSON: Valid").count(), bundles.len(), "{said}");
    assert!(!said.contains("[X]") && !said.contains("[!]"), "{said}");
}

/// STIX extensions and HTCDS rows by the schemas that we publish; the MISP event by PyMISP.
#[test]
fn other_programs_load_what_is_meant_for_them() {
    let desk = SampleDesk::new();
    let folders = unpacked(&desk);
    let docs = docs("");
    let mut args = vec![docs.to_str().unwrap(), "3"];
    args.extend(folders.iter().map(String::as_str));
    outside("exchange.py", &args);
}

#[test]
fn the_taxonomy_has_every_sign_of_the_rules_and_every_tag_of_an_event() {
    let taxonomy: Value =
        serde_json::from_slice(&std::fs::read(docs("misp-taxonomy.json")).unwrap()).unwrap();
    let namespace = taxonomy["namespace"].as_str().unwrap();
    let mut tags = Vec::new();
    for values in taxonomy["values"].as_array().unwrap() {
        for entry in values["entry"].as_array().unwrap() {
            let (predicate, value) =
                (values["predicate"].as_str().unwrap(), entry["value"].as_str().unwrap());
            tags.push(format!("{namespace}:{predicate}=\"{value}\""));
        }
    }
    let rules = include_str!("../../../../rules/indicators.yaml");
    let signs = rules.lines().filter_map(|line| line.trim().strip_prefix("- id: "));
    for sign in signs {
        let known = ["indicator", "mitigation"]
            .iter()
            .any(|predicate| tags.contains(&format!("{namespace}:{predicate}=\"{sign}\"")));
        assert!(known, "{sign} is not in the taxonomy");
    }
    let desk = SampleDesk::new();
    let packet = desk.build(&desk.handover(ReportLanguage::En, Variant::Full), "a.zip");
    let event: Value =
        serde_json::from_str(&text_of(&packet, "data/exchange/misp-event.json")).unwrap();
    let used = event["Event"]["Tag"].as_array().unwrap();
    assert!(used.len() > 5);
    for tag in used {
        let name = tag["name"].as_str().unwrap();
        assert!(name.starts_with("tlp:") || tags.iter().any(|known| known == name), "{name}");
    }
}

#[test]
fn ids_are_the_same_in_every_packet_of_a_lead() {
    let desk = SampleDesk::new();
    let ids = |language, name| {
        let packet = desk.build(&desk.handover(language, Variant::Full), name);
        let bundle: Value =
            serde_json::from_str(&text_of(&packet, "data/exchange/stix.json")).unwrap();
        let objects = bundle["objects"].as_array().unwrap().iter();
        objects.map(|object| object["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = ids(ReportLanguage::Uk, "a.zip");
    assert_eq!(first, ids(ReportLanguage::Ru, "b.zip"));
    assert_eq!(first.len(), first.iter().collect::<std::collections::BTreeSet<_>>().len());
}

#[test]
fn the_tables_and_bundle_read_as_agreed() {
    let desk = SampleDesk::new();
    let packet = desk.build(&desk.handover(ReportLanguage::En, Variant::Full), "a.zip");
    for name in ["stix.json", "misp-event.json", "htcds.csv", "postings.csv", "contacts.csv"] {
        let text = text_of(&packet, &format!("data/exchange/{name}"));
        insta::assert_snapshot!(name, without_digests(&text));
    }
}
