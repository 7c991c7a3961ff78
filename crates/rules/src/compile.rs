//! From the rules that were read to what is matched: symbols, automata, parts, plans.

use std::collections::{BTreeMap, BTreeSet};

use crate::automaton::Automaton;
use crate::compiled::{Compiled, Negation, Part, Plan};
use crate::construct::{self, Shape};
use crate::frequency;
use crate::pack::{ANY, Pack};
use crate::pattern::LazyRegex;
use crate::prefilter::Prefilter;
use crate::problem::{Problems, code};
use crate::read::rule::FaultyRule;
use crate::read::words::{NEGATION, NEGATION_EXCEPTIONS};
use crate::resolve::Resolver;
use crate::rule::{Condition, Pattern, PatternKind, Rule, Within};
use crate::vocabulary::{SymbolFinder, Table, VocabularyBuilder};

/// A phrase while it waits for the whole pack to be counted.
struct Draft {
    shape: Shape,
    line: usize,
    /// Entries of word lists need no anchor: they are never looked for by themselves.
    in_list: bool,
}

/// Resolves and compiles all rules for which `runs` says so. Rules with a fault are noted and left
/// out; their indexes are returned.
pub(crate) fn compile(
    pack: &Pack,
    rules: &[Rule],
    runs: impl Fn(&Rule) -> bool,
    problems: &mut Problems,
) -> (Compiled, BTreeSet<usize>) {
    let mut compiler = Compiler::default();
    let negation_of_folder = compiler.negations(pack, problems);
    let mut faulty = BTreeSet::new();
    let mut drafts = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        problems.enter_file(&rule.file);
        problems.enter_rule(Some(rule.id.as_str()));
        let before = problems.count();
        let folder = rule.language.map_or(ANY, |language| language.code());
        let draft = compiler.draft(pack, folder, &rule.file, &rule.condition, problems);
        if problems.count() > before {
            faulty.insert(index);
        }
        drafts.push(draft);
    }
    let faulty_drafts = compiler.faulty_drafts(pack, problems);
    let finder = compiler.vocabulary.finder().unwrap_or_else(|| {
        problems.enter_file(crate::read::words::FILE);
        problems.report(
            code::PATTERN,
            1,
            "all phrases together hold more words than can be searched",
        );
        SymbolFinder::default()
    });
    compiler.counts = frequency::count(rules, &finder, compiler.vocabulary.symbol_count());
    for (path, rule, draft) in faulty_drafts {
        problems.enter_file(path);
        problems.enter_rule(Some(rule.id.as_str()).filter(|id| !id.is_empty()));
        compiler.plan(0, draft, Within::default(), None, problems);
    }
    for (index, (rule, draft)) in rules.iter().zip(drafts).enumerate() {
        problems.enter_file(&rule.file);
        problems.enter_rule(Some(rule.id.as_str()));
        let folder = rule.language.map_or(ANY, |language| language.code());
        let negation = negation_of_folder.get(folder).copied().filter(|_| rule.negatable);
        let before = problems.count();
        let plan = compiler.plan(index, draft, rule.condition.within, negation, problems);
        if problems.count() > before {
            faulty.insert(index);
        } else if runs(rule) && !faulty.contains(&index) {
            compiler.add(plan);
        }
    }
    (compiler.finish(finder), faulty)
}

/// The patterns of one rule, resolved.
#[derive(Default)]
struct RuleDraft {
    any: (Vec<Draft>, Vec<String>),
    all: Vec<(Vec<Draft>, Vec<String>)>,
    unless: (Vec<Draft>, Vec<String>),
}

/// A plan together with the patterns that set it off.
struct FullPlan {
    plan: Plan,
    any: Part,
}

#[derive(Default)]
struct Compiler {
    vocabulary: VocabularyBuilder,
    /// How often each symbol is to be expected.
    counts: Vec<u32>,
    phrases: Vec<Automaton>,
    reach: Vec<u32>,
    phrase_ids: BTreeMap<Automaton, u32>,
    /// Anchor symbols by phrase.
    anchors: Vec<Vec<u32>>,
    regex_ids: BTreeMap<String, u32>,
    regexes: Vec<LazyRegex>,
    part_ids: BTreeMap<Part, u32>,
    parts: Vec<Part>,
    plans: Vec<FullPlan>,
    negations: Vec<Negation>,
}

impl Compiler {
    /// The negators of each folder. Rules of `any` listen to the negators of all languages.
    fn negations(&mut self, pack: &Pack, problems: &mut Problems) -> BTreeMap<String, u32> {
        let mut by_folder: BTreeMap<String, (Part, Part)> = BTreeMap::new();
        for (folder, words) in &pack.words {
            problems.enter_file(&format!("{folder}/words.yaml"));
            problems.enter_rule(None);
            let mut resolver = Resolver::new(&mut self.vocabulary, None, Some(words));
            let mut parts = [Part::default(), Part::default()];
            let mut shapes = [Vec::new(), Vec::new()];
            for (name, list) in &words.lists {
                let slot = [NEGATION, NEGATION_EXCEPTIONS].iter().position(|known| known == name);
                for entry in &list.entries {
                    match resolver.shape(&entry.phrase) {
                        Ok(shape) => {
                            if let Some(slot) = slot {
                                shapes[slot].push(Draft { shape, line: entry.line, in_list: true });
                            }
                        }
                        Err(error) => problems.report(error.code, entry.line, error.message),
                    }
                }
            }
            for (part, drafts) in parts.iter_mut().zip(shapes) {
                part.phrases =
                    drafts.into_iter().filter_map(|draft| self.phrase(draft, problems)).collect();
            }
            let [negators, exceptions] = parts;
            let any = by_folder.entry(ANY.to_owned()).or_default();
            any.0.phrases.extend(&negators.phrases);
            any.1.phrases.extend(&exceptions.phrases);
            if folder != ANY {
                by_folder.insert(folder.clone(), (negators, exceptions));
            }
        }
        let mut ids = BTreeMap::new();
        for (folder, (negators, exceptions)) in by_folder {
            ids.insert(folder, self.negations.len() as u32);
            let (negators, exceptions) = (self.part(negators), self.part(exceptions));
            self.negations.push(Negation { negators, exceptions });
        }
        ids
    }

    /// Resolves rules that will not run, to find what else is wrong with them.
    fn faulty_drafts<'p>(
        &mut self,
        pack: &'p Pack,
        problems: &mut Problems,
    ) -> Vec<(&'p str, &'p FaultyRule, RuleDraft)> {
        let mut drafts = Vec::new();
        for (path, file) in &pack.files {
            let folder = path.split('/').next().unwrap_or_default();
            for rule in &file.faulty {
                problems.enter_file(path);
                problems.enter_rule(Some(rule.id.as_str()).filter(|id| !id.is_empty()));
                let draft = self.draft(pack, folder, path, &rule.condition, problems);
                drafts.push((path.as_str(), rule, draft));
            }
        }
        drafts
    }

    fn draft(
        &mut self,
        pack: &Pack,
        folder: &str,
        file: &str,
        condition: &Condition,
        problems: &mut Problems,
    ) -> RuleDraft {
        let own = pack.files.get(file).map(|file| &file.lists);
        let mut resolver = Resolver::new(&mut self.vocabulary, own, pack.words.get(folder));
        let mut draft = RuleDraft::default();
        let mut add = |pattern: &Pattern, to: &mut (Vec<Draft>, Vec<String>)| match &pattern.kind {
            PatternKind::Regex(source) => to.1.push(source.clone()),
            PatternKind::Phrase(phrase) => match resolver.shape(phrase) {
                Ok(shape) => to.0.push(Draft { shape, line: pattern.line, in_list: false }),
                Err(error) => problems.report(error.code, pattern.line, error.message),
            },
        };
        for pattern in &condition.any {
            add(pattern, &mut draft.any);
        }
        for pattern in &condition.unless {
            add(pattern, &mut draft.unless);
        }
        for pattern in &condition.all {
            let mut part = Default::default();
            add(pattern, &mut part);
            draft.all.push(part);
        }
        draft
    }

    fn plan(
        &mut self,
        rule: usize,
        draft: RuleDraft,
        within: Within,
        negation: Option<u32>,
        problems: &mut Problems,
    ) -> FullPlan {
        let any = self.part_of(draft.any, problems);
        let mut all = Vec::new();
        for part in draft.all {
            let part = self.part_of(part, problems);
            all.push(self.part(part));
        }
        let unless = self.part_of(draft.unless, problems);
        let unless = (unless != Part::default()).then(|| self.part(unless));
        FullPlan { plan: Plan { rule, all, within, unless, negation }, any }
    }

    fn part_of(
        &mut self,
        (drafts, regexes): (Vec<Draft>, Vec<String>),
        problems: &mut Problems,
    ) -> Part {
        let mut part = Part {
            phrases: drafts.into_iter().filter_map(|draft| self.phrase(draft, problems)).collect(),
            regexes: regexes.iter().map(|source| self.regex(source)).collect(),
        };
        for ids in [&mut part.phrases, &mut part.regexes] {
            ids.sort_unstable();
            ids.dedup();
        }
        part
    }

    /// Builds a phrase, or finds the same one.
    fn phrase(&mut self, draft: Draft, problems: &mut Problems) -> Option<u32> {
        let built = construct::build(&draft.shape, |symbols| {
            frequency::cost(symbols, &self.vocabulary, &self.counts)
        });
        let built = match built {
            Ok(built) if built.anchors.is_empty() && !draft.in_list => {
                let message =
                    "a phrase needs at least one word or stem of two letters that is not optional";
                problems.report(code::PATTERN, draft.line, message);
                return None;
            }
            Ok(built) => built,
            Err(message) => {
                problems.report(code::PATTERN, draft.line, message);
                return None;
            }
        };
        let next = self.phrases.len() as u32;
        let id = *self.phrase_ids.entry(built.automaton.clone()).or_insert(next);
        if id == next {
            self.anchors.push(built.anchors);
            self.phrases.push(built.automaton);
            self.reach.push(built.reach);
        }
        Some(id)
    }

    fn regex(&mut self, source: &str) -> u32 {
        let next = self.regexes.len() as u32;
        let id = *self.regex_ids.entry(source.to_owned()).or_insert(next);
        if id == next {
            self.regexes.push(LazyRegex::new(source));
        }
        id
    }

    fn part(&mut self, part: Part) -> u32 {
        let next = self.parts.len() as u32;
        let id = *self.part_ids.entry(part.clone()).or_insert(next);
        if id == next {
            self.parts.push(part);
        }
        id
    }

    fn add(&mut self, plan: FullPlan) {
        self.plans.push(plan);
    }

    fn finish(self, finder: SymbolFinder) -> Compiled {
        let mut triggers = vec![Vec::new(); self.vocabulary.symbol_count()];
        let mut plans_of_phrase = vec![Vec::new(); self.phrases.len()];
        let mut plans_of_regex = vec![Vec::new(); self.regexes.len()];
        for (index, full) in (0u32..).zip(&self.plans) {
            for phrase in &full.any.phrases {
                plans_of_phrase[*phrase as usize].push(index);
            }
            for regex in &full.any.regexes {
                plans_of_regex[*regex as usize].push(index);
            }
        }
        for (phrase, plans) in (0u32..).zip(&plans_of_phrase) {
            if !plans.is_empty() {
                for symbol in &self.anchors[phrase as usize] {
                    triggers[*symbol as usize].push(phrase);
                }
            }
        }
        let prefilter = Prefilter::of(self.regexes.iter().map(|regex| regex.source.as_str()));
        Compiled {
            finder,
            phrases: self.phrases,
            reach: self.reach,
            regexes: self.regexes,
            prefilter,
            parts: self.parts,
            plans: self.plans.into_iter().map(|full| full.plan).collect(),
            triggers: Table::of(&triggers),
            plans_of_phrase: Table::of(&plans_of_phrase),
            plans_of_regex: Table::of(&plans_of_regex),
            negations: self.negations,
        }
    }
}
