//! Which words of a text speak most for something.

use super::Said;

/// Finds them. The buffer is kept from text to text.
#[derive(Debug, Default)]
pub(super) struct Loudest {
    /// Words with what they speak for.
    by_word: Vec<(Said, f64)>,
}

impl Loudest {
    /// Up to `most` words or neighbours that speak most, none over another, the loudest first. `met` are
    /// the stems of the text, and `points` what each of them says.
    pub(super) fn of(
        &mut self,
        met: &[(u32, Said)],
        points: impl Fn(u32) -> f64,
        most: usize,
    ) -> impl Iterator<Item = Said> {
        self.by_word.clear();
        for (stem, said) in met {
            match self.by_word.last_mut().filter(|(last, _)| last == said) {
                Some((_, sum)) => *sum += points(*stem),
                None => self.by_word.push((*said, points(*stem))),
            }
        }
        self.by_word.retain(|(_, sum)| *sum > 0.0);
        // Of what says as much, the first.
        let order = |a: &(Said, f64), b: &(Said, f64)| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0));
        (0..most).map_while(move |_| {
            let (said, _) = self.by_word.iter().copied().max_by(order)?;
            self.by_word.retain(|(other, _)| !said.overlaps(*other));
            Some(said)
        })
    }
}
