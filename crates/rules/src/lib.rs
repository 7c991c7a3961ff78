//! Rule files to rule set to assessment; pure after loading.
//!
//! A folder of YAML (the format is told in `rules/README.md`) is read and linted, its phrases become
//! one automaton over words, and a text is assessed: which rules match, where, how much that weighs.
//!
//! ```
//! let rules = rules::RuleSet::builtin()?;
//! let mut assessor = rules::Assessor::new(&rules);
//! let text = "Паспорт зберігається у координатора";
//! let folded = text::Folded::new(text);
//! let subject = rules::Subject { title: None, text: (text, &folded), contacts: &[] };
//! let assessment = assessor.assess(&subject, Some(domain::Language::Uk));
//! for finding in &assessment.findings {
//!     assert!(finding.spans().iter().all(|span| span.quote == text[span.start..span.end]));
//! }
//! # Ok::<(), rules::RulesError>(())
//! ```
//!
//! This crate fetches nothing, writes nothing, keeps nothing, and knows no clock.

mod assess;
mod automaton;
mod by_symbol;
mod candidates;
mod clause;
mod companions_seen;
mod compile;
mod compiled;
mod conditions;
mod construct;
mod context;
mod difference;
mod draft;
pub mod eval;
mod folding;
mod frequency;
mod handbook;
mod hunt;
mod indicator;
mod known_words;
mod lint;
mod lock;
mod lock_content;
mod matching;
mod measure;
mod negation;
mod neutral;
mod observe;
mod pack;
mod packed;
mod pattern;
mod phrase;
mod prefilter;
mod problem;
mod read;
mod resolve;
mod rule;
mod rule_set;
mod scan;
mod tenor;
mod threads;
mod trial;
mod trie;
mod vocabulary;
mod wages;
mod weigh;
mod weights;

pub use assess::Assessor;
pub use difference::{RuleChange, rule_changes};
pub use handbook::{HandbookPage, handbook};
pub use hunt::{Hunt, Quarry};
pub use indicator::{Dimension, Indicator, Mitigation, Strength};
pub use lock::{LockPlan, plan_lock};
pub use problem::{RuleProblem, RulesError};
pub use rule::{CounterExample, Example, Rule, Sign, Silences, Status};
pub use rule_set::{Loaded, RuleSet};
pub use scan::Subject;
pub use trial::{TestReport, check, test};
