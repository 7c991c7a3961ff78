//! A rule set as bytes. Compiling a pack of a thousand rules takes longer than most of what a program
//! is started for; what came of it is read in a fraction of the time.

use std::path::Path;

use domain::Sha256;
use serde::{Deserialize, Serialize};

use crate::assess::Spares;
use crate::compiled::Compiled;
use crate::pack;
use crate::prefilter::Prefilter;
use crate::problem::RulesError;
use crate::read::indicator::Signs;
use crate::rule::Rule;
use crate::rule_set::{Loaded, RuleSet};
use crate::weights::Weights;

/// Bytes of the digest of the files, which stands first.
const HASH: usize = 32;

/// What follows the digest, in postcard.
#[derive(Serialize)]
struct Written<'r> {
    rules: &'r [Rule],
    signs: &'r Signs,
    weights: &'r Weights,
    compiled: &'r Compiled,
}

/// The same, as it is read.
#[derive(Deserialize)]
struct Read {
    rules: Vec<Rule>,
    signs: Signs,
    weights: Weights,
    compiled: Compiled,
}

impl RuleSet {
    /// This rule set as bytes, for programs of the very same build. Nothing in them tells who made
    /// them: read them from nowhere but the program itself, since what lies on a disk could say
    /// other things than the rule files beside it.
    pub fn to_bytes(&self) -> Result<Vec<u8>, RulesError> {
        let Self { hash, rules, signs, weights, compiled, spares: _ } = self;
        let bytes = hash.as_bytes().to_vec();
        let written = Written { rules, signs, weights, compiled };
        postcard::to_extend(&written, bytes)
            .map_err(|error| RulesError::BuiltIn(format!("it cannot be written: {error}")))
    }

    /// The rule set that [`Self::to_bytes`] gave these bytes of.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RulesError> {
        let broken = |what: &str| RulesError::BuiltIn(format!("its bytes are broken: {what}"));
        let (hash, rest) = bytes.split_first_chunk::<HASH>().ok_or_else(|| broken("too short"))?;
        let read: Read = postcard::from_bytes(rest).map_err(|error| broken(&error.to_string()))?;
        let Read { rules, signs, weights, mut compiled } = read;
        compiled.prefilter = Prefilter::of(&compiled.regexes);
        let (hash, spares) = (Sha256::from_bytes(*hash), Spares::default());
        Ok(Self { hash, rules, signs, weights, compiled, spares })
    }

    /// Loads a folder as [`Self::load`] does, or reads these bytes if it holds the very files that
    /// they were made of, which had no problem then.
    pub fn load_or_from_bytes(folder: &Path, bytes: &[u8]) -> Result<Loaded, RulesError> {
        let files = pack::files_of(folder)?;
        if bytes.starts_with(pack::hash(&files).as_bytes()) {
            let rule_set = Some(Self::from_bytes(bytes)?);
            return Ok(Loaded { rule_set, problems: Vec::new() });
        }
        Ok(Self::load_files(&files))
    }
}
