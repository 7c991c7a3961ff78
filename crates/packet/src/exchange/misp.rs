//! A MISP event: each posting as a `microblog` object, contacts as attributes, and the tags of the
//! taxonomy in `docs/exchange/misp-taxonomy.json`. Nothing in it is for automatic detection: a
//! contact in a posting is no proof against whoever has it.

use domain::{Contact, ContactKind, Tlp};
use serde_json::{Value, json};

use super::id_of;
use crate::Handover;
use crate::document::pretty;
use crate::dossier::{DisclosedPosting, Dossier};

/// Name space of our machine tags.
const TAXONOMY: &str = "trafficking-recruitment";
/// The template of MISP's `microblog` object.
const MICROBLOG: (&str, &str) = ("8ec8c911-ddbe-4f5b-895b-fbff70c42a60", "20");

pub(super) fn event(dossier: &Dossier<'_>, handover: &Handover<'_>) -> Vec<u8> {
    let lead = dossier.lead.id.as_str();
    let seconds = dossier.built_at.as_second().to_string();
    let grading = &handover.grading;
    let mut tags = vec![
        json!({ "name": tlp_tag(handover.tlp) }),
        json!({ "name": format!("{TAXONOMY}:handling=\"{}\"", grading.handling()) }),
        json!({
            "name": format!(
                "{TAXONOMY}:grade=\"{} {}{}\"",
                grading.scheme,
                grading.source(),
                grading.information()
            )
        }),
    ];
    let mut signs: Vec<&str> = dossier
        .postings
        .iter()
        .flat_map(|posting| &posting.stored.assessment.findings)
        .map(|finding| finding.indicator.as_str())
        .collect();
    signs.sort_unstable();
    signs.dedup();
    tags.extend(signs.iter().map(|sign| json!({ "name": sign_tag(sign) })));
    let event = json!({
        "Event": {
            "uuid": id_of(&["misp-event", lead]),
            "info": format!("Lead {lead}: public postings with signs of trafficking recruitment"),
            "date": dossier.built_at.strftime("%Y-%m-%d").to_string(),
            "timestamp": seconds,
            "publish_timestamp": "0",
            "published": false,
            // Undefined: the score of words is no threat level.
            "threat_level_id": "4",
            "analysis": "1",
            // The receiving organisation alone; it may widen it within the traffic light.
            "distribution": "0",
            "Orgc": { "name": dossier.desk, "uuid": id_of(&["desk", dossier.desk]) },
            "Tag": tags,
            "Attribute": attributes(dossier, &seconds),
            "Object": dossier
                .postings
                .iter()
                .map(|posting| microblog(posting, &seconds))
                .collect::<Vec<_>>(),
        }
    });
    pretty(&event)
}

fn tlp_tag(tlp: Tlp) -> String {
    tlp.label().to_ascii_lowercase()
}

fn sign_tag(sign: &str) -> String {
    format!("{TAXONOMY}:indicator=\"{sign}\"")
}

fn attributes(dossier: &Dossier<'_>, seconds: &str) -> Vec<Value> {
    let lead = dossier.lead.id.as_str();
    let mut attributes = Vec::new();
    let mut seen = Vec::new();
    for posting in &dossier.postings {
        for contact in &posting.stored.posting.contacts {
            if !seen.contains(&&contact.value) {
                seen.push(&contact.value);
                let (category, kind) = category_and_type(contact);
                let comment = format!(
                    "as published in {}; no identity was looked up",
                    posting.stored.posting.id
                );
                let id = id_of(&["misp-attribute", lead, &contact.value]);
                attributes.push(attribute(id, category, kind, &contact.value, &comment, seconds));
            }
        }
    }
    for snapshot in &dossier.lead.snapshots {
        let id = id_of(&["misp-attribute", lead, &snapshot.file]);
        let comment = format!("evidence file {}", snapshot.file);
        let digest = snapshot.sha256.to_hex();
        attributes.push(attribute(id, "External analysis", "sha256", &digest, &comment, seconds));
    }
    attributes
}

fn category_and_type(contact: &Contact) -> (&'static str, &'static str) {
    let is_masked = contact.value.starts_with('[');
    match contact.kind {
        _ if is_masked => ("Other", "text"),
        ContactKind::Phone => ("Person", "phone-number"),
        ContactKind::Email => ("Social network", "email"),
        ContactKind::Url => ("External analysis", "url"),
        ContactKind::Handle | ContactKind::Invite => ("Social network", "text"),
        ContactKind::Wallet => ("Other", "text"),
    }
}

fn attribute(
    id: String,
    category: &str,
    kind: &str,
    value: &str,
    comment: &str,
    seconds: &str,
) -> Value {
    json!({
        "uuid": id,
        "category": category,
        "type": kind,
        "value": value,
        "comment": comment,
        "to_ids": false,
        "disable_correlation": false,
        "distribution": "5",
        "timestamp": seconds,
    })
}

fn microblog(disclosed: &DisclosedPosting, seconds: &str) -> Value {
    let posting = &disclosed.stored.posting;
    let findings = &disclosed.stored.assessment.findings;
    let id = posting.id.as_str();
    let mut attributes = Vec::new();
    let mut add = |relation: &str, kind: &str, value: String, tags: Vec<Value>| {
        if value.trim().is_empty() {
            return;
        }
        let place = attributes.len().to_string();
        let category = if kind == "url" { "External analysis" } else { "Other" };
        let uuid = id_of(&["misp-object-attribute", id, relation, &place]);
        let mut attribute = attribute(uuid, category, kind, &value, "", seconds);
        attribute["object_relation"] = json!(relation);
        attribute["Tag"] = json!(tags);
        attributes.push(attribute);
    };
    let tags = findings.iter().map(|found| json!({ "name": sign_tag(found.indicator.as_str()) }));
    add("post", "text", posting.text.clone(), tags.collect());
    add("title", "text", posting.title.clone().unwrap_or_default(), Vec::new());
    // A masked address is none.
    let address = posting.url.clone().filter(|url| url.starts_with("http"));
    add("url", "url", address.unwrap_or_default(), Vec::new());
    add("username", "text", posting.author.clone().unwrap_or_default(), Vec::new());
    if let Some(at) = posting.published_at {
        add("creation-date", "datetime", at.to_string(), Vec::new());
    }
    let language = disclosed.stored.assessment.language.or(posting.language);
    add("language", "text", language.map_or("", |l| l.code()).to_owned(), Vec::new());
    json!({
        "uuid": id_of(&["misp-object", id]),
        "name": "microblog",
        "meta-category": "misc",
        "description": "Public posting as captured",
        "template_uuid": MICROBLOG.0,
        "template_version": MICROBLOG.1,
        "distribution": "5",
        "timestamp": seconds,
        "comment": format!("posting {id}, captured {}", posting.captured_at),
        "Attribute": attributes,
    })
}
