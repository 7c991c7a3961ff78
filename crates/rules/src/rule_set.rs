use std::collections::BTreeMap;
use std::path::Path;

use domain::{IndicatorId, RuleId, Sha256};
use include_dir::{Dir, include_dir};

use crate::assess::Spares;
use crate::compile::compile;
use crate::compiled::Compiled;
use crate::indicator::{Indicator, Mitigation};
use crate::lint;
use crate::pack::{self, Files, Pack};
use crate::problem::{Problems, RuleProblem, RulesError};
use crate::read::indicator::Signs;
use crate::rule::Rule;
use crate::tenor::{Leaning, Tenors};
use crate::weights::Weights;

/// The pack that this program was built with.
static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../rules");

/// A pack of rules, checked and ready to match. Never changes; share it by reference or `Arc`, and
/// give each thread its own [`crate::Assessor`].
#[derive(Debug)]
pub struct RuleSet {
    pub(crate) hash: Sha256,
    pub(crate) rules: Vec<Rule>,
    pub(crate) signs: Signs,
    pub(crate) weights: Weights,
    pub(crate) compiled: Compiled,
    pub(crate) spares: Spares,
}

/// What came of loading a folder.
#[derive(Debug)]
pub struct Loaded {
    /// `None` if `indicators.yaml` or `weights.yaml` cannot be used, or not a single rule can.
    /// Otherwise all rules without a fault; one bad rule or file does not stop the others.
    pub rule_set: Option<RuleSet>,
    /// What is wrong with the files, by file and line.
    pub problems: Vec<RuleProblem>,
}

impl RuleSet {
    /// Loads a folder of rule files. Examples are not run here; see [`crate::check`].
    pub fn load(folder: &Path) -> Result<Loaded, RulesError> {
        Ok(Self::load_files(&pack::files_of(folder)?))
    }

    pub(crate) fn load_files(files: &Files) -> Loaded {
        let mut problems = Problems::default();
        let rule_set = from_files(files, runs, &mut problems).and_then(Unweighed::weighed);
        Loaded { rule_set, problems: problems.sorted() }
    }

    /// The built-in pack; needs no disk.
    pub fn builtin() -> Result<Self, RulesError> {
        let Loaded { rule_set, problems } = Self::load_builtin();
        rule_set.ok_or_else(|| {
            let first = problems.first().map(ToString::to_string);
            RulesError::BuiltIn(first.unwrap_or_else(|| "no rule can be used".to_owned()))
        })
    }

    /// The built-in pack with what is wrong in it, if anything is.
    pub fn load_builtin() -> Loaded {
        Self::load_files(&built_in())
    }

    /// The files of the built-in pack with their paths, to write them into a new desk.
    pub fn builtin_files() -> impl Iterator<Item = (&'static str, &'static [u8])> {
        let mut files = Vec::new();
        let mut folders = vec![&BUILT_IN];
        while let Some(folder) = folders.pop() {
            folders.extend(folder.dirs());
            files.extend(
                folder.files().filter_map(|file| Some((file.path().to_str()?, file.contents()))),
            );
        }
        files.sort_unstable();
        files.into_iter()
    }

    /// Whether any rule asks how the poster can be reached: otherwise a subject's contacts make no
    /// difference, and need not be looked for.
    pub fn asks_for_contacts(&self) -> bool {
        self.compiled.measures.iter().any(|measure| measure.is_of_contacts())
    }

    /// The rules that tell a sign by all words of a text together, each with its sign.
    pub(crate) fn heard_signs(&self) -> BTreeMap<&RuleId, &str> {
        let plans = self.compiled.plans.iter();
        let of_signs = plans.filter(|plan| matches!(plan.tenor, Some(Leaning::Sign(_))));
        let rules = of_signs.map(|plan| &self.rules[plan.rule]);
        rules.map(|rule| (&rule.id, rule.sign.id().as_str())).collect()
    }

    /// The digest of the names and bytes of all rule files: the same files, the same hash.
    pub fn hash(&self) -> Sha256 {
        self.hash
    }

    /// All usable rules by id, drafts and retired ones included.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The indicator of this id.
    pub fn indicator(&self, id: &IndicatorId) -> Option<&Indicator> {
        self.signs.indicator(id.as_str())
    }

    /// All indicators, in the order of their file.
    pub fn indicators(&self) -> &[Indicator] {
        &self.signs.indicators
    }

    /// All mitigations, in the order of their file.
    pub fn mitigations(&self) -> &[Mitigation] {
        &self.signs.mitigations
    }
}

/// Whether a rule runs on postings.
pub(crate) fn runs(rule: &Rule) -> bool {
    rule.status.runs()
}

/// The rule files of the built-in pack.
pub(crate) fn built_in() -> Files {
    RuleSet::builtin_files()
        .filter(|(path, _)| pack::is_rule_file(path))
        .map(|(path, bytes)| (path.to_owned(), Ok(bytes.to_vec())))
        .collect()
}

/// A rule set that can be matched, and the weights that it can be weighed with, if there are any.
pub(crate) struct Unweighed {
    pub(crate) rule_set: RuleSet,
    weights: Option<Weights>,
}

impl Unweighed {
    pub(crate) fn weighed(self) -> Option<RuleSet> {
        Some(RuleSet { weights: self.weights?, ..self.rule_set })
    }
}

/// Reads, lints and compiles; the rules for which `runs` says so are matched.
pub(crate) fn from_files(
    files: &Files,
    runs: impl Fn(&Rule) -> bool,
    problems: &mut Problems,
) -> Option<Unweighed> {
    let mut pack = pack::read(files, problems);
    lint::repeated_ids(&mut pack.files, problems);
    let rules = take_rules(&mut pack);
    from_rules(pack, rules, runs, problems)
}

/// Compiles rules with what else their pack holds.
pub(crate) fn from_rules(
    pack: Pack,
    mut rules: Vec<Rule>,
    runs: impl Fn(&Rule) -> bool,
    problems: &mut Problems,
) -> Option<Unweighed> {
    let (mut compiled, faulty) = compile(&pack, &mut rules, runs, problems);
    // Plans name rules by index: they move up where a faulty rule is dropped before them.
    for plan in &mut compiled.plans {
        plan.rule -= faulty.range(..plan.rule).count();
    }
    let mut index = 0..;
    rules.retain(|_| index.next().is_none_or(|index| !faulty.contains(&index)));
    if rules.is_empty() {
        return None;
    }
    let Pack { signs, weights, wages, stems, sign_stems, hash, .. } = pack;
    compiled.wages = wages;
    let of_signs = |folder| sign_stems.get(folder).map_or(&[][..], Vec::as_slice);
    let languages = stems.iter().map(|(folder, stems)| (stems, of_signs(folder)));
    compiled.tenors = Tenors::of(&languages.collect::<Vec<_>>());
    Some(Unweighed {
        weights,
        rule_set: RuleSet {
            hash,
            rules,
            signs,
            weights: Weights::default(),
            compiled,
            spares: Spares::default(),
        },
    })
}

fn take_rules(pack: &mut Pack) -> Vec<Rule> {
    let mut rules: Vec<Rule> =
        pack.files.values_mut().flat_map(|file| std::mem::take(&mut file.rules)).collect();
    rules.sort_by(|a, b| (&a.id, &a.file, a.line).cmp(&(&b.id, &b.file, b.line)));
    rules
}
