//! Other programs read what a packet holds for them, by their own validators.

use std::path::{Path, PathBuf};

use domain::Tlp;
use packet::{ReportLanguage, Variant};
use serde_json::Value;

use crate::sample::{SampleDesk, files, text_of, without_digests};
use crate::tools::{python, runs, tool};

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

#[test]
fn stix_extensions_and_htcds_rows_follow_the_schemas_that_we_publish() {
    let Some(python) = python() else { return };
    let script = r#"
import csv, json, sys, jsonschema
ext = json.load(open(sys.argv[1])); row = json.load(open(sys.argv[2]))
ext = jsonschema.Draft202012Validator(ext); row = jsonschema.Draft202012Validator(row)
for folder in sys.argv[3:]:
    seen = 0
    for thing in json.load(open(folder + '/stix.json'))['objects']:
        for name, value in thing.get('extensions', {}).items():
            if 'tlp_2_0' not in value:
                ext.validate(value); seen += 1
    assert seen >= 4, seen
    rows = list(csv.DictReader(open(folder + '/htcds.csv', encoding='utf-8', newline='')))
    assert len(rows) == 3, rows
    for r in rows: row.validate(r)
    assert not row.is_valid(dict(rows[0], MethodsOfControlThreats='perhaps'))
"#;
    let desk = SampleDesk::new();
    let (ext, row) = (docs("stix-extension.schema.json"), docs("htcds.schema.json"));
    let folders = unpacked(&desk);
    let mut args = vec!["-c", script, ext.to_str().unwrap(), row.to_str().unwrap()];
    args.extend(folders.iter().map(String::as_str));
    runs(&python, &args, desk.dir());
}

#[test]
fn pymisp_loads_the_event_and_knows_its_objects() {
    let Some(python) = python() else { return };
    let script = r#"
import json, os, sys, jsonschema, pymisp
from pymisp import MISPEvent
types = pymisp.abstract.describe_types['category_type_mappings']
schema = json.load(open(os.path.join(os.path.dirname(pymisp.__file__), "data", "schema-lax.json")))
known = pymisp.MISPObject('microblog', strict=True)._definition
def check(attribute):
    assert attribute.type in types[attribute.category], (attribute.category, attribute.type)
    assert attribute.to_ids is False
for folder in sys.argv[1:]:
    event = MISPEvent()
    event.load_file(folder + "/misp-event.json")
    jsonschema.validate(json.load(open(folder + "/misp-event.json")), schema)
    for attribute in event.attributes: check(attribute)
    assert len(event.objects) == 3
    for thing in event.objects:
        assert thing.template_uuid == known['uuid']
        assert str(thing.template_version) == str(known['version'])
        for attribute in thing.attributes:
            check(attribute)
            wanted = known['attributes'][attribute.object_relation]['misp-attribute']
            assert attribute.type == wanted, (attribute.object_relation, attribute.type, wanted)
    assert any(tag.name.startswith('tlp:') for tag in event.tags)
    again = MISPEvent(); again.from_json(event.to_json())
    assert again.uuid == event.uuid
"#;
    let desk = SampleDesk::new();
    let folders = unpacked(&desk);
    let mut args = vec!["-c", script];
    args.extend(folders.iter().map(String::as_str));
    runs(&python, &args, desk.dir());
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
