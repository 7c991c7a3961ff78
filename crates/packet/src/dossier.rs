//! What a packet discloses of a lead. Everything that is written into a packet is written from a
//! dossier, so that what was masked here stands nowhere.

use std::collections::BTreeMap;
use std::net::IpAddr;

use domain::{
    Assessment, CaptureId, CoverSheet, Field, Finding, Lead, Link, LinkKind, PostingKind, Sha256,
    SourceId, Span,
};
use evidence::Entry;
use jiff::Timestamp;
use serde::Serialize;
use store::StoredPosting;

use crate::document::word_of;
use crate::language::Words;
use crate::masking::{MaskKind, MaskedText, Masker};
use crate::{Handover, PacketRequest, Variant};

/// The lead as the recipient sees it.
pub(crate) struct Dossier<'a> {
    pub(crate) desk: &'a str,
    pub(crate) prepared_by: &'a str,
    pub(crate) approved_by: &'a str,
    pub(crate) built_at: Timestamp,
    pub(crate) rule_set: Sha256,
    pub(crate) lead: Lead,
    pub(crate) postings: Vec<DisclosedPosting>,
    pub(crate) links: Vec<Link>,
    pub(crate) cover: CoverSheet,
    pub(crate) custody: Vec<CustodyRecord>,
    /// Who answered when the pages of its evidence were fetched; in a redacted packet nobody.
    pub(crate) answers: BTreeMap<CaptureId, Answer>,
    pub(crate) variant: Variant,
    pub(crate) masked: Vec<Masked>,
    pub(crate) words: &'static Words,
}

/// A posting as it is disclosed.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DisclosedPosting {
    #[serde(flatten)]
    pub(crate) stored: StoredPosting,
    /// Stands for the source where its name is not disclosed.
    #[serde(skip)]
    pub(crate) source: String,
    /// Read out of a file that a person imported.
    #[serde(skip)]
    pub(crate) from_file: bool,
}

/// A server's answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// Of HTTP.
    pub(crate) status: u16,
    pub(crate) address: Option<IpAddr>,
    /// Of the certificate that it showed (X.509, DER).
    pub(crate) certificate: Option<Sha256>,
}

/// How many different things of a kind were masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Masked {
    pub(crate) kind: MaskKind,
    pub(crate) count: usize,
}

/// A line of the custody log.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CustodyRecord {
    pub(crate) seq: u64,
    pub(crate) time: Timestamp,
    pub(crate) actor: String,
    /// `capture`, `decision` ...
    pub(crate) event: String,
    pub(crate) prev: Sha256,
    pub(crate) hash: Sha256,
    /// As it was written; not in a redacted packet.
    #[serde(skip)]
    pub(crate) line: Option<String>,
}

impl<'a> Dossier<'a> {
    pub(crate) fn new(
        request: &PacketRequest<'a>,
        handover: &Handover<'_>,
        entries: &[Entry],
        answers: BTreeMap<CaptureId, Answer>,
    ) -> Self {
        let words = handover.language.words();
        let mut dossier = Self {
            desk: request.desk,
            prepared_by: request.prepared_by,
            approved_by: request.approved_by,
            built_at: request.built_at,
            rule_set: request.rule_set,
            lead: request.lead.clone(),
            postings: request
                .postings
                .iter()
                .map(|stored| DisclosedPosting {
                    source: stored.posting.source.to_string(),
                    from_file: stored.posting.row.is_some(),
                    stored: stored.clone(),
                })
                .collect(),
            links: request.links.to_vec(),
            cover: handover.cover.clone(),
            custody: entries.iter().map(record).collect(),
            answers,
            variant: handover.variant,
            masked: Vec::new(),
            words,
        };
        if handover.variant == Variant::Redacted {
            dossier.redact(&handover.cover.mask);
        }
        dossier
    }

    fn redact(&mut self, names: &[String]) {
        // A server's address tells which site it is.
        self.answers.clear();
        let mut masker = Masker::new(self.words);
        self.gather_terms(&mut masker, names);
        for disclosed in &mut self.postings {
            redact_posting(disclosed, &mut masker);
        }
        self.redact_lead(&mut masker);
        for link in &mut self.links {
            (link.here, link.there) = (None, None);
            match link.kind {
                LinkKind::Contact | LinkKind::Page => link.value = masker.contact(&link.value),
                LinkKind::Person => {
                    link.value = masker.person(&link.value, self.prepared_by, self.approved_by);
                }
                LinkKind::Text
                | LinkKind::Template
                | LinkKind::Image
                | LinkKind::Likeness
                | LinkKind::Layout => {}
            }
        }
        let cover = &mut self.cover;
        cover.mask.clear();
        for text in [
            &mut cover.summary,
            &mut cover.exploitation,
            &mut cover.alternatives,
            &mut cover.would_change,
        ] {
            *text = masker.text(text);
        }
        let is_tip = |id| {
            let found = self.postings.iter().find(|tip| tip.stored.posting.id == id);
            found.is_some_and(|tip| tip.stored.posting.kind == PostingKind::Tip)
        };
        for translation in &mut cover.translation {
            translation.text = if is_tip(translation.posting.clone()) {
                masker.whole(MaskKind::Tip, &translation.text).text
            } else {
                masker.text(&translation.text)
            };
            translation.translator = masker.label(MaskKind::Person, &translation.translator);
        }
        for record in &mut self.custody {
            record.line = None;
            masker.label(MaskKind::Line, &record.seq.to_string());
            if record.actor != PROGRAM {
                record.actor = masker.person(&record.actor, self.prepared_by, self.approved_by);
            }
        }
        let counts = masker.counts().into_iter();
        self.masked = counts.map(|(kind, count)| Masked { kind, count }).collect();
    }

    /// What is masked wherever it stands: authors, contacts in each form, the names asked for.
    fn gather_terms(&self, masker: &mut Masker<'_>, names: &[String]) {
        for name in names {
            masker.term(name, MaskKind::Named, name);
        }
        for disclosed in &self.postings {
            let posting = &disclosed.stored.posting;
            if let Some(author) = &posting.author {
                masker.term(author, MaskKind::Author, author);
            }
            for contact in &posting.contacts {
                let kind = MaskKind::from(contact.kind);
                masker.term(&contact.value, kind, &contact.value);
                masker.term(&contact.span.quote, kind, &contact.value);
                if let Some((_, name)) = contact.value.split_once(':') {
                    masker.term(name, kind, &contact.value);
                }
            }
        }
    }

    fn redact_lead(&mut self, masker: &mut Masker<'_>) {
        let lead = &mut self.lead;
        let (prepared, approved) = (self.prepared_by, self.approved_by);
        for decision in &mut lead.decisions {
            decision.by = masker.person(&decision.by, prepared, approved);
            decision.reason = masker.whole(MaskKind::Remark, &decision.reason).text;
        }
        for note in &mut lead.notes {
            note.by = masker.person(&note.by, prepared, approved);
            note.text = masker.whole(MaskKind::Remark, &note.text).text;
        }
        if let Some(by) = &mut lead.claimed_by {
            *by = masker.person(by, prepared, approved);
        }
        for snapshot in &lead.snapshots {
            masker.label(MaskKind::File, &snapshot.file);
        }
    }
}

/// The name under which the program itself writes into the custody log.
const PROGRAM: &str = "fusion";

impl Masker<'_> {
    fn person(&mut self, name: &str, prepared_by: &str, approved_by: &str) -> String {
        if name == prepared_by || name == approved_by {
            return name.to_owned();
        }
        self.label(MaskKind::Person, name)
    }

    /// A contact of which only the value is known; by its form.
    fn contact(&mut self, value: &str) -> String {
        let kind = match value.split_once(':') {
            _ if value.starts_with('+') => MaskKind::Phone,
            Some(("btc" | "eth" | "tron", _)) => MaskKind::Wallet,
            Some(("http" | "https", _)) => MaskKind::Url,
            None if value.contains('@') => MaskKind::Email,
            _ => MaskKind::Handle,
        };
        self.label(kind, value)
    }
}

fn redact_posting(disclosed: &mut DisclosedPosting, masker: &mut Masker<'_>) {
    let StoredPosting { posting, assessment } = &mut disclosed.stored;
    let is_tip = posting.kind == PostingKind::Tip;
    let mut mask = |field, text: &str| match is_tip {
        true => masker.whole(MaskKind::Tip, text),
        false => masker.field(field, text, &posting.contacts),
    };
    let text = mask(Field::Text, &posting.text);
    let title = posting.title.as_deref().map(|title| mask(Field::Title, title));
    redact_findings(assessment, &text, title.as_ref());
    for contact in &mut posting.contacts {
        contact.value = masker.label(contact.kind.into(), &contact.value);
        let field = if contact.span.field == Field::Text { Some(&text) } else { title.as_ref() };
        let moved = field.and_then(|field| field.span(&contact.span));
        contact.span = moved.unwrap_or_else(|| Span {
            field: contact.span.field,
            start: 0,
            end: 0,
            quote: contact.value.clone(),
        });
    }
    if is_tip {
        posting.contacts.clear();
    }
    posting.text = text.text;
    posting.title = title.map(|title| title.text);
    let addresses = posting.url.iter_mut().chain(&mut posting.hidden_links);
    for address in addresses.chain(&mut posting.images).chain(&mut posting.stylesheets) {
        *address = masker.label(MaskKind::Url, address);
    }
    if let Some(author) = &mut posting.author {
        *author = masker.label(MaskKind::Author, author);
    }
    // No part of a packet tells it; that it can be a person's name is reason to see that none will.
    posting.marks.forwarded_from = None;
    for stated in posting.places.iter_mut().chain(&mut posting.employer) {
        *stated = masker.text(stated);
    }
    posting.key = masker.label(MaskKind::Number, &posting.key);
    posting.row = None;
    disclosed.source = masker.label(MaskKind::Source, posting.source.as_str());
    // An id has no room for a label; the number says which source it is.
    let number = disclosed.source.chars().filter(char::is_ascii_digit).collect::<String>();
    if let Ok(id) = SourceId::new(format!("source-{number}")) {
        posting.source = id;
    }
}

fn redact_findings(assessment: &mut Assessment, text: &MaskedText, title: Option<&MaskedText>) {
    let redacted = |finding: &Finding| {
        let spans = finding.spans().iter().filter_map(|span| match span.field {
            Field::Text => text.span(span),
            Field::Title => title.and_then(|title| title.span(span)),
        });
        let mut spans: Vec<_> = spans.collect();
        spans.dedup();
        let (indicator, rule) = (finding.indicator.clone(), finding.rule.clone());
        Finding::new(indicator, rule, finding.version, finding.points, spans)
    };
    for findings in [&mut assessment.findings, &mut assessment.mitigations] {
        *findings = findings.iter().filter_map(redacted).collect();
    }
}

fn record(entry: &Entry) -> CustodyRecord {
    CustodyRecord {
        seq: entry.seq,
        time: entry.time,
        actor: entry.actor.clone(),
        event: word_of(&serde_json::to_value(&entry.event).unwrap_or_default()["event"]),
        prev: entry.prev,
        hash: entry.hash,
        line: Some(entry.line().to_owned()),
    }
}
