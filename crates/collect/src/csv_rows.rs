//! Where the records of a CSV file end, told from the bytes alone (RFC 4180, read as leniently as
//! the `csv` library does). A quoted cell may hold line breaks; a quote inside a plain cell is a
//! character like any other, so that `5" pipe` does not swallow the rows that follow.

use std::io::BufRead;

use crate::file_parts::{LONGEST_ROW, NextRow, RowReader};

/// The records of a CSV file in an encoding that holds ASCII.
pub(crate) struct CsvRows {
    reader: Box<dyn BufRead + Send>,
    delimiter: u8,
    line: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum In {
    /// Before the first byte of a record.
    Nothing,
    CellStart,
    Plain,
    Quoted,
    /// After a quote in a quoted cell: its end, or the first of two.
    Quote,
    /// After `\r`: a `\n` belongs to it.
    LineEnd,
}

impl CsvRows {
    pub(crate) fn new(reader: Box<dyn BufRead + Send>, delimiter: u8) -> Self {
        Self { reader, delimiter, line: 1 }
    }
}

impl RowReader for CsvRows {
    fn next_row(&mut self, row: &mut Vec<u8>) -> std::io::Result<NextRow> {
        let start = row.len();
        let mut state = In::Nothing;
        let mut too_long = false;
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                let some = row[start..].iter().any(|byte| !b"\r\n".contains(byte));
                return Ok(match (too_long, some) {
                    (true, _) => NextRow::TooLong,
                    (_, true) => NextRow::Row,
                    (_, false) => NextRow::End,
                });
            }
            let mut used = 0;
            let mut ended = false;
            for &byte in buffer {
                if state == In::LineEnd && byte != b'\n' {
                    ended = true;
                    break;
                }
                used += 1;
                self.line += u64::from(byte == b'\n');
                // A quote that is never closed would take the rest of the file with it. A row that
                // is too long ends with its line.
                let next = match too_long {
                    true => (byte != b'\n').then_some(In::Plain),
                    false => step(state, byte, self.delimiter),
                };
                let Some(next) = next else {
                    ended = true;
                    break;
                };
                state = next;
            }
            if !too_long {
                row.extend_from_slice(&buffer[..used]);
            }
            self.reader.consume(used);
            if ended {
                return Ok(if too_long { NextRow::TooLong } else { NextRow::Row });
            }
            if row.len() - start > LONGEST_ROW {
                row.truncate(start);
                too_long = true;
                state = In::Plain;
            }
        }
    }

    fn line(&self) -> u64 {
        self.line
    }

    fn rows_are_lines(&self) -> bool {
        false
    }
}

/// The state after a byte; `None` when it ends the record.
fn step(state: In, byte: u8, delimiter: u8) -> Option<In> {
    Some(match (state, byte) {
        (In::Quoted, b'"') => In::Quote,
        (In::Quoted, _) | (In::Quote, b'"') => In::Quoted,
        (In::Nothing, b'\r' | b'\n') => In::Nothing,
        (_, b'\n') => return None,
        (_, b'\r') => In::LineEnd,
        (_, byte) if byte == delimiter => In::CellStart,
        (In::Nothing | In::CellStart, b'"') => In::Quoted,
        _ => In::Plain,
    })
}

/// The mark that the header has most of, outside of quotes.
pub(crate) fn delimiter_of(header: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for &byte in header {
        quoted ^= byte == b'"';
        if !quoted && matches!(byte, b'\n' | b'\r') {
            break;
        }
        if let Some((_, count)) = counts.iter_mut().find(|(mark, _)| *mark == byte && !quoted) {
            *count += 1;
        }
    }
    // The first of equals: a header with no mark at all is a single column.
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(mark, _)| mark)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(csv: &[u8]) -> Vec<Vec<u8>> {
        // Small reads, so that every state is met at a border.
        let reader = std::io::BufReader::with_capacity(3, std::io::Cursor::new(csv.to_vec()));
        let mut rows = CsvRows::new(Box::new(reader), b',');
        let mut found = Vec::new();
        loop {
            let mut row = Vec::new();
            match rows.next_row(&mut row).unwrap() {
                NextRow::Row => found.push(row),
                NextRow::TooLong => found.push(b"too long".to_vec()),
                NextRow::End => return found,
            }
        }
    }

    #[test]
    fn quoted_line_breaks_belong_to_the_cell_and_stray_quotes_do_not_matter() {
        let csv = b"a,\"b\nb\"\n5\" pipe,c\r\n\n\"say \"\"x\"\"\",d\re";
        let expected: [&[u8]; 4] =
            [b"a,\"b\nb\"\n", b"5\" pipe,c\r\n", b"\n\"say \"\"x\"\"\",d\r", b"e"];
        assert_eq!(rows(csv), expected);
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_one_row() {
        let mut csv = b"\"".to_vec();
        csv.extend(b"x\n".repeat(LONGEST_ROW));
        let found = rows(&csv);
        assert_eq!(found[0], b"too long");
        assert!(found.len() > LONGEST_ROW / 4 && found[1..].iter().all(|row| row == b"x\n"));
    }

    #[test]
    fn the_delimiter_is_the_commonest_mark_of_the_header() {
        for (header, delimiter) in
            [("a;b,c;d\n,,,,", b';'), ("a\tb", b'\t'), ("\"a;b;c\",d", b','), ("a", b',')]
        {
            assert_eq!(delimiter_of(header.as_bytes()), delimiter, "{header}");
        }
    }

    proptest! {
        #[test]
        fn rows_end_where_the_csv_library_ends_them(csv in "[ab,\"\\n\\r]{0,40}") {
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false).flexible(true).from_reader(csv.as_bytes());
            let expected = reader.byte_records().count();
            let found = rows(csv.as_bytes());
            prop_assert_eq!(found.len(), expected);
            // Cut apart, each piece is one record, and nothing is lost but empty lines at the end.
            for row in &found {
                let mut one = csv::ReaderBuilder::new()
                    .has_headers(false).flexible(true).from_reader(row.as_slice());
                prop_assert_eq!(one.byte_records().count(), 1);
            }
            prop_assert!(csv.as_bytes().starts_with(&found.concat()));
        }
    }
}
