use std::collections::BTreeSet;
use std::sync::Mutex;

use domain::{Assessment, Band, Finding, Language, Score};

use crate::matching::{Matcher, RuleMatch};
use crate::rule::Sign;
use crate::rule_set::RuleSet;
use crate::scan::Subject;
use crate::weigh::{Weighed, weigh};

/// Most matchers that are kept for the next who assesses.
const MOST_SPARES: usize = 4;

/// Assesses one text after the other under a rule set, keeping its buffers: one per thread. Its buffers
/// are the next one's.
#[derive(Debug)]
pub struct Assessor<'r> {
    rule_set: &'r RuleSet,
    matcher: Matcher<()>,
}

/// Matchers of a rule set that nobody uses at the time, with the words that they know.
#[derive(Debug, Default)]
pub(crate) struct Spares(Mutex<Vec<Matcher<()>>>);

impl Spares {
    fn take(&self) -> Matcher<()> {
        self.0.lock().ok().and_then(|mut spares| spares.pop()).unwrap_or_default()
    }

    fn put(&self, matcher: Matcher<()>) {
        if let Ok(mut spares) = self.0.lock()
            && spares.len() < MOST_SPARES
        {
            spares.push(matcher);
        }
    }
}

impl Drop for Assessor<'_> {
    fn drop(&mut self) {
        self.rule_set.spares.put(std::mem::take(&mut self.matcher));
    }
}

impl<'r> Assessor<'r> {
    /// An assessor for this rule set.
    pub fn new(rule_set: &'r RuleSet) -> Self {
        Self { rule_set, matcher: rule_set.spares.take() }
    }

    /// Tries all rules on a text, weighs what they found, and quotes every reason. `language` is
    /// only noted down: all rules run on all texts.
    pub fn assess(&mut self, subject: &Subject<'_>, language: Option<Language>) -> Assessment {
        let mut matcher = std::mem::take(&mut self.matcher).under(&self.rule_set.compiled);
        let mut matches = matcher.matches(*subject);
        self.matcher = matcher.idle();
        let mut weighed = Vec::new();
        let said = self.said(&matches);
        for (index, matched) in matches.iter().enumerate() {
            if !(matched.is_heard && said.contains(self.sign_of(matched))) {
                self.weigh_in(index, matched, &mut weighed);
            }
        }
        let probability = weigh(&mut weighed, &self.rule_set.weights);
        let mut findings = Vec::new();
        let mut mitigations = Vec::new();
        for one in weighed {
            let matched = &mut matches[one.matched];
            let spans = if one.negated { &mut matched.negated } else { &mut matched.spans };
            let spans = std::mem::take(spans);
            let rule = &self.rule_set.rules[matched.rule];
            let (indicator, id) = (rule.sign.id().clone(), rule.id.clone());
            let finding = Finding::new(indicator, id, rule.version, one.points, spans);
            if one.kind.is_some() { &mut findings } else { &mut mitigations }.extend(finding);
        }
        self.strongest_first(&mut findings);
        self.strongest_first(&mut mitigations);
        let score = Score::from_probability(probability);
        let rule_set = self.rule_set.hash();
        Assessment { language, score, band: Band::of(score), findings, mitigations, rule_set }
    }

    /// The signs that words of their own say, or deny: these are not told once more by how all words lie.
    fn said(&self, matches: &[RuleMatch]) -> BTreeSet<&'r str> {
        let by_words = matches.iter().filter(|matched| !matched.is_heard);
        by_words.map(|matched| self.sign_of(matched)).collect()
    }

    fn sign_of(&self, matched: &RuleMatch) -> &'r str {
        self.rule_set.rules[matched.rule].sign.id().as_str()
    }

    /// What a match brings to the scales: its sign, and the denial of its sign. A mitigation that is
    /// denied ("no contract before the journey") is neither here nor there.
    fn weigh_in(&self, index: usize, matched: &RuleMatch, weighed: &mut Vec<Weighed<'r>>) {
        let rule = &self.rule_set.rules[matched.rule];
        let one = Weighed {
            sign: rule.sign.id().as_str(),
            rule: rule.id.as_str(),
            pieces: matched.spans.len(),
            points: rule.weight * matched.share,
            share: matched.share,
            kind: None,
            negated: false,
            is_heard: matched.is_heard,
            matched: index,
        };
        match &rule.sign {
            Sign::Mitigation(_) if matched.spans.is_empty() => {}
            Sign::Mitigation(_) => weighed.push(one),
            Sign::Indicator(id) => {
                let kind =
                    self.rule_set.indicator(id).map(|known| (known.strength, known.dimension));
                if !matched.spans.is_empty() {
                    weighed.push(Weighed { kind, ..one.clone() });
                }
                if !matched.negated.is_empty() {
                    weighed.push(Weighed { negated: true, ..one });
                }
            }
        }
    }

    /// The reasons in the order in which a reader needs them: by their points, and what a rule can put
    /// its finger on before how the words lie as a whole.
    fn strongest_first(&self, findings: &mut [Finding]) {
        let tenor = &self.rule_set.weights.tenor;
        let is_tenor =
            |finding: &Finding| tenor.iter().any(|sign| *sign == *finding.indicator.as_str());
        findings.sort_by(|a, b| {
            let by_points = b.points.abs().total_cmp(&a.points.abs());
            is_tenor(a).cmp(&is_tenor(b)).then(by_points).then_with(|| a.rule.cmp(&b.rule))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_assessor_worked_with_is_the_next_ones() {
        let rule_set = RuleSet::builtin().unwrap();
        let spares = || rule_set.spares.0.lock().unwrap().len();
        for round in 0..3 {
            drop(Assessor::new(&rule_set));
            assert_eq!(spares(), 1, "round {round}");
        }
        let many: Vec<Assessor<'_>> =
            (0..2 * MOST_SPARES).map(|_| Assessor::new(&rule_set)).collect();
        assert_eq!(spares(), 0);
        drop(many);
        assert_eq!(spares(), MOST_SPARES);
    }
}
