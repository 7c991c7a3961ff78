//! The arrows between rooms. A new one is a decision: it is added here in a commit of its own.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

/// Who may use whom. A room that is missing here may not exist.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("warc", &["domain"]),
    ("text", &["domain"]),
    ("rules", &["domain", "text"]),
    ("collect", &["domain", "warc"]),
    ("collect-jobs", &["domain", "collect"]),
    ("collect-social", &["domain", "collect"]),
    ("link", &["domain", "text"]),
    ("evidence", &["domain", "warc"]),
    ("store", &["domain"]),
    (
        "pipeline",
        &[
            "domain",
            "text",
            "rules",
            "collect",
            "collect-jobs",
            "collect-social",
            "link",
            "evidence",
            "store",
        ],
    ),
    ("typeset", &[]),
    ("packet", &["domain", "evidence", "store", "typeset"]),
    ("web", &["domain", "evidence", "store", "pipeline", "analytics"]),
    ("analytics", &["domain", "text", "link", "rules", "evidence", "store"]),
    (
        "cli",
        &[
            "domain",
            "rules",
            "evidence",
            "store",
            "pipeline",
            "typeset",
            "packet",
            "analytics",
            "web",
        ],
    ),
    // No part of the program: it feeds every reader.
    ("fuzz", &["domain", "text", "rules", "collect", "evidence", "link", "pipeline"]),
];

/// Libraries that stay in one room.
const ONE_ROOM: &[(&str, &str)] = &[
    ("reqwest", "collect"),
    ("tokio-tungstenite", "collect"),
    ("sled", "store"),
    ("saphyr", "rules"),
    ("clap", "cli"),
    ("lingua", "text"),
    ("phonenumber", "text"),
    ("quick-xml", "collect"),
    ("minisign", "evidence"),
    ("age", "evidence"),
    ("typst", "typeset"),
    ("typst-pdf", "typeset"),
    ("polars-core", "analytics"),
    ("polars-io", "analytics"),
];

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Each room's dependencies that ship; those of tests alone are free.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let metadata = metadata();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let packages = metadata["packages"].as_array().unwrap();
    let rooms = packages.iter().map(|package| {
        let shipped = package["dependencies"].as_array().unwrap().iter();
        let shipped = shipped.filter(|dependency| dependency["kind"].is_null()).map(name);
        (name(package), shipped.collect())
    });
    rooms.collect()
}

#[test]
fn rooms_know_only_the_rooms_they_may_know() {
    let rooms = dependencies();
    let mut wrong = Vec::new();
    for (room, uses) in &rooms {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| name == room) else {
            wrong.push(format!("room `{room}` is not in the table"));
            continue;
        };
        for used in uses.iter().filter(|used| rooms.contains_key(*used)) {
            if !allowed.contains(&used.as_str()) {
                wrong.push(format!("`{room}` may not use `{used}`"));
            }
        }
    }
    for (room, _) in ARROWS {
        if !rooms.contains_key(*room) {
            wrong.push(format!("room `{room}` is in the table and not in the house"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn heavy_and_dangerous_libraries_stay_in_one_room() {
    let rooms = dependencies();
    let mut wrong = Vec::new();
    for (library, home) in ONE_ROOM {
        for (room, uses) in &rooms {
            if room != home && uses.iter().any(|used| used == library) {
                wrong.push(format!("`{library}` belongs to `{home}`, `{room}` uses it too"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
