//! Figures of a set of postings: precision, recall and their kin, with intervals.

use std::collections::BTreeMap;

use serde::Serialize;

/// One judged posting, as far as figures are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    /// 0 to 100.
    pub(crate) score: u8,
    pub(crate) flagged: bool,
    pub(crate) lead: bool,
}

/// A figure, and the range in which 90 of 100 sets of this size drawn anew would put it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// On this set.
    pub value: f64,
    /// 5 of 100 sets lie below.
    pub low: f64,
    /// 5 of 100 sets lie above.
    pub high: f64,
}

/// How well flags and scores agree with the labels of some postings. A figure that cannot be
/// computed, as precision when nothing is flagged, is `None`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// How many postings.
    pub postings: usize,
    /// How many of them are labelled as leads.
    pub leads: usize,
    /// How many the rules flag.
    pub flagged: usize,
    /// How many leads the rules flag.
    pub found: usize,
    /// Share of the flagged that are leads.
    pub precision: Option<Figure>,
    /// Share of the leads that are flagged.
    pub recall: Option<Figure>,
    /// Harmonic mean of precision and recall.
    pub f1: Option<Figure>,
    /// Chance that a lead scores higher than an ordinary posting; equal scores count half.
    pub auc: Option<Figure>,
    /// Precision averaged over the leads, from the highest score down.
    pub average_precision: Option<Figure>,
    /// Share of the ordinary postings that are flagged.
    pub false_alarms: Option<Figure>,
    /// Precision to be expected where so many of 100 postings are leads.
    pub projected: Vec<Projected>,
}

/// What precision would be at another share of leads.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Projected {
    /// Leads in 100 postings.
    pub leads_in_100: u8,
    /// Precision at that share. Half a false alarm is added, so that a set without any does not
    /// promise that there will be none.
    pub precision: f64,
}

/// The shares of leads for which precision is projected.
const BASE_RATES: [u8; 3] = [1, 2, 5];
/// How many sets are drawn for the intervals.
const ROUNDS: usize = 1_000;

/// The figures of postings that are grouped by scenario.
pub(crate) fn figures(groups: &[Vec<Case>], seed: u64) -> Figures {
    let mut tally = Tally::default();
    groups.iter().flatten().for_each(|case| tally.add(*case));
    let measures = tally.measures();
    let intervals = intervals(groups, seed);
    let figure = |index: usize| {
        let (low, high) = intervals[index]?;
        Some(Figure { value: rounded(measures[index]?), low, high })
    };
    Figures {
        postings: tally.leads() + tally.ordinary(),
        leads: tally.leads(),
        flagged: tally.hits + tally.false_alarms,
        found: tally.hits,
        precision: figure(0),
        recall: figure(1),
        f1: figure(2),
        auc: figure(3),
        average_precision: figure(4),
        false_alarms: figure(5),
        projected: tally.projected(),
    }
}

/// Draws sets of as many groups from the groups, with repetition, and takes the 5th and 95th of 100
/// values of each measure.
fn intervals(groups: &[Vec<Case>], seed: u64) -> [Option<(f64, f64)>; 6] {
    let mut random = Random(seed);
    let mut drawn: [Vec<f64>; 6] = Default::default();
    for _ in 0..ROUNDS {
        let mut tally = Tally::default();
        for _ in groups {
            groups[random.below(groups.len())].iter().for_each(|case| tally.add(*case));
        }
        for (values, value) in drawn.iter_mut().zip(tally.measures()) {
            values.extend(value);
        }
    }
    drawn.map(|mut values| {
        values.sort_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        let at = |percent: usize| rounded(values[(last * percent + 50) / 100]);
        Some((at(5), at(95)))
    })
}

/// Counts by score.
struct Tally {
    leads_at: [usize; 101],
    ordinary_at: [usize; 101],
    hits: usize,
    false_alarms: usize,
}

impl Default for Tally {
    fn default() -> Self {
        Self { leads_at: [0; 101], ordinary_at: [0; 101], hits: 0, false_alarms: 0 }
    }
}

impl Tally {
    fn add(&mut self, case: Case) {
        let at = if case.lead { &mut self.leads_at } else { &mut self.ordinary_at };
        at[usize::from(case.score.min(100))] += 1;
        self.hits += usize::from(case.flagged && case.lead);
        self.false_alarms += usize::from(case.flagged && !case.lead);
    }

    fn leads(&self) -> usize {
        self.leads_at.iter().sum()
    }

    fn ordinary(&self) -> usize {
        self.ordinary_at.iter().sum()
    }

    /// Precision, recall, F1, AUC, average precision, false alarms.
    fn measures(&self) -> [Option<f64>; 6] {
        let (leads, ordinary) = (self.leads(), self.ordinary());
        let f1 = share(2 * self.hits, 2 * self.hits + self.false_alarms + (leads - self.hits));
        [
            share(self.hits, self.hits + self.false_alarms),
            share(self.hits, leads),
            f1,
            self.auc(leads, ordinary),
            self.average_precision(leads),
            share(self.false_alarms, ordinary),
        ]
    }

    fn auc(&self, leads: usize, ordinary: usize) -> Option<f64> {
        let (mut below, mut halves_won) = (0, 0);
        for (leads, ordinary) in self.leads_at.iter().zip(&self.ordinary_at) {
            halves_won += leads * (2 * below + ordinary);
            below += ordinary;
        }
        share(halves_won, 2 * leads * ordinary)
    }

    fn average_precision(&self, leads: usize) -> Option<f64> {
        if leads == 0 {
            return None;
        }
        let (mut hits, mut seen, mut sum) = (0, 0, 0.0);
        for (leads, ordinary) in self.leads_at.iter().zip(&self.ordinary_at).rev() {
            hits += leads;
            seen += leads + ordinary;
            if *leads > 0 {
                sum += *leads as f64 * hits as f64 / seen as f64;
            }
        }
        Some(sum / leads as f64)
    }

    fn projected(&self) -> Vec<Projected> {
        let (leads, ordinary) = (self.leads() as f64, self.ordinary() as f64);
        if leads == 0.0 || ordinary == 0.0 || self.hits == 0 {
            return Vec::new();
        }
        let found = self.hits as f64 / leads;
        let false_alarms = (self.false_alarms as f64 + 0.5) / (ordinary + 1.0);
        let at = |leads_in_100: u8| {
            let rate = f64::from(leads_in_100) / 100.0;
            let precision = rate * found / (rate * found + (1.0 - rate) * false_alarms);
            Projected { leads_in_100, precision: rounded(precision) }
        };
        BASE_RATES.map(at).to_vec()
    }
}

/// Groups of cases by the name of their scenario; a case without one is a group of its own.
pub(crate) fn by_scenario<'c>(
    cases: impl IntoIterator<Item = (Option<&'c str>, Case)>,
) -> Vec<Vec<Case>> {
    let mut named: BTreeMap<&str, Vec<Case>> = BTreeMap::new();
    let mut groups = Vec::new();
    for (scenario, case) in cases {
        match scenario {
            Some(name) => named.entry(name).or_default().push(case),
            None => groups.push(vec![case]),
        }
    }
    groups.extend(named.into_values());
    groups
}

pub(crate) fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// To four places: what is beyond them is noise to a reader.
pub(crate) fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same on every machine.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cases: &[(u8, bool)]) -> Figures {
        let case = |(score, lead): &(u8, bool)| {
            vec![Case { score: *score, flagged: *score >= 40, lead: *lead }]
        };
        figures(&cases.iter().map(case).collect::<Vec<_>>(), 1)
    }

    #[test]
    fn figures_are_those_of_the_textbook() {
        let figures =
            of(&[(90, true), (80, false), (70, true), (30, true), (30, false), (2, false)]);
        let value = |figure: Option<Figure>| figure.unwrap().value;
        assert_eq!((figures.postings, figures.leads, figures.flagged, figures.found), (6, 3, 3, 2));
        assert_eq!(value(figures.precision), 0.6667);
        assert_eq!(value(figures.recall), 0.6667);
        assert_eq!(value(figures.f1), 0.6667);
        // Pairs won: 90 beats 3, 70 beats 2, 30 beats 1 and ties 1: 6.5 of 9.
        assert_eq!(value(figures.auc), 0.7222);
        // 1/1 at the first lead, 2/3 at the second, 3/5 at the tie.
        assert_eq!(value(figures.average_precision), 0.7556);
        assert_eq!(value(figures.false_alarms), 0.3333);
    }

    #[test]
    fn what_cannot_be_computed_is_left_out() {
        let figures = of(&[(2, false), (3, false)]);
        assert_eq!((figures.precision, figures.recall, figures.auc), (None, None, None));
        assert_eq!(figures.false_alarms.unwrap().value, 0.0);
        assert!(figures.projected.is_empty());
        assert_eq!(of(&[]).postings, 0);
    }

    #[test]
    fn no_false_alarm_so_far_does_not_promise_that_there_will_be_none() {
        let cases: Vec<(u8, bool)> =
            (0..200).map(|n| (if n < 100 { 90 } else { 2 }, n < 100)).collect();
        let at_one = of(&cases).projected[0];
        assert_eq!(at_one.leads_in_100, 1);
        assert!((0.6..0.7).contains(&at_one.precision), "{at_one:?}");
    }

    #[test]
    fn intervals_are_wider_when_postings_come_in_families() {
        let case = |lead| Case { score: 90, flagged: true, lead };
        let alone: Vec<Vec<Case>> = (0..100).map(|n| vec![case(n % 10 != 0)]).collect();
        let families: Vec<Vec<Case>> = (0..10).map(|n| vec![case(n != 0); 10]).collect();
        let width = |groups: &[Vec<Case>]| {
            let precision = figures(groups, 7).precision.unwrap();
            assert_eq!(precision.value, 0.9);
            assert!(precision.low <= 0.9 && precision.high >= 0.9, "{precision:?}");
            precision.high - precision.low
        };
        assert!(width(&families) > 2.0 * width(&alone));
        assert_eq!(figures(&alone, 7), figures(&alone, 7));
    }
}
