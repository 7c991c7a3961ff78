//! The API in the form of OpenAPI 3.1. Made here, served, and kept in `docs/openapi.json`; a test
//! holds that all three, and the table of rights, say the same.

use axum::Json;
use serde_json::{Map, Value, json};

/// One operation: method, path, scope, what it does, its body, and what it answers.
type Operation =
    (&'static str, &'static str, &'static str, &'static str, Option<&'static str>, &'static str);

const OPERATIONS: [Operation; 10] = [
    ("get", "/api/v1/leads", "read", "Leads in the queue's order", None, "LeadList"),
    (
        "get",
        "/api/v1/leads/{id}",
        "read",
        "A lead with its postings, links, decisions and evidence; the view is logged",
        None,
        "LeadInFull",
    ),
    ("post", "/api/v1/leads/{id}/claim", "decide", "Take a lead on", None, "Lead"),
    ("post", "/api/v1/leads/{id}/release", "decide", "Give a claimed lead back", None, "Lead"),
    ("post", "/api/v1/leads/{id}/note", "decide", "Add a remark", Some("Note"), "Lead"),
    (
        "post",
        "/api/v1/leads/{id}/decide",
        "decide",
        "Decide; a named person answers for it",
        Some("Decision"),
        "Lead",
    ),
    (
        "post",
        "/api/v1/assess",
        "read",
        "Read a text as a posting would be; nothing is kept",
        Some("Words"),
        "Assessment",
    ),
    ("get", "/api/v1/sources", "read", "Sources and how they do", None, "SourceList"),
    ("post", "/api/v1/tips", "tip", "Hand in a tip", Some("Tip"), "Taken"),
    ("get", "/api/v1/events", "read", "News of leads as server-sent events", None, ""),
];

const FILTERS: [(&str, &str); 13] = [
    ("status", "open, claimed, decided or all"),
    ("band", "this band and more urgent ones: critical, high, medium"),
    ("language", "ISO 639-1 code"),
    ("indicator", "an indicator's id"),
    ("source", "a source's id"),
    ("verdict", "escalate, refer, monitor or dismiss"),
    ("mine", "yes: claimed by the key's person"),
    ("from", "a country that the words take people from, ISO 3166-1 alpha-2"),
    ("to", "a country that they take them to, or offer work in"),
    ("contact", "a phone number, account or address that a posting names"),
    ("since", "a day: leads with a posting published since, as 2026-11-28"),
    ("q", "words or a phone number that postings must have"),
    ("page", "from 1; 50 leads each"),
];

/// `GET /api/v1/openapi.json`
pub(crate) async fn serve() -> Json<Value> {
    Json(document())
}

pub(crate) fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in OPERATIONS {
        let (method, path, ..) = operation;
        let entry = paths.entry(path).or_insert_with(|| json!({}));
        entry[method] = described(operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Fusion desk",
            "version": "1",
            "description": "The review queue for programs. A key acts in its person's name, with that person's rights and the key's scopes; every view and act is in the custody log.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "security": [{ "key": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer", "description": "A key made on the settings page" } },
            "schemas": schemas(),
        },
    })
}

fn described((_, path, scope, summary, body, answer): Operation) -> Value {
    let mut responses = Map::new();
    let error = |what: &str| json!({ "description": what, "content": { "application/json": { "schema": schema("Error") } } });
    let good = if answer.is_empty() {
        json!({ "description": "events `lead` and `lost`", "content": { "text/event-stream": { "schema": { "type": "string" } } } })
    } else {
        json!({ "description": "done", "content": { "application/json": { "schema": schema(answer) } } })
    };
    responses.insert("200".into(), good);
    responses.insert("400".into(), error("the request does not read"));
    responses.insert("401".into(), error("no key, or one that is not good"));
    responses.insert("403".into(), error("the person or the key may not do this"));
    let mut parameters = Vec::new();
    if path.contains("{id}") {
        let pattern = json!({ "type": "string" });
        parameters.push(json!({ "name": "id", "in": "path", "required": true, "schema": pattern }));
        responses.insert("404".into(), error("no such lead"));
    }
    if path == "/api/v1/leads" {
        for (name, what) in FILTERS {
            parameters.push(json!({ "name": name, "in": "query", "description": what, "schema": { "type": "string" } }));
        }
    }
    let mut operation = json!({
        "summary": summary,
        "description": format!("Scope `{scope}`."),
        "parameters": parameters,
    });
    if scope != "read" {
        responses.insert(
            "409".into(),
            error(
                "a rule of the desk speaks against it, such as: somebody else has claimed the lead",
            ),
        );
    }
    if let Some(body) = body {
        operation["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": schema(body) } } });
        responses.insert("413".into(), error("the body is too large"));
        responses.insert("422".into(), error("the body does not read"));
    }
    operation["responses"] = Value::Object(responses);
    operation
}

fn schema(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn schemas() -> Value {
    let string = json!({ "type": "string" });
    let maybe = json!({ "type": ["string", "null"] });
    let time = json!({ "type": "string", "format": "date-time" });
    let maybe_time = json!({ "type": ["string", "null"], "format": "date-time" });
    let score = json!({ "type": "integer", "minimum": 0, "maximum": 100 });
    let band = json!({ "type": "string", "enum": ["none", "low", "medium", "high", "critical"] });
    let verdict = json!({ "type": "string", "enum": ["escalate", "monitor", "dismiss", "refer"] });
    let list = |of: Value| json!({ "type": "array", "items": of });
    let brief = json!({
        "id": string, "score": score, "band": band,
        "status": { "type": "string", "enum": ["open", "claimed", "decided"] },
        "verdict": { "oneOf": [verdict, { "type": "null" }] },
        "claimed_by": maybe, "opened_at": time, "postings": { "type": "integer", "minimum": 0 },
        "title": maybe, "language": maybe, "source": maybe, "indicators": list(string.clone()),
        "from": list(string.clone()), "to": list(string.clone()),
    });
    let mut full = brief.clone();
    full["postings_in_full"] = list(schema("Posting"));
    for name in ["links", "decisions", "notes", "snapshots", "revisits"] {
        full[name] = list(json!({ "type": "object" }));
    }
    let object = |properties: Value| {
        let required: Vec<&String> =
            properties.as_object().map(|all| all.keys().collect()).unwrap_or_default();
        let required = json!(required);
        json!({ "type": "object", "properties": properties, "required": required })
    };
    let mut words = object(json!({ "text": string, "title": maybe }));
    words["required"] = json!(["text"]);
    let mut tip = object(json!({
        "text": string, "link": string, "contact": string,
        "consent": { "type": "string", "enum": ["yes", "no", ""] },
    }));
    tip["required"] = json!(["text"]);
    let assessment = json!({
        "language": maybe, "score": score, "band": band, "findings": list(schema("Finding")),
        "mitigations": list(schema("Finding")), "rule_set": string,
    });
    json!({
        "Error": object(json!({ "error": string })),
        "Lead": object(brief),
        "LeadList": object(json!({ "total": { "type": "integer" }, "page": { "type": "integer" }, "leads": list(schema("Lead")) })),
        "LeadInFull": object(full),
        "Posting": object(json!({
            "id": string, "masked": { "type": "boolean" }, "title": maybe, "text": string, "author": maybe, "url": maybe,
            "source": string, "language": maybe, "published_at": maybe_time, "captured_at": time, "score": score,
            "band": band, "findings": list(schema("Finding")), "mitigations": list(schema("Finding")),
            "contacts": list(json!({ "type": "object" })),
        })),
        "Finding": object(json!({
            "indicator": string, "rule": string, "version": { "type": "integer" }, "points": { "type": "number" },
            "spans": list(json!({ "type": "object" })),
        })),
        "Assessment": object(assessment),
        "SourceList": list(object(json!({
            "id": string, "kind": string, "url": string, "basis": string, "paused": { "type": "boolean" },
            "health": { "type": "object" },
        }))),
        "Note": object(json!({ "text": string })),
        "Decision": object(json!({ "verdict": verdict, "reason": string })),
        "Words": words,
        "Tip": tip,
        "Taken": object(json!({ "known": { "type": "boolean" } })),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rights::all;

    #[test]
    fn the_document_the_table_of_rights_and_the_kept_copy_agree() {
        let document = document();
        for (method, path, scope, ..) in OPERATIONS {
            let right = all().iter().find(|right| {
                right.path == path && right.method.as_str().eq_ignore_ascii_case(method)
            });
            let right = right.unwrap_or_else(|| panic!("{method} {path} is not in the table"));
            assert_eq!(right.scope.map(|scope| scope.name()), Some(scope), "{path}");
        }
        for right in all().iter().filter(|right| right.scope.is_some()) {
            let method = right.method.as_str().to_lowercase();
            assert!(
                document["paths"][right.path][method].is_object(),
                "{} is not described",
                right.path
            );
        }
        let kept = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
        let present = serde_json::to_string_pretty(&document).unwrap() + "\n";
        if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
            std::fs::write(&kept, &present).unwrap();
        }
        assert_eq!(std::fs::read_to_string(kept).unwrap(), present, "run with INSTA_UPDATE=always");
    }
}
