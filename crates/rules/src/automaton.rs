//! From the tree of a phrase to a position automaton (Glushkov): one position for each word that can
//! be consumed, no empty moves, and since the phrase language has no repetition, moves lead only from
//! lower to higher positions. A set of positions is a few machine words, and following it through a
//! text costs the same for every word: no backtracking.

/// Most positions of one phrase, all lists written out.
pub(crate) const MAX_POSITIONS: usize = 1024;
/// Longest match in words.
pub(crate) const MAX_WORDS: u32 = 64;

/// A phrase with its lists looked up and its words replaced by symbols.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shape {
    /// Any one of these symbols, sorted.
    Symbols(Vec<u32>),
    Number {
        low: u64,
        high: u64,
    },
    Gap(u8),
    Sequence(Vec<Shape>),
    Alternatives(Vec<Shape>),
    Optional(Box<Shape>),
}

/// What one position consumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// A word that has a symbol of this class.
    Class(u32),
    Number {
        low: u64,
        high: u64,
    },
    /// Any word: the inside of a gap.
    Any,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Automaton {
    pub(crate) steps: Vec<Step>,
    /// Machine words in a set.
    pub(crate) width: usize,
    pub(crate) first: Vec<u64>,
    pub(crate) last: Vec<u64>,
    /// The set that can follow each position, one after the other.
    follow: Vec<u64>,
    /// The positions that are the inside of a gap.
    pub(crate) gaps: Vec<u64>,
}

/// A finished automaton and where it is best looked for.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) automaton: Automaton,
    /// Positions of which every match uses at least one; empty if there is no such choice.
    pub(crate) anchors: Vec<u32>,
    /// Most words of a match before one of the anchors.
    pub(crate) reach: u32,
}

impl Automaton {
    /// What can follow this position.
    pub(crate) fn follow(&self, position: usize) -> &[u64] {
        &self.follow[position * self.width..(position + 1) * self.width]
    }
}

/// The positions in a set, ascending.
pub(crate) fn members(set: &[u64]) -> impl Iterator<Item = usize> + '_ {
    set.iter().enumerate().flat_map(|(index, word)| {
        let mut left = *word;
        std::iter::from_fn(move || {
            (left != 0).then(|| {
                let bit = left.trailing_zeros() as usize;
                left &= left - 1;
                index * 64 + bit
            })
        })
    })
}

/// Builds the automaton. `class_of` gives the class of a set of symbols, and `cost_of` how often such
/// a set is to be expected in texts (`None`: too short to search for).
pub(crate) fn build(
    shape: &Shape,
    class_of: impl FnMut(&[u32]) -> u32,
    cost_of: impl Fn(&[u32]) -> Option<u64>,
) -> Result<Built, String> {
    let mut builder = Builder { class_of, cost_of, steps: Vec::new(), moves: Vec::new() };
    let mut whole = builder.fragment(shape)?;
    let steps = builder.steps;
    let width = steps.len().div_ceil(64).max(1);
    let set = |members: &[u32]| {
        let mut bits = vec![0u64; width];
        for member in members {
            bits[*member as usize / 64] |= 1 << (member % 64);
        }
        bits
    };
    let mut follow = vec![0u64; width * steps.len()];
    let mut before = vec![0u32; steps.len()];
    let mut moves = builder.moves;
    moves.sort_unstable();
    for (from, to) in moves {
        follow[from as usize * width + to as usize / 64] |= 1 << (to % 64);
        // Sorted by `from`, and moves only lead upwards: `before[from]` is final here.
        before[to as usize] = before[to as usize].max(before[from as usize] + 1);
    }
    if before.iter().max().is_some_and(|most| *most >= MAX_WORDS) {
        return Err(format!("a match could be longer than {MAX_WORDS} words"));
    }
    let gap_positions: Vec<u32> =
        (0u32..).zip(&steps).filter(|(_, step)| **step == Step::Any).map(|(p, _)| p).collect();
    // `a ..2 b?` is `a`, or `a` and up to two words and `b`: a gap with nothing behind it is none.
    let is_word = |position: &u32| gap_positions.binary_search(position).is_err();
    whole.first.retain(is_word);
    whole.last.retain(is_word);
    let anchors = whole.anchor.map(|(_, positions)| positions).unwrap_or_default();
    let reach = anchors.iter().map(|p| before[*p as usize]).max().unwrap_or(0);
    let (first, last, gaps) = (set(&whole.first), set(&whole.last), set(&gap_positions));
    Ok(Built { automaton: Automaton { steps, width, first, last, follow, gaps }, anchors, reach })
}

struct Builder<C, K> {
    class_of: C,
    cost_of: K,
    steps: Vec<Step>,
    moves: Vec<(u32, u32)>,
}

/// A part of the automaton under construction.
#[derive(Default)]
struct Fragment {
    can_be_empty: bool,
    first: Vec<u32>,
    last: Vec<u32>,
    /// The cheapest set of positions that every match goes through, with its cost.
    anchor: Option<(u64, Vec<u32>)>,
}

impl<C: FnMut(&[u32]) -> u32, K: Fn(&[u32]) -> Option<u64>> Builder<C, K> {
    fn fragment(&mut self, shape: &Shape) -> Result<Fragment, String> {
        match shape {
            Shape::Symbols(symbols) => {
                let step = Step::Class((self.class_of)(symbols));
                let mut fragment = self.position(step)?;
                let cost = (self.cost_of)(symbols);
                fragment.anchor = cost.map(|cost| (cost, fragment.first.clone()));
                Ok(fragment)
            }
            Shape::Number { low, high } => self.position(Step::Number { low: *low, high: *high }),
            Shape::Gap(width) => {
                let mut whole = Fragment { can_be_empty: true, ..Fragment::default() };
                for _ in 0..*width {
                    let mut one = self.position(Step::Any)?;
                    one.can_be_empty = true;
                    whole = self.then(whole, one);
                }
                Ok(whole)
            }
            Shape::Sequence(items) => {
                let mut whole = Fragment { can_be_empty: true, ..Fragment::default() };
                for item in items {
                    let next = self.fragment(item)?;
                    whole = self.then(whole, next);
                }
                Ok(whole)
            }
            Shape::Alternatives(branches) => {
                let mut whole = Fragment { anchor: Some((0, Vec::new())), ..Fragment::default() };
                for branch in branches {
                    let next = self.fragment(branch)?;
                    whole.can_be_empty |= next.can_be_empty;
                    whole.first.extend(next.first);
                    whole.last.extend(next.last);
                    whole.anchor =
                        whole.anchor.zip(next.anchor).map(|((a, mut all), (b, more))| {
                            all.extend(more);
                            (a.saturating_add(b), all)
                        });
                }
                Ok(whole)
            }
            Shape::Optional(inner) => {
                let inner = self.fragment(inner)?;
                Ok(Fragment { can_be_empty: true, anchor: None, ..inner })
            }
        }
    }

    fn position(&mut self, step: Step) -> Result<Fragment, String> {
        if self.steps.len() >= MAX_POSITIONS {
            return Err(format!(
                "with its lists written out it holds more than {MAX_POSITIONS} words"
            ));
        }
        let position = self.steps.len() as u32;
        self.steps.push(step);
        let (first, last) = (vec![position], vec![position]);
        Ok(Fragment { can_be_empty: false, first, last, anchor: None })
    }

    fn then(&mut self, mut head: Fragment, tail: Fragment) -> Fragment {
        for from in &head.last {
            self.moves.extend(tail.first.iter().map(|to| (*from, *to)));
        }
        if head.can_be_empty {
            head.first.extend(&tail.first);
        }
        if tail.can_be_empty {
            head.last.extend(&tail.last);
        } else {
            head.last = tail.last;
        }
        let cheapest = match (head.anchor, tail.anchor) {
            (Some(a), Some(b)) => Some(if b.0 < a.0 { b } else { a }),
            (a, b) => a.or(b),
        };
        Fragment {
            can_be_empty: head.can_be_empty && tail.can_be_empty,
            first: head.first,
            last: head.last,
            anchor: cheapest,
        }
    }
}
