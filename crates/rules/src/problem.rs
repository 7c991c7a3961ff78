use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

/// One thing that is wrong in a rule file: where, what, and a code that stays the same for good, so
/// that editors and scripts can rely on it. `rules/README.md` explains each code to authors.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RuleProblem {
    /// The file, relative to the folder of the pack: `uk/documents.yaml`.
    pub file: String,
    /// The line of the thing that is wrong, from 1.
    pub line: usize,
    /// `R001` to `R020`.
    pub code: &'static str,
    /// The rule it belongs to, as far as its id can be read.
    pub rule: Option<String>,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
}

impl fmt::Display for RuleProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} ", self.file, self.line, self.code)?;
        if let Some(rule) = &self.rule {
            write!(f, "{rule}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// Why a rule pack cannot be worked with at all. What is wrong inside a rule file is a
/// [`RuleProblem`] instead.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// The folder is missing or closed to us.
    #[error("cannot read rule folder {}: {source}", folder.display())]
    Folder {
        /// The folder that was asked for.
        folder: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The pack that was built into the program does not load: a fault of the build.
    #[error("the built-in rule pack cannot be used: {0}")]
    BuiltIn(String),
}

/// The codes, named after what they mean.
pub(crate) mod code {
    pub(crate) const UNREADABLE: &str = "R001";
    pub(crate) const KEYS: &str = "R002";
    pub(crate) const ID: &str = "R003";
    pub(crate) const REPEATED_ID: &str = "R004";
    pub(crate) const UNKNOWN_SIGN: &str = "R005";
    pub(crate) const NO_EXAMPLE: &str = "R006";
    pub(crate) const NO_COUNTER_EXAMPLE: &str = "R007";
    pub(crate) const NO_BECAUSE: &str = "R008";
    pub(crate) const PATTERN: &str = "R009";
    pub(crate) const UNKNOWN_LIST: &str = "R010";
    pub(crate) const EXAMPLE_SILENT: &str = "R011";
    pub(crate) const COUNTER_EXAMPLE_FIRES: &str = "R012";
    pub(crate) const FALSE_HIT_GONE: &str = "R013";
    pub(crate) const NAME_ACCUSES: &str = "R014";
    pub(crate) const RETIRED_WITHOUT_REASON: &str = "R015";
    pub(crate) const UNFAIR: &str = "R016";
    pub(crate) const WEIGHTS: &str = "R017";
    pub(crate) const UNEXPLAINED: &str = "R018";
    pub(crate) const VERSION: &str = "R019";
    pub(crate) const WAGES: &str = "R020";
}

/// Where readers put what they find wrong. Nothing that is wrong stops the reading of the rest.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    file: String,
    rule: Option<String>,
    found: Vec<RuleProblem>,
}

impl Problems {
    /// From here on, problems belong to this file and to no rule of it yet.
    pub(crate) fn enter_file(&mut self, file: &str) {
        file.clone_into(&mut self.file);
        self.rule = None;
    }

    /// From here on, problems belong to this rule of the file.
    pub(crate) fn enter_rule(&mut self, rule: Option<&str>) {
        self.rule = rule.map(|id| id.chars().take(120).collect());
    }

    /// Notes a problem in the current file and rule.
    pub(crate) fn report(&mut self, code: &'static str, line: usize, message: impl Into<String>) {
        self.found.push(RuleProblem {
            file: self.file.clone(),
            line,
            code,
            rule: self.rule.clone(),
            message: message.into(),
        });
    }

    /// Adds what another reader found.
    pub(crate) fn extend(&mut self, other: Self) {
        self.found.extend(other.found);
    }

    /// How many there are so far: to see whether a piece of reading added any.
    pub(crate) fn count(&self) -> usize {
        self.found.len()
    }

    /// All of them, by file and line, each once.
    pub(crate) fn sorted(mut self) -> Vec<RuleProblem> {
        self.found.sort();
        self.found.dedup();
        self.found
    }
}
