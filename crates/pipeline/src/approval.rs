//! A packet takes two persons: one prepares it, another approves it, and the approval stands in the
//! custody log before the packet is built. No export is written there without one.

use domain::{Decision, Lead, LeadId, LeadStatus, Sha256, Verdict};
use evidence::Event;
use jiff::Timestamp;
use serde::Serialize;

use crate::{Desk, PipelineError};

/// That a person approved the handing over of a lead as it was decided last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// Who approved.
    pub by: String,
    /// UTC.
    pub at: Timestamp,
    /// Who said so, when it was not the approver.
    pub on_word_of: Option<String>,
}

impl Desk {
    /// Approves that a packet of the lead leaves the desk. A later decision takes it back.
    pub fn approve(&mut self, id: &LeadId, by: &str) -> Result<(), PipelineError> {
        let lead = self.existing(id)?;
        handed_over(&lead)?;
        self.record(by, vec![Event::Approval { lead: lead.id, on_word_of: None }])?;
        Ok(())
    }

    /// The approvals that stand: those after the last decision.
    pub fn approvals(&self, id: &LeadId) -> Result<Vec<Approval>, PipelineError> {
        let asked = self.existing(id)?;
        let mut approvals = Vec::new();
        for entry in evidence::entries(&self.dir.join("custody"), 0)? {
            let entry = entry?;
            match &entry.event {
                Event::Decision { lead, .. } if asked.is_named(lead) => approvals.clear(),
                Event::Approval { lead, on_word_of } if asked.is_named(lead) => {
                    let (by, on_word_of) = (entry.actor.clone(), on_word_of.clone());
                    approvals.push(Approval { by, at: entry.time, on_word_of });
                }
                _ => {}
            }
        }
        Ok(approvals)
    }

    /// Who prepares and who approves a packet must be two persons, and a person must have decided
    /// to hand the lead over. Gives the approver: who is named, else who approved, else who decided.
    pub fn may_export(
        &self,
        id: &LeadId,
        prepared_by: &str,
        approved_by: Option<&str>,
    ) -> Result<String, PipelineError> {
        let lead = self.existing(id)?;
        let decision = handed_over(&lead)?;
        let approvals = self.approvals(id)?;
        let mut others =
            approvals.iter().filter(|approval| !same_person(&approval.by, prepared_by));
        if self.settings.config.packet.explicit_approval {
            let mut own_acts = others.filter(|approval| approval.on_word_of.is_none());
            let named = own_acts
                .find(|approval| approved_by.is_none_or(|name| same_person(name, &approval.by)));
            return named.map(|approval| approval.by.clone()).ok_or_else(|| {
                PipelineError::Refused(format!(
                    "lead {id} is not approved by a second person; they say: fusion packet approve {id}"
                ))
            });
        }
        let approved = others.next_back().map(|approval| approval.by.as_str());
        let approver = approved_by.or(approved).unwrap_or(&decision.by);
        if same_person(approver, prepared_by) {
            return Err(PipelineError::Refused(format!(
                "export takes two persons: `{prepared_by}` prepares, so somebody else must have decided, approve it (fusion packet approve {id}), or be named with --approved-by NAME"
            )));
        }
        Ok(approver.to_owned())
    }

    /// Writes down that `approver` approved, on the word of whoever prepares, unless it stands in
    /// the log already. To be called before the packet is built.
    pub fn ensure_approval(
        &mut self,
        id: &LeadId,
        prepared_by: &str,
        approver: &str,
    ) -> Result<(), PipelineError> {
        self.may_export(id, prepared_by, Some(approver))?;
        let approvals = self.approvals(id)?;
        if approvals.iter().any(|approval| same_person(&approval.by, approver)) {
            return Ok(());
        }
        let (lead, on_word_of) = (self.existing(id)?.id, Some(prepared_by.to_owned()));
        self.record(approver, vec![Event::Approval { lead, on_word_of }])?;
        Ok(())
    }

    /// Notes in the custody log that a packet leaves the desk, and the approval before it if it does
    /// not stand there. To be called before the packet is handed out.
    pub fn record_export(
        &mut self,
        id: &LeadId,
        by: &str,
        approved_by: &str,
        packet: Sha256,
        file: &str,
    ) -> Result<(), PipelineError> {
        self.ensure_approval(id, by, approved_by)?;
        let event = Event::Export {
            lead: self.existing(id)?.id,
            approved_by: approved_by.to_owned(),
            packet,
            file: file.to_owned(),
        };
        self.record(by, vec![event])?;
        Ok(())
    }

    /// Notes for whom a packet was encrypted.
    pub fn record_handover(
        &mut self,
        id: &LeadId,
        by: &str,
        packet: Sha256,
        recipients: Vec<String>,
        file: &str,
        encrypted: Sha256,
    ) -> Result<(), PipelineError> {
        let (lead, file) = (self.existing(id)?.id, file.to_owned());
        self.record(by, vec![Event::Handover { lead, packet, recipients, file, encrypted }])?;
        Ok(())
    }

    /// Notes that a recipient confirmed a packet of the lead. The packet must be one that left the
    /// desk.
    pub fn record_receipt(
        &mut self,
        id: &LeadId,
        by: &str,
        packet: Sha256,
        from: &str,
        reference: &str,
    ) -> Result<(), PipelineError> {
        let asked = self.existing(id)?;
        let mut left = false;
        for entry in evidence::entries(&self.dir.join("custody"), 0)? {
            left |= match entry?.event {
                Event::Export { lead, packet: sent, .. } => asked.is_named(&lead) && sent == packet,
                Event::Handover { lead, packet: sent, encrypted, .. } => {
                    asked.is_named(&lead) && (sent == packet || encrypted == packet)
                }
                _ => false,
            };
        }
        if !left {
            return Err(PipelineError::Refused(format!(
                "no packet of lead {id} with this digest ever left the desk; give the file that was sent, or its SHA-256"
            )));
        }
        let event = Event::Receipt {
            lead: asked.id,
            packet,
            from: from.to_owned(),
            reference: reference.to_owned(),
        };
        self.record(by, vec![event])?;
        Ok(())
    }
}

fn handed_over(lead: &Lead) -> Result<&Decision, PipelineError> {
    let id = &lead.id;
    let decision = lead.decisions.last().filter(|_| lead.status() == LeadStatus::Decided);
    decision.filter(|d| matches!(d.verdict, Verdict::Escalate | Verdict::Refer)).ok_or_else(|| {
        PipelineError::Refused(format!(
            "lead {id} is not decided for handing over; a person decides first: fusion queue decide {id} --verdict escalate --reason \"...\""
        ))
    })
}

pub(crate) fn same_person(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}
