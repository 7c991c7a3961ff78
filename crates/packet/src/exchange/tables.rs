//! Postings and contacts as plain tables.

use domain::Language;

use super::table;
use crate::PacketError;
use crate::document::word_of;
use crate::dossier::Dossier;

pub(super) fn postings(dossier: &Dossier<'_>) -> Result<Vec<u8>, PacketError> {
    let head = [
        "posting",
        "kind",
        "source",
        "url",
        "author",
        "title",
        "text",
        "language",
        "published_at",
        "captured_at",
        "places",
        "employer",
        "score",
        "band",
        "indicators",
        "mitigations",
        "capture",
    ];
    let rows = dossier.postings.iter().map(|disclosed| {
        let posting = &disclosed.stored.posting;
        let assessment = &disclosed.stored.assessment;
        let language = assessment.language.or(posting.language);
        let names = |findings: &[domain::Finding]| {
            let names = findings.iter().map(|finding| finding.indicator.as_str());
            names.collect::<Vec<_>>().join("; ")
        };
        vec![
            posting.id.to_string(),
            word_of(&posting.kind),
            disclosed.source.clone(),
            posting.url.clone().unwrap_or_default(),
            posting.author.clone().unwrap_or_default(),
            posting.title.clone().unwrap_or_default(),
            posting.text.clone(),
            language.map_or("", Language::code).to_owned(),
            posting.published_at.map(|at| at.to_string()).unwrap_or_default(),
            posting.captured_at.to_string(),
            posting.places.join("; "),
            posting.employer.clone().unwrap_or_default(),
            assessment.score.value().to_string(),
            assessment.band.name().to_owned(),
            names(&assessment.findings),
            names(&assessment.mitigations),
            posting.capture.to_string(),
        ]
    });
    table(&head, rows.collect())
}

pub(super) fn contacts(dossier: &Dossier<'_>) -> Result<Vec<u8>, PacketError> {
    let mut rows = Vec::new();
    for disclosed in &dossier.postings {
        let posting = &disclosed.stored.posting;
        for contact in &posting.contacts {
            rows.push(vec![
                posting.id.to_string(),
                word_of(&contact.kind),
                contact.value.clone(),
                contact.span.quote.clone(),
                word_of(&contact.span.field),
                contact.span.start.to_string(),
                contact.span.end.to_string(),
            ]);
        }
    }
    table(&["posting", "kind", "value", "as_written", "field", "start", "end"], rows)
}
