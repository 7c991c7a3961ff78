//! One file of the archive, read as columns. Files are a few ten thousand rows, so that reading one
//! at a time keeps memory bounded however long the archive is.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use polars_core::prelude::{
    Column as Packed, DataFrame, Int64Chunked, ListChunked, PolarsError, Series, StringChunked,
};
use polars_io::SerReader as _;
use polars_io::parquet::read::{ParallelStrategy, ParquetReader};
use polars_io::parquet::write::{KeyValueMetadata, ParquetCompression, ParquetWriter};

use super::{Column, FORMAT, upgrade};
use crate::AnalyticsError;

/// Columns of one file.
pub(crate) struct Part {
    path: PathBuf,
    pub(super) frame: DataFrame,
}

/// A column of words.
pub(crate) struct Words(StringChunked);
/// A column of lists of words.
pub(crate) struct Lists {
    offsets: Vec<i64>,
    values: StringChunked,
}
/// A column of times, in seconds since 1970.
pub(crate) struct Times(Int64Chunked);

impl Part {
    /// Reads these columns of a file.
    pub(crate) fn read(path: &Path, columns: &[Column]) -> Result<Self, AnalyticsError> {
        Self::read_columns(path, Some(columns))
    }

    pub(super) fn read_whole(path: &Path) -> Result<Self, AnalyticsError> {
        Self::read_columns(path, None)
    }

    /// All columns, if none are named. Routes are worked out where the file is of a format that
    /// had none.
    fn read_columns(path: &Path, columns: Option<&[Column]>) -> Result<Self, AnalyticsError> {
        let wants_routes = columns.is_none_or(|columns| columns.contains(&Column::Routes));
        let works_out = wants_routes && lacks_routes(path)?;
        let stored = columns.map(|columns| {
            let mut stored = columns.to_vec();
            if works_out {
                stored.retain(|column| *column != Column::Routes);
                let needed = upgrade::ROUTES_NEED;
                stored.extend(needed.iter().filter(|column| !columns.contains(column)));
            }
            stored.iter().map(|column| column.name().to_owned()).collect()
        });
        let file = File::open(path).map_err(AnalyticsError::file("read", path))?;
        // A file that is damaged inside can make the library panic; that is a damaged file, not
        // the end of the program.
        let read = catch_unwind(AssertUnwindSafe(|| {
            let mut frame = ParquetReader::new(file)
                .with_columns(stored)
                .read_parallel(ParallelStrategy::Auto)
                .set_rechunk(true)
                .finish()?;
            if works_out {
                let routes = upgrade::routes(&frame)?;
                frame.insert_column(place_of_routes(&frame), routes)?;
            }
            Ok::<_, PolarsError>(frame)
        }));
        let mut frame = read
            .map_err(|_| AnalyticsError::damaged(path, "its pages are not what they say"))?
            .map_err(|error| AnalyticsError::damaged(path, error))?;
        frame.rechunk_mut();
        Ok(Self { path: path.to_owned(), frame })
    }

    /// How many rows.
    pub(crate) fn height(&self) -> usize {
        self.frame.height()
    }

    fn column(&self, column: Column) -> Result<&Packed, AnalyticsError> {
        self.frame.column(column.name()).map_err(|error| AnalyticsError::damaged(&self.path, error))
    }

    fn damaged(&self, error: PolarsError) -> AnalyticsError {
        AnalyticsError::damaged(&self.path, error)
    }

    pub(crate) fn words(&self, column: Column) -> Result<Words, AnalyticsError> {
        let words = self.column(column)?.str().map_err(|error| self.damaged(error))?;
        Ok(Words(words.clone()))
    }

    pub(crate) fn lists(&self, column: Column) -> Result<Lists, AnalyticsError> {
        let lists = self.column(column)?.list().map_err(|error| self.damaged(error))?;
        let (offsets, inner) = inner_of(lists);
        let values = inner.str().map_err(|error| self.damaged(error))?.clone();
        Ok(Lists { offsets, values })
    }

    pub(crate) fn marks(&self, column: Column) -> Result<Vec<u64>, AnalyticsError> {
        let marks = self.column(column)?.u64().map_err(|error| self.damaged(error))?;
        Ok(marks.iter().map(Option::unwrap_or_default).collect())
    }

    pub(crate) fn scores(&self) -> Result<Vec<u32>, AnalyticsError> {
        let scores = self.column(Column::Score)?.u32().map_err(|error| self.damaged(error))?;
        Ok(scores.iter().map(Option::unwrap_or_default).collect())
    }

    pub(crate) fn weeks(&self) -> Result<Vec<i32>, AnalyticsError> {
        let weeks = self.column(Column::Week)?.i32().map_err(|error| self.damaged(error))?;
        Ok(weeks.iter().map(Option::unwrap_or_default).collect())
    }

    pub(crate) fn times(&self, column: Column) -> Result<Times, AnalyticsError> {
        let times = self.column(column)?.i64().map_err(|error| self.damaged(error))?;
        Ok(Times(times.clone()))
    }

    pub(crate) fn truths(&self, column: Column) -> Result<Vec<bool>, AnalyticsError> {
        let truths = self.column(column)?.bool().map_err(|error| self.damaged(error))?;
        Ok(truths.iter().map(Option::unwrap_or_default).collect())
    }
}

/// Where each list begins and ends in the values of all.
fn inner_of(lists: &ListChunked) -> (Vec<i64>, Series) {
    let lists = lists.rechunk();
    let offsets = lists
        .downcast_iter()
        .next()
        .map_or_else(|| vec![0], |array| array.offsets().as_slice().to_vec());
    (offsets, lists.get_inner())
}

impl Words {
    /// The words of a row; empty if there are none.
    pub(crate) fn get(&self, row: usize) -> &str {
        self.0.get(row).unwrap_or_default()
    }

    /// Those of all rows, in order: faster than asking for each.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Option::unwrap_or_default)
    }

    /// Likewise, telling none from empty.
    pub(crate) fn stated(&self, row: usize) -> Option<&str> {
        self.0.get(row).filter(|words| !words.is_empty())
    }
}

impl Lists {
    /// How long each list is, in order.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = usize> {
        self.offsets.windows(2).map(|ends| (ends[1] - ends[0]) as usize)
    }

    /// The words of all lists, one after another.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        let begin = self.offsets.first().map_or(0, |begin| *begin as usize);
        self.values.iter().skip(begin).map(Option::unwrap_or_default)
    }

    /// The words of a row's list, in order.
    pub(crate) fn get(&self, row: usize) -> impl Iterator<Item = &str> {
        let end = |at: usize| self.offsets.get(at).map_or(0, |at| *at as usize);
        (end(row)..end(row + 1)).map(|at| self.values.get(at).unwrap_or_default())
    }
}

impl Times {
    pub(crate) fn get(&self, row: usize) -> Option<i64> {
        self.0.get(row)
    }
}

/// Writes a file whole: after a crash there is the old one or the new one.
pub(super) fn write(path: &Path, mut frame: DataFrame) -> Result<(), AnalyticsError> {
    let mut bytes = Vec::new();
    let format = vec![("fusion.archive".to_owned(), FORMAT.to_string())];
    ParquetWriter::new(&mut bytes)
        .with_compression(ParquetCompression::Zstd(None))
        .with_key_value_metadata(Some(KeyValueMetadata::from_static(format)))
        .finish(&mut frame)?;
    evidence::replace_file(path, &bytes)?;
    Ok(())
}

/// Where the routes belong among the columns of a file.
fn place_of_routes(frame: &DataFrame) -> usize {
    let before = Column::ALL.iter().take_while(|column| **column != Column::Routes);
    before.filter(|column| frame.column(column.name()).is_ok()).count()
}

/// Whether a file is of a format that had no routes.
pub(super) fn lacks_routes(path: &Path) -> Result<bool, AnalyticsError> {
    let file = File::open(path).map_err(AnalyticsError::file("read", path))?;
    let read = catch_unwind(AssertUnwindSafe(|| {
        ParquetReader::new(file).schema().map(|schema| !schema.contains(Column::Routes.name()))
    }));
    read.map_err(|_| AnalyticsError::damaged(path, "its end is not what it says"))?
        .map_err(|error| AnalyticsError::damaged(path, error))
}

/// The rows that a file says it has.
pub(super) fn rows_of(path: &Path) -> Result<usize, AnalyticsError> {
    let file = File::open(path).map_err(AnalyticsError::file("read", path))?;
    let read = catch_unwind(AssertUnwindSafe(|| ParquetReader::new(file).num_rows()));
    read.map_err(|_| AnalyticsError::damaged(path, "its end is not what it says"))?
        .map_err(|error| AnalyticsError::damaged(path, error))
}

/// The word that all rows of a file have in a column, where the statistics at its end say so.
pub(crate) fn one_word(path: &Path, column: Column) -> Result<Option<String>, AnalyticsError> {
    let file = File::open(path).map_err(AnalyticsError::file("read", path))?;
    let read = catch_unwind(AssertUnwindSafe(|| {
        let mut reader = ParquetReader::new(file);
        let metadata = reader.get_metadata()?;
        let mut words: Vec<Option<Vec<u8>>> = Vec::new();
        for group in &metadata.row_groups {
            let mut chunks = group.parquet_columns().iter();
            let chunk = chunks.find(|chunk| *chunk.descriptor().path_in_schema == [column.name()]);
            let said = chunk.and_then(|chunk| chunk.statistics(&metadata.footer_buf)?.ok());
            let said = said.as_ref().and_then(|said| said.as_binary());
            let same = said.filter(|said| said.min_value == said.max_value);
            let whole = same.filter(|said| said.null_count == Some(0));
            words.push(whole.and_then(|said| said.min_value.clone()));
        }
        Ok::<_, PolarsError>(words)
    }));
    let mut words = read
        .map_err(|_| AnalyticsError::damaged(path, "its end is not what it says"))?
        .map_err(|error| AnalyticsError::damaged(path, error))?;
    words.dedup();
    let one = words.pop().flatten().filter(|_| words.is_empty());
    Ok(one.and_then(|word| String::from_utf8(word).ok()))
}
