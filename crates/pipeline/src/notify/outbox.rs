//! What is still to be told, on disk: it outlives the program, and nothing is told twice without need.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use domain::{Band, Lead, LeadId, LeadStatus};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::{QueueFilter, Store};

use super::NotifyConfig;
use crate::PipelineError;

/// The file in a desk's folder.
pub(crate) const OUTBOX: &str = "notify.json";
const FORMAT: u32 = 1;
/// After a failure it is tried again in a minute, then ever later, up to six hours.
const FIRST_PAUSE_MIN: i64 = 1;
const LONGEST_PAUSE_MIN: i64 = 360;

/// What waits to be told, and how telling went.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outbox {
    format: u32,
    /// Leads that were changed by entries of the log up to this one have been looked at.
    seen: u64,
    /// When that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    looked_at: Option<Timestamp>,
    /// Leads of which somebody was told, or is about to be, and that nobody has decided on since.
    told: BTreeSet<LeadId>,
    /// To the webhook.
    pub webhook: Queue,
    /// By mail.
    pub mail: Queue,
}

/// What waits to be told in one way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// Leads, in the order in which they came.
    pub waiting: Vec<LeadId>,
    /// Failures in a row.
    pub tries: u32,
    /// When it is tried again.
    pub next_at: Option<Timestamp>,
    /// When somebody was told last.
    pub last_at: Option<Timestamp>,
    /// What went wrong last, until it goes well.
    pub failure: Option<String>,
}

impl Queue {
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        !self.waiting.is_empty() && self.next_at.is_none_or(|next| next <= now)
    }

    pub(crate) fn went_well(&mut self, now: Timestamp) {
        *self = Self {
            waiting: std::mem::take(&mut self.waiting),
            last_at: Some(now),
            ..Self::default()
        };
    }

    pub(crate) fn failed(&mut self, why: String, now: Timestamp) {
        let pause = FIRST_PAUSE_MIN << self.tries.min(20);
        let pause = SignedDuration::from_mins(pause.min(LONGEST_PAUSE_MIN));
        self.tries = self.tries.saturating_add(1);
        self.next_at = now.checked_add(pause).ok();
        self.failure = Some(why);
    }
}

impl Outbox {
    /// Reads a desk's; `None` if nobody was ever to be told.
    pub fn read(dir: &Path) -> Result<Option<Self>, PipelineError> {
        let path = path(dir);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(PipelineError::file("read", &path)(error)),
        };
        let outbox: Self = serde_json::from_slice(&bytes).map_err(|error| {
            let what = format!("{} does not read back ({error}); remove it, and nobody is told of leads that are there now", path.display());
            PipelineError::Config(what)
        })?;
        if outbox.format > FORMAT {
            let what = format!("{} is of a later program: use that one", path.display());
            return Err(PipelineError::Config(what));
        }
        Ok(Some(outbox))
    }

    /// The one of a desk on which somebody is to be told for the first time: of what comes from now
    /// on. What is critical by now stays no news when somebody touches it.
    pub(crate) fn from_now_on(index: &dyn Store) -> Result<Self, PipelineError> {
        let seen = index.applied()?;
        let critical = Some(Band::Critical);
        let there = QueueFilter { band_at_least: critical, ..QueueFilter::default() };
        let told = index.queue(&there, usize::MAX)?.into_iter().map(|lead| lead.id).collect();
        Ok(Self { format: FORMAT, seen, told, ..Self::default() })
    }

    pub(crate) fn write(&self, dir: &Path) -> Result<(), PipelineError> {
        let bytes = serde_json::to_vec(self).expect("an outbox has only strings for keys");
        Ok(evidence::replace_file(&path(dir), &bytes)?)
    }

    /// Takes in what became critical since it was last asked. Tells whether anything changed.
    pub(crate) fn gather(
        &mut self,
        config: &NotifyConfig,
        index: &dyn Store,
        now: Timestamp,
    ) -> Result<bool, PipelineError> {
        let applied = index.applied()?;
        if applied == self.seen {
            return Ok(false);
        }
        for (id, changed) in index.last_changes()? {
            if changed <= self.seen {
                continue;
            }
            let Some(lead) = index.lead(&id)? else { continue };
            if self.is_decided_since(&lead) {
                self.forget(&lead);
            }
            if !is_urgent(&lead) || self.knows(&lead) {
                continue;
            }
            self.told.insert(id.clone());
            if config.webhook.is_some() {
                self.webhook.waiting.push(id.clone());
            }
            if !config.mail_to.is_empty() {
                self.mail.waiting.push(id);
            }
        }
        // Made anew, an index may be behind for a while.
        self.seen = applied;
        self.looked_at = Some(now);
        Ok(true)
    }

    /// Somebody decided on it after they were told: when it is open again, by a further posting or
    /// because the decision was taken back, it is news again. That may be so by now.
    fn is_decided_since(&self, lead: &Lead) -> bool {
        let last = lead.decisions.last();
        let is_later = |at: Timestamp| self.looked_at.is_some_and(|looked_at| at > looked_at);
        lead.status() == LeadStatus::Decided || last.is_some_and(|decision| is_later(decision.at))
    }

    fn forget(&mut self, lead: &Lead) {
        self.told.remove(&lead.id);
        for posting in &lead.postings {
            self.told.remove(&LeadId::founded_by(posting));
        }
    }

    /// Under this name, or under the name that any of its postings gave it before.
    fn knows(&self, lead: &Lead) -> bool {
        let mut names = lead.postings.iter().map(LeadId::founded_by);
        self.told.contains(&lead.id) || names.any(|name| self.told.contains(&name))
    }
}

/// Whether a lead is worth a call: critical, and nobody has decided on it.
pub(crate) fn is_urgent(lead: &Lead) -> bool {
    lead.band == Band::Critical && lead.status() != LeadStatus::Decided
}

fn path(dir: &Path) -> PathBuf {
    dir.join(OUTBOX)
}
