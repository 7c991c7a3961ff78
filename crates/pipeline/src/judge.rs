//! `fusion eval`: labelled postings in, the same postings with what the rules say about them out.

use std::path::Path;

use rules::RuleSet;
use rules::eval::{BadLine, Judged, Labelled, Part, read_labelled};

use crate::{Examiner, PipelineError, Words};

/// Largest labelled file that is read, in bytes: labels are written by hand.
const LARGEST: u64 = 256 << 20;

/// A labelled file, read and examined.
#[derive(Clone, Debug)]
pub struct JudgedFile {
    /// Its postings.
    pub part: Part,
    /// Lines that are no labelled postings.
    pub bad: Vec<BadLine>,
}

/// Reads a file of labelled postings and examines each. A file without a single one is refused.
pub fn judge_file(path: &Path, rule_set: &RuleSet) -> Result<JudgedFile, PipelineError> {
    let size = std::fs::metadata(path).map_err(PipelineError::file("read", path))?.len();
    if size > LARGEST {
        let message =
            format!("{} is larger than {LARGEST} bytes: no hand-made labels", path.display());
        return Err(PipelineError::Config(message));
    }
    let bytes = std::fs::read(path).map_err(PipelineError::file("read", path))?;
    let (postings, bad) = read_labelled(&bytes);
    if postings.is_empty() {
        let why = match bad.first() {
            Some(bad) => format!("line {}: {}", bad.line, bad.message),
            None => "it is empty".to_owned(),
        };
        return Err(PipelineError::Config(format!(
            "{} holds no labelled posting (one JSON object a line with `text` and `label`); {why}",
            path.display()
        )));
    }
    let part = Part { name: path.display().to_string(), judged: judge(postings, rule_set) };
    Ok(JudgedFile { part, bad })
}

/// Examines labelled postings.
pub fn judge(postings: Vec<Labelled>, rule_set: &RuleSet) -> Vec<Judged> {
    let mut examiner = Examiner::new(rule_set);
    let judged = |posting: Labelled| {
        let words = Words {
            title: posting.title.as_deref(),
            text: &posting.text,
            language: posting.language,
            region: None,
        };
        let assessment = examiner.examine(words).assessment;
        Judged { posting, assessment }
    };
    postings.into_iter().map(judged).collect()
}
