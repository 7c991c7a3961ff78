//! When the page of a flagged posting is asked for again.

use domain::Revisit;
use jiff::{SignedDuration, Timestamp};

/// What kept us from an answer is tried again after this long: a host's budget is one of a day.
const BETWEEN_TRIES: SignedDuration = SignedDuration::from_hours(24);

/// Whether a posting that was captured then is to be asked for now, after these revisits of it. Its
/// turns are so many hours after its capture, and then every multiple of the last number. A turn that
/// was missed is made up for once; a turn that was answered is over.
pub(super) fn is_due<'r>(
    hours: &[u32],
    captured_at: Timestamp,
    revisits: impl Iterator<Item = &'r Revisit>,
    now: Timestamp,
) -> bool {
    let Some(turn) = last_turn(hours, captured_at, now) else { return false };
    let longest = hours.last().map_or(0, |last| i64::from(*last));
    let (mut answered, mut tried) = (None, None);
    for revisit in revisits {
        // The clock stood in the far future then: to wait for that time could take years.
        if revisit.last_at.duration_since(now) > SignedDuration::from_hours(longest) {
            continue;
        }
        tried = tried.max(Some(revisit.last_at));
        if is_settled(revisit) {
            answered = answered.max(Some(revisit.last_at));
        }
    }
    answered.is_none_or(|answered| answered < turn)
        && tried.is_none_or(|tried| now.duration_since(tried) >= BETWEEN_TRIES || tried < turn)
}

/// Whether a turn is over with it: there was an answer, or there will be none tomorrow either.
fn is_settled(revisit: &Revisit) -> bool {
    const FOR_GOOD: [&str; 4] =
        ["fetch.robots-disallow", "fetch.forbidden", "fetch.bad-url", "fetch.private-address"];
    let why = revisit.why.as_deref();
    revisit.found.is_answer() || why.is_some_and(|why| FOR_GOOD.contains(&why))
}

/// The latest turn that has come.
fn last_turn(hours: &[u32], captured_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let passed = now.duration_since(captured_at).as_hours();
    let last = i64::from(*hours.last()?).max(1);
    let turn = if passed >= last {
        passed / last * last
    } else {
        hours.iter().rev().map(|turn| i64::from(*turn)).find(|turn| *turn <= passed)?
    };
    captured_at.checked_add(SignedDuration::from_hours(turn)).ok()
}

#[cfg(test)]
mod tests {
    use domain::Found;
    use proptest::prelude::*;

    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_780_000_000 + hour * 3600).unwrap()
    }

    /// The hours at which somebody who looks every `step` hours asks, and what it was each time.
    fn asked(
        hours: &[u32],
        step: i64,
        end: i64,
        found: impl Fn(i64) -> (Found, Option<&'static str>),
    ) -> Vec<i64> {
        let mut rows = Vec::new();
        let mut asked = Vec::new();
        for now in (0..=end).step_by(step as usize) {
            if is_due(hours, at(0), rows.iter(), at(now)) {
                let posting = "p-aaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
                let (found, why) = found(now);
                let why = why.map(str::to_owned);
                Revisit::note(&mut rows, Revisit::once(posting, found, why, None, at(now)));
                asked.push(now);
            }
        }
        asked
    }

    #[test]
    fn a_day_three_days_and_a_week_later_and_then_each_week() {
        for (hours, step, expected) in [
            (&[24, 72, 168][..], 1, &[24, 72, 168, 336, 504][..]),
            (&[24, 72, 168], 6, &[24, 72, 168, 336, 504]),
            (&[24, 72, 168], 50, &[50, 100, 200, 350]),
            (&[24, 72, 168], 400, &[400]),
            (&[240], 10, &[240, 480]),
            (&[], 1, &[]),
        ] {
            assert_eq!(
                asked(hours, step, 510, |_| (Found::Gone, None)),
                expected,
                "{hours:?} {step}"
            );
        }
    }

    #[test]
    fn what_was_refused_is_tried_again_the_next_day_and_no_sooner() {
        let refused_until = |day: i64| {
            let budget = (Found::Refused, Some("fetch.budget"));
            move |now: i64| if now < day * 24 { budget } else { (Found::Unchanged, None) }
        };
        assert_eq!(asked(&[24, 168], 1, 200, refused_until(3)), [24, 48, 72, 168]);
        let failed = (Found::Failed, Some("fetch.server-error"));
        assert_eq!(asked(&[24, 168], 1, 200, |_| failed)[..4], [24, 48, 72, 96]);
        // A rule of the site is no stumble.
        let forbidden = (Found::Refused, Some("fetch.robots-disallow"));
        assert_eq!(asked(&[24, 168], 1, 200, |_| forbidden), [24, 168]);
    }

    #[test]
    fn a_clock_that_jumps_stops_nothing() {
        let row = |hour| {
            let posting = "p-aaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
            [Revisit::once(posting, Found::Unchanged, None, None, at(hour))]
        };
        // Noted when the clock stood in another year: it counts for nothing.
        assert!(is_due(&[24], at(0), row(9000).iter(), at(30)));
        // Set back by an hour: it counts.
        assert!(!is_due(&[24], at(0), row(31).iter(), at(30)));
        // Captured in what is the future now.
        assert!(!is_due(&[24], at(100), [].iter(), at(30)));
    }

    proptest! {
        #[test]
        fn each_turn_is_asked_once_and_as_soon_as_somebody_looks(
            hours in prop::collection::btree_set(1_u32..400, 1..5),
            step in 1_i64..60,
        ) {
            let hours: Vec<u32> = hours.into_iter().collect();
            let last = i64::from(*hours.last().unwrap());
            let end = last * 4;
            let own = hours.iter().map(|hour| i64::from(*hour));
            let turns: Vec<i64> = own.chain((2..=4).map(|times| times * last)).collect();
            // Who looks at every `step`th hour asks at the first of them after each turn; turns
            // between two looks are one.
            let looks = turns.iter().map(|turn| (turn + step - 1) / step * step);
            let mut expected: Vec<i64> = looks.filter(|look| *look <= end).collect();
            expected.dedup();
            prop_assert_eq!(asked(&hours, step, end, |_| (Found::Unchanged, None)), expected);
        }
    }
}
