//! `fusion rules diff`: what another rule set says about the same postings.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use domain::{Assessment, Band, Finding, Language};
use rules::{Rule, RuleSet};
use serde::{Deserialize, Serialize};

use crate::{Examiner, PipelineError, Words};

/// Longest line read; a posting is a few kilobytes.
const LONGEST_LINE: u64 = 8 << 20;

/// A posting that two rule sets see differently.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PostingChange {
    /// The file it stands in; `examples` for those of the rules.
    pub file: String,
    /// Its id.
    pub id: String,
    /// Score under the old rules.
    pub old_score: u8,
    /// Band under the old rules.
    pub old_band: Band,
    /// Score under the new rules.
    pub new_score: u8,
    /// Band under the new rules.
    pub new_band: Band,
    /// Rules that speak now and did not before, or with other points.
    pub gained: Vec<Voice>,
    /// Rules that spoke before and do not now, or with other points.
    pub lost: Vec<Voice>,
}

/// A rule that spoke for or against.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Voice {
    /// The rule.
    pub rule: String,
    /// Log-odds added.
    pub points: f64,
    /// The quoted words.
    pub quotes: Vec<String>,
}

/// Compares two rule sets posting by posting.
pub struct RuleDiff<'r> {
    old: Examiner<'r>,
    new: Examiner<'r>,
    /// Postings compared.
    pub postings: u64,
    /// Lines that are no postings.
    pub unreadable: u64,
    /// Postings whose score, band or reasons differ, in the order they were read.
    pub changes: Vec<PostingChange>,
}

impl<'r> RuleDiff<'r> {
    /// Nothing compared yet.
    pub fn new(old: &'r RuleSet, new: &'r RuleSet) -> Self {
        let (old, new) = (Examiner::new(old), Examiner::new(new));
        Self { old, new, postings: 0, unreadable: 0, changes: Vec::new() }
    }

    /// Compares on the postings of an NDJSON file, as `fusion assess` reads them. Only what changed
    /// is kept in memory.
    pub fn on_file(&mut self, path: &Path) -> Result<(), PipelineError> {
        let file = File::open(path).map_err(PipelineError::file("read", path))?;
        let mut reader = BufReader::new(file);
        let name = path.display().to_string();
        let mut line = Vec::new();
        let before = self.postings;
        loop {
            line.clear();
            let read = reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line);
            if read.map_err(PipelineError::file("read", path))? == 0 {
                break;
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            match serde_json::from_slice::<Line>(&line) {
                Ok(posting) => {
                    let language = posting.lang.as_deref().and_then(Language::from_code);
                    self.on_posting(
                        &name,
                        &posting.id,
                        posting.title.as_deref(),
                        &posting.text,
                        language,
                    );
                }
                Err(_) => self.unreadable += 1,
            }
        }
        if self.postings == before {
            let path = path.display();
            let message =
                format!("{path} holds no posting (one JSON object a line with `id` and `text`)");
            return Err(PipelineError::Config(message));
        }
        Ok(())
    }

    /// Compares on the examples and counter-examples of rules.
    pub fn on_examples<'a>(&mut self, rules: impl Iterator<Item = &'a Rule>) {
        for rule in rules {
            for (example, number) in rule.examples.iter().zip(1..) {
                let id = format!("{} example {number}", rule.id);
                self.on_posting("examples", &id, None, &example.text, rule.language);
            }
            for (example, number) in rule.counter_examples.iter().zip(1..) {
                let id = format!("{} counter-example {number}", rule.id);
                self.on_posting("examples", &id, None, &example.text, rule.language);
            }
        }
    }

    fn on_posting(
        &mut self,
        file: &str,
        id: &str,
        title: Option<&str>,
        text: &str,
        language: Option<Language>,
    ) {
        let words = Words { title, text, language, region: None };
        let old = self.old.examine(words).assessment;
        let new = self.new.examine(words).assessment;
        self.postings += 1;
        let (before, after) = (voices(&old), voices(&new));
        let missing_in = |there: &[Voice], here: Vec<Voice>| -> Vec<Voice> {
            let same = |a: &Voice, b: &Voice| a.rule == b.rule && a.points == b.points;
            here.into_iter().filter(|voice| !there.iter().any(|other| same(voice, other))).collect()
        };
        let gained = missing_in(&before, after.clone());
        let lost = missing_in(&after, before);
        if old.score == new.score && gained.is_empty() && lost.is_empty() {
            return;
        }
        self.changes.push(PostingChange {
            file: file.to_owned(),
            id: id.to_owned(),
            old_score: old.score.value(),
            old_band: old.band,
            new_score: new.score.value(),
            new_band: new.band,
            gained,
            lost,
        });
    }
}

#[derive(Deserialize)]
struct Line {
    id: String,
    text: String,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    lang: Option<String>,
}

fn voices(assessment: &Assessment) -> Vec<Voice> {
    let voice = |finding: &Finding| Voice {
        rule: finding.rule.to_string(),
        points: finding.points,
        quotes: finding.spans().iter().map(|span| span.quote.clone()).collect(),
    };
    assessment.findings.iter().chain(&assessment.mitigations).map(voice).collect()
}
