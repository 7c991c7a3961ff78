use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Band, CaptureId, LeadId, PostingId, Score, Sha256};

/// What a person decided about a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Make a packet for police.
    Escalate,
    /// Keep watching.
    Monitor,
    /// Nothing here.
    Dismiss,
    /// Hand to another organisation: hotline, labour inspectorate, partner.
    Refer,
}

impl Verdict {
    /// The word used in commands and output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Escalate => "escalate",
            Self::Monitor => "monitor",
            Self::Dismiss => "dismiss",
            Self::Refer => "refer",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Who, when, verdict, reason. Made by a person; the program never makes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The person's name as they gave it.
    pub by: String,
    /// UTC.
    pub at: Timestamp,
    /// What was decided.
    pub verdict: Verdict,
    /// Why; never empty.
    pub reason: String,
}

/// A remark of a person on a lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The person's name as they gave it.
    pub by: String,
    /// UTC.
    pub at: Timestamp,
    /// The remark.
    pub text: String,
}

/// The evidence of a flagged posting: one self-contained, frozen WACZ file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Whose evidence it is.
    pub posting: PostingId,
    /// The capture of the page that it was made from.
    pub capture: CaptureId,
    /// Its name in the desk's `snapshots` folder.
    pub file: String,
    /// Over the whole file.
    pub sha256: Sha256,
}

/// Where a lead stands on the review queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LeadStatus {
    /// Waits for somebody.
    Open,
    /// Somebody is at it.
    Claimed,
    /// A person has decided.
    Decided,
}

impl LeadStatus {
    /// The word used in commands and output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Claimed => "claimed",
            Self::Decided => "decided",
        }
    }
}

/// One or more flagged postings that belong together, on the review queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lead {
    /// Derived from the posting that founded it.
    pub id: LeadId,
    /// Its postings, the founding one first.
    pub postings: Vec<PostingId>,
    /// The highest score among its postings.
    pub score: Score,
    /// The band of that score.
    pub band: Band,
    /// When the founding posting was captured.
    pub opened_at: Timestamp,
    /// Who is at it, if anybody.
    pub claimed_by: Option<String>,
    /// All decisions, the latest last: the latest counts.
    pub decisions: Vec<Decision>,
    /// Remarks, in order of time.
    pub notes: Vec<Note>,
    /// The evidence of its postings, in the order in which it was taken.
    pub snapshots: Vec<Snapshot>,
}

impl Lead {
    /// Where it stands, from claim and decisions.
    pub fn status(&self) -> LeadStatus {
        match (&self.decisions.last(), &self.claimed_by) {
            (_, Some(_)) => LeadStatus::Claimed,
            (Some(_), None) => LeadStatus::Decided,
            (None, None) => LeadStatus::Open,
        }
    }

    /// The verdict that counts now.
    pub fn verdict(&self) -> Option<Verdict> {
        self.decisions.last().map(|decision| decision.verdict)
    }
}

/// What two postings have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkKind {
    /// The same phone, handle, invite, e-mail or wallet.
    Contact,
    /// The same words after folding.
    Text,
}

/// Why two postings belong together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// What they share.
    pub kind: LinkKind,
    /// The shared contact's value, or the fingerprint of the shared text.
    pub value: String,
    /// 0 to 1: how sure a reader can be that one hand wrote both.
    pub strength: f64,
    /// The other posting.
    pub to: PostingId,
    /// The lead that the other posting is in.
    pub lead: LeadId,
}
