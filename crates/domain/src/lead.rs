use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Band, CaptureId, Found, IndicatorId, Language, LeadId, PagePart, PartFetch, PostingId, Revisit,
    Score, Sha256, SourceId, Span,
};

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
    /// The name by which the lead was decided; its postings may have come under another since.
    pub lead: LeadId,
    /// The postings that the person decided about. What came later is not covered.
    pub postings: Vec<PostingId>,
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
    /// The name by which the lead was remarked on.
    pub lead: LeadId,
}

/// Somebody is at a lead.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Claim {
    /// UTC.
    pub at: Timestamp,
    /// The person's name as they gave it.
    pub by: String,
    /// The name by which the lead was claimed.
    pub lead: LeadId,
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
    /// Derived from its first posting. Of a lead that a person has acted on, the name by which they
    /// did; else that of the posting with the smallest id, whatever the order in which they came.
    pub id: LeadId,
    /// Its postings: the one that it is named after, then the others by id.
    pub postings: Vec<PostingId>,
    /// The posting that says most.
    pub strongest: PostingId,
    /// The score of that posting alone.
    pub highest: Score,
    /// The highest score among its postings, raised by what they show together: see `reasons`.
    pub score: Score,
    /// The band of that score.
    pub band: Band,
    /// Why the score is above that of the strongest posting, strongest reason first.
    pub reasons: Vec<LeadReason>,
    /// Under how many names, in how many places and so on its postings stand.
    pub spread: Spread,
    /// When the first of its postings was captured.
    pub opened_at: Timestamp,
    /// Who is at it, if anybody.
    pub claimed_by: Option<String>,
    /// The claim itself.
    pub claim: Option<Claim>,
    /// All decisions, the latest last: the latest counts.
    pub decisions: Vec<Decision>,
    /// Remarks, in order of time.
    pub notes: Vec<Note>,
    /// The evidence of its postings, by posting and capture.
    pub snapshots: Vec<Snapshot>,
    /// What came of asking for its postings' pages again, by time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revisits: Vec<Revisit>,
    /// What came of fetching its postings' pictures, the last time of each, by posting, page and number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<PartFetch>,
    /// The same of the stylesheets of its postings' pages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stylesheets: Vec<PartFetch>,
    /// A person said of some of its postings that they are of another hand than others.
    pub told_apart: bool,
}

/// What the postings of a lead show together, as a reason for its score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeadReason {
    /// The indicator that this is a sign of, if it is one.
    pub indicator: Option<IndicatorId>,
    /// Log-odds added; above 0.
    pub points: f64,
    /// In words: "2 near-copies under 3 names".
    pub words: String,
}

/// How far the postings of a lead are spread. Of each kind the first [`Spread::MOST`] in their order
/// are kept, so that the same postings give the same spread in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// Authors, as shown; of postings without one the employers.
    pub names: BTreeSet<String>,
    /// As the sources' structured data name them.
    pub places: BTreeSet<String>,
    /// Where they were collected.
    pub sources: BTreeSet<SourceId>,
    /// Languages that they are in.
    pub languages: BTreeSet<Language>,
    /// Signs that were found in them.
    pub indicators: BTreeSet<IndicatorId>,
    /// Countries that their words take people from, ISO 3166-1 alpha-2.
    pub from: BTreeSet<String>,
    /// Countries that they take them to, or where they shall work.
    pub to: BTreeSet<String>,
    /// One mark for each wording; near-copies nearly always share it.
    pub wordings: BTreeSet<u32>,
    /// When the first was published, or captured where no time is stated.
    pub first_at: Option<Timestamp>,
    /// When the last was.
    pub last_at: Option<Timestamp>,
}

impl Spread {
    /// Most of each kind that are kept.
    pub const MOST: usize = 64;
    /// Most wordings, which are smaller.
    pub const MOST_WORDINGS: usize = 1_024;
}

impl Lead {
    /// What came of fetching the parts of this kind of its postings' pages.
    pub fn fetched(&self, part: PagePart) -> &[PartFetch] {
        match part {
            PagePart::Image => &self.images,
            PagePart::Stylesheet => &self.stylesheets,
        }
    }

    /// The same, to note more.
    pub fn fetched_mut(&mut self, part: PagePart) -> &mut Vec<PartFetch> {
        match part {
            PagePart::Image => &mut self.images,
            PagePart::Stylesheet => &mut self.stylesheets,
        }
    }

    /// The lead of one posting, as it stands before anybody has acted on it.
    pub fn new(posting: PostingId, score: Score, opened_at: Timestamp) -> Self {
        Self {
            id: LeadId::founded_by(&posting),
            postings: vec![posting.clone()],
            strongest: posting,
            highest: score,
            score,
            band: Band::of(score),
            reasons: Vec::new(),
            spread: Spread::default(),
            opened_at,
            claimed_by: None,
            claim: None,
            decisions: Vec::new(),
            notes: Vec::new(),
            snapshots: Vec::new(),
            revisits: Vec::new(),
            images: Vec::new(),
            stylesheets: Vec::new(),
            told_apart: false,
        }
    }

    /// Where it stands, from claim and decisions. A decision stands for the postings that it was
    /// made about: a lead with others since is open again.
    pub fn status(&self) -> LeadStatus {
        match (&self.claimed_by, self.decisions.last()) {
            (Some(_), _) => LeadStatus::Claimed,
            (None, Some(_)) if self.since_decision().next().is_none() => LeadStatus::Decided,
            (None, _) => LeadStatus::Open,
        }
    }

    /// The postings that have come since the last decision and that it does not cover; none if
    /// there is no decision.
    pub fn since_decision(&self) -> impl Iterator<Item = &PostingId> {
        let last = self.decisions.last();
        let covered: BTreeSet<&PostingId> = last.iter().flat_map(|d| &d.postings).collect();
        let decided = last.is_some();
        self.postings.iter().filter(move |posting| decided && !covered.contains(posting))
    }

    /// The verdict that counts now; `None` when there are postings that it does not cover.
    pub fn verdict(&self) -> Option<Verdict> {
        self.suggestion().filter(|_| self.since_decision().next().is_none())
    }

    /// What was decided last about some of its postings: a suggestion for the others, no more.
    pub fn suggestion(&self) -> Option<Verdict> {
        self.decisions.last().map(|decision| decision.verdict)
    }

    /// What was found when a posting was last asked for again with an answer.
    pub fn last_seen(&self, posting: &PostingId) -> Option<&Revisit> {
        let of_posting = |row: &&Revisit| row.posting == *posting && row.found.is_answer();
        self.revisits.iter().filter(of_posting).max_by_key(|row| row.last_at)
    }

    /// What was found when this was frozen, if it is what came in the place of a posting that was asked
    /// for again; of several in a row with the same result, the last.
    pub fn instead(&self, snapshot: &Snapshot) -> Option<&Revisit> {
        self.revisits.iter().find(|row| {
            row.posting == snapshot.posting
                && row.capture.as_ref() == Some(&snapshot.capture)
                && !matches!(row.found, Found::Unchanged | Found::Changed)
        })
    }

    /// Whether this is a name of the lead: every one of its postings gives it one, and names that
    /// people once saw keep their meaning.
    pub fn is_named(&self, id: &LeadId) -> bool {
        self.id == *id || self.postings.iter().any(|posting| LeadId::founded_by(posting) == *id)
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
    /// Nearly the same words.
    Template,
    /// The same web address, one that is no site's front page.
    Page,
    /// A person said that one hand wrote both.
    Person,
    /// The same picture, byte for byte.
    Image,
    /// Pictures that look nearly the same.
    Likeness,
    /// The same numbers and signs in the same order, whatever the words: a translation, perhaps.
    Layout,
}

/// Why two postings belong together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// What they share.
    pub kind: LinkKind,
    /// The shared contact's value, the fingerprint of the shared text or picture, or who said so; of
    /// pictures that look alike, the [`ImageHash`](crate::ImageHash) of that of `from`.
    pub value: String,
    /// 0 to 1: how sure a reader can be that one hand wrote both.
    pub strength: f64,
    /// The other posting.
    pub to: PostingId,
    /// The lead that the other posting is in.
    pub lead: LeadId,
    /// The posting whose link this is.
    pub from: PostingId,
    /// Where it stands in `from`; `None` for a link behind words and for what a person said.
    pub here: Option<Span>,
    /// Where it stands in `to`.
    pub there: Option<Span>,
    /// Why this does not bring the two together by itself, when it does not: too many others share
    /// it, or a person told them apart.
    pub weak: Option<String>,
}

/// What a person said about which postings are of one hand. The latest word about two postings
/// counts, and the program never goes against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// The number of the log entry that holds it.
    pub seq: u64,
    /// The person's name as they gave it.
    pub by: String,
    /// UTC.
    pub at: Timestamp,
    /// Why; never empty.
    pub reason: String,
    /// Postings of one group are of one hand, postings of different groups are not.
    pub groups: Vec<Vec<PostingId>>,
}
