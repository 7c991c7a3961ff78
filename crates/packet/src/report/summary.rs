//! The first page: danger, what it is about, and who stands for it.

use domain::{Band, Pay, Verdict};

use super::Telling;
use crate::page::{Block, Line, Page, Run, code, plain};

/// Signs that may mean that somebody is in danger now.
const OF_A_MINOR: [&str; 1] = ["minor-recruitment"];
const OF_DEPARTURE: [&str; 1] = ["departure-urgency"];
const OF_BEING_HELD: [&str; 3] =
    ["movement-restriction", "document-retention", "phone-restriction"];

impl Telling<'_> {
    pub(super) fn risk(&self, page: &mut Page) {
        let words = self.dossier.words;
        let found = |signs: &[&str]| {
            let mut findings = self
                .dossier
                .postings
                .iter()
                .flat_map(|posting| &posting.stored.assessment.findings);
            findings.any(|finding| signs.contains(&finding.indicator.as_str()))
        };
        let mut lines: Vec<Line> = [
            (&OF_A_MINOR[..], &words.risk_minor),
            (&OF_DEPARTURE, &words.risk_departure),
            (&OF_BEING_HELD, &words.risk_held),
        ]
        .into_iter()
        .filter(|(signs, _)| found(signs))
        .map(|(_, sentence)| plain(sentence))
        .collect();
        if lines.is_empty() {
            return;
        }
        lines.push(vec![Run::Strong(words.risk_route.clone())]);
        for route in self.handover.routes {
            lines.push(plain(format!("{}: {route}", words.route)));
        }
        page.blocks.push(Block::Notice { title: words.risk.clone(), lines, grave: true });
    }

    pub(super) fn summary(&self, page: &mut Page) {
        let words = self.dossier.words;
        let lead = &self.dossier.lead;
        let postings = || self.dossier.postings.iter().map(|posting| &posting.stored.posting);
        page.heading(2, &words.summary);
        let cover = &self.dossier.cover;
        let mut rows = Vec::new();
        for (name, text) in [
            (&words.analyst_summary, &cover.summary),
            (&words.exploitation, &cover.exploitation),
            (&words.alternatives, &cover.alternatives),
            (&words.would_change, &cover.would_change),
        ] {
            if !text.trim().is_empty() {
                rows.push((name.clone(), vec![plain(text.trim())]));
            }
        }
        let mut row = |name: &String, values: Vec<Line>| {
            if !values.is_empty() {
                rows.push((name.clone(), values));
            }
        };
        let sorted = |mut names: Vec<String>| -> Vec<Line> {
            names.sort_by_key(|name| words.language.sort_key(name));
            names.dedup();
            if names.is_empty() { Vec::new() } else { vec![plain(names.join(", "))] }
        };
        row(&words.postings, vec![plain(self.dossier.postings.len().to_string())]);
        let languages = self.dossier.postings.iter().map(|posting| {
            let stored = &posting.stored;
            words.language_name(stored.assessment.language.or(stored.posting.language)).to_owned()
        });
        row(&words.languages, sorted(languages.collect()));
        let sources = self.dossier.postings.iter().map(|posting| posting.source.clone());
        row(&words.platforms, sorted(sources.collect()));
        row(&words.places, sorted(postings().flat_map(|posting| posting.places.clone()).collect()));
        row(&words.employer, sorted(postings().filter_map(|p| p.employer.clone()).collect()));
        row(&words.pay, sorted(postings().filter_map(|p| self.pay(p.pay.as_ref()?)).collect()));
        let times = || postings().map(|posting| posting.captured_at);
        row(
            &words.first_captured,
            times().min().map(|at| self.exact_moment(at)).into_iter().collect(),
        );
        row(
            &words.last_captured,
            times().max().map(|at| self.exact_moment(at)).into_iter().collect(),
        );
        let score =
            format!("{} {}, {}", lead.score.value(), words.out_of_100, self.band(lead.band));
        row(&words.score, vec![plain(score)]);
        page.facts(rows);
    }

    pub(super) fn persons(&self, page: &mut Page) {
        let words = self.dossier.words;
        let dossier = self.dossier;
        page.heading(2, &words.persons);
        let mut rows = vec![
            (words.lead.clone(), vec![code(dossier.lead.id.as_str())]),
            (words.variant.clone(), vec![plain(self.variant())]),
            (words.desk.clone(), vec![plain(dossier.desk)]),
            (words.prepared_by.clone(), vec![plain(dossier.prepared_by)]),
            (words.approved_by.clone(), vec![plain(dossier.approved_by)]),
            (words.built.clone(), vec![self.exact_moment(dossier.built_at)]),
        ];
        for decision in &dossier.lead.decisions {
            let said = format!(
                "{} ({} {}, {}): {}",
                self.verdict(decision.verdict),
                words.by,
                decision.by,
                self.moment(decision.at),
                decision.reason
            );
            rows.push((words.decision.clone(), vec![plain(said)]));
        }
        for note in &dossier.lead.notes {
            let said = format!("{}, {}: {}", note.by, self.moment(note.at), note.text);
            rows.push((words.note.clone(), vec![plain(said)]));
        }
        rows.push((words.rule_set.clone(), vec![code(dossier.rule_set.to_string())]));
        page.facts(rows);
    }

    pub(super) fn verdict(&self, verdict: Verdict) -> &str {
        let words = self.dossier.words;
        match verdict {
            Verdict::Escalate => &words.verdict_escalate,
            Verdict::Monitor => &words.verdict_monitor,
            Verdict::Dismiss => &words.verdict_dismiss,
            Verdict::Refer => &words.verdict_refer,
        }
    }

    fn band(&self, band: Band) -> &str {
        let words = self.dossier.words;
        match band {
            Band::None => &words.band_none,
            Band::Low => &words.band_low,
            Band::Medium => &words.band_medium,
            Band::High => &words.band_high,
            Band::Critical => &words.band_critical,
        }
    }

    fn pay(&self, pay: &Pay) -> Option<String> {
        let words = self.dossier.words;
        let amounts = match (pay.min, pay.max) {
            (Some(min), Some(max)) if min != max => format!("{min}–{max}"),
            (Some(amount), _) | (None, Some(amount)) => amount.to_string(),
            (None, None) => return None,
        };
        let period = match pay.period.as_deref() {
            Some("hour") => words.per_hour.as_str(),
            Some("day") => &words.per_day,
            Some("week") => &words.per_week,
            Some("month") => &words.per_month,
            Some("year") => &words.per_year,
            other => other.unwrap_or_default(),
        };
        let currency = pay.currency.as_deref().unwrap_or_default();
        Some([amounts.as_str(), currency, period].join(" ").trim().to_owned())
    }
}
