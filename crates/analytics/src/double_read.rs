//! `analyse double-read`: decided leads that a second person reads without knowing what the first
//! decided, and how far both agree.

use domain::{LeadId, Sha256};
use serde::Serialize;

use crate::calibration::{Agreement, DecidedLead, agreement_of};
use crate::cases::{TrainingCase, blacked_out_case};

/// A lead to be read once more: what a case for trainers shows, and nothing that tells the decision.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ToRead {
    /// The lead.
    pub lead: LeadId,
    /// The language of the posting; `und` if it was not told.
    pub language: &'static str,
    /// Headline, blacked out.
    pub title: Option<String>,
    /// Body, blacked out.
    pub text: String,
}

/// Draws so many decided leads; the same desk and seed give the same.
pub fn double_read(leads: &[DecidedLead], sample: usize, seed: u64) -> Vec<ToRead> {
    let lot = |lead: &DecidedLead| {
        Sha256::of_parts([&seed.to_be_bytes(), lead.lead.id.as_str().as_bytes()])
    };
    let mut drawn: Vec<&DecidedLead> = leads.iter().collect();
    drawn.sort_by_key(|lead| lot(lead));
    drawn.truncate(sample);
    let to_read = drawn.into_iter().map(|lead| {
        let TrainingCase { language, title, text, .. } = blacked_out_case(lead, 0);
        ToRead { lead: lead.lead.id.clone(), language, title, text }
    });
    to_read.collect()
}

/// What a second reader said, held against the decisions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SecondReading {
    /// `None` if no lead was read by both.
    pub agreement: Option<Agreement>,
    /// Leads on which they differ.
    pub differ: Vec<LeadId>,
    /// Leads that are not decided, or not there, by now.
    pub unknown: Vec<LeadId>,
}

/// Holds what a second reader said, keep or dismiss, against what was decided.
pub fn second_reading(leads: &[DecidedLead], read: &[(LeadId, bool)]) -> SecondReading {
    let (mut pairs, mut differ, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for (id, second) in read {
        let Some(lead) = leads.iter().find(|lead| lead.lead.id == *id) else {
            unknown.push(id.clone());
            continue;
        };
        let first = lead.is_kept();
        pairs.push((first, *second));
        if first != *second {
            differ.push(id.clone());
        }
    }
    SecondReading { agreement: agreement_of(&pairs), differ, unknown }
}
