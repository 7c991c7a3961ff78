//! How well a rule set does on labelled postings, and weights and stems fitted to them. Pure: postings come in
//! read and assessed, and chance is drawn from a seed.

mod calibration;
mod descent;
mod figures;
mod fit;
mod indicators;
mod labelled;
mod mistakes;
mod regression;
mod report;
mod sample;
mod stems;
mod weights_file;

pub use calibration::{Bin, Calibration};
pub use figures::{Figure, Figures, Projected};
pub use fit::{Fit, Quality, fit};
pub use indicators::IndicatorRow;
pub use labelled::{BadLine, Labelled, read_labelled};
pub use mistakes::{Mistake, Reason};
pub use report::{Baseline, FiguresRow, Report};
pub use stems::{SignFit, StemsFit, fit_stems};

use domain::{Assessment, Language};

/// A labelled posting and what the rules say about it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The posting with its label.
    pub posting: Labelled,
    /// What the rules say.
    pub assessment: Assessment,
}

impl Judged {
    /// The language it is reported under: the stated one, else the one that was told; `und` if
    /// neither (ISO 639-2: undetermined).
    pub fn language(&self) -> &'static str {
        self.posting.language.or(self.assessment.language).map_or("und", Language::code)
    }

    fn case(&self) -> figures::Case {
        figures::Case {
            score: self.assessment.score.value(),
            flagged: self.assessment.band.is_flagged(),
            lead: self.posting.lead,
        }
    }
}

/// The judged postings of one file.
#[derive(Clone, Debug)]
pub struct Part {
    /// The file's name.
    pub name: String,
    /// Its postings, in order.
    pub judged: Vec<Judged>,
}
