//! How far a phrase goes: its automaton is led through the words of a text.

use super::{Automaton, Seen, is_in, members};

impl Automaton {
    /// The number of the last word of a match that begins with the first of these words. Gaps are as
    /// narrow as can be; behind that, the match takes in what it can without crossing another gap.
    pub(crate) fn longest_match<'w>(&self, words: impl Iterator<Item = Seen<'w>>) -> Option<usize> {
        match self.width {
            1 => self.longest_match_of::<1>(words),
            2 => self.longest_match_of::<2>(words),
            4 => self.longest_match_of::<4>(words),
            8 => self.longest_match_of::<8>(words),
            16 => self.longest_match_of::<16>(words),
            _ => self.longest_match_of::<32>(words),
        }
    }

    fn longest_match_of<'w, const WIDTH: usize>(
        &self,
        words: impl Iterator<Item = Seen<'w>>,
    ) -> Option<usize> {
        let (sets, _) = self.sets.as_chunks::<WIDTH>();
        let [gaps, first, last, sets @ ..] = sets else { return None };
        let (follow, consumers) = sets.split_at(usize::from(self.positions));
        let mut active = *first;
        let mut matched = None;
        for (index, word) in words.enumerate() {
            let mut consuming = *gaps;
            self.add_consuming(word, consumers, &mut consuming);
            let mut next = [0; WIDTH];
            let mut ends = 0;
            for (number, (active, consuming)) in active.iter().zip(&consuming).enumerate() {
                let mut left = active & consuming;
                ends |= left & last[number];
                while left != 0 {
                    let position = number * 32 + left.trailing_zeros() as usize;
                    next.iter_mut().zip(&follow[position]).for_each(|(all, more)| *all |= more);
                    left &= left - 1;
                }
            }
            if ends != 0 {
                matched = Some(index);
            }
            if matched.is_some() {
                next.iter_mut().zip(gaps).for_each(|(all, gap)| *all &= !gap);
            }
            if next == [0; WIDTH] {
                break;
            }
            active = next;
        }
        matched
    }

    /// Adds the positions that consume this word, gaps aside.
    #[inline]
    fn add_consuming<const WIDTH: usize>(
        &self,
        word: Seen<'_>,
        consumers: &[[u32; WIDTH]],
        set: &mut [u32; WIDTH],
    ) {
        if word.bits & self.bits == 0 {
            return;
        }
        for symbol in word.symbols {
            if let Ok(index) = self.symbols.binary_search(symbol) {
                set.iter_mut().zip(&consumers[index]).for_each(|(all, more)| *all |= more);
            }
        }
        if let Some(number) = word.number {
            self.add_counting(number, set);
        }
    }

    /// Adds the positions that consume this number.
    fn add_counting(&self, number: u64, set: &mut [u32]) {
        for step in self.numbers.iter().filter(|step| (step.low..=step.high).contains(&number)) {
            set[step.position as usize / 32] |= 1 << (step.position % 32);
        }
    }

    /// Of these words, which make up a match, those that its gaps passed over, the last first.
    pub(crate) fn passed_over<'w>(&self, words: impl Iterator<Item = Seen<'w>>) -> Vec<usize> {
        let mut reached: Vec<Vec<u32>> = Vec::new();
        let mut active = self.first().to_vec();
        for word in words {
            let mut next = vec![0; usize::from(self.width)];
            self.keep_consuming(word, &mut active);
            for position in members(&active) {
                next.iter_mut().zip(self.follow(position)).for_each(|(all, more)| *all |= more);
            }
            reached.push(std::mem::replace(&mut active, next));
        }
        let mut passed_over = Vec::new();
        let mut after: Option<usize> = None;
        for (index, active) in reached.iter().enumerate().rev() {
            let leads_on = |position: &usize| match after {
                None => is_in(self.last(), *position),
                Some(after) => is_in(self.follow(*position), after),
            };
            // Words that the phrase names go before gaps that would swallow them.
            let best = members(active).filter(leads_on).min_by_key(|p| is_in(self.gaps(), *p));
            let Some(position) = best else { break };
            if is_in(self.gaps(), position) {
                passed_over.push(index);
            }
            after = Some(position);
        }
        passed_over
    }

    /// Leaves in a set the positions that consume this word.
    fn keep_consuming(&self, word: Seen<'_>, set: &mut [u32]) {
        let mut consuming = self.gaps().to_vec();
        for index in
            word.symbols.iter().filter_map(|symbol| self.symbols.binary_search(symbol).ok())
        {
            consuming.iter_mut().zip(self.consumers(index)).for_each(|(all, more)| *all |= more);
        }
        word.number.into_iter().for_each(|number| self.add_counting(number, &mut consuming));
        set.iter_mut().zip(consuming).for_each(|(all, consuming)| *all &= consuming);
    }
}
