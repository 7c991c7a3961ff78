use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

/// Longer texts are no dates.
const MAX_LENGTH: usize = 80;

/// The time that a source states: RFC 3339 and its relaxed forms (date alone, blank for `T`, no
/// seconds), RFC 822/2822 as feeds write it (any weekday, two-digit year, named zone), or a day as in
/// `07.09.2002`. A time without a zone is taken as UTC, a date alone as its midnight.
pub fn stated_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_LENGTH {
        return None;
    }
    iso(text).or_else(|| dotted(text)).or_else(|| mail_date(text))
}

fn iso(text: &str) -> Option<Timestamp> {
    // `2026-03-01 08:00:00 +0200`: the blank before the offset is the only thing that is wrong.
    let joined = match text.rsplit_once(' ') {
        Some((time, zone)) if zone.starts_with(['+', '-', 'Z', 'z']) => format!("{time}{zone}"),
        _ => text.to_owned(),
    };
    let utc = |time: DateTime| time.to_zoned_datetime(TimeZone::UTC).ok().map(|z| z.timestamp());
    joined
        .parse::<Timestamp>()
        .ok()
        .or_else(|| joined.parse::<DateTime>().ok().and_then(utc))
        .or_else(|| {
            joined.parse::<Date>().ok().and_then(|date| utc(date.to_datetime(Time::midnight())))
        })
}

/// `07.09.2002`, `7.9.2002, 10:30`: between dots the day stands first wherever dates are written so.
fn dotted(text: &str) -> Option<Timestamp> {
    let mut words = text.split([' ', ',']).filter(|word| !word.is_empty());
    let mut parts = words.next()?.splitn(3, '.').map(|part| part.parse::<i16>().ok());
    let (day, month, year) = (parts.next()??, parts.next()??, parts.next()??);
    let (day, month) = (i8::try_from(day).ok()?, i8::try_from(month).ok()?);
    let date = Date::new(year, month, day).ok().filter(|_| year >= 1900)?;
    let time = words.next().map_or(Some(Time::midnight()), clock_time)?;
    Offset::UTC.to_timestamp(date.to_datetime(time)).ok().filter(|_| words.next().is_none())
}

/// `Sat, 7 Sep 2002 0:00:01 GMT`
fn mail_date(text: &str) -> Option<Timestamp> {
    let words: Vec<&str> = text.split([' ', ',', '\t']).filter(|word| !word.is_empty()).collect();
    let month_at = words.iter().position(|word| month(word).is_some())?;
    let number = |at: Option<usize>| words.get(at?).and_then(|word| word.parse::<i16>().ok());
    // `7 Sep 2002`, or the American `Sep 7 2002`.
    let (day, year_at) = match number(month_at.checked_sub(1)) {
        Some(day) => (day, month_at + 1),
        None => (number(Some(month_at + 1))?, month_at + 2),
    };
    let year = match number(Some(year_at))? {
        year @ 0..50 => 2000 + year,
        year @ 50..100 => 1900 + year,
        year => year,
    };
    let date = Date::new(year, month(words[month_at])?, i8::try_from(day).ok()?).ok()?;
    let time = words.get(year_at + 1).map_or(Some(Time::midnight()), |word| clock_time(word))?;
    let zone = words.get(year_at + 2).map_or(Some(Offset::UTC), |word| zone(word))?;
    zone.to_timestamp(date.to_datetime(time)).ok()
}

fn month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let start = word.get(..3)?.to_ascii_lowercase();
    MONTHS.iter().position(|month| *month == start).and_then(|at| i8::try_from(at + 1).ok())
}

fn clock_time(word: &str) -> Option<Time> {
    let mut parts = word.split(':').map(|part| part.parse::<i8>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    // 60 is a leap second, which no other clock of ours knows.
    Time::new(hour, minute, second.min(59), 0).ok()
}

fn zone(word: &str) -> Option<Offset> {
    if let Some(digits) = word.strip_prefix(['+', '-']) {
        let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
        let (hours, minutes) = (digits.get(..2)?.parse::<i32>().ok()?, digits.get(2..4)?);
        let seconds = (hours * 60 + minutes.parse::<i32>().ok()?) * 60;
        return Offset::from_seconds(if word.starts_with('-') { -seconds } else { seconds }).ok();
    }
    let hours = match word.to_ascii_uppercase().as_str() {
        "EST" | "CDT" => -5,
        "EDT" => -4,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" => -8,
        "CET" => 1,
        "CEST" | "EET" => 2,
        "EEST" | "MSK" => 3,
        // RFC 2822 section 4.3: an unknown zone counts as -0000.
        _ => 0,
    };
    Offset::from_hours(hours).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let found = stated_time(text).map(|time| time.to_string());
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn a_stated_time_is_understood_in_the_forms_that_sources_write() {
        check("2026-03-01T08:00:00+02:00", Some("2026-03-01T06:00:00Z"));
        check("2026-03-01T08:00Z", Some("2026-03-01T08:00:00Z"));
        check("2026-03-01 08:00:00 +0200", Some("2026-03-01T06:00:00Z"));
        check("2026-03-01T08:00:00", Some("2026-03-01T08:00:00Z"));
        check(" 2011-10-31 ", Some("2011-10-31T00:00:00Z"));
        check("Sat, 07 Sep 2002 0:00:01 GMT", Some("2002-09-07T00:00:01Z"));
        check("Wed, 7 Sept 02 10:30 +0300", Some("2002-09-07T07:30:00Z"));
        check("сб, 07 Sep 2002 10:30:00 EEST", Some("2002-09-07T07:30:00Z"));
        check("January 5, 2004", Some("2004-01-05T00:00:00Z"));
        check("07.09.2002", Some("2002-09-07T00:00:00Z"));
        check("7.9.2002, 10:30", Some("2002-09-07T10:30:00Z"));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "yesterday",
            "2026",
            "32 Jan 2026",
            "7 Sep",
            "Jan",
            "99:99",
            "учора",
            "-",
            "1.2",
            "31.12.02",
            "32.1.2020",
        ] {
            check(text, None);
        }
    }
}
