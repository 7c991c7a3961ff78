//! Our reading of structured pages beside what another program (extruct) reads out of the same pages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use scraper::Html;
use serde_json::{Value, json};
use url::Url;

use crate::json_ld::json_ld;
use crate::microdata::microdata;
use crate::rdfa::rdfa;

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
const ADDRESSES: [(&str, &str); 3] = [
    ("microdata.7.1", "http://blog.example.com/progress-report"),
    ("microdata.object", "http://www.example.com/microdata/"),
    ("product_custom_url", "http://some-example.com/"),
];

/// Expected files that hold another page's answer: the page, without `.html`.
const PAGES: [(&str, &str); 3] = [
    ("product_custom_url", "product"),
    ("CreativeWork_flat.001", "CreativeWork.001"),
    ("CreativeWork_flat_with_node_id.001", "CreativeWork.001"),
];

/// Expected files that are not compared, by the end of their names, and why.
const NOT_COMPARED: [(&str, &str); 3] = [
    (
        ".flat",
        "lists items without what they belong to; the same page is compared with its parents",
    ),
    (".withtext", "the same page once more, with the text of each item beside it"),
    ("_and_node_id", "the same page once more, with a number for each item"),
];

/// What came of all expected files.
#[derive(Debug, Default)]
struct Compared {
    agreed: usize,
    known_to_differ: usize,
    left_out: usize,
    differ: Vec<String>,
}

impl Compared {
    fn note(&mut self, name: &str, ours: &impl std::fmt::Debug, theirs: &impl std::fmt::Debug) {
        let (ours, theirs) = (format!("{ours:?}"), format!("{theirs:?}"));
        let known = DISAGREEMENTS.iter().any(|(known, _)| *known == name);
        assert!(!known || ours != theirs, "{name} agrees now: strike it off the list");
        if known {
            self.known_to_differ += 1;
        } else if ours == theirs {
            self.agreed += 1;
        } else {
            self.differ.push(format!("{name}\n  ours:   {ours}\n  theirs: {theirs}"));
        }
    }
}

#[test]
fn structured_pages_are_read_as_the_reference_says() {
    let Some(data) = reference_data() else { return };
    let mut compared = Compared::default();
    let mut count = 0;
    for folder in ["w3c", "schema.org", "schema.org.invalid", "custom.invalid"] {
        let folder = data.join("structured_html").join(folder);
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files {
            let kind = file.extension().unwrap_or_default().to_string_lossy().into_owned();
            match kind.as_str() {
                "json" => compare_microdata(&file, &mut compared),
                "jsonld" => compare_json_ld(&file, &mut compared),
                _ => continue,
            }
            count += 1;
        }
    }
    println!("{compared:#?}");
    assert!(compared.differ.is_empty(), "{}", compared.differ.join("\n"));
    assert_eq!(compared.known_to_differ, DISAGREEMENTS.len());
    assert_eq!(compared.agreed + compared.known_to_differ + compared.left_out, count);
    assert_eq!(count, 36);
}

fn compare_json_ld(file: &Path, compared: &mut Compared) {
    let name = file.file_stem().unwrap().to_string_lossy().into_owned();
    let ours = json_ld(&page(&file.with_extension("html"))).values;
    compared.note(&name, &ours, expected(file).as_array().unwrap());
}

fn compare_microdata(file: &Path, compared: &mut Compared) {
    let name = file.file_stem().unwrap().to_string_lossy().into_owned();
    if NOT_COMPARED.iter().any(|(end, _)| name.ends_with(end)) {
        compared.left_out += 1;
        return;
    }
    let page_name =
        PAGES.iter().find(|(known, _)| *known == name).map_or(name.as_str(), |(_, p)| p);
    let html = page(&file.with_file_name(format!("{page_name}.html")));
    let expected = expected(file);
    if let Some(uniform) = expected.as_object() {
        // All forms of one page: its microdata is in the file of its own, in the usual form.
        let ours = (json_ld(&html).values, rdfa(&html, None));
        let theirs = |form: &str| uniform[form].as_array().unwrap().clone();
        return compared.note(&name, &ours, &(theirs("json-ld"), theirs("rdfa")));
    }
    let address = ADDRESSES.iter().find(|(page, _)| *page == name);
    let address = address.map(|(_, address)| Url::parse(address).unwrap());
    let ours: Vec<Value> = microdata(&html, address.as_ref()).iter().map(ours).collect();
    let theirs: Vec<Value> = expected.as_array().unwrap().iter().map(theirs).collect();
    compared.note(&name, &ours, &theirs);
}

fn page(path: &Path) -> Html {
    collect::parse_html(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn expected(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
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
