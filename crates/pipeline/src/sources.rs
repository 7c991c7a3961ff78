use std::io::Write as _;

use domain::Source;
use serde::Serialize;

use std::path::Path;

use crate::{Collectors, PipelineError, Schedule, Settings};

/// Adds a source to the end of `sources.toml`. What people wrote there stays as it is.
pub fn add_source(
    dir: &Path,
    collectors: &Collectors,
    source: &Source,
) -> Result<(), PipelineError> {
    let settings = Settings::read(dir, collectors)?;
    collectors.check(source)?;
    if settings.sources.iter().any(|known| known.id == source.id) {
        return Err(PipelineError::Refused(format!("there is a source `{}` already", source.id)));
    }
    Schedule::of(source, &settings.config.schedule)?;
    let table = toml::to_string(&SourceList { source: [source] }).map_err(|error| {
        PipelineError::Config(format!("cannot write source `{}`: {error}", source.id))
    })?;
    let path = dir.join("sources.toml");
    let mut file = std::fs::File::options()
        .append(true)
        .open(&path)
        .map_err(PipelineError::file("open", &path))?;
    write!(file, "\n{table}")
        .and_then(|()| file.sync_data())
        .map_err(PipelineError::file("write", &path))
}

#[derive(Serialize)]
struct SourceList<'a> {
    source: [&'a Source; 1],
}
