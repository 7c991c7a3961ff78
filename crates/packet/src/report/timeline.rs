//! What happened when, from the first post to the packet.

use domain::Revisit;

use super::Telling;
use crate::page::{Page, plain};

impl Telling<'_> {
    pub(super) fn timeline(&self, page: &mut Page) {
        let words = self.dossier.words;
        let mut events: Vec<(jiff::Timestamp, String)> = Vec::new();
        for (number, posting) in self.dossier.postings.iter().enumerate() {
            let posting = &posting.stored.posting;
            let of = |what: &String| format!("{what}: {} {}", words.posting, number + 1);
            events.extend(posting.published_at.map(|at| (at, of(&words.posted))));
            events.push((posting.captured_at, of(&words.captured)));
            let of_posting = |row: &&Revisit| row.posting == posting.id;
            for row in self.dossier.lead.revisits.iter().filter(of_posting) {
                let what = of(&self.found_again(row.found).to_owned());
                let until = match row.times {
                    1 => String::new(),
                    times => format!(" ({times}×, … {})", self.moment(row.last_at)),
                };
                events.push((row.first_at, what + &until));
            }
        }
        for record in &self.dossier.custody {
            let what = match record.event.as_str() {
                "snapshot" => &words.snapshot_taken,
                "approval" => &words.approved,
                _ => continue,
            };
            let by = if record.actor == "fusion" {
                String::new()
            } else {
                format!(": {}", record.actor)
            };
            events.push((record.time, format!("{what}{by}")));
        }
        for decision in &self.dossier.lead.decisions {
            let what = format!("{}: {}", words.decided, self.verdict(decision.verdict));
            events.push((decision.at, what));
        }
        for note in &self.dossier.lead.notes {
            events.push((note.at, format!("{}: {}", words.noted, note.by)));
        }
        events.push((self.dossier.built_at, words.packet_built.clone()));
        events.sort_by_key(|(at, _)| *at);
        events.dedup();
        page.heading(2, &words.timeline);
        let rows = events.into_iter().map(|(at, what)| vec![self.exact_moment(at), plain(what)]);
        let rows = rows.collect();
        page.table(&[&words.when, &words.what], rows);
    }
}
