//! The one place that reads the clock.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::migrate::Date;

const SECONDS_IN_A_DAY: u64 = 24 * 60 * 60;

/// What day it is, in UTC.
pub(super) fn today() -> Date {
    // A clock that is set before 1970 says nothing.
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let days = since.map_or(0, |since| since.as_secs() / SECONDS_IN_A_DAY);
    Date::from_days_since_1970(i64::try_from(days).unwrap_or(i64::MAX))
}
