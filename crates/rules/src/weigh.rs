//! Weighing: from rules that matched to points and a probability. Findings add up as log-odds by
//! indicator; the same matches give the same numbers on any machine, since everything is added in a
//! fixed order and no function of the platform's mathematics library is used.

use std::collections::BTreeMap;

use domain::{Band, Score};

use crate::indicator::{Dimension, Strength};
use crate::weights::Weights;

/// Points are kept to this many parts of 1.
const PARTS: f64 = 10_000.0;
/// How many further findings of an indicator add their full share.
const MOST_FURTHER: f64 = 2.0;
/// How much of itself a tenor must bring to be worth a look beside one other sign. With less, one in
/// a hundred real ads was flagged that praises life abroad. Shares come in steps of 0.05.
const TENOR_COUNTS_FROM: f64 = 0.725;
/// A tenor that brings more than its whole is clear, and worth a look by itself; one that brings still
/// more is sure, and outweighs what speaks against an offer.
const CLEAR_ABOVE: f64 = 1.0;
const SURE_ABOVE: f64 = 1.075;
/// A posting that passes no gate stays just below the score from which postings are flagged.
pub(crate) const UNFLAGGED: f64 = 0.39;

/// One rule that matched, as far as weighing is concerned.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Weighed<'m> {
    /// The id of the indicator or mitigation.
    pub(crate) sign: &'m str,
    pub(crate) rule: &'m str,
    /// How many pieces of the text it quotes. Of rules that weigh the same, the one that quotes
    /// fewest stands for the sign: its words are said in one breath.
    pub(crate) pieces: usize,
    /// The rule's own weight, and in the end the points that it added.
    pub(crate) points: f64,
    /// How much of its weight it brings: other than 1 only for a tenor.
    pub(crate) share: f64,
    /// `None` for what speaks against.
    pub(crate) kind: Option<(Strength, Dimension)>,
    /// A match that a negator switched off.
    pub(crate) negated: bool,
    /// Whether no words of its own say it. What is only heard is told, and makes nothing worth a look.
    pub(crate) is_heard: bool,
    /// Which of the matches it is.
    pub(crate) matched: usize,
}

/// Replaces the weights of all by the points that they add, and gives the probability that a reviewer
/// would keep the posting.
pub(crate) fn weigh(matched: &mut [Weighed<'_>], weights: &Weights) -> f64 {
    matched.sort_by(|a, b| order(a).cmp(&order(b)));
    let is_one = |a: &Weighed<'_>, b: &Weighed<'_>| {
        (a.sign, a.negated, a.is_heard) == (b.sign, b.negated, b.is_heard)
    };
    for group in matched.chunk_by_mut(is_one) {
        let whole = whole_points(&group[0], weights);
        share(group, whole, weights.further_share);
    }
    cap_against(matched, weights);
    cap_weak(matched, weights.weak_cap);
    add_bonus(matched, weights.dimension_bonus);
    // Of what is offered, and of how it is written or heard.
    let (mut offer, mut manner) = (weights.bias, 0.0);
    for one in matched.iter_mut() {
        one.points = rounded(one.points);
        *(if flags_nothing(one, weights) { &mut manner } else { &mut offer }) += one.points;
    }
    let probability = |sum: f64| logistic(weights.slope * sum);
    let is_flagged = |sum| Band::of(Score::from_probability(probability(sum))).is_flagged();
    let weighed = probability(offer + manner);
    if passes_gate(matched, weights) && is_flagged(offer) {
        weighed
    } else {
        weighed.min(UNFLAGGED)
    }
}

/// Whether it raises the score of what is flagged without it, and makes nothing worth a look.
fn flags_nothing(one: &Weighed<'_>, weights: &Weights) -> bool {
    one.is_heard || weights.manner.iter().any(|sign| sign == one.sign)
}

fn is_tenor(one: &Weighed<'_>, weights: &Weights) -> bool {
    weights.tenor.iter().any(|sign| sign == one.sign)
}

/// What speaks for a look first, what is only heard behind the rest, then by sign, pieces and rule.
fn order<'m>(one: &Weighed<'m>) -> (bool, bool, bool, &'m str, usize, &'m str) {
    (one.kind.is_none(), one.negated, one.is_heard, one.sign, one.pieces, one.rule)
}

/// The points of a sign when a rule of full weight matches.
pub(crate) fn whole_points(one: &Weighed<'_>, weights: &Weights) -> f64 {
    match one.kind {
        None if one.negated => weights.negated,
        None => weights.mitigations.get(one.sign).copied().unwrap_or(weights.negated),
        Some((strength, _)) => {
            weights.indicators.get(one.sign).copied().unwrap_or(match strength {
                Strength::Strong => weights.strong,
                Strength::Medium => weights.medium,
                Strength::Weak => weights.weak,
            })
        }
    }
}

/// The strongest of a group counts whole, all others a share. Beyond two, the others divide among
/// themselves what two would have added, so that none is left without points and a text that says
/// the same in twenty ways gains nothing by it.
pub(crate) fn share(group: &mut [Weighed<'_>], whole: f64, further_share: f64) {
    let strongest =
        (0..group.len()).rev().max_by(|a, b| group[*a].points.total_cmp(&group[*b].points));
    let further = group.len() as f64 - 1.0;
    let crowding = if further > MOST_FURTHER { MOST_FURTHER / further } else { 1.0 };
    for (index, one) in group.iter_mut().enumerate() {
        one.points *= whole;
        if Some(index) != strongest {
            one.points *= further_share * crowding;
        }
    }
}

/// Weak signs are found in nearly every honest ad: together they add no more than the cap.
fn cap_weak(matched: &mut [Weighed<'_>], cap: f64) {
    let is_weak = |one: &Weighed<'_>| {
        !one.is_heard && one.kind.is_some_and(|(strength, _)| strength == Strength::Weak)
    };
    let sum: f64 = matched.iter().filter(|one| is_weak(one)).map(|one| one.points).sum();
    if sum > cap {
        for one in matched.iter_mut().filter(|one| is_weak(one)) {
            one.points *= cap / sum;
        }
    }
}

/// Where the tenor is sure, what speaks against an offer takes no more than the cap: who writes as
/// recruiters do is looked at, though a word of it is one of news or advice, or denies a sign.
fn cap_against(matched: &mut [Weighed<'_>], weights: &Weights) {
    let speaks_against = |one: &Weighed<'_>| one.kind.is_none();
    let sum: f64 = matched.iter().filter(|one| speaks_against(one)).map(|one| one.points).sum();
    let factor = against_factor(matched, sum, weights);
    for one in matched.iter_mut().filter(|one| speaks_against(one)) {
        one.points *= factor;
    }
}

/// How much of what speaks against counts, of which there is `sum`, below 0.
pub(crate) fn against_factor(matched: &[Weighed<'_>], sum: f64, weights: &Weights) -> f64 {
    let is_sure = matched.iter().any(|one| is_tenor(one, weights) && one.share > SURE_ABOVE);
    match weights.against_sure_tenor {
        Some(most) if is_sure && sum < most => most / sum,
        _ => 1.0,
    }
}

/// Signs from several dimensions say more than as many from one. The bonus goes to the strongest
/// finding of each dimension beyond the first, so that the points of all findings add up.
fn add_bonus(matched: &mut [Weighed<'_>], bonus: f64) {
    let mut strongest: BTreeMap<Dimension, usize> = BTreeMap::new();
    for (index, one) in matched.iter().enumerate() {
        let Some((strength, dimension)) = one.kind else { continue };
        if strength == Strength::Weak || dimension == Dimension::Context || one.is_heard {
            continue;
        }
        let best = strongest.entry(dimension).or_insert(index);
        if one.points > matched[*best].points {
            *best = index;
        }
    }
    let mut leaders: Vec<usize> = strongest.into_values().collect();
    leaders.sort_by(|a, b| matched[*b].points.total_cmp(&matched[*a].points).then(a.cmp(b)));
    for index in leaders.into_iter().skip(1) {
        matched[index].points += bonus;
    }
}

/// One indicator is no finding: flagged are a strong sign, two mediums with a third sign, or three
/// mediums, as ILO's rule for a dimension has it; any sign in a text whose words lie as those of
/// recruiters do; and such a text by itself where they do so clearly. Signs of context help as the
/// third only, signs of manner not at all.
pub(crate) fn passes_gate(matched: &[Weighed<'_>], weights: &Weights) -> bool {
    let mut signs: BTreeMap<&str, (Strength, Dimension)> = BTreeMap::new();
    let mut tenor: f64 = 0.0;
    for one in matched.iter().filter(|one| !flags_nothing(one, weights)) {
        if is_tenor(one, weights) {
            tenor = tenor.max(one.share);
        }
        signs.extend(one.kind.map(|kind| (one.sign, kind)));
    }
    let count = |wanted| {
        let counts = |(strength, dimension): &&(Strength, Dimension)| {
            *strength == wanted && *dimension != Dimension::Context
        };
        signs.values().filter(counts).count()
    };
    count(Strength::Strong) >= 1
        || (count(Strength::Medium) >= 2 && signs.len() >= 3)
        || (tenor >= TENOR_COUNTS_FROM && signs.len() >= 2)
        || tenor > CLEAR_ABOVE
}

/// To four places, but never to nothing: a finding without points would not be a reason.
fn rounded(points: f64) -> f64 {
    let least = if points < 0.0 { -1.0 } else { 1.0 };
    let parts = (points * PARTS).round();
    (if parts == 0.0 { least } else { parts }) / PARTS
}

/// 1 / (1 + e^-x), with additions and multiplications only: the exponential functions of mathematics
/// libraries differ in their last bits from machine to machine.
pub(crate) fn logistic(x: f64) -> f64 {
    let x = x.clamp(-40.0, 40.0);
    // e^y = (e^(y/1024))^1024, the inner one by its series, which converges at once.
    let small = -x / 1024.0;
    let mut term = 1.0;
    let mut power = 1.0;
    for n in 1..=12 {
        term *= small / f64::from(n);
        power += term;
    }
    for _ in 0..10 {
        power *= power;
    }
    1.0 / (1.0 + power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights() -> Weights {
        Weights {
            bias: -4.0,
            strong: 4.0,
            medium: 2.0,
            weak: 0.5,
            further_share: 0.1,
            dimension_bonus: 0.5,
            weak_cap: 1.2,
            mitigations: [("news".to_owned(), -7.0)].into(),
            negated: -0.2,
            slope: 1.0,
            ..Weights::default()
        }
    }

    const STRONG: Option<(Strength, Dimension)> = Some((Strength::Strong, Dimension::Exploitation));
    const MEDIUM: Option<(Strength, Dimension)> = Some((Strength::Medium, Dimension::Exploitation));
    const OTHER_MEDIUM: Option<(Strength, Dimension)> =
        Some((Strength::Medium, Dimension::CoerciveRecruitment));
    const CONTEXT: Option<(Strength, Dimension)> = Some((Strength::Medium, Dimension::Context));
    const WEAK: Option<(Strength, Dimension)> = Some((Strength::Weak, Dimension::Exploitation));

    type Kind = Option<(Strength, Dimension)>;

    /// A sign of one rule; tests say what is other.
    const ONE: Weighed<'static> = Weighed {
        sign: "a",
        rule: "r",
        pieces: 1,
        points: 1.0,
        share: 1.0,
        kind: None,
        negated: false,
        is_heard: false,
        matched: 0,
    };

    fn points(matched: &[(&'static str, &'static str, f64, Kind)]) -> (Vec<f64>, f64) {
        let mut weighed: Vec<Weighed<'_>> = matched
            .iter()
            .map(|(sign, rule, points, kind)| {
                let negated = *sign == "negated";
                let (points, kind) = (*points, *kind);
                Weighed { sign, rule, points, kind, negated, ..ONE }
            })
            .collect();
        let probability = weigh(&mut weighed, &weights());
        (weighed.iter().map(|one| one.points).collect(), probability)
    }

    #[test]
    fn nothing_found_scores_next_to_nothing() {
        let (points, probability) = points(&[]);
        assert!(points.is_empty());
        assert!((probability - 0.017_986).abs() < 1e-6, "{probability}");
    }

    #[test]
    fn the_strongest_of_an_indicator_counts_whole_and_further_ones_little() {
        let (points, _) = points(&[("a", "r1", 0.5, STRONG), ("a", "r2", 1.0, STRONG)]);
        assert_eq!(points, [0.2, 4.0]);
    }

    #[test]
    fn of_equals_what_is_said_in_one_breath_stands_for_the_sign() {
        let mut weighed = [("in pieces", 3), ("whole", 1)].map(|(rule, pieces)| Weighed {
            rule,
            pieces,
            kind: STRONG,
            ..ONE
        });
        weigh(&mut weighed, &weights());
        let points = weighed.map(|one| (one.rule, one.points));
        assert_eq!(points, [("whole", 4.0), ("in pieces", 0.4)]);
    }

    #[test]
    fn twenty_ways_to_say_the_same_add_no_more_than_three() {
        const RULES: [&str; 20] = [
            "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q",
            "r", "s", "t",
        ];
        let sum = |count: usize| {
            let matched: Vec<_> =
                RULES.iter().take(count).map(|rule| ("x", *rule, 1.0, STRONG)).collect();
            points(&matched).0.iter().sum::<f64>()
        };
        assert!((sum(3) - 4.8).abs() < 1e-9);
        assert!((sum(20) - 4.8).abs() < 0.002, "{}", sum(20));
    }

    #[test]
    fn weak_signs_together_stay_under_their_cap_and_never_flag() {
        let signs = ["a", "b", "c", "d", "e", "f"];
        let matched: Vec<_> = signs.iter().map(|sign| (*sign, "r", 1.0, WEAK)).collect();
        let (points, probability) = points(&matched);
        assert!((points.iter().sum::<f64>() - 1.2).abs() < 1e-9);
        assert!(probability < 0.15);
    }

    #[test]
    fn a_second_dimension_adds_its_bonus_to_the_lesser_finding() {
        let (points, _) = points(&[("a", "r", 1.0, STRONG), ("b", "r", 1.0, OTHER_MEDIUM)]);
        assert_eq!(points, [4.0, 2.5]);
    }

    #[test]
    fn one_indicator_is_no_finding_unless_it_is_strong() {
        const A: (&str, &str, f64, Kind) = ("a", "r", 1.0, MEDIUM);
        const B: (&str, &str, f64, Kind) = ("b", "r", 1.0, OTHER_MEDIUM);
        let flagged = |kinds: &[(&'static str, Kind)], known: &[_]| {
            let further = kinds.iter().map(|(sign, kind)| (*sign, "r", 1.0, *kind));
            points(&further.chain(known.iter().copied()).collect::<Vec<_>>()).1 >= 0.4
        };
        assert!(flagged(&[("s", STRONG)], &[]));
        assert!(!flagged(&[], &[A, B]), "two mediums");
        assert!(flagged(&[("w", WEAK)], &[A, B]), "and a third");
        assert!(flagged(&[("m", MEDIUM)], &[A, B]), "which may be medium");
        assert!(flagged(&[("c", CONTEXT)], &[A, B]), "or context");
        assert!(flagged(&[("m", MEDIUM), ("w", WEAK)], &[A]), "or all of one dimension");
        assert!(!flagged(&[("c", CONTEXT), ("d", CONTEXT)], &[A]), "context is no second medium");
        assert!(!flagged(&[("v", WEAK), ("w", WEAK)], &[A]), "nor is a weak one");
    }

    #[test]
    fn a_sign_is_worth_a_look_where_the_words_lie_as_recruiters_lie() {
        let weights = Weights {
            tenor: vec!["tenor".to_owned()],
            indicators: [("tenor".to_owned(), 4.0)].into(),
            against_sure_tenor: Some(-0.5),
            ..weights()
        };
        let score = |known: &[(&'static str, f64, Kind)]| {
            let weighed = |(sign, points, kind): &(&'static str, f64, Kind)| Weighed {
                sign,
                points: *points,
                share: *points,
                kind: *kind,
                negated: *sign == "denied",
                ..ONE
            };
            weigh(&mut known.iter().map(weighed).collect::<Vec<_>>(), &weights)
        };
        let tenor = |share| ("tenor", share, CONTEXT);
        assert!(score(&[("a", 1.0, MEDIUM), tenor(0.75)]) >= 0.4);
        assert!(score(&[("a", 1.0, MEDIUM), ("w", 1.0, WEAK), tenor(0.7)]) < 0.4, "not quite");
        assert!(score(&[("a", 1.0, MEDIUM), tenor(0.2)]) < 0.4, "a faint one");
        assert!(score(&[tenor(1.0)]) < 0.4, "alone");
        assert!(score(&[tenor(1.05)]) >= 0.4, "alone, but clear");
        let (news, denied) = (("news", 1.0, None), ("denied", 1.0, None));
        assert!(score(&[tenor(1.05), news]) < 0.4, "clear, but news");
        assert!(score(&[tenor(1.1), news]) >= 0.4, "sure, though it is news");
        assert!(score(&[tenor(1.1), news, denied]) >= 0.4, "and though a sign is denied");
        assert!(score(&[tenor(1.0), ("a", 1.0, STRONG), ("news", 1.0, None)]) < 0.4, "news");
        assert!(score(&[("w", 1.0, WEAK), tenor(1.0)]) >= 0.4, "a weak one");
        assert!(score(&[("v", 1.0, WEAK), ("w", 1.0, WEAK), tenor(0.7)]) < 0.4, "weak ones alone");
    }

    #[test]
    fn what_is_only_heard_makes_nothing_worth_a_look() {
        let score = |known: &[(&'static str, Kind, bool)]| {
            let weighed = |(sign, kind, is_heard): &(&'static str, Kind, bool)| Weighed {
                sign,
                kind: *kind,
                is_heard: *is_heard,
                ..ONE
            };
            weigh(&mut known.iter().map(weighed).collect::<Vec<_>>(), &weights())
        };
        assert!(score(&[("a", STRONG, false)]) >= 0.4);
        assert!(score(&[("a", STRONG, false), ("b", WEAK, true)]) > score(&[("a", STRONG, false)]));
        assert!(score(&[("a", STRONG, true), ("b", STRONG, true)]) < 0.4);
        let two = [("a", MEDIUM, false), ("b", OTHER_MEDIUM, false)];
        assert!(score(&[two[0], two[1], ("c", WEAK, true)]) < 0.4, "no third sign");
        assert!(score(&[two[0], two[1], ("c", WEAK, false)]) >= 0.4);
        let once_more = score(&[("a", STRONG, false), ("a", STRONG, true)]);
        assert!(once_more > score(&[("a", STRONG, false)]), "beside what a phrase says");
    }

    #[test]
    fn how_an_offer_is_written_raises_what_is_flagged_and_flags_nothing() {
        let weights = Weights { manner: vec!["spelling".to_owned()], ..weights() };
        let score = |known: &[(&'static str, Kind)]| {
            let weighed =
                |(sign, kind): &(&'static str, Kind)| Weighed { sign, kind: *kind, ..ONE };
            weigh(&mut known.iter().map(weighed).collect::<Vec<_>>(), &weights)
        };
        let spelled = ("spelling", WEAK);
        assert!(score(&[("a", STRONG), spelled]) > score(&[("a", STRONG)]));
        assert!(score(&[("a", MEDIUM), ("b", OTHER_MEDIUM), spelled]) < 0.4, "no third sign");
        let news = ("news", None);
        assert!(score(&[("a", STRONG), ("b", STRONG), ("c", MEDIUM), news]) < 0.4);
        assert!(score(&[("a", STRONG), ("b", STRONG), ("c", MEDIUM), news, spelled]) < 0.4);
    }

    #[test]
    fn what_speaks_against_is_below_nought_and_subtracts() {
        let (points, probability) = points(&[
            ("a", "r", 1.0, STRONG),
            ("negated", "r", 1.0, None),
            ("news", "r", 0.5, None),
        ]);
        assert_eq!(points, [4.0, -3.5, -0.2]);
        assert!((probability - logistic(-3.7)).abs() < 1e-12);
    }

    #[test]
    fn our_own_logistic_is_the_logistic() {
        for step in -400..=400 {
            let x = f64::from(step) / 10.0;
            let expected = 1.0 / (1.0 + (-x).exp());
            assert!((logistic(x) - expected).abs() < 1e-12, "{x}");
        }
        assert!(logistic(f64::MAX) > 0.999 && logistic(f64::MIN) < 0.001);
    }
}
