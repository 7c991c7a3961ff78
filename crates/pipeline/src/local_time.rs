//! Our calendar for croner, which brings one for an earlier version of it alone: how a time of the
//! clock on the wall becomes a moment, on days on which it is set forward or back too.

use std::cmp::Ordering;

use croner::errors::CronError;
use croner::{CivilDateTime, CronDateTime, Resolution, Weekday};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ZonedDateTime};

/// A moment with the clock of its place.
#[derive(Clone, Debug)]
pub(crate) struct LocalTime(ZonedDateTime);

impl LocalTime {
    pub(crate) fn new(at: Timestamp, zone: &TimeZone) -> Self {
        Self(at.to_zoned_datetime(zone.clone()))
    }

    pub(crate) fn timestamp(&self) -> Timestamp {
        self.0.timestamp()
    }
}

impl CronDateTime for LocalTime {
    fn to_civil(&self) -> CivilDateTime {
        let at = self.0.datetime();
        let (month, day) = (at.month().unsigned_abs().into(), at.day().unsigned_abs().into());
        let (hour, minute) = (at.hour().unsigned_abs().into(), at.minute().unsigned_abs().into());
        let second = at.second().unsigned_abs().into();
        CivilDateTime::from_ymd_hms_opt(at.year().into(), month, day, hour, minute, second)
            .expect("a time of one calendar is one of the other")
    }

    fn civil_weekday(&self) -> Weekday {
        let days = self.0.weekday().to_sunday_zero_offset().unsigned_abs();
        Weekday::from_days_from_sunday(days.into())
    }

    fn resolve_civil(&self, civil: CivilDateTime) -> Result<Resolution<Self>, CronError> {
        let small = |number: u32| i8::try_from(number).map_err(|_| CronError::InvalidDate);
        let year = i16::try_from(civil.year()).map_err(|_| CronError::InvalidDate)?;
        let at = DateTime::new(
            year,
            small(civil.month())?,
            small(civil.day())?,
            small(civil.hour())?,
            small(civil.minute())?,
            small(civil.second())?,
            0,
        )
        .map_err(|_| CronError::InvalidDate)?;
        let ambiguous = self.0.time_zone().to_ambiguous_zoned_datetime(at);
        let moment = |resolved: Result<ZonedDateTime, jiff::Error>| {
            resolved.map(Self).map_err(|_| CronError::InvalidTime)
        };
        Ok(match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => {
                Resolution::Single(moment(ambiguous.unambiguous())?)
            }
            AmbiguousOffset::Fold { .. } => Resolution::Ambiguous(
                moment(ambiguous.clone().earlier())?,
                moment(ambiguous.later())?,
            ),
            AmbiguousOffset::Gap { .. } => Resolution::Gap,
        })
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        self.0.checked_add(SignedDuration::from_secs(seconds)).ok().map(Self)
    }

    fn cmp_instant(&self, other: &Self) -> Ordering {
        self.timestamp().cmp(&other.timestamp())
    }
}
