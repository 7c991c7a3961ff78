/// A set of rows, a bit for each.
#[derive(Clone)]
pub(crate) struct Hits(Vec<u64>);

impl Hits {
    pub(crate) fn none(rows: usize) -> Self {
        Self(vec![0; rows.div_ceil(64)])
    }

    pub(crate) fn all(rows: usize) -> Self {
        let mut hits = Self(vec![u64::MAX; rows.div_ceil(64)]);
        if !rows.is_multiple_of(64)
            && let Some(last) = hits.0.last_mut()
        {
            *last = (1 << (rows % 64)) - 1;
        }
        hits
    }

    /// These rows.
    pub(crate) fn these(these: &[u32], rows: usize) -> Self {
        let mut hits = Self::none(rows);
        these.iter().for_each(|row| hits.insert(*row));
        hits
    }

    pub(crate) fn contains(&self, row: u32) -> bool {
        self.0.get(row as usize / 64).is_some_and(|bits| bits & (1 << (row % 64)) != 0)
    }

    pub(crate) fn insert(&mut self, row: u32) {
        if let Some(bits) = self.0.get_mut(row as usize / 64) {
            *bits |= 1 << (row % 64);
        }
    }

    /// Keeps the rows that the other has too.
    pub(crate) fn retain(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(bits, others)| *bits &= others);
    }

    /// Takes in the rows of the other.
    pub(crate) fn extend(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(bits, others)| *bits |= others);
    }

    /// Keeps the rows whose entry of the column passes. Straight through memory, without a branch for a
    /// row: what passes is asked of many entries at once, and then packed into bits.
    pub(crate) fn retain_where<T>(&mut self, column: &[T], passes: impl Fn(&T) -> bool) {
        for (bits, entries) in self.0.iter_mut().zip(column.chunks(64)) {
            if *bits == 0 {
                continue;
            }
            let mut passed = [0; 64];
            passed
                .iter_mut()
                .zip(entries)
                .for_each(|(passed, entry)| *passed = u8::from(passes(entry)));
            *bits &= packed(&passed);
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.0.iter().map(|bits| bits.count_ones() as usize).sum()
    }
}

/// The lowest bits of 64 bytes, the first byte's as the lowest.
fn packed(bytes: &[u8; 64]) -> u64 {
    /// Brings the lowest bit of each of eight bytes into the uppermost byte, in order.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let (eights, _) = bytes.as_chunks::<8>();
    let gathered = eights.iter().map(|eight| u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56);
    (0..).zip(gathered).fold(0, |all, (eight, bits)| all | (bits << (8 * eight)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_meet_and_join_and_forget_nothing_at_their_edges() {
        for rows in [0_usize, 1, 63, 64, 65, 200] {
            assert_eq!((Hits::none(rows).count(), Hits::all(rows).count()), (0, rows));
            let column: Vec<usize> = (0..rows).collect();
            let mut thirds = Hits::all(rows);
            thirds.retain_where(&column, |row| row.is_multiple_of(3));
            let mut halves = Hits::none(rows);
            (0..rows as u32).step_by(2).for_each(|row| halves.insert(row));
            let mut both = thirds.clone();
            both.retain(&halves);
            let mut either = thirds;
            either.extend(&halves);
            for row in 0..rows {
                let (second, third) = (row % 2 == 0, row % 3 == 0);
                assert_eq!(both.contains(row as u32), second && third, "{row} of {rows}");
                assert_eq!(either.contains(row as u32), second || third, "{row} of {rows}");
            }
        }
    }
}
