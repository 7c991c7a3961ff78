use std::collections::BTreeMap;

/// A desk has some dozens of indicators and some thousands of sources.
const MOST: usize = 60_000;
const LAST: u16 = 59_999;

/// Names that come up again and again, kept once: 200,000 leads share some dozens of them.
#[derive(Default)]
pub(crate) struct Names {
    words: Vec<String>,
    numbers: BTreeMap<String, u16>,
}

impl Names {
    /// The number of a name, a new one if need be. Names beyond the most there can be share the last
    /// one's number: a filter by it then shows too much, never too little.
    pub(crate) fn number(&mut self, word: &str) -> u16 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        if self.words.len() == MOST {
            return LAST;
        }
        let number = u16::try_from(self.words.len()).unwrap_or(LAST);
        self.words.push(word.to_owned());
        self.numbers.insert(word.to_owned(), number);
        number
    }

    /// How many names there are.
    pub(crate) fn len(&self) -> usize {
        self.words.len()
    }

    pub(crate) fn known(&self, word: &str) -> Option<u16> {
        self.numbers.get(word).copied()
    }

    pub(crate) fn word(&self, number: u16) -> &str {
        self.words.get(usize::from(number)).map_or("", String::as_str)
    }
}
