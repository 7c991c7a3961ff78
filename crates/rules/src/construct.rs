//! From the tree of a phrase to its automaton.

use crate::automaton::{Automaton, AutomatonParts, NumberStep};

/// Most positions of one phrase, all lists written out.
pub(crate) const MAX_POSITIONS: usize = 1024;
/// Longest match in words.
const MAX_WORDS: u32 = 64;

/// A phrase with its lists looked up and its words replaced by symbols.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// A finished automaton and where it is best looked for.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) automaton: Automaton,
    /// Symbols of which every match holds at least one, sorted; empty if there is no such choice.
    pub(crate) anchors: Vec<u32>,
    /// Most words of a match before one of the anchors.
    pub(crate) reach: u32,
    /// Other symbols of which every match holds at least one as well, sorted; may be empty.
    pub(crate) companions: Vec<u32>,
}

/// Builds the automaton. `cost_of` tells how often one of these symbols is to be expected in texts
/// (`None`: too short to search for).
pub(crate) fn build(
    shape: &Shape,
    cost_of: impl Fn(&[u32]) -> Option<u64>,
) -> Result<Built, String> {
    let mut builder = Builder { cost_of, steps: Vec::new(), moves: Vec::new() };
    let mut whole = builder.fragment(shape)?;
    let Builder { steps, mut moves, .. } = builder;
    moves.sort_unstable();
    let mut before = vec![0u32; steps.len()];
    for (from, to) in &moves {
        // Sorted by `from`, and moves only lead upwards: `before[from]` is final here.
        before[*to as usize] = before[*to as usize].max(before[*from as usize] + 1);
    }
    if before.iter().max().is_some_and(|most| *most >= MAX_WORDS) {
        return Err(format!("a match could be longer than {MAX_WORDS} words"));
    }
    // `a ..2 b?` is `a`, or `a` and up to two words and `b`: a gap with nothing behind it is none.
    let is_word = |position: &u32| steps[*position as usize] != Step::Any;
    whole.first.retain(is_word);
    whole.last.retain(is_word);
    // Every word before an anchor is one more place from which a match is tried.
    let reach_of =
        |anchor: &Anchor| anchor.positions.iter().map(|p| before[*p as usize]).max().unwrap_or(0);
    let effort = |anchor: &Anchor| anchor.cost.saturating_mul(3 + u64::from(reach_of(anchor)));
    let mut choices = std::mem::take(&mut whole.anchors);
    let best = (0..choices.len()).min_by_key(|index| effort(&choices[*index]));
    let anchor = best.map(|best| choices.remove(best)).unwrap_or_default();
    let companion = choices.into_iter().min_by_key(|other| other.cost).unwrap_or_default();
    let symbols_at = |position: &u32| match &steps[*position as usize] {
        Step::Symbols(symbols) => symbols.as_slice(),
        _ => &[],
    };
    let symbols_of = |anchor: &Anchor| {
        let symbols = anchor.positions.iter().flat_map(symbols_at).copied();
        let mut symbols: Vec<u32> = symbols.collect();
        symbols.sort_unstable();
        symbols.dedup();
        symbols
    };
    let (anchors, companions) = (symbols_of(&anchor), symbols_of(&companion));
    let reach = reach_of(&anchor);
    Ok(Built { automaton: automaton(&steps, moves, whole), anchors, reach, companions })
}

/// What is used where, gathered from the steps.
fn automaton(steps: &[Step], moves: Vec<(u32, u32)>, whole: Fragment) -> Automaton {
    let (first, last) = (whole.first, whole.last);
    let mut parts =
        AutomatonParts { positions: steps.len(), moves, first, last, ..AutomatonParts::default() };
    for (position, step) in (0u32..).zip(steps) {
        match step {
            Step::Symbols(symbols) => {
                parts.uses.extend(symbols.iter().map(|symbol| (*symbol, position)));
            }
            Step::Number { low, high } => {
                parts.numbers.push(NumberStep { position, low: *low, high: *high });
            }
            Step::Any => parts.gaps.push(position),
        }
    }
    Automaton::of(parts)
}

/// What one position consumes.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Symbols(Vec<u32>),
    Number {
        low: u64,
        high: u64,
    },
    /// Any word: the inside of a gap.
    Any,
}

struct Builder<K> {
    cost_of: K,
    /// By position, what it consumes.
    steps: Vec<Step>,
    moves: Vec<(u32, u32)>,
}

/// A part of the automaton under construction.
#[derive(Default)]
struct Fragment {
    can_be_empty: bool,
    first: Vec<u32>,
    last: Vec<u32>,
    /// Anchors to choose from.
    anchors: Vec<Anchor>,
}

/// A set of positions of which every match uses at least one, and how often words that fit one of
/// them are to be expected.
#[derive(Clone, Default)]
struct Anchor {
    cost: u64,
    positions: Vec<u32>,
}

impl Anchor {
    fn or(mut self, other: Self) -> Self {
        self.cost = self.cost.saturating_add(other.cost);
        self.positions.extend(other.positions);
        self
    }
}

impl<K: Fn(&[u32]) -> Option<u64>> Builder<K> {
    fn fragment(&mut self, shape: &Shape) -> Result<Fragment, String> {
        match shape {
            Shape::Symbols(symbols) => {
                let mut fragment = self.position(Step::Symbols(symbols.clone()))?;
                let cost = (self.cost_of)(symbols);
                let positions = fragment.first.clone();
                fragment.anchors.extend(cost.map(|cost| Anchor { cost, positions }));
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
                let mut whole = Fragment::default();
                // One of the branches is taken, so the rarest anchors of all together are one of the
                // whole, and so are the second rarest.
                let mut together = [Some(Anchor::default()), Some(Anchor::default())];
                for branch in branches {
                    let mut next = self.fragment(branch)?;
                    whole.can_be_empty |= next.can_be_empty;
                    whole.first.extend(next.first);
                    whole.last.extend(next.last);
                    next.anchors.sort_by_key(|anchor| anchor.cost);
                    let mut rarest = next.anchors.into_iter();
                    for all in &mut together {
                        *all = all.take().zip(rarest.next()).map(|(all, more)| all.or(more));
                    }
                }
                whole.anchors.extend(together.into_iter().flatten());
                Ok(whole)
            }
            Shape::Optional(inner) => {
                let inner = self.fragment(inner)?;
                Ok(Fragment { can_be_empty: true, anchors: Vec::new(), ..inner })
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
        Ok(Fragment { can_be_empty: false, first, last, anchors: Vec::new() })
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
        head.anchors.extend(tail.anchors);
        Fragment {
            can_be_empty: head.can_be_empty && tail.can_be_empty,
            first: head.first,
            last: head.last,
            anchors: head.anchors,
        }
    }
}
