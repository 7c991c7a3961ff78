//! What it rests on: the evidence files and the lines of the custody log.

use domain::Found;

use super::Telling;
use crate::Variant;
use crate::dossier::Answer;
use crate::page::{Block, Page, Run, code, plain};

impl Telling<'_> {
    pub(super) fn evidence(&self, page: &mut Page) {
        let words = self.dossier.words;
        page.heading(2, &words.evidence);
        let rows = self.dossier.lead.snapshots.iter().map(|snapshot| {
            let mut file = code(format!("evidence/{}", snapshot.file));
            if self.dossier.variant == Variant::Redacted {
                file.push(Run::Small(words.withheld.clone()));
            }
            let mut captured = code(snapshot.capture.as_str());
            let of_capture = |posting: &&crate::dossier::DisclosedPosting| {
                posting.stored.posting.capture == snapshot.capture
            };
            let posting = self.dossier.postings.iter().find(of_capture);
            if let Some(posting) = posting {
                let method =
                    if posting.from_file { &words.method_file } else { &words.method_http };
                captured.push(Run::Small(method.clone()));
            }
            if let Some(answer) = self.dossier.answers.get(&snapshot.capture) {
                captured.extend(self.answer(answer));
            }
            // What came in the place of a posting is no picture of it.
            if let Some(row) = self.dossier.lead.instead(snapshot) {
                captured.push(Run::Small(self.found_again(row.found).to_owned()));
            }
            vec![file, captured, code(snapshot.sha256.to_hex())]
        });
        let rows: Vec<_> = rows.collect();
        if rows.is_empty() {
            page.paragraph(plain(&words.not_stated));
        } else {
            page.table(&[&words.file, &words.capture_id, &words.digest], rows);
        }
        for (number, posting) in self.dossier.postings.iter().enumerate() {
            let seen = self.dossier.lead.last_seen(&posting.stored.posting.id);
            if let Some(missing) = seen.filter(|seen| seen.found.is_missing()) {
                let which = format!("{} {}", words.posting, number + 1);
                let since = self.moment(missing.first_at);
                let title = format!("{which}: {}, {since}", self.found_again(missing.found));
                page.blocks.push(Block::Notice {
                    title,
                    lines: vec![plain(&words.gone_note)],
                    grave: false,
                });
            }
        }
    }

    /// Who answered, as far as it was kept.
    fn answer(&self, answer: &Answer) -> Vec<Run> {
        let words = self.dossier.words;
        let mut said = format!("HTTP {}", answer.status);
        if let Some(address) = answer.address {
            said += &format!("; {}: {address}", words.server_address);
        }
        let mut runs = vec![Run::Small(said)];
        if let Some(certificate) = answer.certificate {
            runs.push(Run::Small(format!("{}:", words.server_certificate)));
            runs.extend(code(certificate.to_hex()));
        }
        runs
    }

    /// What came of asking for a posting again, in words.
    pub(super) fn found_again(&self, found: Found) -> &str {
        let words = self.dossier.words;
        match found {
            Found::Unchanged => &words.again_unchanged,
            Found::Changed => &words.again_changed,
            Found::Gone => &words.again_gone,
            Found::NotShown => &words.again_not_shown,
            Found::Refused => &words.again_refused,
            Found::Failed => &words.again_failed,
        }
    }

    pub(super) fn custody(&self, page: &mut Page) {
        let words = self.dossier.words;
        page.heading(2, &words.custody);
        page.paragraph(plain(&words.custody_note));
        let rows = self.dossier.custody.iter().map(|record| {
            vec![
                plain(record.seq.to_string()),
                plain(record.time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
                plain(&record.actor),
                plain(self.event(&record.event)),
                code(record.hash.to_hex()),
            ]
        });
        let rows = rows.collect();
        page.table(&[&words.number, &words.when, &words.who, &words.what, &words.digest], rows);
    }

    fn event(&self, name: &str) -> &str {
        let words = self.dossier.words;
        match name {
            "source" => &words.event_source,
            "capture" => &words.event_capture,
            "snapshot" => &words.event_snapshot,
            "revisit" => &words.event_revisit,
            "view" => &words.event_view,
            "claim" => &words.event_claim,
            "release" => &words.event_release,
            "note" => &words.event_note,
            "decision" => &words.event_decision,
            "approval" => &words.event_approval,
            "export" => &words.event_export,
            "handover" => &words.event_handover,
            "receipt" => &words.event_receipt,
            _ => &words.event_other,
        }
    }
}
