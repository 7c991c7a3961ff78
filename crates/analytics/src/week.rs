//! Weeks, from Monday to Sunday in UTC (ISO 8601).

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, ISOWeekDate, Weekday};
use serde::{Serialize, Serializer};

/// A week, by its Monday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Week(i32);

const DAY: i64 = 86_400;
/// A time that a source states counts while it lies so many days before the capture, or one after:
/// a feed that says 1970 or 2099 does not know.
const OLDEST: i64 = 3 * 366;

impl Week {
    /// The week in which this moment lies.
    pub fn of(at: Timestamp) -> Self {
        Self::of_second(at.as_second())
    }

    fn of_second(second: i64) -> Self {
        let day = second.div_euclid(DAY);
        // 1970-01-01 was a Thursday.
        let monday = day - (day + 3).rem_euclid(7);
        Self(i32::try_from(monday).unwrap_or(0))
    }

    pub(crate) fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// Its Monday, in days since 1970.
    pub(crate) fn days(self) -> i32 {
        self.0
    }

    /// So many weeks before.
    pub(crate) fn back(self, weeks: i32) -> Self {
        Self(self.0 - 7 * weeks)
    }

    /// How many weeks this one is after the other.
    pub(crate) fn since(self, other: Self) -> i32 {
        (self.0 - other.0) / 7
    }

    /// Its Monday.
    pub fn monday(self) -> Date {
        let moment = Timestamp::from_second(i64::from(self.0) * DAY).unwrap_or_default();
        moment.to_zoned_datetime(jiff::tz::TimeZone::UTC).date()
    }

    /// Its Sunday.
    pub fn sunday(self) -> Date {
        self.monday().saturating_add(jiff::Span::new().days(6))
    }

    /// The moment at which it begins.
    pub(crate) fn begin(self) -> Timestamp {
        Timestamp::from_second(i64::from(self.0) * DAY).unwrap_or_default()
    }

    /// Reads `2026-W48`, or a date within the week.
    pub fn parse(text: &str) -> Option<Self> {
        let date = match text.split_once("-W") {
            Some((year, week)) => {
                let (year, week) = (year.parse().ok()?, week.parse().ok()?);
                ISOWeekDate::new(year, week, Weekday::Monday).ok()?.date()
            }
            None => text.parse().ok()?,
        };
        let at = date.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok()?.timestamp();
        Some(Self::of(at))
    }
}

/// The week that a posting counts in: of publication, if the time that its source states can be.
pub(crate) fn of_posting(published: Option<Timestamp>, captured: Timestamp) -> Week {
    let captured = captured.as_second();
    let can_be = |second: &i64| {
        *second <= captured + DAY && *second >= captured.saturating_sub(OLDEST * DAY)
    };
    Week::of_second(published.map(|at| at.as_second()).filter(can_be).unwrap_or(captured))
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let week = self.monday().iso_week_date();
        f.pad(&format!("{:04}-W{:02}", week.year(), week.week()))
    }
}

impl Serialize for Week {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_are_those_of_the_calendar() {
        for (day, week) in [
            ("2026-11-23", "2026-W48"),
            ("2026-11-29", "2026-W48"),
            ("2026-01-01", "2026-W01"),
            ("2027-01-01", "2026-W53"),
            ("1969-12-31", "1970-W01"),
        ] {
            let read = Week::parse(day).unwrap();
            assert_eq!(read.to_string(), week);
            assert_eq!(Week::parse(week), Some(read));
        }
        assert_eq!(Week::parse("2026-W54"), None);
    }

    #[test]
    fn a_time_that_cannot_be_does_not_count() {
        let captured: Timestamp = "2026-11-25T10:00:00Z".parse().unwrap();
        for (published, week) in [
            ("2026-11-02T00:00:00Z", "2026-W45"),
            ("1970-01-01T00:00:00Z", "2026-W48"),
            ("2099-01-01T00:00:00Z", "2026-W48"),
        ] {
            let published = published.parse().unwrap();
            assert_eq!(of_posting(Some(published), captured).to_string(), week, "{published}");
        }
        assert_eq!(of_posting(None, captured).to_string(), "2026-W48");
    }
}
