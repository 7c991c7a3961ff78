//! Second thoughts, and looking at what is masked. All of it is in the custody log.

use domain::{Lead, LeadId, LeadStatus};
use evidence::Event;
use jiff::SignedDuration;

use crate::{Desk, PipelineError};

/// A decision can be taken back by who made it, for so long.
pub const WITHDRAW_WITHIN: SignedDuration = SignedDuration::from_mins(15);

impl Desk {
    /// Notes that a person looks at masked details of a lead, and why.
    pub fn reveal(&mut self, id: &LeadId, by: &str, reason: &str) -> Result<(), PipelineError> {
        let reason = said(reason, "looking at what is masked needs a reason")?;
        let lead = self.existing(id)?.id;
        self.record(by, vec![Event::Reveal { lead, reason }])?;
        Ok(())
    }

    /// Takes back a decision: its own person can, within [`WITHDRAW_WITHIN`], while no packet has
    /// left the desk since and nobody else is at the lead. They have it claimed then, as before they
    /// decided.
    pub fn withdraw(&mut self, id: &LeadId, by: &str) -> Result<Lead, PipelineError> {
        let lead = self.existing(id)?;
        let refused = |why: &str| PipelineError::Refused(format!("lead {id}: {why}"));
        let decision = lead.decisions.last().filter(|_| lead.status() == LeadStatus::Decided);
        let decision =
            decision.ok_or_else(|| refused("nothing is decided that could be taken back"))?;
        if decision.by != by {
            return Err(refused(
                "only the person who decided can take it back; decide anew instead",
            ));
        }
        if self.clock.now().duration_since(decision.at) > WITHDRAW_WITHIN {
            return Err(refused(
                "it was decided too long ago to be taken back; decide anew instead",
            ));
        }
        if self.exported_since(&lead, decision.at)? {
            return Err(refused("its packet has left the desk; decide anew instead"));
        }
        self.record(by, vec![Event::Withdrawal { lead: lead.id }])?;
        self.existing(id)
    }

    fn exported_since(&self, asked: &Lead, since: jiff::Timestamp) -> Result<bool, PipelineError> {
        let (last, _) = self.custody.head();
        // A packet of a decision of the last minutes is among the last entries; the log is read from
        // there, not from its beginning.
        let mut after = last.saturating_sub(1000);
        loop {
            let mut entries = evidence::entries(&self.dir.join("custody"), after)?.peekable();
            let is_early = match entries.peek() {
                Some(Ok(first)) => first.time < since,
                _ => true,
            };
            if !is_early && after > 0 {
                after = after.saturating_sub(100_000);
                continue;
            }
            for entry in entries {
                let entry = entry?;
                if entry.time >= since
                    && matches!(&entry.event, Event::Export { lead, .. } if asked.is_named(lead))
                {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
    }
}

/// What a person wrote, without blanks around it; a complaint if that is nothing.
pub(crate) fn said(text: &str, complaint: &str) -> Result<String, PipelineError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(PipelineError::Refused(complaint.to_owned()));
    }
    Ok(text.chars().take(10_000).collect())
}
