//! The way back from the folded text to the original.

use std::ops::Range;

/// A stretch of folded text: straight ones have as many bytes as their original, character by
/// character; a bent one came, whole, from one piece of the original.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    folded: u32,
    from: u32,
    /// End of the piece; 0 for straight stretches.
    to: u32,
}

/// Stretches in order. A text without accents and disguises is a single one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail {
    stretches: Vec<Stretch>,
}

impl Trail {
    pub(crate) fn clear(&mut self) {
        self.stretches.clear();
    }

    /// What follows at `folded` came from `from` on, byte for byte.
    pub(crate) fn straight(&mut self, folded: usize, from: usize) {
        if let Some(last) = self.stretches.last()
            && last.to == 0
            && last.from as usize + (folded - last.folded as usize) == from
        {
            return;
        }
        self.stretches.push(Stretch { folded: folded as u32, from: from as u32, to: 0 });
    }

    /// What follows at `folded`, up to the next stretch, came from `from..to`.
    pub(crate) fn bent(&mut self, folded: usize, from: usize, to: usize) {
        self.stretches.push(Stretch { folded: folded as u32, from: from as u32, to: to as u32 });
    }

    /// Where the trail stands, to come back to.
    pub(crate) fn mark(&self) -> usize {
        self.stretches.len()
    }

    pub(crate) fn back_to(&mut self, mark: usize) {
        self.stretches.truncate(mark);
    }

    pub(crate) fn original_range(&self, text: &str, folded: Range<usize>) -> Range<usize> {
        let end = folded.end.min(text.len());
        if folded.start >= end {
            let at = self.character(text, folded.start.min(text.len().saturating_sub(1)));
            let at = if folded.start < text.len() { at.start } else { at.end };
            return at..at;
        }
        self.character(text, folded.start).start..self.character(text, end - 1).end
    }

    /// The original character or piece that a folded byte came from.
    fn character(&self, text: &str, byte: usize) -> Range<usize> {
        let after = self.stretches.partition_point(|stretch| stretch.folded as usize <= byte);
        let Some(stretch) = after.checked_sub(1).and_then(|at| self.stretches.get(at)) else {
            return 0..0;
        };
        let from = stretch.from as usize;
        if stretch.to != 0 {
            return from..stretch.to as usize;
        }
        let start = text.floor_char_boundary(byte);
        let end = text.ceil_char_boundary(byte + 1);
        let folded = stretch.folded as usize;
        from + (start - folded)..from + (end - folded)
    }
}
