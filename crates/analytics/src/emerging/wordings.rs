//! Templates: texts of a week that are near-copies of each other, whatever place, pay or name stands
//! in them.

use link::LEAST_LIKENESS;
use rustc_hash::FxHashMap;
use text::{Folded, ShortSketch, Sketch};

/// Most wordings that are followed.
const MOST: usize = 300_000;
/// Most wordings of a band that are compared: what all ads end with is no template.
const MOST_OF_A_BAND: usize = 64;

/// Each wording is known by the first text that was written in it.
#[derive(Default)]
pub(super) struct Wordings {
    founders: Vec<Founder>,
    by_band: FxHashMap<u64, Vec<u32>>,
}

struct Founder {
    sketch: ShortSketch,
    /// What the wording is called as long as its words are not gathered.
    name: String,
}

/// Reads texts, reusing its buffer.
pub(super) struct Sketcher(Folded);

impl Sketcher {
    pub(super) fn new() -> Self {
        Self(Folded::new(""))
    }

    /// `None` for texts that are too short to tell.
    pub(super) fn sketch(&mut self, text: &str) -> Option<Sketch> {
        self.0.refold(text);
        text::sketch(&self.0)
    }
}

impl Wordings {
    /// Takes note of a text: one that is no near-copy founds a wording.
    pub(super) fn take_in(&mut self, sketch: &Sketch) {
        if self.founders.len() >= MOST || self.find(sketch).is_some() {
            return;
        }
        let number = self.founders.len();
        self.insert(number, sketch.bands());
        self.founders.push(Founder { sketch: sketch.short(), name: format!("wording {number}") });
    }

    fn insert(&mut self, number: usize, bands: impl IntoIterator<Item = u64>) {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        for band in bands {
            let founders = self.by_band.entry(band).or_default();
            if founders.len() < MOST_OF_A_BAND {
                founders.push(number);
            }
        }
    }

    /// The wording that a text is most like; of equals the first.
    pub(super) fn find(&self, sketch: &Sketch) -> Option<&str> {
        let short = sketch.short();
        let bands = sketch.bands();
        let hinted = bands.iter().filter_map(|band| self.by_band.get(band)).flatten();
        let mut best: Option<(f64, u32)> = None;
        for number in hinted {
            let likeness = self.founders.get(*number as usize)?.sketch.likeness(&short);
            let is_better = best.is_none_or(|(most, first)| {
                likeness > most || (likeness >= most && *number < first)
            });
            if likeness >= LEAST_LIKENESS && is_better {
                best = Some((likeness, *number));
            }
        }
        best.and_then(|(_, number)| Some(self.founders.get(number as usize)?.name.as_str()))
    }

    /// Whether none is followed.
    pub(super) fn is_empty(&self) -> bool {
        self.by_band.is_empty()
    }

    /// Forgets the wordings that are not followed any further.
    pub(super) fn keep(&mut self, is_followed: impl Fn(&str) -> bool) {
        let is_followed: Vec<bool> =
            self.founders.iter().map(|founder| is_followed(&founder.name)).collect();
        self.by_band.retain(|_, numbers| {
            numbers.retain(|number| is_followed.get(*number as usize).copied().unwrap_or(false));
            !numbers.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AD: &str = "Потрібні дівчата на роботу в Польщу, фабрика шоколаду, житло безкоштовно, \
        оплата 1000 євро на місяць, виїзд щопонеділка, документи не потрібні, дзвоніть Олені";

    #[test]
    fn near_copies_are_of_one_wording_and_others_are_not() {
        let mut sketcher = Sketcher::new();
        let mut sketch = |text: &str| sketcher.sketch(text).unwrap();
        let (ad, copy) = (sketch(AD), sketch(&AD.replace("Польщу", "Чехію")));
        let other = sketch(
            "Продам диван у доброму стані, самовивіз з Оболоні, розкладний, сірого кольору, \
             є місце для білизни, ціна договірна, телефонуйте після шостої вечора",
        );
        let mut wordings = Wordings::default();
        for text in [&ad, &copy, &other] {
            wordings.take_in(text);
        }
        assert_eq!(wordings.find(&copy), Some("wording 0"));
        assert_eq!(wordings.find(&other), Some("wording 1"));
        wordings.keep(|name| name == "wording 1");
        assert_eq!(wordings.find(&ad), None);
        assert_eq!(wordings.find(&other), Some("wording 1"));
    }
}
