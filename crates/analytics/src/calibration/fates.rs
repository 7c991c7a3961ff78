use std::collections::BTreeMap;

use domain::{LeadId, LeadStatus, Verdict};
use serde::Serialize;
use store::Store;

use crate::AnalyticsError;
use crate::chance::{self, Ratio};

/// Leads that are read at a time.
const AT_ONCE: usize = 500;

/// What became of the leads in whose strongest posting a rule fired.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleFate {
    /// The rule.
    pub rule: String,
    /// Leads that wait or are being worked on.
    pub waiting: u64,
    /// Leads that were kept: decided otherwise than by dismissing them.
    pub kept: u64,
    /// Leads that were dismissed.
    pub dismissed: u64,
    /// The share kept of those decided, with its 95 % interval (Wilson 1927); none before the first
    /// decision.
    pub precision: Option<Ratio>,
}

/// The fates of all rules that fired in a lead, by id. Leads are read one after another, so that
/// memory does not grow with their number.
pub fn rule_fates(store: &dyn Store) -> Result<Vec<RuleFate>, AnalyticsError> {
    let mut counts: BTreeMap<String, (u64, u64, u64)> = BTreeMap::new();
    let mut after: Option<LeadId> = None;
    loop {
        let leads = store.leads(after.as_ref(), AT_ONCE)?;
        let Some(last) = leads.last() else { break };
        after = Some(last.id.clone());
        for lead in &leads {
            let Some(posting) = store.posting(&lead.strongest)? else { continue };
            let mut rules: Vec<_> =
                posting.assessment.findings.iter().map(|finding| &finding.rule).collect();
            rules.sort();
            rules.dedup();
            for rule in rules {
                let (waiting, kept, dismissed) = counts.entry(rule.to_string()).or_default();
                match (lead.status(), lead.verdict()) {
                    (LeadStatus::Decided, Some(Verdict::Dismiss)) => *dismissed += 1,
                    (LeadStatus::Decided, _) => *kept += 1,
                    _ => *waiting += 1,
                }
            }
        }
    }
    let fates = counts.into_iter().map(|(rule, (waiting, kept, dismissed))| RuleFate {
        rule,
        waiting,
        kept,
        dismissed,
        precision: chance::wilson(kept, kept + dismissed),
    });
    Ok(fates.collect())
}
