//! Looks up the word lists of a phrase and gives its words their symbols.

use std::ops::Bound;

use rustc_hash::FxHashMap;

use crate::construct::{MAX_POSITIONS, Shape};
use crate::phrase::Phrase;
use crate::problem::code;
use crate::read::endings::ALL_ENDINGS;
use crate::read::words::{Alike, WordLists};
use crate::vocabulary::{Extent, VocabularyBuilder};

/// Deepest nesting of lists in lists.
const MAX_LISTS: usize = 4;

/// The symbols of all words so far, and the word lists that were written out: a list of a hundred
/// words stands in a hundred phrases, and is looked up once.
#[derive(Debug, Default)]
pub(crate) struct Lexicon {
    pub(crate) vocabulary: VocabularyBuilder,
    /// By file or folder, name, and whether words that are alike stand in for each other.
    lists: FxHashMap<(String, String, bool), ListShape>,
}

#[derive(Clone, Debug)]
struct ListShape {
    shape: Shape,
    /// How many words it holds, all lists written out.
    words: usize,
    /// How deep lists are nested in it, itself included.
    depth: usize,
}

/// Lists with the file or folder whose they are.
pub(crate) type ListsOf<'r> = (&'r str, &'r WordLists);

pub(crate) struct Resolver<'r> {
    lexicon: &'r mut Lexicon,
    /// Lists of the file, which come first.
    own: Option<ListsOf<'r>>,
    /// Lists of the language.
    shared: Option<ListsOf<'r>>,
    /// Words that stand in for others, unless the rule means the very words.
    alike: Option<&'r Alike>,
    /// Words that the phrase at hand may still hold, all lists written out.
    left: usize,
    /// How deep the deepest list of the phrase at hand is nested.
    deepest: usize,
}

/// Why a phrase cannot be resolved.
#[derive(Debug)]
pub(crate) struct ResolveError {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl<'r> Resolver<'r> {
    pub(crate) fn new(
        lexicon: &'r mut Lexicon,
        own: Option<ListsOf<'r>>,
        shared: Option<ListsOf<'r>>,
    ) -> Self {
        Self { lexicon, own, shared, alike: None, left: 0, deepest: 0 }
    }

    /// Words that the language calls alike stand in for each other.
    pub(crate) fn with_alike(mut self) -> Self {
        self.alike = self.shared.map(|(_, words)| &words.alike).filter(|alike| !alike.is_empty());
        self
    }

    pub(crate) fn shape(&mut self, phrase: &Phrase) -> Result<Shape, ResolveError> {
        // Single words of a list become one position, so this allows far longer lists than sequences.
        self.left = MAX_POSITIONS * 4;
        self.resolve(phrase, &mut Vec::new())
    }

    fn resolve<'p>(
        &mut self,
        phrase: &'p Phrase,
        open_lists: &mut Vec<&'p str>,
    ) -> Result<Shape, ResolveError>
    where
        'r: 'p,
    {
        match phrase {
            Phrase::Word(word) => self.symbol(word, Extent::Word),
            Phrase::Stem(stem) => self.symbol(stem, Extent::Stem),
            Phrase::Inflected(stem, kind) => {
                let endings = self.endings(kind.as_deref())?;
                self.symbol(stem, Extent::Inflected(endings))
            }
            Phrase::Number { low, high } => Ok(Shape::Number { low: *low, high: *high }),
            Phrase::Gap(width) => Ok(Shape::Gap(*width)),
            Phrase::Optional(inner) => {
                Ok(Shape::Optional(Box::new(self.resolve(inner, open_lists)?)))
            }
            Phrase::Sequence(items) => {
                let mut shapes = Vec::with_capacity(items.len());
                for item in items {
                    shapes.push(self.resolve(item, open_lists)?);
                }
                Ok(Shape::Sequence(shapes))
            }
            Phrase::Alternatives(branches) => {
                let mut shapes = Vec::with_capacity(branches.len());
                for branch in branches {
                    shapes.push(self.resolve(branch, open_lists)?);
                }
                Ok(merged(shapes))
            }
            Phrase::List(name) => self.list(name, open_lists),
        }
    }

    fn list<'p>(
        &mut self,
        name: &'p str,
        open_lists: &mut Vec<&'p str>,
    ) -> Result<Shape, ResolveError>
    where
        'r: 'p,
    {
        let found = [self.own, self.shared]
            .into_iter()
            .flatten()
            .find_map(|(place, words)| Some((place, words.lists.get(name)?)));
        let unknown = |message| ResolveError { code: code::UNKNOWN_LIST, message };
        let Some((place, list)) = found else {
            return Err(unknown(format!("no word list `@{name}` in this file or in words.yaml")));
        };
        let key = (place.to_owned(), name.to_owned(), self.alike.is_some());
        if let Some(known) = self.lexicon.lists.get(&key)
            && known.words <= self.left
            && open_lists.len() + known.depth <= MAX_LISTS
        {
            self.left -= known.words;
            self.deepest = self.deepest.max(open_lists.len() + known.depth);
            return Ok(known.shape.clone());
        }
        if open_lists.contains(&name) {
            return Err(unknown(format!("word list `@{name}` holds itself")));
        }
        if open_lists.len() >= MAX_LISTS {
            return Err(unknown(format!("word lists nested deeper than {MAX_LISTS} at `@{name}`")));
        }
        open_lists.push(name);
        let (left, deepest) = (self.left, std::mem::replace(&mut self.deepest, open_lists.len()));
        let mut shapes = Vec::with_capacity(list.entries.len());
        for entry in &list.entries {
            shapes.push(self.resolve(&entry.phrase, open_lists)?);
        }
        open_lists.pop();
        if shapes.is_empty() {
            return Err(unknown(format!("word list `@{name}` is empty")));
        }
        let shape = merged(shapes);
        let known = ListShape {
            shape: shape.clone(),
            words: left - self.left,
            depth: self.deepest - open_lists.len(),
        };
        self.lexicon.lists.insert(key, known);
        self.deepest = self.deepest.max(deepest);
        Ok(shape)
    }

    /// The endings that stems of this language take: of one kind, or all.
    fn endings(&mut self, kind: Option<&str>) -> Result<u32, ResolveError> {
        let kinds = self.shared.map(|(_, words)| &words.endings);
        let set = kinds.and_then(|kinds| kinds.get(kind.unwrap_or(ALL_ENDINGS)));
        match set {
            Some(set) => Ok(self.lexicon.vocabulary.endings(set)),
            None => {
                let of_kind = kind.map(|kind| format!(" of kind `{kind}`")).unwrap_or_default();
                let message = format!("`~` needs `endings`{of_kind} in words.yaml of its folder");
                Err(ResolveError { code: code::UNKNOWN_LIST, message })
            }
        }
    }

    fn symbol(&mut self, text: &str, extent: Extent) -> Result<Shape, ResolveError> {
        if self.left == 0 {
            let message = "with its lists written out the phrase is too large".to_owned();
            return Err(ResolveError { code: code::PATTERN, message });
        }
        self.left -= 1;
        let vocabulary = &mut self.lexicon.vocabulary;
        let mut symbols = vec![vocabulary.symbol(text, extent)];
        let begin_so = self.alike.into_iter().flat_map(|alike| {
            let from = (Bound::Included(text), Bound::Unbounded);
            alike.range::<str, _>(from).take_while(|(word, _)| word.starts_with(text))
        });
        for (word, others) in begin_so {
            if vocabulary.holds(text, extent, word) {
                symbols.extend(others.iter().map(|other| vocabulary.symbol(other, Extent::Word)));
            }
        }
        symbols.sort_unstable();
        symbols.dedup();
        Ok(Shape::Symbols(symbols))
    }
}

/// Alternatives with all single words in one set: a list of sixty words is one step, not sixty.
fn merged(branches: Vec<Shape>) -> Shape {
    let mut symbols = Vec::new();
    let mut others = Vec::new();
    let mut sort_in = |branch| match branch {
        Shape::Symbols(more) => symbols.extend(more),
        other => others.push(other),
    };
    for branch in branches {
        match branch {
            Shape::Alternatives(inner) => inner.into_iter().for_each(&mut sort_in),
            other => sort_in(other),
        }
    }
    symbols.sort_unstable();
    symbols.dedup();
    if !symbols.is_empty() {
        others.insert(0, Shape::Symbols(symbols));
    }
    if others.len() == 1 { others.remove(0) } else { Shape::Alternatives(others) }
}
