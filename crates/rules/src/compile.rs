//! From the rules that were read to what is matched: symbols, automata, parts, plans.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::automaton::{self, Automaton, Shape};
use crate::pack::{ANY, Pack};
use crate::pattern::{LazyRegex, required_pieces};
use crate::problem::{Problems, code};
use crate::read::words::{NEGATION, NEGATION_EXCEPTIONS};
use crate::resolve::Resolver;
use crate::rule::{Condition, PatternKind, Rule, Within};
use crate::vocabulary::{Table, Vocabulary, VocabularyBuilder};

/// Everything that is needed to match, read-only.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) vocabulary: Vocabulary,
    pub(crate) phrases: Vec<CompiledPhrase>,
    pub(crate) regexes: Vec<LazyRegex>,
    pub(crate) pieces: Option<Pieces>,
    /// Regexes without a piece to look for: tried on every text.
    pub(crate) always: Vec<u32>,
    pub(crate) parts: Vec<Part>,
    pub(crate) plans: Vec<Plan>,
    /// Symbol to the phrases that are tried where it stands.
    pub(crate) triggers: Table,
    /// Phrase to the plans that it can set off.
    pub(crate) plans_of_phrase: Table,
    pub(crate) plans_of_regex: Table,
    /// Negators and their exceptions, as parts.
    pub(crate) negations: Vec<Negation>,
}

#[derive(Debug)]
pub(crate) struct CompiledPhrase {
    pub(crate) automaton: Automaton,
    /// Most words of a match before the word that triggers it.
    pub(crate) reach: u32,
}

/// Literal pieces of regexes, found in one pass over the folded text.
#[derive(Debug)]
pub(crate) struct Pieces {
    pub(crate) finder: AhoCorasick,
    /// Piece to regexes.
    pub(crate) regexes: Table,
}

/// Patterns of which one is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Part {
    pub(crate) phrases: Vec<u32>,
    pub(crate) regexes: Vec<u32>,
}

/// How one rule is decided.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Index of the rule.
    pub(crate) rule: usize,
    /// Parts that must stand there too.
    pub(crate) all: Vec<u32>,
    pub(crate) within: Within,
    pub(crate) unless: Option<u32>,
    /// Index of the negation that can switch it off.
    pub(crate) negation: Option<u32>,
}

/// The negators of a language.
#[derive(Debug)]
pub(crate) struct Negation {
    pub(crate) negators: u32,
    pub(crate) exceptions: u32,
}

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
    compiler.count(&drafts);
    compiler.lint_faulty(pack, problems);
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
    (compiler.finish(), faulty)
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
    /// How many phrases hold each symbol.
    frequency: Vec<u32>,
    phrases: Vec<CompiledPhrase>,
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

    /// Looks for what else is wrong with rules that will not run.
    fn lint_faulty(&mut self, pack: &Pack, problems: &mut Problems) {
        for (path, file) in &pack.files {
            let folder = path.split('/').next().unwrap_or_default();
            for rule in &file.faulty {
                problems.enter_file(path);
                problems.enter_rule(Some(&rule.id).filter(|id| !id.is_empty()).map(String::as_str));
                let draft = self.draft(pack, folder, path, &rule.condition, problems);
                self.plan(0, draft, Within::default(), None, problems);
            }
        }
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
        let mut add = |pattern: &crate::rule::Pattern, to: &mut (Vec<Draft>, Vec<String>)| {
            match &pattern.kind {
                PatternKind::Regex(source) => to.1.push(source.clone()),
                PatternKind::Phrase(phrase) => match resolver.shape(phrase) {
                    Ok(shape) => to.0.push(Draft { shape, line: pattern.line, in_list: false }),
                    Err(error) => problems.report(error.code, pattern.line, error.message),
                },
            }
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

    /// Counts in how many phrases each symbol stands: what is frequent in rules is frequent in texts.
    fn count(&mut self, drafts: &[RuleDraft]) {
        fn visit(shape: &Shape, seen: &mut BTreeSet<u32>) {
            match shape {
                Shape::Symbols(symbols) => seen.extend(symbols),
                Shape::Sequence(items) | Shape::Alternatives(items) => {
                    items.iter().for_each(|item| visit(item, seen));
                }
                Shape::Optional(inner) => visit(inner, seen),
                Shape::Number { .. } | Shape::Gap(_) => {}
            }
        }
        self.frequency = vec![0; self.vocabulary.symbol_count()];
        for draft in drafts.iter().flat_map(|draft| &draft.any.0) {
            let mut seen = BTreeSet::new();
            visit(&draft.shape, &mut seen);
            for symbol in seen {
                self.frequency[symbol as usize] += 1;
            }
        }
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
        let vocabulary = std::cell::RefCell::new(&mut self.vocabulary);
        let built = automaton::build(
            &draft.shape,
            |symbols| vocabulary.borrow_mut().class(symbols),
            |symbols| cost(symbols, &vocabulary.borrow(), &self.frequency),
        );
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
            let mut symbols = BTreeSet::new();
            leaf_symbols(&draft.shape, &mut 0, &built.anchors, &mut symbols);
            self.anchors.push(symbols.into_iter().collect());
            self.phrases.push(CompiledPhrase { automaton: built.automaton, reach: built.reach });
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

    fn finish(self) -> Compiled {
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
        let (pieces, always) = pieces(&self.regexes, &plans_of_regex);
        // Too many words for an automaton do not fit into the largest files that are read.
        let vocabulary =
            self.vocabulary.finish().expect("the words of all rules fit into an automaton");
        Compiled {
            vocabulary,
            phrases: self.phrases,
            regexes: self.regexes,
            pieces,
            always,
            parts: self.parts,
            plans: self.plans.into_iter().map(|full| full.plan).collect(),
            triggers: Table::of(&triggers),
            plans_of_phrase: Table::of(&plans_of_phrase),
            plans_of_regex: Table::of(&plans_of_regex),
            negations: self.negations,
        }
    }
}

/// How often one of these symbols is to be expected: short words are frequent, and so are words that
/// stand in many phrases. `None` if one is too short to be looked for.
fn cost(symbols: &[u32], vocabulary: &VocabularyBuilder, frequency: &[u32]) -> Option<u64> {
    symbols.iter().try_fold(0u64, |sum, symbol| {
        let brevity = match vocabulary.letters(*symbol) {
            0 | 1 => return None,
            2 => 200,
            3 => 40,
            4 => 12,
            5 => 6,
            6 => 4,
            _ => 3,
        };
        let uses = frequency.get(*symbol as usize).copied().unwrap_or(0);
        Some(sum + brevity * u64::from(uses + 1))
    })
}

/// The symbols at these positions, walking the shape in the order in which positions were given.
fn leaf_symbols(shape: &Shape, position: &mut u32, wanted: &[u32], found: &mut BTreeSet<u32>) {
    match shape {
        Shape::Symbols(symbols) => {
            if wanted.contains(position) {
                found.extend(symbols);
            }
            *position += 1;
        }
        Shape::Number { .. } => *position += 1,
        Shape::Gap(width) => *position += u32::from(*width),
        Shape::Sequence(items) | Shape::Alternatives(items) => {
            items.iter().for_each(|item| leaf_symbols(item, position, wanted, found));
        }
        Shape::Optional(inner) => leaf_symbols(inner, position, wanted, found),
    }
}

fn pieces(regexes: &[LazyRegex], plans: &[Vec<u32>]) -> (Option<Pieces>, Vec<u32>) {
    let mut always = Vec::new();
    let mut by_piece: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for (index, regex) in (0u32..).zip(regexes) {
        if plans[index as usize].is_empty() {
            continue;
        }
        let pieces = required_pieces(&regex.source);
        if pieces.is_empty() {
            always.push(index);
        }
        for piece in pieces {
            by_piece.entry(piece).or_default().push(index);
        }
    }
    let rows: Vec<Vec<u32>> = by_piece.values().cloned().collect();
    let finder = AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .build(by_piece.keys())
        .ok()
        .filter(|_| !rows.is_empty());
    match finder {
        Some(finder) => (Some(Pieces { finder, regexes: Table::of(&rows) }), always),
        None => {
            always.extend(rows.into_iter().flatten());
            always.sort_unstable();
            always.dedup();
            (None, always)
        }
    }
}
