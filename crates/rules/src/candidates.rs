//! Where the rules of a pack may match a text: around the words that trigger their phrases, where
//! their regexes match, at the numbers and signs of form that they ask for.

use crate::compiled::Compiled;
use crate::matching::{Candidate, Matcher};
use crate::scan::Subject;

impl Matcher<&Compiled> {
    /// Tries each phrase around the words that trigger it, each beginning once. Sentence by sentence,
    /// since no phrase reaches beyond one: what else a phrase needs is in its sentence or nowhere.
    pub(crate) fn try_phrases(&mut self) {
        let compiled = self.compiled;
        self.companions.begin_text(compiled);
        let mut from = 0;
        while from < self.words.len() {
            let to = self.words.end_of_sentence(from);
            self.companions.read(self.words.symbols_between(from, to), compiled);
            for place in self.words.places_of_symbols(from, to) {
                let (symbol, word) = self.words.symbol_at(place);
                for trigger in compiled.by_symbol.row(symbol).triggers() {
                    if self.companions.are_in_sentence(trigger.companions) {
                        self.try_phrase(trigger.phrase, word);
                    }
                }
            }
            from = to;
        }
    }

    fn try_phrase(&mut self, phrase: u32, trigger: u32) {
        let compiled = self.compiled;
        let start = compiled.starts[phrase as usize];
        let mut begin = trigger.saturating_sub(start.reach);
        // Most phrases begin nowhere near, which the words' bits tell without the automaton.
        if !self.words.may_open(begin, trigger, start.bits) {
            return;
        }
        let tried_from = self.tried_from[phrase as usize].saturating_sub(self.words_before);
        begin = begin.max(tried_from as u32);
        let sentence = self.words.sentence(trigger);
        while begin <= trigger {
            let same_sentence = self.words.sentence(begin) == sentence;
            let last = (same_sentence && self.words.may_open(begin, begin, start.bits))
                .then(|| self.words.run(&compiled.phrases[phrase as usize], begin))
                .flatten();
            match last {
                Some(last) => {
                    let place = self.words.place(begin, last);
                    let plans = compiled.plans_of_phrase.row(phrase);
                    let phrase = Some(phrase);
                    self.candidates.extend(plans.iter().map(|plan| Candidate {
                        plan: *plan,
                        place,
                        phrase,
                    }));
                    begin = last + 1;
                }
                None => begin += 1,
            }
        }
        self.tried_from[phrase as usize] = self.words_before + u64::from(begin);
    }

    /// Looks for the regexes that set a rule off.
    pub(crate) fn try_regexes(&mut self, subject: Subject<'_>) {
        let compiled = self.compiled;
        for regex in 0..compiled.regexes.len() as u32 {
            let plans = compiled.plans_of_regex.row(regex);
            if plans.is_empty() {
                continue;
            }
            self.scratch.clear();
            self.words.find_regex(regex, subject, compiled, &mut self.scratch);
            for plan in plans {
                let plan = *plan;
                self.candidates.extend(self.scratch.iter().map(|place| Candidate {
                    plan,
                    place: *place,
                    phrase: None,
                }));
            }
        }
    }

    /// Looks for the numbers and signs of form that set a rule off.
    pub(crate) fn try_measures(&mut self) {
        let compiled = self.compiled;
        for (index, measure) in (0u32..).zip(&compiled.measures) {
            let plans = compiled.plans_of_measure.row(index);
            self.scratch.clear();
            if !plans.is_empty() {
                self.observed.find(*measure, compiled, &mut self.scratch);
            }
            for plan in plans {
                self.candidates.extend(self.scratch.iter().map(|place| Candidate {
                    plan: *plan,
                    place: *place,
                    phrase: None,
                }));
            }
        }
    }
}
