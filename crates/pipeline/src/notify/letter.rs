//! What is told of a lead: nothing of what its postings say, and nobody's data. Whoever may read more
//! follows the link and logs in.

use domain::{Lead, LeadId};
use jiff::Timestamp;
use serde::Serialize;

/// A lead as it is told.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Letter {
    /// Of this form.
    format: u32,
    kind: &'static str,
    pub(crate) lead: LeadId,
    band: &'static str,
    indicators: Vec<String>,
    languages: Vec<&'static str>,
    opened_at: Timestamp,
    /// So that whoever keeps an old one cannot pass it off as new.
    sent_at: Timestamp,
    /// The lead's page.
    page: String,
}

impl Letter {
    pub(crate) fn of(lead: &Lead, app: &str, now: Timestamp) -> Self {
        let of_lead = lead.reasons.iter().filter_map(|reason| reason.indicator.as_ref());
        let mut indicators: Vec<String> =
            lead.spread.indicators.iter().chain(of_lead).map(ToString::to_string).collect();
        indicators.sort();
        indicators.dedup();
        Self {
            format: 1,
            kind: "lead.critical",
            lead: lead.id.clone(),
            band: lead.band.name(),
            indicators,
            languages: lead.spread.languages.iter().map(|language| language.code()).collect(),
            opened_at: lead.opened_at,
            sent_at: now,
            page: format!("{}/leads/{}", app.trim_end_matches('/'), lead.id),
        }
    }

    pub(crate) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a letter has only strings for keys")
    }
}

/// A mail of these leads, as sendmail takes it.
pub(crate) fn digest(letters: &[Letter], from: &str, to: &[String]) -> String {
    let (count, plural) = (letters.len(), if letters.len() == 1 { "" } else { "s" });
    let mut mail = format!(
        "From: {from}\nTo: {}\nSubject: Fusion Center: {count} critical lead{plural}\n\
         Auto-Submitted: auto-generated\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\n\n\
         New critical leads that nobody has decided on: {count}\n",
        to.join(", ")
    );
    for letter in letters {
        let Letter { lead, indicators, languages, opened_at, page, .. } = letter;
        mail.push_str(&format!(
            "\n{lead}\n  signs: {}\n  languages: {}\n  since: {opened_at:.0}\n  {page}\n",
            indicators.join(", "),
            languages.join(", ")
        ));
    }
    mail
}
