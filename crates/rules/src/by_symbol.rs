//! What the words of a text set in motion, by symbol.

use serde::{Deserialize, Serialize};

/// By symbol, the sets of companions that it is in and the phrases that are tried where it stands.
/// Nearly every word of a text needs both, and fetching them is most of what it costs: they lie in
/// one piece of memory.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct BySymbol {
    /// By symbol, where its row begins.
    starts: Vec<u32>,
    /// Rows: how many companions there are, the companions, the triggers.
    items: Vec<u32>,
}

/// The row of a symbol.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'s> {
    /// Numbers of the sets of companions that the symbol is in.
    pub(crate) companions: &'s [u32],
    triggers: &'s [[u32; 2]],
}

/// A phrase to be tried where a word stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trigger {
    pub(crate) phrase: u32,
    /// The set of symbols of which one stands in the same sentence if the phrase does.
    pub(crate) companions: u32,
}

impl Row<'_> {
    /// The phrases that are tried where the symbol stands.
    pub(crate) fn triggers(&self) -> impl Iterator<Item = Trigger> + '_ {
        self.triggers
            .iter()
            .map(|[phrase, companions]| Trigger { phrase: *phrase, companions: *companions })
    }
}

impl BySymbol {
    /// Packs the companions and triggers of all symbols, as many of one as of the other.
    pub(crate) fn of(companions: &[Vec<u32>], triggers: &[Vec<Trigger>]) -> Self {
        let mut all = Self { starts: vec![0], items: Vec::new() };
        for (companions, triggers) in companions.iter().zip(triggers) {
            if !companions.is_empty() || !triggers.is_empty() {
                all.items.push(companions.len() as u32);
                all.items.extend(companions);
                all.items.extend(triggers.iter().flat_map(|t| [t.phrase, t.companions]));
            }
            all.starts.push(all.items.len() as u32);
        }
        all
    }

    #[inline]
    pub(crate) fn row(&self, symbol: u32) -> Row<'_> {
        let [from, to] = [self.starts[symbol as usize], self.starts[symbol as usize + 1]];
        let (companions, triggers) = match &self.items[from as usize..to as usize] {
            [count, rest @ ..] => rest.split_at(*count as usize),
            [] => Default::default(),
        };
        Row { companions, triggers: triggers.as_chunks().0 }
    }
}
