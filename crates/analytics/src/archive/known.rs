//! Which wordings an archive holds, in memory while one takes in: 16 bytes a row, so that a large
//! import reads the marks of the files once and not again for every batch of it.

use std::path::PathBuf;

use rustc_hash::FxHashSet;

use super::{Column, Marks, Part};
use crate::AnalyticsError;

/// The marks of all rows.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Of the files, in order.
    postings: Vec<u64>,
    wordings: Vec<u64>,
    /// Of what was taken in since they were read.
    new_postings: FxHashSet<u64>,
    new_wordings: FxHashSet<u64>,
}

impl Known {
    pub(super) fn read(files: &[PathBuf]) -> Result<Self, AnalyticsError> {
        let mut known = Self::default();
        for file in files {
            let part = Part::read(file, &[Column::PostingMark, Column::WordingMark])?;
            known.postings.extend(part.marks(Column::PostingMark)?);
            known.wordings.extend(part.marks(Column::WordingMark)?);
        }
        known.postings.sort_unstable();
        known.postings.dedup();
        known.wordings.sort_unstable();
        Ok(known)
    }

    /// Takes note of a row. Gives none if its wording is known, else whether its posting is.
    pub(super) fn add(&mut self, marks: Marks) -> Option<bool> {
        let known = self.wordings.binary_search(&marks.wording).is_ok();
        if known || !self.new_wordings.insert(marks.wording) {
            return None;
        }
        let is_new = self.new_postings.insert(marks.posting);
        Some(!is_new || self.postings.binary_search(&marks.posting).is_ok())
    }
}
