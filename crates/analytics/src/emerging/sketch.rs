/// Counts things in fixed memory, never too few, sometimes too many (a count-min sketch; Cormode and
/// Muthukrishnan, 2005): tells which of a week's millions of word runs are worth a place of their own.
pub(super) struct Sketch {
    counts: Vec<u8>,
}

const CELLS: usize = 1 << 24;

impl Sketch {
    pub(super) fn new() -> Self {
        Self { counts: vec![0; CELLS] }
    }

    /// Counts one more; stops at 255.
    pub(super) fn add(&mut self, hash: u64) {
        let [a, b] = Self::cells(hash);
        let least = self.counts[a].min(self.counts[b]);
        let more = least.saturating_add(1);
        // Only what lies at the least goes up: fewer things are counted too high.
        for at in [a, b] {
            self.counts[at] = self.counts[at].max(more);
        }
    }

    /// How many there have been at most.
    pub(super) fn at_most(&self, hash: u64) -> u8 {
        let [a, b] = Self::cells(hash);
        self.counts[a].min(self.counts[b])
    }

    fn cells(hash: u64) -> [usize; 2] {
        let mask = CELLS as u64 - 1;
        [(hash & mask) as usize, ((hash >> 32) & mask) as usize]
    }
}
