use std::collections::BTreeMap;

use evidence::{Deleted, Deletion};
use serde::Serialize;

/// What a run deletes, by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RetentionReport {
    /// By the setting that it goes by.
    pub rows: Vec<RetentionRow>,
    /// Leads that are past their time and stay, since they are on hold.
    pub on_hold: usize,
}

/// What goes by one setting of `fusion.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RetentionRow {
    /// The setting.
    pub rule: String,
    /// Its value.
    pub days: u32,
    /// Leads that are gone as a whole.
    pub leads: usize,
    /// Captures.
    pub captures: usize,
    /// Their bytes in the WARC files.
    pub bytes: u64,
    /// Postings that are not read any more out of captures that stay.
    pub postings: usize,
    /// Snapshots.
    pub snapshots: usize,
    /// Entries of the custody log whose words go.
    pub words: usize,
    /// Entries of the custody log that say how far a source had been read.
    pub positions: usize,
    /// Records of who sent a tip.
    pub senders: usize,
    /// Packets in the desk's folder.
    pub packets: usize,
    /// Files that a crash had left.
    pub left_over: usize,
}

impl RetentionReport {
    pub(crate) fn of(deletions: &[(Deletion, u64)], on_hold: usize) -> Self {
        let mut rows: BTreeMap<(&str, u32), RetentionRow> = BTreeMap::new();
        let mut leads = std::collections::BTreeSet::new();
        for (deletion, bytes) in deletions {
            let because = &deletion.because;
            let row = rows.entry((because.rule.as_str(), because.days)).or_default();
            if let Some(lead) = &because.lead {
                row.leads += usize::from(leads.insert(lead));
            }
            match &deletion.deleted {
                Deleted::Capture { .. } => {
                    row.captures += 1;
                    row.bytes += bytes;
                }
                Deleted::Postings { postings, .. } => row.postings += postings.len(),
                Deleted::Snapshot { .. } => row.snapshots += 1,
                Deleted::Words => row.words += deletion.lines.len(),
                Deleted::Positions { .. } => row.positions += deletion.lines.len(),
                Deleted::Sender { files, .. } => row.senders += files.len(),
                Deleted::LeftOver { .. } => row.left_over += 1,
                Deleted::Packet { .. } => row.packets += 1,
            }
        }
        let rows = rows.into_iter().map(|((rule, days), row)| RetentionRow {
            rule: rule.to_owned(),
            days,
            ..row
        });
        Self { rows: rows.collect(), on_hold }
    }

    /// All reasons together.
    pub fn total(&self) -> RetentionRow {
        let mut total = RetentionRow::default();
        for row in &self.rows {
            total.leads += row.leads;
            total.captures += row.captures;
            total.bytes += row.bytes;
            total.postings += row.postings;
            total.snapshots += row.snapshots;
            total.words += row.words;
            total.positions += row.positions;
            total.senders += row.senders;
            total.packets += row.packets;
            total.left_over += row.left_over;
        }
        total
    }
}
