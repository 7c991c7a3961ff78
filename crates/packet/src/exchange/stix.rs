//! A STIX 2.1 bundle: each posting as observed data with the accounts, addresses and files seen in
//! it, a report that holds them together, the traffic light as TLP 2.0 marks it, and what the rules
//! found as a property extension of our own (`docs/exchange/stix-extension.md`).
//!
//! No `indicator` and no `threat-actor` is made: a contact in a posting is observed, not accused.

use domain::{Contact, ContactKind, Finding, Language, Sha256, Tlp};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::id_of;
use super::uri::uri;
use crate::document::{pretty, word_of};
use crate::dossier::{DisclosedPosting, Dossier};
use crate::{Handover, PacketRequest};

/// The name space of the standard for the ids of observables (STIX 2.1, 2.9).
const OBSERVABLES: Uuid = Uuid::from_u128(0x00ab_edb4_aa42_466c_9c01_fed2_3315_a9b7);
/// How OASIS published TLP 2.0 for STIX 2.1.
const TLP_EXTENSION: &str = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";
/// Our extension is as old as its first version.
const EXTENSION_MADE: &str = "2026-11-28T00:00:00.000Z";

pub(super) fn bundle(
    dossier: &Dossier<'_>,
    handover: &Handover<'_>,
    request: &PacketRequest<'_>,
) -> Vec<u8> {
    let stix = Stix {
        made: milliseconds(dossier.built_at),
        desk: format!("identity--{}", id_of(&["desk", dossier.desk])),
        extension: extension_id(),
        marking: marking_id(handover.tlp).to_owned(),
    };
    let mut objects =
        vec![stix.desk_identity(dossier.desk), marking(handover.tlp), stix.extension_definition()];
    let mut seen = Vec::new();
    for posting in &dossier.postings {
        let observed = stix.posting(dossier, posting, request, &mut objects);
        seen.push(observed);
    }
    objects.push(stix.report(dossier, handover, &seen));
    let mut known = Vec::new();
    objects.retain(|object| {
        let id = object["id"].clone();
        let is_new = !known.contains(&id);
        known.push(id);
        is_new
    });
    let id = format!("bundle--{}", id_of(&["bundle", dossier.lead.id.as_str(), &stix.made]));
    pretty(&json!({ "type": "bundle", "id": id, "objects": objects }))
}

struct Stix {
    made: String,
    desk: String,
    extension: String,
    marking: String,
}

impl Stix {
    fn desk_identity(&self, name: &str) -> Value {
        json!({
            "type": "identity",
            "spec_version": "2.1",
            "id": self.desk,
            "created": EXTENSION_MADE,
            "modified": EXTENSION_MADE,
            "name": name,
            "identity_class": "organization",
            "sectors": ["non-profit"],
        })
    }

    fn extension_definition(&self) -> Value {
        json!({
            "type": "extension-definition",
            "spec_version": "2.1",
            "id": self.extension,
            "created_by_ref": self.desk,
            "created": EXTENSION_MADE,
            "modified": EXTENSION_MADE,
            "name": "Signs of trafficking recruitment",
            "description": "What rules found in the words of a public posting, with the quoted words, and how a lead is graded.",
            "schema": "docs/exchange/stix-extension.schema.json in the sources of fusion; also in words in docs/exchange/stix-extension.md",
            "version": "1.0.0",
            "extension_types": ["property-extension"],
        })
    }

    /// Adds a posting's observables and the observation of it; gives the id of the latter.
    fn posting(
        &self,
        dossier: &Dossier<'_>,
        disclosed: &DisclosedPosting,
        request: &PacketRequest<'_>,
        objects: &mut Vec<Value>,
    ) -> String {
        let posting = &disclosed.stored.posting;
        let assessment = &disclosed.stored.assessment;
        let mut observables = Vec::new();
        observables.extend(posting.url.as_deref().and_then(|url| self.url(url)));
        observables.extend(posting.contacts.iter().filter_map(|contact| self.contact(contact)));
        let snapshots = dossier.lead.snapshots.iter().filter(|taken| taken.posting == posting.id);
        observables.extend(snapshots.map(|taken| self.file(&taken.file, &taken.sha256)));
        if observables.is_empty() {
            // Something must have been observed: the text as it is disclosed.
            let name = format!("{}.txt", posting.id);
            observables.push(self.file(&name, &Sha256::of(posting.text.as_bytes())));
        }
        let refs: Vec<Value> = observables.iter().map(|object| object["id"].clone()).collect();
        objects.append(&mut observables);
        let id = format!("observed-data--{}", id_of(&["posting", posting.id.as_str()]));
        let captured = milliseconds(posting.captured_at);
        let language = assessment.language.or(posting.language);
        let mut object = json!({
            "type": "observed-data",
            "spec_version": "2.1",
            "id": id,
            "created_by_ref": self.desk,
            "created": self.made,
            "modified": self.made,
            "first_observed": captured,
            "last_observed": captured,
            "number_observed": 1,
            "object_refs": refs,
            "object_marking_refs": [self.marking],
            "extensions": { &self.extension: {
                "extension_type": "property-extension",
                "posting": posting.id,
                "kind": posting.kind,
                "title": posting.title,
                "text": posting.text,
                "author": posting.author,
                "published": posting.published_at.map(milliseconds),
                "captured": captured,
                "score": assessment.score,
                "band": assessment.band,
                "rule_set": assessment.rule_set,
                "findings": assessment
                    .findings
                    .iter()
                    .map(|finding| told(finding, request))
                    .collect::<Vec<_>>(),
                "mitigations": assessment
                    .mitigations
                    .iter()
                    .map(|finding| told(finding, request))
                    .collect::<Vec<_>>(),
            }},
        });
        if let Some(language) = language {
            object["lang"] = json!(Language::code(language));
        }
        without_blanks(&mut object["extensions"][&self.extension]);
        objects.push(object);
        id
    }

    fn url(&self, url: &str) -> Option<Value> {
        uri(url).map(|uri| self.observable("url", json!({ "value": uri })))
    }

    /// A contact as observed. What is masked is not there: an id made from a number would let it be
    /// found by trying all numbers.
    fn contact(&self, contact: &Contact) -> Option<Value> {
        if contact.value.starts_with('[') {
            return None;
        }
        Some(match contact.kind {
            ContactKind::Url => return self.url(&contact.value),
            ContactKind::Email => self.observable("email-addr", json!({ "value": contact.value })),
            kind => {
                let mut account =
                    self.observable("user-account", json!({ "user_id": contact.value }));
                account["extensions"] = json!({ &self.extension: {
                    "extension_type": "property-extension",
                    "contact_kind": word_of(&kind),
                }});
                account
            }
        })
    }

    fn file(&self, name: &str, digest: &Sha256) -> Value {
        let hashes = json!({ "SHA-256": digest.to_hex() });
        self.observable("file", json!({ "hashes": hashes, "name": name }))
    }

    /// An observable whose id follows from its properties, as the standard has it: RFC 8785 wants
    /// sorted keys, so they are given in order here, and strings escaped as this library does.
    fn observable(&self, kind: &str, properties: Value) -> Value {
        let id = Uuid::new_v5(&OBSERVABLES, properties.to_string().as_bytes());
        let mut object = Map::new();
        object.insert("type".to_owned(), json!(kind));
        object.insert("spec_version".to_owned(), json!("2.1"));
        object.insert("id".to_owned(), json!(format!("{kind}--{id}")));
        object.insert("object_marking_refs".to_owned(), json!([self.marking]));
        if let Value::Object(properties) = properties {
            object.extend(properties);
        }
        Value::Object(object)
    }

    fn report(&self, dossier: &Dossier<'_>, handover: &Handover<'_>, seen: &[String]) -> Value {
        let lead = dossier.lead.id.as_str();
        let words = dossier.words;
        let grading = &handover.grading;
        let mut report = json!({
            "type": "report",
            "spec_version": "2.1",
            "id": format!("report--{}", id_of(&["report", lead])),
            "created_by_ref": self.desk,
            "created": self.made,
            "modified": self.made,
            "name": format!("{} {lead}", words.lead_packet),
            "description": words.caution,
            "report_types": ["observed-data"],
            "published": self.made,
            "lang": words.language.code(),
            "object_refs": if seen.is_empty() { vec![self.desk.clone()] } else { seen.to_vec() },
            "object_marking_refs": [self.marking],
            "extensions": { &self.extension: {
                "extension_type": "property-extension",
                "lead": lead,
                "variant": dossier.variant,
                "grading": {
                    "scheme": grading.scheme,
                    "source": grading.source(),
                    "information": grading.information(),
                    "handling": grading.handling(),
                    "by_a_person": grading.is_by_a_person(),
                },
                "retain_until": handover.retain_until.map(|day| day.to_string()),
                "masked": dossier.masked,
            }},
        });
        without_blanks(&mut report["extensions"][&self.extension]);
        report
    }
}

fn told(finding: &Finding, request: &PacketRequest<'_>) -> Value {
    let title = request.indicators.get(&finding.indicator).map(|words| words.title.as_str());
    let quotes: Vec<&str> = finding.spans().iter().map(|span| span.quote.as_str()).collect();
    json!({
        "indicator": finding.indicator,
        "title": title.unwrap_or(finding.indicator.as_str()),
        "rule": finding.rule,
        "rule_version": finding.version,
        "points": finding.points,
        "quotes": quotes,
    })
}

/// The standard has no empty values: what is not known is not there.
fn without_blanks(value: &mut Value) {
    if let Value::Object(properties) = value {
        properties
            .retain(|_, value| !(value.is_null() || value.as_array().is_some_and(Vec::is_empty)));
    }
}

fn extension_id() -> String {
    format!("extension-definition--{}", id_of(&["stix extension", "1"]))
}

fn milliseconds(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

fn marking_id(tlp: Tlp) -> &'static str {
    match tlp {
        Tlp::Clear => "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
        Tlp::Green => "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
        Tlp::Amber => "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
        Tlp::AmberStrict => "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
        Tlp::Red => "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
    }
}

fn marking(tlp: Tlp) -> Value {
    json!({
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": marking_id(tlp),
        "created": "2022-10-01T00:00:00.000Z",
        "name": tlp.label(),
        "extensions": { TLP_EXTENSION: {
            "extension_type": "property-extension",
            "tlp_2_0": tlp.name().to_ascii_lowercase(),
        }},
    })
}
