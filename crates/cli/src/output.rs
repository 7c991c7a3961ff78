//! Printing. Words from outside are stripped of what could move a terminal's cursor or turn the
//! direction of reading.

use std::io::{BufWriter, Stdout, Write};

use serde::Serialize;

use crate::args::Format;

/// Where results go.
pub(crate) struct Output {
    format: Format,
    out: BufWriter<Stdout>,
}

impl Output {
    pub(crate) fn new(format: Format) -> Self {
        Self { format, out: BufWriter::new(std::io::stdout()) }
    }

    /// Whether results are for reading.
    pub(crate) fn is_human(&self) -> bool {
        self.format == Format::Human
    }

    /// Whether results are one JSON object a line.
    pub(crate) fn is_ndjson(&self) -> bool {
        self.format == Format::Ndjson
    }

    /// The stream itself, for results that have a form of their own.
    pub(crate) fn raw(&mut self) -> &mut impl Write {
        &mut self.out
    }

    /// One line for reading; with `--format json` and `ndjson` nothing.
    pub(crate) fn line(&mut self, text: impl AsRef<str>) -> anyhow::Result<()> {
        if self.is_human() {
            writeln!(self.out, "{}", text.as_ref())?;
        }
        Ok(())
    }

    /// One result: a JSON document or line; for reading, nothing.
    pub(crate) fn result(&mut self, value: &impl Serialize) -> anyhow::Result<()> {
        match self.format {
            Format::Human => {}
            Format::Json => {
                serde_json::to_writer_pretty(&mut self.out, value)?;
                writeln!(self.out)?;
            }
            Format::Ndjson => {
                serde_json::to_writer(&mut self.out, value)?;
                writeln!(self.out)?;
            }
        }
        Ok(())
    }

    /// Several results: one JSON array, or a line each; for reading, nothing.
    pub(crate) fn results<T: Serialize>(&mut self, values: &[T]) -> anyhow::Result<()> {
        if self.format == Format::Ndjson {
            return values.iter().try_for_each(|value| self.result(value));
        }
        self.result(&values)
    }

    pub(crate) fn flush(&mut self) -> anyhow::Result<()> {
        Ok(self.out.flush()?)
    }
}

/// One line on stderr.
#[expect(clippy::print_stderr, reason = "this is the place that speaks to people")]
pub(crate) fn complain(text: &str) {
    eprintln!("fusion: {}", one_line(text));
}

/// Something that a person should know, on stderr.
#[expect(clippy::print_stderr, reason = "this is the place that speaks to people")]
pub(crate) fn remark(text: &str) {
    eprintln!("{}", one_line(text));
}

/// Whether the reader of our output has gone, as `head` does.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let closed = |error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| {
        cause.downcast_ref::<std::io::Error>().is_some_and(closed)
            || cause
                .downcast_ref::<serde_json::Error>()
                .is_some_and(|error| error.io_error_kind() == Some(std::io::ErrorKind::BrokenPipe))
    })
}

/// Words from outside, on one line: line breaks become spaces, control characters and marks that
/// turn the direction of reading are left out.
pub(crate) fn one_line(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control() && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect();
    plain.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// At most `letters` characters of [`one_line`], with an ellipsis where it was cut.
pub(crate) fn shortened(text: &str, letters: usize) -> String {
    let line = one_line(text);
    if line.chars().count() <= letters {
        return line;
    }
    line.chars().take(letters.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_posting_cannot_drive_the_terminal() {
        assert_eq!(one_line("a\u{1b}[2Jb\r\n  c\u{202e}d"), "a[2Jb cd");
        assert_eq!(shortened("робота за кордоном", 8), "робота …");
    }
}
