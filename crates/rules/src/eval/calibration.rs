//! Whether a score of 70 means that 70 of 100 such postings are leads.

use serde::Serialize;

use super::Judged;
use super::figures::{rounded, share};

/// How far scores can be taken at their word.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// The file; `None` for all together.
    pub file: Option<String>,
    /// Mean squared distance between score and label: 0 is perfect, 0.25 is a coin's (Brier 1950).
    pub brier: f64,
    /// Mean distance between score and share of leads over the bins, weighed by their postings.
    pub error: f64,
    /// Bins of ten points that hold postings, lowest first.
    pub bins: Vec<Bin>,
}

/// Postings of similar scores.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// Lowest score.
    pub from: u8,
    /// Highest score.
    pub to: u8,
    /// How many postings.
    pub postings: usize,
    /// Their mean score.
    pub mean_score: f64,
    /// 100 times the share of leads among them.
    pub leads_in_100: f64,
}

/// `None` without postings.
pub(crate) fn calibration<'j>(
    file: Option<&str>,
    judged: impl Iterator<Item = &'j Judged>,
) -> Option<Calibration> {
    let mut bins: [(usize, usize, usize); 10] = Default::default();
    let (mut postings, mut squares) = (0usize, 0.0);
    for one in judged {
        let score = one.assessment.score.value();
        let (count, sum, leads) = &mut bins[usize::from(score / 10).min(9)];
        *count += 1;
        *sum += usize::from(score);
        *leads += usize::from(one.posting.lead);
        let distance = f64::from(score) / 100.0 - f64::from(u8::from(one.posting.lead));
        squares += distance * distance;
        postings += 1;
    }
    let mut error = 0.0;
    let mut filled = Vec::new();
    for (from, (count, sum, leads)) in (0u8..).step_by(10).zip(bins) {
        let (Some(mean), Some(leads)) = (share(sum, count), share(leads, count)) else { continue };
        error += (mean / 100.0 - leads).abs() * count as f64;
        filled.push(Bin {
            from,
            to: if from == 90 { 100 } else { from + 9 },
            postings: count,
            mean_score: rounded(mean),
            leads_in_100: rounded(leads * 100.0),
        });
    }
    (postings > 0).then(|| Calibration {
        file: file.map(ToOwned::to_owned),
        brier: rounded(squares / postings as f64),
        error: rounded(error / postings as f64),
        bins: filled,
    })
}
