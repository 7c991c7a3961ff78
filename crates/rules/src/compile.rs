//! From the rules that were read to what is matched: symbols, automata, parts, plans.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::automaton::Automaton;
use crate::by_symbol::{BySymbol, Trigger};
use crate::clause::ClauseWords;
use crate::compiled::{Compiled, Negation, Part, Plan, Start};
use crate::construct::{self, Built, Shape};
use crate::draft::{ChoiceDraft, Form, NegationDraft, PhraseDraft, RuleDraft};
use crate::frequency;
use crate::measure::Measure;
use crate::pack::{ANY, Pack};
use crate::pattern::LazyRegex;
use crate::prefilter::Prefilter;
use crate::problem::{Problems, code};
use crate::read::rule::FaultyRule;
use crate::read::words;
use crate::resolve::Lexicon;
use crate::rule::{Condition, Rule, Silences};
use crate::tenor::Tenors;
use crate::threads;
use crate::vocabulary::{SymbolFinder, Table};

/// Into how many pieces the work is cut for each thread, since rules differ in size.
const PIECES_A_THREAD: usize = 8;

/// Patterns of which one is enough, by number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Choice {
    phrases: Vec<u32>,
    regexes: Vec<u32>,
    measures: Vec<u32>,
}

/// Compiles all rules for which `runs` says so, and lets the trees of their phrases go. Rules with a
/// fault are noted and left out; their indexes are returned.
pub(crate) fn compile(
    pack: &Pack,
    rules: &mut [Rule],
    runs: impl Fn(&Rule) -> bool,
    problems: &mut Problems,
) -> (Compiled, BTreeSet<usize>) {
    let mut compiler = Compiler::default();
    let negation_of_folder = compiler.negations(pack, problems);
    let mut faulty = BTreeSet::new();
    let mut drafts = Vec::new();
    for (index, rule) in rules.iter_mut().enumerate() {
        enter(problems, &rule.file, rule.id.as_str());
        let before = problems.count();
        let names_who =
            pack.signs.indicator(rule.sign.id().as_str()).is_some_and(|sign| sign.names_who);
        drafts.push(compiler.draft(&rule.condition, names_who, &rule.file, pack, problems));
        // Of all that a pack takes up while it is compiled, its trees are the most.
        rule.condition.let_phrases_go();
        if problems.count() > before {
            faulty.insert(index);
        }
    }
    let faulty_drafts = compiler.faulty_drafts(pack, problems);
    let finder = compiler.lexicon.vocabulary.finder();
    compiler.counts = frequency::count(rules, &finder, compiler.lexicon.vocabulary.symbol_count());
    compiler.build_ahead(&mut drafts);
    for (path, rule, draft) in faulty_drafts {
        enter(problems, path, &rule.id);
        compiler.plan(0, draft, &rule.condition, None, problems);
    }
    for (index, (rule, draft)) in rules.iter().zip(drafts).enumerate() {
        enter(problems, &rule.file, rule.id.as_str());
        let negation = negation_of_folder.get(folder_of(&rule.file)).copied();
        let negation = negation.filter(|_| rule.negatable);
        let before = problems.count();
        let mut plan = compiler.plan(index, draft, &rule.condition, negation, problems);
        plan.plan.is_mitigation = rule.sign.is_mitigation();
        plan.plan.silences = rule.silences;
        if problems.count() > before {
            faulty.insert(index);
        } else if runs(rule) && !faulty.contains(&index) {
            compiler.plans.push(plan);
        }
    }
    (compiler.finish(finder), faulty)
}

fn enter(problems: &mut Problems, file: &str, id: &str) {
    problems.enter_file(file);
    problems.enter_rule(Some(id).filter(|id| !id.is_empty()));
}

fn folder_of(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}

/// A plan together with the patterns that set it off.
struct FullPlan {
    plan: Plan,
    any: Choice,
}

/// Negators, exceptions, what denies the next word, what denies the words before.
type NegationPhrases = [Vec<u32>; 4];

#[derive(Default)]
struct Compiler {
    lexicon: Lexicon,
    /// How often each symbol is to be expected.
    counts: Vec<u32>,
    /// By phrase; the same one is kept once.
    automata: IndexSet<Automaton, FxBuildHasher>,
    reach: Vec<u32>,
    /// Anchor symbols by phrase.
    anchors: Vec<Vec<u32>>,
    /// Sets of companions, by number.
    companion_ids: BTreeMap<Vec<u32>, u32>,
    /// By phrase, the number of its companions.
    companions: Vec<u32>,
    regex_ids: BTreeMap<String, u32>,
    regexes: Vec<LazyRegex>,
    measures: Vec<Measure>,
    part_ids: FxHashMap<Choice, u32>,
    parts: Vec<Part>,
    plans: Vec<FullPlan>,
    negations: Vec<Negation>,
    clause_words: ClauseWords,
}

impl Compiler {
    /// The negators that the rules of each folder listen to: its own and those of the folders that it
    /// names; rules of `any` listen to all.
    fn negations(&mut self, pack: &Pack, problems: &mut Problems) -> BTreeMap<String, u32> {
        let mut by_folder: BTreeMap<&str, NegationPhrases> = BTreeMap::new();
        for (folder, words) in &pack.words {
            enter(problems, &format!("{folder}/{}", words::FILE), "");
            if let Some(unknown) = words.negation_of.iter().find(|of| !pack.words.contains_key(*of))
            {
                let message = format!("`negation_of`: there is no {unknown}/{}", words::FILE);
                problems.report(code::UNKNOWN_LIST, 1, message);
            }
            let draft = NegationDraft::of((folder, words), &mut self.lexicon, problems);
            self.clause_words.add(draft.clause_words);
            let phrases = [draft.negators, draft.exceptions, draft.beside, draft.behind];
            by_folder.insert(folder, phrases.map(|phrases| self.phrases(phrases, problems)));
        }
        let mut ids = BTreeMap::new();
        for folder in by_folder.keys().copied().chain([ANY]) {
            let also = pack.words.get(folder).map(|words| words.negation_of.as_slice());
            let listens_to = |other: &str| {
                other == folder
                    || folder == ANY
                    || also.is_some_and(|a| a.iter().any(|o| o == other))
            };
            let mut all = NegationPhrases::default();
            for (_, phrases) in by_folder.iter().filter(|(other, _)| listens_to(other)) {
                all.iter_mut().zip(phrases).for_each(|(all, more)| all.extend(more));
            }
            let [negators, exceptions, beside, behind] = all.map(|phrases| {
                let phrases: BTreeSet<u32> = phrases.into_iter().collect();
                let phrases = phrases.into_iter().collect();
                self.part(Choice { phrases, ..Choice::default() })
            });
            ids.insert(folder.to_owned(), self.negations.len() as u32);
            self.negations.push(Negation { negators, exceptions, beside, behind });
        }
        ids
    }

    fn draft(
        &mut self,
        condition: &Condition,
        names_who: bool,
        path: &str,
        pack: &Pack,
        problems: &mut Problems,
    ) -> RuleDraft {
        let place = (folder_of(path), path);
        RuleDraft::of(condition, names_who, place, pack, &mut self.lexicon, problems)
    }

    /// Rules that will not run, to find what else is wrong with them.
    fn faulty_drafts<'p>(
        &mut self,
        pack: &'p Pack,
        problems: &mut Problems,
    ) -> Vec<(&'p str, &'p FaultyRule, RuleDraft)> {
        let mut drafts = Vec::new();
        for (path, file) in &pack.files {
            for rule in &file.faulty {
                enter(problems, path, &rule.id);
                let draft = self.draft(&rule.condition, true, path, pack, problems);
                drafts.push((path.as_str(), rule, draft));
            }
        }
        drafts
    }

    fn plan(
        &mut self,
        rule: usize,
        draft: RuleDraft,
        condition: &Condition,
        negation: Option<u32>,
        problems: &mut Problems,
    ) -> FullPlan {
        let any = self.choice(draft.any, problems);
        let mut all = Vec::new();
        for part in draft.all {
            let part = self.choice(part, problems);
            all.push(self.part(part));
        }
        let unless = self.choice(draft.unless, problems);
        let unless = (unless != Choice::default()).then(|| self.part(unless));
        let plan = Plan {
            rule,
            all,
            within: condition.within,
            unless,
            unless_within: condition.unless_within,
            inside: condition.inside,
            tenor: condition.tenor(),
            is_mitigation: false,
            silences: Silences::default(),
            negation,
        };
        FullPlan { plan, any }
    }

    fn choice(&mut self, draft: ChoiceDraft, problems: &mut Problems) -> Choice {
        let mut regexes: Vec<u32> = draft.regexes.iter().map(|source| self.regex(source)).collect();
        regexes.sort_unstable();
        regexes.dedup();
        let mut measures: Vec<u32> = draft.measures.iter().map(|m| self.measure(*m)).collect();
        measures.sort_unstable();
        measures.dedup();
        Choice { phrases: self.phrases(draft.phrases, problems), regexes, measures }
    }

    fn phrases(&mut self, drafts: Vec<PhraseDraft>, problems: &mut Problems) -> Vec<u32> {
        let mut phrases: Vec<u32> =
            drafts.into_iter().filter_map(|draft| self.phrase(draft, problems)).collect();
        phrases.sort_unstable();
        phrases.dedup();
        phrases
    }

    /// Builds the automata of all rules on the machine's threads: none depends on another. Their
    /// numbers are given afterwards, in order.
    fn build_ahead(&self, drafts: &mut [RuleDraft]) {
        let each = drafts.len().div_ceil(threads::count() * PIECES_A_THREAD).max(1);
        let pieces = Mutex::new(drafts.chunks_mut(each));
        let next = || pieces.lock().unwrap_or_else(PoisonError::into_inner).next();
        let work = || {
            while let Some(piece) = next() {
                for phrase in piece.iter_mut().flat_map(RuleDraft::phrases_mut) {
                    if let Form::Resolved(shape) = &phrase.form {
                        phrase.form = Form::Built(self.built(shape));
                    }
                }
            }
        };
        threads::on_all(work);
    }

    fn built(&self, shape: &Shape) -> Result<Built, String> {
        construct::build(shape, |symbols| {
            frequency::cost(symbols, &self.lexicon.vocabulary, &self.counts)
        })
    }

    /// Builds a phrase, or finds the same one.
    fn phrase(&mut self, draft: PhraseDraft, problems: &mut Problems) -> Option<u32> {
        let built = match draft.form {
            Form::Resolved(shape) => self.built(&shape),
            Form::Built(built) => built,
        };
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
        let (id, is_new) = self.automata.insert_full(built.automaton);
        if is_new {
            self.anchors.push(built.anchors);
            self.reach.push(built.reach);
            let next = self.companion_ids.len() as u32;
            let companions = self.companion_ids.entry(built.companions).or_insert(next);
            self.companions.push(*companions);
        }
        Some(id as u32)
    }

    fn regex(&mut self, source: &str) -> u32 {
        let next = self.regexes.len() as u32;
        let id = *self.regex_ids.entry(source.to_owned()).or_insert(next);
        if id == next {
            self.regexes.push(LazyRegex::new(source));
        }
        id
    }

    fn measure(&mut self, measure: Measure) -> u32 {
        let known = self.measures.iter().position(|other| *other == measure);
        known.unwrap_or_else(|| {
            self.measures.push(measure);
            self.measures.len() - 1
        }) as u32
    }

    fn part(&mut self, choice: Choice) -> u32 {
        let next = self.parts.len() as u32;
        if let Some(id) = self.part_ids.get(&choice) {
            return *id;
        }
        let phrases = choice.phrases.iter().map(|id| (*id, &self.automata[*id as usize]));
        let mut part = Part::of(phrases, &choice.regexes);
        part.measures.clone_from(&choice.measures);
        self.parts.push(part);
        self.part_ids.insert(choice, next);
        next
    }

    fn finish(self, finder: SymbolFinder) -> Compiled {
        let mut triggers = vec![Vec::new(); self.lexicon.vocabulary.symbol_count()];
        let mut plans_of_phrase = vec![Vec::new(); self.automata.len()];
        let mut plans_of_regex = vec![Vec::new(); self.regexes.len()];
        let mut plans_of_measure = vec![Vec::new(); self.measures.len()];
        for (index, full) in (0u32..).zip(&self.plans) {
            for phrase in &full.any.phrases {
                plans_of_phrase[*phrase as usize].push(index);
            }
            for regex in &full.any.regexes {
                plans_of_regex[*regex as usize].push(index);
            }
            for measure in &full.any.measures {
                plans_of_measure[*measure as usize].push(index);
            }
        }
        for (phrase, plans) in (0u32..).zip(&plans_of_phrase) {
            if !plans.is_empty() {
                for symbol in &self.anchors[phrase as usize] {
                    let companions = self.companions[phrase as usize];
                    triggers[*symbol as usize].push(Trigger { phrase, companions });
                }
            }
        }
        let mut companions_with = vec![Vec::new(); self.lexicon.vocabulary.symbol_count()];
        for (symbols, number) in &self.companion_ids {
            for symbol in symbols {
                companions_with[*symbol as usize].push(*number);
            }
        }
        let starts = self.automata.iter().zip(&self.reach).zip(&self.companions);
        let starts = starts
            .map(|((automaton, reach), companions)| {
                let bits = automaton.opening_bits();
                Start { bits, reach: *reach, companions: *companions }
            })
            .collect();
        let prefilter = Prefilter::of(&self.regexes);
        Compiled {
            finder,
            symbol_count: self.lexicon.vocabulary.symbol_count(),
            phrases: self.automata.into_iter().collect(),
            starts,
            regexes: self.regexes,
            prefilter,
            parts: self.parts,
            plans: self.plans.into_iter().map(|full| full.plan).collect(),
            by_symbol: BySymbol::of(&companions_with, &triggers),
            companion_sets: self.companion_ids.len(),
            no_companions: self.companion_ids.get([].as_slice()).copied(),
            plans_of_phrase: Table::of(&plans_of_phrase),
            plans_of_regex: Table::of(&plans_of_regex),
            measures: self.measures,
            plans_of_measure: Table::of(&plans_of_measure),
            wages: None,
            tenors: Tenors::default(),
            negations: self.negations,
            clause_words: self.clause_words,
        }
    }
}
