//! How well each indicator is found where a person says that it stands.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Judged;
use super::figures::{rounded, share};

/// One indicator in the postings of one language and file that say which indicators they hold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IndicatorRow {
    /// The file; `None` for all together.
    pub file: Option<String>,
    /// The language; `None` for all together.
    pub language: Option<&'static str>,
    /// Its id.
    pub indicator: String,
    /// How many postings hold it, by their labels.
    pub expected: usize,
    /// In how many postings a rule found it.
    pub found: usize,
    /// How many postings hold it, and a rule found it.
    pub both: usize,
    /// Share of the found that are expected.
    pub precision: Option<f64>,
    /// Share of the expected that are found.
    pub recall: Option<f64>,
}

/// A row for each indicator that is expected or found, by id.
pub(crate) fn indicator_rows<'j>(
    file: Option<&str>,
    language: Option<&'static str>,
    judged: impl Iterator<Item = &'j Judged>,
) -> Vec<IndicatorRow> {
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for one in judged {
        let Some(expected) = &one.posting.indicators else { continue };
        let found = found_in(one);
        for id in expected {
            let [expected, _, both] = counts.entry(id).or_default();
            *expected += 1;
            *both += usize::from(found.contains(id.as_str()));
        }
        for id in found {
            counts.entry(id).or_default()[1] += 1;
        }
    }
    let row = |(indicator, [expected, found, both]): (&str, [usize; 3])| IndicatorRow {
        file: file.map(ToOwned::to_owned),
        language,
        indicator: indicator.to_owned(),
        expected,
        found,
        both,
        precision: share(both, found).map(rounded),
        recall: share(both, expected).map(rounded),
    };
    counts.into_iter().map(row).collect()
}

/// The indicators of which a rule found a sign.
pub(crate) fn found_in(one: &Judged) -> BTreeSet<&str> {
    one.assessment.findings.iter().map(|finding| finding.indicator.as_str()).collect()
}
