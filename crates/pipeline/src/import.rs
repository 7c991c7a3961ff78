use std::path::Path;
use std::sync::{Arc, Mutex};

use domain::{Language, Region, Source, SourceId, SourceKind};

use crate::{Collectors, Desk, PipelineError, ScanReport, scan};

/// How to read imported files.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// Collector kind; by the file's ending when absent.
    pub kind: Option<String>,
    /// Source id; `import-<file name>` when absent.
    pub source: Option<SourceId>,
    /// Posting field to column header, for CSV.
    pub columns: Vec<(String, String)>,
    /// Whose phone formats to expect.
    pub region: Option<Region>,
    /// The language most rows are in.
    pub language: Option<Language>,
    /// Why we may hold these data.
    pub basis: Option<String>,
}

/// Imports a file as a source of its own: the same way as a scan, with a file in place of the web.
pub async fn import(
    desk: Arc<Mutex<Desk>>,
    file: &Path,
    options: &ImportOptions,
    collectors: &Collectors,
) -> Result<ScanReport, PipelineError> {
    let source = source_of(file, options, collectors)?;
    let no_web = Arc::new(collect::SavedWeb::default());
    scan(desk, vec![source], no_web, &|_| ()).await
}

fn source_of(
    file: &Path,
    options: &ImportOptions,
    collectors: &Collectors,
) -> Result<Source, PipelineError> {
    if !file.is_file() {
        return Err(PipelineError::NotFound(format!("{} is no file", file.display())));
    }
    let kind = kind_of_file(file, options.kind.as_deref(), collectors)?;
    let path = std::path::absolute(file).map_err(PipelineError::file("find", file))?;
    Ok(Source {
        language: options.language,
        region: options.region,
        columns: options.columns.iter().cloned().collect(),
        ..Source::new(
            options.source.clone().map_or_else(|| id_of(file), Ok)?,
            &kind.0,
            path.to_string_lossy(),
            options.basis.as_deref().unwrap_or("imported by hand"),
        )
    })
}

/// The kind that was asked for, or the one that the file's ending tells.
pub(crate) fn kind_of_file(
    file: &Path,
    asked: Option<&str>,
    collectors: &Collectors,
) -> Result<SourceKind, PipelineError> {
    let kind = match asked {
        Some(kind) => kind.to_owned(),
        None => collect::detect_kind(file).map(str::to_owned).ok_or_else(|| {
            PipelineError::Config(format!(
                "cannot tell what {} is by its ending; say --kind ndjson, csv, parquet, warc, wacz, html, mhtml or telegram-export",
                file.display()
            ))
        })?,
    };
    let kind = SourceKind(kind);
    if collectors.of(&kind).is_none() {
        return Err(PipelineError::Config(format!(
            "unknown kind `{}`; known: {}",
            kind.0,
            collectors.kinds().join(", ")
        )));
    }
    Ok(kind)
}

/// `import-` and the file's name in the letters that an id may have.
fn id_of(file: &Path) -> Result<SourceId, PipelineError> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(80).collect();
    SourceId::new(format!("import-{plain}"))
        .map_err(|error| PipelineError::Config(error.to_string()))
}
