//! Which rules match a text, where, and which are switched off by a negator.

use domain::{Field, Span};

use crate::clause::Border;
use crate::companions_seen::CompanionsSeen;
use crate::compiled::{Compiled, Plan};
use crate::context::Silenced;
use crate::observe::Observed;
use crate::scan::{Place, Subject, Words};
use crate::tenor::Leaning;

/// Most quoted places of one finding.
pub(crate) const MAX_SPANS: usize = 5;
/// Most sentences that one rule silences.
const MAX_SILENCED: usize = 50;
/// Most places of a rule that are tried against its conditions; only a hostile text has more.
const MAX_TRIED: usize = 1_000;

/// A rule that matched.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RuleMatch {
    /// Index of the rule.
    pub(crate) rule: usize,
    /// Where it speaks for its sign; may be empty.
    pub(crate) spans: Vec<Span>,
    /// Where it is negated, quoted from the negator on; may be empty.
    pub(crate) negated: Vec<Span>,
    /// How much of the rule's weight it brings, above 0 and at most 1: less than all only for a tenor.
    pub(crate) share: f64,
    /// Whether no words of its own say it, and it is heard in all words together.
    pub(crate) is_heard: bool,
}

/// A place at which a rule may match.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub(crate) plan: u32,
    pub(crate) place: Place,
    /// The phrase that stands there; `None` for a regex.
    pub(crate) phrase: Option<u32>,
}

/// Matches one text after the other against a compiled pack, keeping its buffers: some megabytes. One
/// without a pack is idle, and must not be brought under another than it was under.
#[derive(Debug, Default)]
pub(crate) struct Matcher<C> {
    pub(crate) compiled: C,
    pub(crate) words: Words,
    pub(crate) observed: Observed,
    /// Number of the text at hand, to know which of the things below belong to it.
    pub(crate) text: u64,
    pub(crate) companions: CompanionsSeen,
    /// How many words the texts before had.
    pub(crate) words_before: u64,
    /// By phrase, the first word from which it has not been tried, counted through all texts.
    pub(crate) tried_from: Vec<u64>,
    /// By part: text, and places.
    pub(crate) places: Vec<(u64, Vec<Place>)>,
    /// By negation: text, and words that negate.
    pub(crate) negators: Vec<(u64, Vec<Place>)>,
    /// Text, and what stands before each word.
    pub(crate) borders: (u64, Vec<Border>),
    /// Text, and the stretches of it in quotation marks.
    pub(crate) quotations: (u64, Vec<(Field, u32, u32)>),
    pub(crate) silenced: Silenced,
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) scratch: Vec<Place>,
}

impl<C> Matcher<C> {
    /// The same buffers with another pack, or none.
    fn with<D>(self, compiled: D) -> Matcher<D> {
        Matcher {
            compiled,
            words: self.words,
            observed: self.observed,
            text: self.text,
            companions: self.companions,
            words_before: self.words_before,
            tried_from: self.tried_from,
            places: self.places,
            negators: self.negators,
            borders: self.borders,
            quotations: self.quotations,
            silenced: self.silenced,
            candidates: self.candidates,
            scratch: self.scratch,
        }
    }
}

impl Matcher<()> {
    /// Brings an idle one under a pack.
    pub(crate) fn under(mut self, compiled: &Compiled) -> Matcher<&Compiled> {
        self.tried_from.resize(compiled.phrases.len(), 0);
        self.places.resize_with(compiled.parts.len(), Default::default);
        self.negators.resize_with(compiled.negations.len(), Default::default);
        self.with(compiled)
    }
}

impl<'r> Matcher<&'r Compiled> {
    pub(crate) fn new(compiled: &'r Compiled) -> Self {
        Matcher::default().under(compiled)
    }

    pub(crate) fn idle(self) -> Matcher<()> {
        self.with(())
    }

    /// All rules that match, in the order of the pack.
    pub(crate) fn matches(&mut self, subject: Subject<'_>) -> Vec<RuleMatch> {
        self.text += 1;
        self.words_before += u64::from(self.words.len());
        self.words.read(subject, self.compiled);
        self.observed.read(subject, &self.words, self.compiled);
        self.candidates.clear();
        self.try_phrases();
        self.try_regexes(subject);
        self.try_measures();
        if self.candidates.is_empty() {
            return Vec::new();
        }
        let mut candidates = std::mem::take(&mut self.candidates);
        candidates.sort_by_key(|candidate| (candidate.plan, candidate.place.order()));
        self.silenced.clear();
        let mut matches = Vec::new();
        // What silences others is decided before them.
        for silences in [true, false] {
            for group in candidates.chunk_by(|a, b| a.plan == b.plan) {
                let compiled = self.compiled;
                let plan = &compiled.plans[group[0].plan as usize];
                if plan.silences.any() == silences {
                    matches.extend(self.decide(plan, group, subject));
                }
            }
        }
        matches.sort_by_key(|matched| matched.rule);
        self.candidates = candidates;
        matches
    }

    /// Holds the places of a rule against its conditions.
    fn decide(
        &mut self,
        plan: &Plan,
        candidates: &[Candidate],
        subject: Subject<'_>,
    ) -> Option<RuleMatch> {
        if let Some(leaning) = plan.tenor {
            let places: Vec<Place> = candidates.iter().map(|candidate| candidate.place).collect();
            let (spans, share) = (self.spans(&places, subject), self.observed.tenor_share(leaning));
            let is_match = !spans.is_empty();
            return is_match.then_some(RuleMatch {
                rule: plan.rule,
                spans,
                negated: Vec::new(),
                share,
                is_heard: matches!(leaning, Leaning::Sign(_)),
            });
        }
        // A warning silences more sentences than are quoted.
        let most = if plan.silences.sentence { MAX_SILENCED } else { MAX_SPANS };
        let mut found: Vec<Place> = Vec::new();
        let mut companions: Vec<Place> = Vec::new();
        let mut negated: Vec<Place> = Vec::new();
        for candidate in candidates.iter().take(MAX_TRIED) {
            let place = &candidate.place;
            if found.len() >= most || found.iter().any(|wider| covers(wider, place)) {
                continue;
            }
            if plan.inside.is_some_and(|inside| !self.is_inside(inside, place, subject))
                || self.is_hindered(plan, place, subject)
            {
                continue;
            }
            let Some(with) = self.companions(plan, place, subject) else { continue };
            if !plan.is_mitigation && self.is_silenced(place, subject) {
                negated.extend((negated.len() < MAX_SPANS).then_some(*place));
                continue;
            }
            match plan.negation.and_then(|negation| self.negator(negation, candidate, subject)) {
                Some(negator) if negated.len() < MAX_SPANS => {
                    negated.push(Place {
                        field: place.field,
                        first: negator.first.min(place.first),
                        last: negator.last.max(place.last),
                        from: negator.from.min(place.from),
                        to: negator.to.max(place.to),
                    });
                }
                Some(_) => {}
                None => {
                    if found.is_empty() {
                        companions = with;
                    }
                    self.silence(plan, place, subject);
                    found.push(*place);
                }
            }
        }
        // The words of `all` belong to the reasons; they are quoted for the first place.
        found.splice(found.len().min(1)..found.len().min(1), companions);
        let spans = self.spans(&found, subject);
        let negated = self.spans(&negated, subject);
        let is_match = !spans.is_empty() || !negated.is_empty();
        is_match.then_some(RuleMatch {
            rule: plan.rule,
            spans,
            negated,
            share: 1.0,
            is_heard: false,
        })
    }

    /// Quotes places, without those that lie inside others, in order.
    fn spans(&self, places: &[Place], subject: Subject<'_>) -> Vec<Span> {
        let mut kept: Vec<Place> = Vec::new();
        for place in places {
            if kept.len() < MAX_SPANS && !kept.iter().any(|wider| covers(wider, place)) {
                kept.retain(|narrower| !covers(place, narrower));
                kept.push(*place);
            }
        }
        let mut spans: Vec<Span> =
            kept.iter().filter_map(|place| self.quote(place, subject)).collect();
        spans.sort();
        spans
    }

    fn quote(&self, place: &Place, subject: Subject<'_>) -> Option<Span> {
        let original = subject.original(place.field)?;
        Span::quoting(place.field, original, place.from as usize..place.to as usize)
    }
}

/// Whether one place lies inside the other.
fn covers(wider: &Place, place: &Place) -> bool {
    wider.field == place.field
        && wider.first <= place.first
        && wider.last >= place.last
        && wider.from <= place.from
        && wider.to >= place.to
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use text::Folded;

    use super::*;
    use crate::automaton::Automaton;
    use crate::rule_set::RuleSet;

    /// Phrases are tried only around their rarest words, which must not lose a match: each phrase of
    /// the built-in pack is held against all words of the pack's own texts.
    #[test]
    fn looking_around_rare_words_finds_what_looking_everywhere_finds() {
        let rule_set = RuleSet::builtin().unwrap();
        let compiled = &rule_set.compiled;
        let mut matcher = Matcher::new(compiled);
        let texts = rule_set.rules.iter().flat_map(|rule| &rule.examples).step_by(7);
        let mut found = 0;
        for example in texts {
            let folded = Folded::new(&example.text);
            let subject = Subject { title: None, text: (&example.text, &folded), contacts: &[] };
            matcher.matches(subject);
            let around: BTreeSet<(u32, u32)> = matcher
                .candidates
                .iter()
                .filter_map(|c| Some((c.phrase?, c.place.first)))
                .collect();
            let mut everywhere = BTreeSet::new();
            for (phrase, automaton) in (0..).zip(&compiled.phrases) {
                let mut word = 0;
                while word < matcher.words.len() && !compiled.plans_of_phrase.row(phrase).is_empty()
                {
                    let last = matcher.words.run(automaton, word);
                    everywhere.extend(last.map(|_| (phrase, word)));
                    word = last.unwrap_or(word) + 1;
                }
            }
            assert_eq!(around, everywhere, "{}", example.text);
            found += everywhere.len();
        }
        assert!(found > 100, "only {found} matches were compared");
    }

    #[test]
    fn narrow_automata_match_what_wide_ones_match() {
        let rule_set = RuleSet::builtin().unwrap();
        let phrases = rule_set.compiled.phrases.iter();
        let (narrow, wide): (Vec<&Automaton>, Vec<Automaton>) =
            phrases.filter_map(|phrase| Some((phrase, phrase.widened()?))).unzip();
        let mut matcher = Matcher::new(&rule_set.compiled);
        let mut found = 0;
        for example in rule_set.rules.iter().flat_map(|rule| &rule.examples).step_by(17) {
            let folded = Folded::new(&example.text);
            let subject = Subject { title: None, text: (&example.text, &folded), contacts: &[] };
            matcher.matches(subject);
            for (narrow, wide) in narrow.iter().zip(&wide) {
                for word in 0..matcher.words.len() {
                    let last = matcher.words.run(narrow, word);
                    assert_eq!(last, matcher.words.run(wide, word), "{}", example.text);
                    found += usize::from(last.is_some());
                }
            }
        }
        assert!(found > 100, "only {found} matches were compared");
    }
}
