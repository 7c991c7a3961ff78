//! Files of an earlier format: what they lack is worked out of what they hold, so that nothing has
//! to be read out of the captures again and every row keeps the assessment that it was taken in with.
//!
//! Format 2 added the routes. A file without them is read all the same, at the price of reading its
//! texts; the next time something is taken in, it is rewritten.

use polars_core::prelude::{Column as Packed, DataFrame, PolarsResult};

use super::Archive;
use super::columns::{Column, lists};
use super::part::{self, Part};
use crate::AnalyticsError;
use crate::lexicon::Lexicon;

/// What routes are worked out of.
pub(super) const ROUTES_NEED: [Column; 2] = [Column::Title, Column::Text];

/// The routes of rows whose titles and texts are in the frame.
pub(super) fn routes(frame: &DataFrame) -> PolarsResult<Packed> {
    let words = |column: Column| frame.column(column.name())?.str();
    let (titles, texts) = (words(Column::Title)?, words(Column::Text)?);
    let mut lexicon = Lexicon::new();
    let routes: Vec<Vec<String>> = titles
        .iter()
        .zip(texts.iter())
        .map(|(title, text)| lexicon.topics(title, text.unwrap_or_default()).routes)
        .collect();
    Ok(lists(Column::Routes, routes.into_iter().map(Vec::into_iter)))
}

impl Archive {
    /// Rewrites the files of an earlier format. A crash anywhere leaves old files and new ones, all
    /// of which are read, and the head that says so.
    pub(super) fn upgrade(&mut self) -> Result<(), AnalyticsError> {
        if !self.has_earlier {
            return Ok(());
        }
        // Before the first file: a program that knows no more than format 1 must not add rows to a
        // file of format 2.
        self.put_head(self.applied, true)?;
        for file in self.files()? {
            if part::lacks_routes(&file)? {
                part::write(&file, Part::read_whole(&file)?.frame)?;
            }
        }
        self.put_head(self.applied, false)
    }
}
