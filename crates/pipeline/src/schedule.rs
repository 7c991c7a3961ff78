//! When a source is due: its cron schedule in its time zone, moved by a jitter of its own so that a
//! hundred sources with one schedule do not start in one second.

use croner::Cron;
use domain::{Sha256, Source, SourceId, Walk};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::PipelineError;
use crate::config::ScheduleConfig;
use crate::local_time::LocalTime;

/// The schedule of one source.
#[derive(Clone, Debug)]
pub struct Schedule {
    cron: Cron,
    zone: TimeZone,
    jitter: SignedDuration,
}

impl Schedule {
    /// The schedule of a source: its own, or the desk's. A mistake is told with where it stands.
    pub fn of(source: &Source, desk: &ScheduleConfig) -> Result<Self, PipelineError> {
        let refused = |what: &str, value: &str, why: String| {
            PipelineError::Config(format!("source `{}`: {what} `{value}`: {why}", source.id))
        };
        let pattern = source.schedule.as_deref().unwrap_or(&desk.default);
        // The library's own words name its parts, not the field that is wrong.
        let cron = pattern.parse::<Cron>().map_err(|_| {
            let wanted = "five fields are wanted, minute (0-59), hour (0-23), day (1-31), month (1-12) and \
                          weekday (0-7); write it like `0 */6 * * *`";
            refused("schedule", pattern, wanted.to_owned())
        })?;
        let zone = source.time_zone.as_deref().unwrap_or(&desk.time_zone);
        let zone = TimeZone::get(zone).map_err(|_| {
            refused("time_zone", zone, "no such zone; write it like `Europe/Kyiv`".to_owned())
        })?;
        Ok(Self { cron, zone, jitter: jitter(&source.id, desk.jitter_minutes) })
    }

    /// The first time after this one at which the source is to be walked; `None` for a schedule that
    /// never comes, such as 30 February.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let unmoved = after.checked_sub(self.jitter).ok()?;
        let next = self.cron.find_next_occurrence(&LocalTime::new(unmoved, &self.zone), false);
        next.ok()?.timestamp().checked_add(self.jitter).ok()
    }

    /// Whether the source is to be walked now, its last walk being this one. What was missed while
    /// the machine was off is made up for once.
    pub fn is_due(&self, last: Option<&Walk>, now: Timestamp) -> bool {
        let Some(last) = last else { return true };
        if last.started_at <= now {
            return self.next(last.started_at).is_some_and(|next| next <= now);
        }
        // The clock was set back. By less than a turn of the schedule: the walk counts. By more: the
        // clock was wrong then, and waiting for that time to come could take years.
        self.next(now).is_some_and(|next| next < last.started_at)
    }

    /// The time from one turn of the schedule to the one after, around this time.
    pub fn turn(&self, around: Timestamp) -> Option<SignedDuration> {
        let next = self.next(around)?;
        Some(self.next(next)?.duration_since(next))
    }
}

#[cfg(test)]
pub(crate) fn daily_at_six() -> Schedule {
    let cron = "0 6 * * *".parse().expect("a pattern");
    Schedule { cron, zone: TimeZone::UTC, jitter: SignedDuration::ZERO }
}

/// From nought to this many minutes, the same for the same source at all times.
fn jitter(source: &SourceId, most_minutes: u32) -> SignedDuration {
    let digest = Sha256::of(source.as_str().as_bytes());
    let [a, b, c, d, ..] = *digest.as_bytes();
    let seconds = u64::from(u32::from_be_bytes([a, b, c, d])) % (u64::from(most_minutes) * 60 + 1);
    SignedDuration::from_secs(seconds as i64)
}

#[cfg(test)]
mod tests {
    use domain::{SourceKind, Yield};

    use super::*;

    fn schedule(pattern: &str, zone: &str) -> Schedule {
        let desk = ScheduleConfig {
            default: pattern.to_owned(),
            time_zone: zone.to_owned(),
            jitter_minutes: 0,
        };
        Schedule::of(&source("a"), &desk).unwrap()
    }

    fn source(id: &str) -> Source {
        let text =
            format!("id = \"{id}\"\nkind = \"feed\"\nurl = \"https://a.example\"\nbasis = \"b\"\n");
        let source: Source = toml::from_str(&text).unwrap();
        assert_eq!(source.kind, SourceKind("feed".to_owned()));
        source
    }

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    fn walk(started: &str) -> Walk {
        let started_at = at(started);
        Walk { started_at, ended_at: started_at, finished: true, yielded: Yield::default() }
    }

    /// The walks of a scanner that is started every ten minutes by a timer, from one time to another.
    fn walks(schedule: &Schedule, from: &str, to: &str) -> Vec<String> {
        let mut last = walk(from);
        let mut walked = Vec::new();
        let mut now = at(from);
        while now < at(to) {
            now += SignedDuration::from_mins(10);
            if schedule.is_due(Some(&last), now) {
                last = walk(&now.to_string());
                walked.push(now.to_string());
            }
        }
        walked
    }

    #[test]
    fn a_day_on_which_the_clock_changes_has_each_walk_once() {
        // In Kyiv 03:00 becomes 04:00 on 29 March 2026, and 04:00 becomes 03:00 on 25 October.
        let daily = schedule("30 3 * * *", "Europe/Kyiv");
        for (from, to) in [
            ("2026-03-27T12:00:00Z", "2026-03-31T12:00:00Z"),
            ("2026-10-23T12:00:00Z", "2026-10-27T12:00:00Z"),
        ] {
            assert_eq!(walks(&daily, from, to).len(), 4, "{from}");
        }
        let hourly = schedule("0 * * * *", "Europe/Kyiv");
        for day in ["2026-03-28T22:30:00Z", "2026-10-24T21:30:00Z"] {
            let end = at(day) + SignedDuration::from_hours(12);
            assert_eq!(walks(&hourly, day, &end.to_string()).len(), 12, "{day}");
        }
    }

    #[test]
    fn another_time_zone_neither_skips_nor_doubles_the_days_walk() {
        let (kyiv, london) =
            (schedule("0 6 * * *", "Europe/Kyiv"), schedule("0 6 * * *", "Europe/London"));
        let last = walk("2026-07-01T03:00:00Z");
        assert!(!kyiv.is_due(Some(&last), at("2026-07-01T12:00:00Z")));
        assert!(london.is_due(Some(&last), at("2026-07-01T05:00:00Z")), "the desk moved west");
        let last = walk("2026-07-01T05:00:00Z");
        assert!(!kyiv.is_due(Some(&last), at("2026-07-01T23:00:00Z")));
        assert!(kyiv.is_due(Some(&last), at("2026-07-02T03:00:00Z")));
    }

    #[test]
    fn a_clock_that_jumps_does_not_stop_the_walks() {
        let hourly = schedule("0 * * * *", "UTC");
        // Set back by ten minutes: the walk at nine counts.
        assert!(!hourly.is_due(Some(&walk("2026-07-01T09:00:00Z")), at("2026-07-01T08:50:00Z")));
        // It stood in the next year: that walk counts for nothing.
        assert!(hourly.is_due(Some(&walk("2027-07-01T09:00:00Z")), at("2026-07-01T08:50:00Z")));
        // Off for a month: made up for once.
        let last = walk("2026-06-01T09:00:00Z");
        assert!(hourly.is_due(Some(&last), at("2026-07-01T08:50:00Z")));
        assert!(!hourly.is_due(Some(&walk("2026-07-01T08:50:00Z")), at("2026-07-01T08:59:00Z")));
    }

    #[test]
    fn sources_with_one_schedule_do_not_start_together() {
        let desk = ScheduleConfig { jitter_minutes: 10, ..ScheduleConfig::default() };
        let starts: std::collections::BTreeSet<Timestamp> = (0..50)
            .map(|number| {
                let schedule = Schedule::of(&source(&format!("s{number}")), &desk).unwrap();
                schedule.next(at("2026-07-01T00:30:00Z")).unwrap()
            })
            .collect();
        assert!(starts.len() > 40, "{starts:?}");
        let spread = starts.last().unwrap().duration_since(*starts.first().unwrap());
        assert!(spread <= SignedDuration::from_mins(10), "{spread:?}");
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (pattern, zone, words) in [
            ("every day", "UTC", "schedule `every day`"),
            ("0 0 * * *", "Kyiv", "time_zone `Kyiv`"),
        ] {
            let desk = ScheduleConfig {
                default: pattern.to_owned(),
                time_zone: zone.to_owned(),
                jitter_minutes: 0,
            };
            let error = Schedule::of(&source("a"), &desk).unwrap_err().to_string();
            assert!(error.contains("source `a`") && error.contains(words), "{error}");
        }
    }
}
