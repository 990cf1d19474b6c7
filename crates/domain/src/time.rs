//! Points in time that may travel to the browser.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z. The browser turns them into local words; the server
/// never ships a time-zone database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub i64);

const DAY: i64 = 86_400_000;

impl Millis {
    /// The UTC midnight at or before this moment.
    pub fn start_of_day(self) -> Self {
        Self(self.0 - self.0.rem_euclid(DAY))
    }

    /// Milliseconds from `earlier` to this moment; 0 where the clocks disagree.
    pub fn since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).max(0)
    }

    /// This moment as `2026-11-22T23:29:53Z` (RFC 3339, whole seconds), for `<time datetime>`.
    pub fn to_rfc3339(self) -> String {
        let seconds = self.0.div_euclid(1000);
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }

    /// This moment as `22 Nov 23:29 UTC`: what a page says before the browser relabels it.
    pub fn to_words(self) -> String {
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let text = self.to_rfc3339();
        let month = text[5..7].parse::<usize>().unwrap_or(1);
        format!("{} {} {} UTC", &text[8..10], MONTHS[month - 1], &text[11..16])
    }
}

/// Days since 1970-01-01 as year, month, day of the proleptic Gregorian calendar
/// (H. Hinnant, "chrono-compatible low-level date algorithms").
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar from the year 0 on (the reverse of what
/// [`Millis::to_rfc3339`] does). A day beyond the month's end counts on into the next.
pub fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_as_its_calendar_date() {
        assert_eq!(Millis(0).to_rfc3339(), "1970-01-01T00:00:00Z");
        assert_eq!(Millis(1_795_390_193_999).to_rfc3339(), "2026-11-22T23:29:53Z");
        assert_eq!(Millis(951_782_400_000).to_rfc3339(), "2000-02-29T00:00:00Z");
        assert_eq!(Millis(1_795_390_193_999).to_words(), "22 Nov 23:29 UTC");
    }

    #[test]
    fn a_date_is_the_day_that_reads_as_it() {
        for (year, month, day) in [(1970, 1, 1), (2000, 2, 29), (2026, 11, 22), (2100, 3, 1), (9999, 12, 31)] {
            assert_eq!(civil(days(year, month, day)), (year, month, day));
        }
        assert_eq!(civil(days(2026, 2, 30)), (2026, 3, 2));
    }

    #[test]
    fn a_day_starts_at_utc_midnight() {
        assert_eq!(Millis(1_795_390_193_999).start_of_day().to_rfc3339(), "2026-11-22T00:00:00Z");
    }
}
