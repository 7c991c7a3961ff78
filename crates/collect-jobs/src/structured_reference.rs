//! Our microdata beside what another program (extruct) reads out of the same pages.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};
use url::Url;

use crate::microdata::microdata;

/// Where we differ, and why that is right.
const DISAGREEMENTS: [(&str, &str); 3] = [
    (
        "microdata.5.3",
        "by the standard, properties stand in the order of the page, those of `itemref` too",
    ),
    ("SearchAction.001", "the value of an `input` is its text, which is empty, and no item"),
    ("product-ref", "an item that `itemref` names keeps its properties to itself, by the standard"),
];

/// Pages whose expected values are absolute, and the address that they were read at.
const ADDRESSES: [(&str, &str); 2] = [
    ("microdata.7.1", "http://blog.example.com/progress-report"),
    ("microdata.object", "http://www.example.com/microdata/"),
];

#[test]
fn microdata_agrees_with_the_reference_pages() {
    let Some(data) = reference_data() else { return };
    let (mut agreed, mut differ) = (0, Vec::new());
    for folder in ["w3c", "schema.org"] {
        let folder = data.join("structured_html").join(folder);
        let mut pages: Vec<PathBuf> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        pages.sort();
        for page in pages.iter().filter(|path| path.extension().is_some_and(|kind| kind == "html"))
        {
            let name = page.file_stem().unwrap().to_string_lossy().into_owned();
            let Ok(expected) = std::fs::read_to_string(page.with_extension("json")) else {
                continue;
            };
            let expected: Value = serde_json::from_str(&expected).unwrap();
            let expected = expected.get("microdata").cloned().unwrap_or(expected);
            let html = collect::parse_html(&std::fs::read_to_string(page).unwrap()).unwrap();
            let address = ADDRESSES.iter().find(|(page, _)| *page == name);
            let address = address.map(|(_, address)| Url::parse(address).unwrap());
            let ours: Vec<Value> = microdata(&html, address.as_ref()).iter().map(ours).collect();
            let theirs: Vec<Value> = expected.as_array().unwrap().iter().map(theirs).collect();
            let known = DISAGREEMENTS.iter().any(|(known, _)| *known == name);
            assert!(!known || ours != theirs, "{name} agrees now: strike it off the list");
            if ours == theirs {
                agreed += 1;
            } else if !known {
                differ.push(format!("{name}\n  ours:   {ours:?}\n  theirs: {theirs:?}"));
            }
        }
    }
    println!("{agreed} pages agree");
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    assert!(agreed >= 12, "{agreed}");
}

fn ours(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            if let Some(text) = fields.get("@href") {
                return text.clone();
            }
            if let Some(html) = fields.get("@html").and_then(Value::as_str) {
                return json!(squeezed(&collect::plain_text(html)));
            }
            let properties = fields.iter().filter(|(name, _)| !name.starts_with('@'));
            let properties = properties.map(|(name, value)| (name.clone(), list(value, ours)));
            item(fields.get("@type"), fields.get("@id"), properties.collect())
        }
        Value::String(text) => json!(squeezed(text)),
        other => other.clone(),
    }
}

fn theirs(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let properties = fields.get("properties").and_then(Value::as_object);
            let properties = properties.into_iter().flatten();
            let properties = properties.map(|(name, value)| (name.clone(), list(value, theirs)));
            item(fields.get("type"), fields.get("id"), properties.collect())
        }
        Value::String(text) => json!(squeezed(text)),
        other => other.clone(),
    }
}

fn item(
    kind: Option<&Value>,
    id: Option<&Value>,
    properties: BTreeMap<String, Vec<Value>>,
) -> Value {
    let kinds = kind.map_or(Vec::new(), |kind| list(kind, Value::clone));
    json!({"type": kinds, "id": id, "properties": properties})
}

fn list(value: &Value, each: impl Fn(&Value) -> Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values.iter().map(each).collect(),
        one => vec![each(one)],
    }
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

fn reference_data() -> Option<PathBuf> {
    let folder = std::env::var_os("FUSION_REFERENCE_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "no reference data at {folder:?}");
    eprintln!("skipped: no reference data at {}", folder.display());
    None
}
