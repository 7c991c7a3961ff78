//! `analyse calibration`: what people's decisions say of the rules.

mod fates;
mod figures;

use std::collections::BTreeMap;
use std::path::Path;

use domain::{Band, Finding, Language, Lead, LeadId, LeadStatus, Verdict};
use evidence::Event;
use jiff::Timestamp;
use rules::eval::{Judged, Labelled};
use store::{QueueFilter, Store, StoredPosting};

pub use self::fates::{RuleFate, rule_fates};
pub use self::figures::{Agreement, Calibration, Hours, KeptShare, ReliabilityBin, RuleCost};
use crate::AnalyticsError;
use crate::chance;

/// A lead that was decided, with the posting that founded it.
#[derive(Clone, Debug)]
pub struct DecidedLead {
    /// The lead.
    pub lead: Lead,
    /// Its posting of the highest score.
    pub posting: StoredPosting,
}

impl DecidedLead {
    /// Whether people kept it: anything but a dismissal.
    pub fn is_kept(&self) -> bool {
        self.lead.verdict().is_some_and(|verdict| verdict != Verdict::Dismiss)
    }

    /// The posting as labelled by the decision, to fit weights to.
    pub fn judged(&self) -> Judged {
        let StoredPosting { posting, assessment } = &self.posting;
        Judged {
            posting: Labelled {
                id: posting.id.to_string(),
                language: assessment.language,
                title: posting.title.clone(),
                text: posting.text.clone(),
                lead: self.is_kept(),
                indicators: None,
                scenario: None,
            },
            assessment: assessment.clone(),
        }
    }
}

/// All decided leads of a desk.
pub fn decided_leads(store: &dyn Store) -> Result<Vec<DecidedLead>, AnalyticsError> {
    let filter = QueueFilter { status: Some(LeadStatus::Decided), ..QueueFilter::default() };
    let mut decided = Vec::new();
    for lead in store.queue(&filter, usize::MAX)? {
        let mut best: Option<StoredPosting> = None;
        for id in &lead.postings {
            let Some(posting) = store.posting(id)? else { continue };
            if best.as_ref().is_none_or(|b| b.assessment.score < posting.assessment.score) {
                best = Some(posting);
            }
        }
        if let Some(posting) = best {
            decided.push(DecidedLead { lead, posting });
        }
    }
    Ok(decided)
}

/// Works out what decisions say. `custody` is the folder of the custody log, where times stand.
pub fn calibration(leads: &[DecidedLead], custody: &Path) -> Result<Calibration, AnalyticsError> {
    let minutes = minutes_by_lead(custody)?;
    let kept = leads.iter().filter(|lead| lead.is_kept()).count() as u64;
    let score = |lead: &DecidedLead| f64::from(lead.posting.assessment.score.value()) / 100.0;
    let squares: f64 =
        leads.iter().map(|lead| (score(lead) - f64::from(u8::from(lead.is_kept()))).powi(2)).sum();
    Ok(Calibration {
        decided: leads.len() as u64,
        kept,
        brier: (!leads.is_empty()).then(|| squares / leads.len() as f64),
        bands: shares(
            leads,
            |lead| vec![lead.posting.assessment.band.name().to_owned()],
            band_order,
        ),
        languages: shares(
            leads,
            |lead| vec![lead.posting.assessment.language.map_or("und", Language::code).to_owned()],
            |_| 0,
        ),
        rules: rules(leads, &minutes),
        reliability: reliability_bins(leads),
        to_flag: hours(leads.iter().filter_map(|lead| {
            let published = lead.posting.posting.published_at?;
            Some((published, lead.lead.opened_at))
        })),
        to_decision: hours(
            leads
                .iter()
                .filter_map(|lead| Some((lead.lead.opened_at, lead.lead.decisions.first()?.at))),
        ),
        agreement: agreement(leads),
    })
}

fn band_order(band: &str) -> usize {
    let order = [Band::Critical, Band::High, Band::Medium, Band::Low, Band::None];
    order.iter().position(|of| of.name() == band).unwrap_or(order.len())
}

fn shares(
    leads: &[DecidedLead],
    of: impl Fn(&DecidedLead) -> Vec<String>,
    order: impl Fn(&str) -> usize,
) -> Vec<KeptShare> {
    let mut counts: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for lead in leads {
        for name in of(lead) {
            let (decided, kept) = counts.entry(name).or_default();
            *decided += 1;
            *kept += u64::from(lead.is_kept());
        }
    }
    let mut shares: Vec<KeptShare> = counts
        .into_iter()
        .filter_map(|(of, (decided, kept))| {
            Some(KeptShare { of, decided, kept, precision: chance::wilson(kept, decided)? })
        })
        .collect();
    shares.sort_by_key(|share| order(&share.of));
    shares
}

fn rules_of(lead: &DecidedLead) -> Vec<String> {
    let findings = &lead.posting.assessment.findings;
    let mut rules: Vec<String> = findings.iter().map(|finding| finding.rule.to_string()).collect();
    rules.sort();
    rules.dedup();
    rules
}

fn rules(leads: &[DecidedLead], minutes: &BTreeMap<LeadId, u64>) -> Vec<RuleCost> {
    let mut costs: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for lead in leads.iter().filter(|lead| !lead.is_kept()) {
        let findings = &lead.posting.assessment.findings;
        let strongest = findings
            .iter()
            .max_by(|a, b| a.points.total_cmp(&b.points).then_with(|| b.rule.cmp(&a.rule)));
        let Some(Finding { rule, .. }) = strongest else { continue };
        let (dismissed, spent) = costs.entry(rule.to_string()).or_default();
        *dismissed += 1;
        *spent += minutes.get(&lead.lead.id).copied().unwrap_or(0);
    }
    let mut rules: Vec<RuleCost> = shares(leads, rules_of, |_| 0)
        .into_iter()
        .map(|kept| {
            let (dismissed_leading, minutes) = costs.get(&kept.of).copied().unwrap_or_default();
            RuleCost { kept, dismissed_leading, minutes }
        })
        .collect();
    rules.sort_by(|a, b| {
        let cost = |rule: &RuleCost| (rule.dismissed_leading, rule.minutes, rule.kept.decided);
        cost(b).cmp(&cost(a)).then_with(|| a.kept.of.cmp(&b.kept.of))
    });
    rules
}

/// A person who took a lead on and decided the next day did not read all night.
const LONGEST_READING: i64 = 4 * 60;

/// Minutes from the last claim or view to the decision, by the same person.
fn minutes_by_lead(custody: &Path) -> Result<BTreeMap<LeadId, u64>, AnalyticsError> {
    let mut begun: BTreeMap<(LeadId, String), Timestamp> = BTreeMap::new();
    let mut minutes = BTreeMap::new();
    for entry in evidence::entries(custody, 0)? {
        let entry = entry?;
        match entry.event {
            Event::Claim { lead } | Event::View { lead } => {
                begun.insert((lead, entry.actor), entry.time);
            }
            Event::Decision { lead, .. } => {
                if let Some(from) = begun.remove(&(lead.clone(), entry.actor)) {
                    let spent = (entry.time.as_second() - from.as_second()) / 60;
                    let spent = u64::try_from(spent.clamp(0, LONGEST_READING)).unwrap_or(0);
                    *minutes.entry(lead).or_default() += spent;
                }
            }
            _ => {}
        }
    }
    Ok(minutes)
}

fn reliability_bins(leads: &[DecidedLead]) -> Vec<ReliabilityBin> {
    let mut bins: [(u64, u64, u64); 10] = Default::default();
    for lead in leads {
        let score = lead.posting.assessment.score.value();
        let (count, sum, kept) = &mut bins[usize::from(score / 10).min(9)];
        *count += 1;
        *sum += u64::from(score);
        *kept += u64::from(lead.is_kept());
    }
    let filled = (0_u8..).step_by(10).zip(bins).filter_map(|(from, (leads, sum, kept))| {
        Some(ReliabilityBin {
            from,
            to: if from == 90 { 100 } else { from + 9 },
            leads,
            mean_score: sum as f64 / leads.max(1) as f64,
            kept: chance::wilson(kept, leads)?,
        })
    });
    filled.collect()
}

fn hours(spans: impl Iterator<Item = (Timestamp, Timestamp)>) -> Option<Hours> {
    let mut hours: Vec<f64> = spans
        .map(|(from, to)| (to.as_second() - from.as_second()).max(0) as f64 / 3600.0)
        .collect();
    hours.sort_by(f64::total_cmp);
    let at = |share: f64| hours.get(((hours.len() as f64 - 1.0) * share).round() as usize).copied();
    Some(Hours { measured: hours.len(), median: at(0.5)?, ninth_tenth: at(0.9)? })
}

fn agreement(leads: &[DecidedLead]) -> Option<Agreement> {
    let keeps = |verdict: Verdict| verdict != Verdict::Dismiss;
    let pairs = leads.iter().filter_map(|lead| {
        let first = lead.lead.decisions.first()?;
        let second = lead.lead.decisions.iter().rfind(|decision| decision.by != first.by)?;
        Some((keeps(first.verdict), keeps(second.verdict)))
    });
    agreement_of(&pairs.collect::<Vec<_>>())
}

/// How far two readers agree: of each lead, whether the first keeps it and whether the second does.
pub(crate) fn agreement_of(pairs: &[(bool, bool)]) -> Option<Agreement> {
    if pairs.is_empty() {
        return None;
    }
    let share = |of: fn(&(bool, bool)) -> bool| {
        pairs.iter().filter(|pair| of(pair)).count() as f64 / pairs.len() as f64
    };
    let (a, b, same) = (share(|pair| pair.0), share(|pair| pair.1), share(|pair| pair.0 == pair.1));
    let by_chance = a * b + (1.0 - a) * (1.0 - b);
    let kappa = (by_chance < 1.0).then(|| (same - by_chance) / (1.0 - by_chance));
    let agreed = pairs.iter().filter(|pair| pair.0 == pair.1).count() as u64;
    Some(Agreement { leads: pairs.len() as u64, agreed, kappa })
}
