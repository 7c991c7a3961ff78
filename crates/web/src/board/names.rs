use std::collections::BTreeMap;

/// Names that come up again and again, kept once: 200,000 leads share some dozens of them. Those
/// beyond the most there can be share the last one's number: a filter by it then shows too much,
/// never too little.
pub(crate) struct Names {
    words: Vec<String>,
    numbers: BTreeMap<String, u16>,
    most: u16,
}

impl Names {
    pub(crate) fn up_to(most: u16) -> Self {
        Self { words: Vec::new(), numbers: BTreeMap::new(), most }
    }

    /// These names, by number.
    pub(crate) fn known_already(words: Vec<String>, most: u16) -> Self {
        let mut names = Self::up_to(most);
        for word in &words {
            names.number(word);
        }
        names
    }

    /// The number of a name, a new one if need be.
    pub(crate) fn number(&mut self, word: &str) -> u16 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let number = u16::try_from(self.words.len()).unwrap_or(u16::MAX);
        if number >= self.most {
            return self.most - 1;
        }
        self.words.push(word.to_owned());
        self.numbers.insert(word.to_owned(), number);
        number
    }

    /// The number of a name, if it may have one.
    pub(crate) fn known(&self, word: &str) -> Option<u16> {
        self.numbers.get(word).copied().or(self.is_full().then_some(self.most - 1))
    }

    /// All names, by number.
    pub(crate) fn words(&self) -> &[String] {
        &self.words
    }

    /// The names in a set of bits; `None` if some of them share a number.
    pub(crate) fn named(&self, bits: u128) -> Option<Vec<String>> {
        let names = numbers(bits).map(|number| self.name(number).map(ToOwned::to_owned));
        let mut names: Vec<String> = names.collect::<Option<_>>()?;
        names.sort();
        Some(names)
    }

    /// The name of a number; `None` if others share it.
    pub(crate) fn name(&self, number: u16) -> Option<&str> {
        let is_shared = self.is_full() && number == self.most - 1;
        self.words.get(usize::from(number)).map(String::as_str).filter(|_| !is_shared)
    }

    fn is_full(&self) -> bool {
        self.words.len() == usize::from(self.most)
    }

    /// The numbers of some names as a set of bits.
    pub(crate) fn bits<'w>(&mut self, words: impl Iterator<Item = &'w str>) -> u128 {
        words.fold(0, |bits, word| bits | (1 << (self.number(word) % 128)))
    }
}

/// The numbers in a set of bits.
pub(crate) fn numbers(bits: u128) -> impl Iterator<Item = u16> {
    (0..128).filter(move |number| bits & (1 << number) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beyond_the_most_share_the_last_number() {
        let mut names = Names::up_to(2);
        assert_eq!(names.known("b"), None);
        assert_eq!(["a", "b", "a", "c"].map(|word| names.number(word)), [0, 1, 0, 1]);
        assert_eq!((names.known("a"), names.known("c")), (Some(0), Some(1)));
        assert_eq!(names.words(), ["a", "b"]);
        assert_eq!((names.name(0), names.name(1), names.name(2)), (Some("a"), None, None));
        assert_eq!((names.named(0b1), names.named(0b11)), (Some(vec!["a".to_owned()]), None));
        assert_eq!(numbers(names.bits(["b", "z"].into_iter())).collect::<Vec<_>>(), [1]);
    }
}
