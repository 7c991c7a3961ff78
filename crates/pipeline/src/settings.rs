use std::path::Path;

use domain::Source;
use rules::RuleSet;

use crate::{Collectors, Config, PipelineError, Schedule, config};

/// What people wrote for a desk: settings, sources and rules. Reading them needs no ownership of the
/// desk and leaves no trace in it.
pub struct Settings {
    /// `fusion.toml`.
    pub config: Config,
    /// `sources.toml`, in its order.
    pub sources: Vec<Source>,
    /// `rules/`.
    pub rule_set: RuleSet,
}

impl Settings {
    /// Reads and checks the settings of the desk in this folder.
    pub fn read(dir: &Path, collectors: &Collectors) -> Result<Self, PipelineError> {
        if !dir.join("fusion.toml").is_file() {
            return Err(PipelineError::NoDesk(dir.to_owned()));
        }
        let (config, sources) = read_config_and_sources(dir, collectors)?;
        Ok(Self { config, sources, rule_set: load_rules(&dir.join("rules"))? })
    }

    /// Reads settings and sources anew; on error the old ones stay. The rules stay as they are.
    pub(crate) fn read_sources_anew(
        &mut self,
        dir: &Path,
        collectors: &Collectors,
    ) -> Result<(), PipelineError> {
        let (config, sources) = read_config_and_sources(dir, collectors)?;
        (self.config, self.sources) = (config, sources);
        Ok(())
    }
}

fn read_config_and_sources(
    dir: &Path,
    collectors: &Collectors,
) -> Result<(Config, Vec<Source>), PipelineError> {
    let config = Config::read(&dir.join("fusion.toml"))?;
    let sources = config::read_sources(&dir.join("sources.toml"), &collectors.kinds())?;
    for source in &sources {
        collectors.check(source)?;
        Schedule::of(source, &config.schedule)?;
    }
    Ok((config, sources))
}

/// The built-in pack, compiled when the program was built; nothing if there are problems in it.
static BUILT_IN: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.bin"));

/// The built-in rules; needs no disk.
pub fn built_in_rules() -> Result<RuleSet, PipelineError> {
    let rule_set =
        if BUILT_IN.is_empty() { RuleSet::builtin() } else { RuleSet::from_bytes(BUILT_IN) };
    rule_set.map_err(|error| PipelineError::Config(error.to_string()))
}

/// Loads a rules folder; any problem that keeps a rule from running refuses the folder. One that
/// holds the files of the built-in pack, as a new desk's does, need not be compiled again.
pub fn load_rules(dir: &Path) -> Result<RuleSet, PipelineError> {
    let loaded = RuleSet::load_or_from_bytes(dir, BUILT_IN)
        .map_err(|error| PipelineError::Config(error.to_string()))?;
    let count = loaded.problems.len();
    match (loaded.rule_set, loaded.problems.first()) {
        (Some(rule_set), None) => Ok(rule_set),
        (_, first) => Err(PipelineError::Rules {
            dir: dir.to_owned(),
            first: first.map(ToString::to_string).unwrap_or_default(),
            count,
        }),
    }
}
