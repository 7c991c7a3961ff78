//! Whether a source still gives what it used to. Sites change without a word, and a collector that
//! reads nothing looks just like a quiet week; so each source is held against its own past.

use domain::Walk;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::Schedule;

/// Walks in a row that must fail before it is said to be broken.
const FAILED_WALKS: usize = 3;
/// Fewer walks are no past to be held against.
const FEWEST_WALKS: usize = 5;
/// Fewer postings say nothing about how they are filled in.
const FEWEST_POSTINGS: u64 = 20;
/// Chance that a source which is well gives so many empty walks in a row: lower is an alarm.
const UNLIKELY: f64 = 0.001;

/// Something that a person should look into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alarm {
    /// `source.silent`, `source.failing`, `source.field-missing` ...
    pub name: &'static str,
    /// What drifted, since when, from what to what.
    pub reason: String,
}

/// How a source does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Health {
    /// When its last walk ended.
    pub last_walk: Option<Timestamp>,
    /// New postings of the last walk.
    pub new: u64,
    /// New postings of a walk on average, over those remembered.
    pub new_usually: f64,
    /// Empty: all is well, or there is too little past to tell.
    pub alarms: Vec<Alarm>,
}

/// Holds a source's last walks, the latest last, against those before. The schedule tells whether one
/// is missing.
pub fn health(walks: &[Walk], schedule: Option<&Schedule>, now: Timestamp) -> Health {
    let finished: Vec<&Walk> = walks.iter().filter(|walk| walk.finished).collect();
    let all_new: u64 = finished.iter().map(|walk| walk.yielded.new).sum();
    let checks = [
        failing(walks),
        schedule.and_then(|schedule| overdue(walks, schedule, now)),
        silent(&finished),
        missing(&finished, "title", |walk| walk.yielded.titled),
        missing(&finished, "author", |walk| walk.yielded.authored),
        missing(&finished, "date", |walk| walk.yielded.dated),
        same_dates(&finished),
        unreadable(&finished),
        late(&finished),
    ];
    Health {
        last_walk: walks.last().map(|walk| walk.ended_at),
        new: walks.last().map_or(0, |walk| walk.yielded.new),
        new_usually: all_new as f64 / finished.len().max(1) as f64,
        alarms: checks.into_iter().flatten().collect(),
    }
}

fn failing(walks: &[Walk]) -> Option<Alarm> {
    // A walk that met nothing but faults came to its end in name alone.
    let has_failed =
        |walk: &&Walk| !walk.finished || (walk.yielded.read == 0 && walk.yielded.faults > 0);
    let failed = walks.iter().rev().take_while(has_failed).count();
    if failed < FAILED_WALKS.min(walks.len()) || failed == 0 {
        return None;
    }
    let since = day(&walks[walks.len() - failed]);
    let reason = format!("{failed} walks in a row failed, since {since}");
    Some(Alarm { name: "source.failing", reason })
}

fn overdue(walks: &[Walk], schedule: &Schedule, now: Timestamp) -> Option<Alarm> {
    let last = walks.last()?;
    let turn = schedule.turn(last.started_at)?;
    let late = now.duration_since(last.started_at);
    if late <= turn.checked_mul(2)?.checked_add(SignedDuration::from_hours(1))? {
        return None;
    }
    let reason = format!(
        "not walked since {}, its schedule asks for every {}",
        day(last),
        in_words(turn.as_secs() / 60)
    );
    Some(Alarm { name: "source.overdue", reason })
}

/// Nothing new, walk after walk, where that was rare. How rare is counted in the walks before: a board
/// with news every other day may be silent longer than one with news every hour.
fn silent(walks: &[&Walk]) -> Option<Alarm> {
    let empty = walks.iter().rev().take_while(|walk| walk.yielded.new == 0).count();
    let before = &walks[..walks.len() - empty];
    if empty == 0 || before.len() < FEWEST_WALKS {
        return None;
    }
    let were_empty = before.iter().filter(|walk| walk.yielded.new == 0).count();
    let chance = (were_empty as f64 + 0.5) / (before.len() as f64 + 1.0);
    if chance.powi(i32::try_from(empty).ok()?) >= UNLIKELY {
        return None;
    }
    let brought: u64 = before.iter().map(|walk| walk.yielded.new).sum();
    let reason = format!(
        "nothing new in {empty} walks, since {}; the {} walks before brought {brought}",
        day(walks[walks.len() - empty]),
        before.len()
    );
    Some(Alarm { name: "source.silent", reason })
}

/// A field that most postings had and that hardly one has now.
fn missing(walks: &[&Walk], field: &str, filled: impl Fn(&Walk) -> u64) -> Option<Alarm> {
    let is_gone = |walk: &&&Walk| filled(walk) * 10 <= walk.yielded.read;
    let gone = walks.iter().rev().take_while(is_gone).count();
    let (before, now) = walks.split_at(walks.len() - gone);
    let first = now.iter().find(|walk| walk.yielded.read > 0)?;
    let sums = |walks: &[&Walk]| {
        walks
            .iter()
            .fold((0, 0), |(read, had), walk| (read + walk.yielded.read, had + filled(walk)))
    };
    let ((read, had), (read_now, has_now)) = (sums(before), sums(now));
    if read < FEWEST_POSTINGS || had * 10 < read * 7 || read_now < 5 {
        return None;
    }
    let reason = format!(
        "{field} missing since {}: {has_now} of {read_now} postings have one, before {had} of {read}",
        day(first)
    );
    Some(Alarm { name: "source.field-missing", reason })
}

/// All postings of a walk with one and the same time, where times differed: the date is read from the
/// wrong place.
fn same_dates(walks: &[&Walk]) -> Option<Alarm> {
    let tells = |walk: &&&Walk| walk.yielded.dated >= 5;
    let last = walks.iter().rev().find(tells)?;
    let same = walks.iter().rev().filter(tells).take_while(|walk| walk.yielded.dates == 1).count();
    let differed = walks.iter().filter(tells).filter(|walk| walk.yielded.dates > 1).count();
    if same == 0 || differed < FEWEST_WALKS {
        return None;
    }
    let first = walks.iter().rev().filter(tells).nth(same - 1).unwrap_or(last);
    let reason = format!(
        "all dates equal since {}: {} postings with one time in the last walk",
        day(first),
        last.yielded.dated
    );
    Some(Alarm { name: "source.dates-equal", reason })
}

/// Half of what is met cannot be read, where nearly all could.
fn unreadable(walks: &[&Walk]) -> Option<Alarm> {
    let share = |walk: &Walk| {
        let met = walk.yielded.read + walk.yielded.faults;
        (met > 0).then(|| walk.yielded.faults as f64 / met as f64)
    };
    let is_bad = |walk: &&&Walk| share(walk).is_some_and(|share| share >= 0.5);
    let bad = walks.iter().rev().take_while(is_bad).count();
    let (before, now) = walks.split_at(walks.len() - bad);
    let faults: u64 = now.iter().map(|walk| walk.yielded.faults).sum();
    let shares: Vec<f64> = before.iter().filter_map(|walk| share(walk)).collect();
    let usual = shares.iter().sum::<f64>() / shares.len().max(1) as f64;
    if faults < 3 || shares.len() < FEWEST_WALKS || usual > 0.1 {
        return None;
    }
    let reason = format!(
        "{faults} faults in {bad} walks, since {}; before, {:.0} % of what was met could not be read",
        day(now.first()?),
        100.0 * usual
    );
    Some(Alarm { name: "source.unreadable", reason })
}

/// New postings come days after they were published, where they came within hours.
fn late(walks: &[&Walk]) -> Option<Alarm> {
    let delays: Vec<(&Walk, u64)> = walks
        .iter()
        .filter_map(|walk| walk.yielded.delay_minutes.map(|delay| (*walk, delay)))
        .collect();
    let (before, now) = delays.split_at(delays.len().checked_sub(FAILED_WALKS)?);
    let mut usual: Vec<u64> = before.iter().map(|(_, delay)| *delay).collect();
    usual.sort_unstable();
    let usual_delay = *usual.get(usual.len() / 2).filter(|_| usual.len() >= FEWEST_WALKS)?;
    let least = now.iter().map(|(_, delay)| *delay).min()?;
    if least <= 24 * 60 || least <= usual_delay.saturating_mul(5) {
        return None;
    }
    let reason = format!(
        "new postings are {} old when they are met, since {}; usually {}",
        in_words(least as i64),
        day(now.first()?.0),
        in_words(usual_delay as i64)
    );
    Some(Alarm { name: "source.late", reason })
}

/// The day of a walk with its weekday, in UTC: people say "since Tuesday".
fn day(walk: &Walk) -> String {
    walk.started_at.strftime("%a %Y-%m-%d").to_string()
}

fn in_words(minutes: i64) -> String {
    let span = SignedDuration::from_mins(minutes);
    match minutes {
        ..120 => format!("{minutes} minutes"),
        120..2880 => format!("{:.0} hours", span.as_secs_f64() / 3600.0),
        _ => format!("{:.0} days", span.as_secs_f64() / 86_400.0),
    }
}

#[cfg(test)]
mod tests {
    use domain::Yield;

    use super::*;

    /// A walk a day from Monday 1 June 2026 on.
    fn walks(yields: impl IntoIterator<Item = Yield>) -> Vec<Walk> {
        let first: Timestamp = "2026-06-01T06:00:00Z".parse().unwrap();
        yields
            .into_iter()
            .zip(0..)
            .map(|(yielded, day)| {
                let started_at = first + SignedDuration::from_hours(24 * day);
                let ended_at = started_at + SignedDuration::from_mins(1);
                Walk { started_at, ended_at, finished: true, yielded }
            })
            .collect()
    }

    fn well(new: u64) -> Yield {
        Yield {
            read: 20,
            new,
            titled: 20,
            authored: 19,
            dated: 20,
            dates: 20,
            faults: 0,
            delay_minutes: (new > 0).then_some(120),
        }
    }

    fn alarms(walks: &[Walk]) -> Vec<(&'static str, String)> {
        let now = walks.last().unwrap().ended_at;
        health(walks, None, now)
            .alarms
            .into_iter()
            .map(|alarm| (alarm.name, alarm.reason))
            .collect()
    }

    fn the_alarm(walks: &[Walk]) -> (&'static str, String) {
        let mut alarms = alarms(walks);
        assert_eq!(alarms.len(), 1, "{alarms:?}");
        alarms.remove(0)
    }

    #[test]
    fn a_source_that_does_what_it_always_did_is_well() {
        assert_eq!(alarms(&walks((0..40).map(|day| well(day % 4)))), []);
        // Too young to tell.
        assert_eq!(alarms(&walks([well(3), well(0), well(0)])), []);
        // News once a week: six empty days are nothing.
        let weekly = (0..41).map(|day| well(u64::from(day % 7 == 0) * 5));
        assert_eq!(alarms(&walks(weekly)), []);
    }

    #[test]
    fn silence_where_there_was_always_news_is_told() {
        let fell_silent = (0..20).map(|_| well(4)).chain((0..3).map(|_| well(0)));
        let (name, reason) = the_alarm(&walks(fell_silent));
        assert_eq!(name, "source.silent");
        assert_eq!(
            reason,
            "nothing new in 3 walks, since Sun 2026-06-21; the 20 walks before brought 80"
        );
    }

    #[test]
    fn a_field_that_is_gone_is_told_with_the_day() {
        let untitled = Yield { titled: 0, ..well(3) };
        let redesigned = (0..8).map(|_| well(3)).chain([untitled.clone(), untitled]);
        let (name, reason) = the_alarm(&walks(redesigned));
        assert_eq!(name, "source.field-missing");
        assert_eq!(
            reason,
            "title missing since Tue 2026-06-09: 0 of 40 postings have one, before 160 of 160"
        );
        // Channels never had titles.
        let channel = (0..20).map(|_| Yield { titled: 0, ..well(3) });
        assert_eq!(alarms(&walks(channel)), []);
    }

    #[test]
    fn equal_dates_faults_and_delays_are_told() {
        for (yielded, expected) in [
            (Yield { dates: 1, ..well(3) }, "source.dates-equal"),
            (
                Yield { read: 2, titled: 2, authored: 2, dated: 2, faults: 9, ..well(1) },
                "source.unreadable",
            ),
            (Yield { delay_minutes: Some(4 * 24 * 60), ..well(3) }, "source.late"),
        ] {
            let drifted = (0..10).map(|_| well(3)).chain((0..3).map(|_| yielded.clone()));
            assert_eq!(the_alarm(&walks(drifted)).0, expected);
        }
    }

    #[test]
    fn walks_that_fail_or_do_not_happen_are_told() {
        let mut broken = walks((0..6).map(|_| well(3)));
        broken[3..].iter_mut().for_each(|walk| walk.finished = false);
        let (name, reason) = the_alarm(&broken);
        assert_eq!(name, "source.failing");
        assert!(
            reason.contains("3 walks in a row") && reason.contains("Thu 2026-06-04"),
            "{reason}"
        );

        let daily = walks((0..6).map(|_| well(3)));
        let schedule = crate::schedule::daily_at_six();
        let last = daily.last().unwrap().started_at;
        let told = |hours| {
            health(&daily, Some(&schedule), last + SignedDuration::from_hours(hours)).alarms
        };
        assert_eq!(told(40), []);
        let alarm = &told(24 * 4)[0];
        assert_eq!(alarm.name, "source.overdue");
        assert!(alarm.reason.ends_with("its schedule asks for every 24 hours"), "{}", alarm.reason);
    }
}
