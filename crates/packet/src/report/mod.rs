//! What an officer reads, in the order in which it is needed: danger and limits first, then what,
//! who, where and when, then why, then what it rests on.

mod custody;
mod picture;
mod posting;
mod summary;
mod timeline;

use std::collections::BTreeMap;

use domain::{IndicatorId, PostingId};

use crate::build::Pictured;
use crate::dossier::Dossier;
use crate::link_drawing::LinkDrawing;
use crate::page::{Block, Line, Page, Run, code, plain};
use crate::{Handover, IndicatorWords, PacketRequest, Variant};

/// A dossier with all that is said about it.
struct Telling<'a> {
    dossier: &'a Dossier<'a>,
    handover: &'a Handover<'a>,
    indicators: &'a BTreeMap<IndicatorId, IndicatorWords>,
    pictures: &'a BTreeMap<PostingId, Pictured>,
}

/// The report of a dossier.
pub(crate) fn report(
    dossier: &Dossier<'_>,
    handover: &Handover<'_>,
    request: &PacketRequest<'_>,
    pictures: &BTreeMap<PostingId, Pictured>,
) -> Page {
    let telling = Telling { dossier, handover, indicators: request.indicators, pictures };
    let words = dossier.words;
    let [_, _, handling] = words.grading(&handover.grading);
    let mut page = Page {
        language: words.language.code(),
        title: format!("{} {}", words.lead_packet, dossier.lead.id),
        banner: format!("{} · {handling} · {}", handover.tlp.label(), telling.variant()),
        page: words.page.clone(),
        page_of: words.page_of.clone(),
        blocks: Vec::new(),
    };
    page.blocks.push(Block::Notice {
        title: words.limits.clone(),
        lines: vec![plain(&words.caution), plain(&words.limits_text)],
        grave: false,
    });
    telling.risk(&mut page);
    telling.summary(&mut page);
    telling.persons(&mut page);
    telling.timeline(&mut page);
    for (number, posting) in dossier.postings.iter().enumerate() {
        telling.posting(&mut page, number + 1, posting);
    }
    telling.contacts(&mut page);
    telling.links(&mut page);
    telling.evidence(&mut page);
    telling.grading(&mut page);
    telling.masked(&mut page);
    telling.custody(&mut page);
    page.heading(2, &words.how_to_check);
    page.paragraph(plain(&words.how_to_check_text));
    if let Some(key) = handover.key {
        page.paragraph(vec![Run::Plain(format!("{} ", words.signed_with)), Run::Code(key.id())]);
    }
    page
}

impl Telling<'_> {
    fn variant(&self) -> &str {
        match self.handover.variant {
            Variant::Full => &self.dossier.words.full,
            Variant::Redacted => &self.dossier.words.redacted,
        }
    }

    fn moment(&self, at: jiff::Timestamp) -> String {
        self.dossier.words.moment(at, &self.handover.time_zone)
    }

    /// A time as people read it, and as ISO 8601 has it.
    fn exact_moment(&self, at: jiff::Timestamp) -> Line {
        let iso = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        vec![Run::Plain(self.moment(at)), Run::Small(iso)]
    }

    /// Contacts of all postings, each once, by kind and in the order of the alphabet.
    fn contacts(&self, page: &mut Page) {
        let words = self.dossier.words;
        let mut found: Vec<(domain::ContactKind, &str, Vec<&str>, Vec<usize>)> = Vec::new();
        for (number, posting) in self.dossier.postings.iter().enumerate() {
            for contact in &posting.stored.posting.contacts {
                let known = found
                    .iter_mut()
                    .find(|known| (known.0, known.1) == (contact.kind, &contact.value));
                let row = match known {
                    Some(row) => row,
                    None => {
                        found.push((contact.kind, &contact.value, Vec::new(), Vec::new()));
                        found.last_mut().expect("it was just put there")
                    }
                };
                let quote = contact.span.quote.as_str();
                if !row.2.contains(&quote) {
                    row.2.push(quote);
                }
                if row.3.last() != Some(&(number + 1)) {
                    row.3.push(number + 1);
                }
            }
        }
        page.heading(2, &words.contacts);
        if found.is_empty() {
            page.paragraph(plain(&words.not_stated));
            return;
        }
        found.sort_by_key(|(kind, value, ..)| (*kind, words.language.sort_key(value)));
        let rows = found.into_iter().map(|(kind, value, quotes, postings)| {
            let quotes = quotes.into_iter().map(|quote| Run::Quote(quote.to_owned()));
            let postings: Vec<String> = postings.iter().map(ToString::to_string).collect();
            vec![
                plain(self.contact_kind(kind)),
                code(value),
                quotes.collect(),
                plain(postings.join(", ")),
            ]
        });
        let rows = rows.collect();
        page.table(&[&words.kind, &words.value, &words.as_written, &words.posting], rows);
        page.paragraph(plain(&words.contacts_note));
    }

    fn contact_kind(&self, kind: domain::ContactKind) -> &str {
        use domain::ContactKind as Kind;
        let words = self.dossier.words;
        match kind {
            Kind::Phone => &words.contact_phone,
            Kind::Email => &words.contact_email,
            Kind::Url => &words.contact_url,
            Kind::Handle => &words.contact_handle,
            Kind::Wallet => &words.contact_wallet,
            Kind::Invite => &words.contact_invite,
        }
    }

    fn links(&self, page: &mut Page) {
        let words = self.dossier.words;
        page.heading(2, &words.links);
        if self.dossier.links.is_empty() {
            page.paragraph(plain(&words.links_none));
            return;
        }
        let numbered = (1..).zip(&self.dossier.postings).map(|(number, posting)| {
            (&posting.stored.posting.id, format!("{} {number}", words.posting))
        });
        let numbered: Vec<_> = numbered.collect();
        let drawing = LinkDrawing::new(&numbered, &self.dossier.links, |kind| words.link(kind));
        page.blocks
            .extend(drawing.map(|drawing| Block::Drawing { title: words.links.clone(), drawing }));
        let rows = self.dossier.links.iter().map(|link| {
            let shared = match (&link.here, &link.there) {
                (Some(here), Some(there)) if here.quote != there.quote => {
                    format!("{} — {}", here.quote, there.quote)
                }
                (Some(here), _) => here.quote.clone(),
                _ => link.value.clone(),
            };
            vec![
                code(format!("{} — {}", link.from, link.to)),
                plain(words.link(link.kind)),
                code(&shared),
                plain(format!("{:.0} %", link.strength * 100.0)),
            ]
        });
        let rows = rows.collect();
        page.table(&[&words.postings, &words.kind, &words.shared, &words.certainty], rows);
    }

    fn grading(&self, page: &mut Page) {
        let words = self.dossier.words;
        let handover = self.handover;
        let [source, information, handling] = words.grading(&handover.grading);
        page.heading(2, &words.grading);
        let mut rows = vec![
            (words.scheme.clone(), vec![plain(handover.grading.scheme.name())]),
            (words.source_grade.clone(), vec![plain(source)]),
            (words.information_grade.clone(), vec![plain(information)]),
            (words.handling.clone(), vec![plain(handling)]),
            (
                words.tlp.clone(),
                vec![plain(format!("{} ({})", handover.tlp.label(), words.tlp(handover.tlp)))],
            ),
        ];
        if !handover.conditions.trim().is_empty() {
            rows.push((words.conditions.clone(), vec![plain(handover.conditions.trim())]));
        }
        let retention = handover.retain_until.map(|day| words.day(day));
        let retention = retention.unwrap_or_else(|| words.not_stated.clone());
        rows.push((words.retention.clone(), vec![plain(retention)]));
        page.facts(rows);
        if !handover.grading.is_by_a_person() {
            page.paragraph(plain(&words.ungraded));
        }
        page.paragraph(plain(&words.score_note));
    }

    fn masked(&self, page: &mut Page) {
        if self.handover.variant == Variant::Full {
            return;
        }
        let words = self.dossier.words;
        page.heading(2, &words.masked);
        if self.dossier.masked.is_empty() {
            page.paragraph(plain(&words.masked_none));
            return;
        }
        let rows =
            self.dossier.masked.iter().map(|masked| {
                vec![plain(masked.kind.label(words)), plain(masked.count.to_string())]
            });
        let rows = rows.collect();
        page.table(&[&words.kind, &words.count], rows);
        page.paragraph(plain(&words.masked_note));
    }
}
