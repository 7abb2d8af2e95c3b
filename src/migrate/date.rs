//! A day, as waivers end on one.
//!
//! Never knows what day it is: that is handed in. Start at [`Date`].

use std::fmt;

/// Days in 400 years, after which the calendar repeats.
const DAYS_IN_ERA: i64 = 146_097;
/// Days from 0000-03-01, with which eras start, to 1970-01-01.
const DAYS_TO_EPOCH: i64 = 719_468;

/// A day of the Gregorian calendar; earlier days are less.
///
/// ```
/// use msi2imds::migrate::Date;
///
/// let day = Date::parse("2027-06-30").unwrap();
/// assert!(day < Date::parse("2027-07-01").unwrap());
/// assert_eq!(day.to_string(), "2027-06-30");
/// assert_eq!(Date::parse("2027-06-31"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i64,
    month: u8,
    day: u8,
}

impl Date {
    /// Reads `YYYY-MM-DD`; `None` for another form, and for a day that the calendar does not have.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = |text: &str, length: usize| {
            let all = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
            all.then(|| text.parse().ok()).flatten()
        };
        let mut parts = text.split('-');
        let year = digits(parts.next()?, 4)?;
        let month = u8::try_from(digits(parts.next()?, 2)?).ok()?;
        let day = u8::try_from(digits(parts.next()?, 2)?).ok()?;
        let fits = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
        (fits && parts.next().is_none()).then_some(Self { year, month, day })
    }

    /// The day that is `days` after 1970-01-01.
    ///
    /// Counts in years that start with March, so that the leap day is the last of its year (Howard
    /// Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`).
    pub fn from_days_since_1970(days: i64) -> Self {
        let days = days.saturating_add(DAYS_TO_EPOCH);
        let era = days.div_euclid(DAYS_IN_ERA);
        let day_of_era = days.rem_euclid(DAYS_IN_ERA);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = (month_from_march + 2) % 12 + 1;
        let small = |number: i64| u8::try_from(number).unwrap_or(u8::MAX);
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month: small(month),
            day: small(day),
        }
    }
}

fn days_in(year: i64, month: u8) -> u8 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_are_none_are_refused() {
        for text in [
            "",
            "2027",
            "2027-06",
            "27-06-30",
            "2027-6-30",
            "2027-06-3",
            "2027-00-10",
            "2027-13-01",
            "2027-06-00",
            "2027-06-31",
            "2027-02-29",
            "2100-02-29",
            "2027-06-30-01",
            "+027-06-30",
            "2027/06/30",
            "2027-06-30 ",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_day_of_400_years_follows_the_day_before() {
        let mut last = Date::from_days_since_1970(-1);
        assert_eq!(last.to_string(), "1969-12-31");
        for days in 0..DAYS_IN_ERA {
            let day = Date::from_days_since_1970(days);
            let follows = if last.day < days_in(last.year, last.month) {
                (day.year, day.month, day.day) == (last.year, last.month, last.day + 1)
            } else if last.month < 12 {
                (day.year, day.month, day.day) == (last.year, last.month + 1, 1)
            } else {
                (day.year, day.month, day.day) == (last.year + 1, 1, 1)
            };
            assert!(follows, "{last} {day}");
            assert_eq!(Date::parse(&day.to_string()), Some(day));
            last = day;
        }
        assert_eq!(last.to_string(), "2369-12-31");
    }
}
