use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

#[derive(Debug, ClapArgs)]
pub(crate) struct Eval {
    /// Labelled postings: one JSON object a line with `text`, `label` (lead or ordinary) and, if
    /// known, `id`, `lang`, `title`, `indicators`, `scenario`
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// A rules folder; the desk's if there is one, else the built-in pack
    #[arg(long, value_name = "DIR")]
    pub(crate) rules: Option<PathBuf>,
    /// What the rows are
    #[arg(long, value_enum, default_value_t = By::Language)]
    pub(crate) by: By,
    /// List leads that were missed and ordinary postings that were flagged, with the findings
    #[arg(long)]
    pub(crate) mistakes: bool,
    /// Show the texts of mistakes and the words that findings quote
    #[arg(long, requires = "mistakes")]
    pub(crate) show_text: bool,
    /// Fit the numbers of weights.yaml to these postings and show what would change
    #[arg(long, conflicts_with = "mistakes", group = "fitted")]
    pub(crate) fit: bool,
    /// Fit what the beginnings of words speak for (stems.yaml of each language) and show what that is worth
    #[arg(long, conflicts_with = "mistakes", group = "fitted")]
    pub(crate) fit_stems: bool,
    /// Write the fitted numbers into the files of the rules
    #[arg(long, requires = "fitted")]
    pub(crate) write: bool,
}

/// What the rows of the report are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// File and language, then indicators
    Language,
    /// Indicator, for each language
    Indicator,
    /// Scenario
    Scenario,
    /// File
    File,
}
