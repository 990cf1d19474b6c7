//! Moments as other programs write them.

use crate::{Millis, time::days};

/// A moment as RFC 3339, section 5.6, writes it, to the millisecond; a space may stand for the `T`. `None` for any
/// other form, and for a day that no calendar has.
pub fn rfc3339(text: &str) -> Option<Millis> {
    let text = text.trim();
    let (date, rest) = (text.get(..10)?, text.get(11..)?);
    if !matches!(text.as_bytes()[10], b'T' | b't' | b' ') {
        return None;
    }
    let zone = rest.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = rest.split_at(zone);
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    // 60 is a leap second.
    let in_order = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_of(year, month)).contains(&day)
        && hour <= 23
        && minute <= 59
        && second <= 60;
    if !in_order || fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let seconds = (days(year, month, day) * 24 + hour) * 3600 + minute * 60 + second - offset(zone)?;
    Some(Millis(seconds * 1000 + thousandths))
}

/// Seconds east of Greenwich.
fn offset(zone: &str) -> Option<i64> {
    let sign = match zone {
        "Z" | "z" => return Some(0),
        _ if zone.starts_with('+') => 1,
        _ => -1,
    };
    let [hours, minutes] = numbers(&zone[1..], ':', [2, 2])?;
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Exactly as many numbers as there are lengths, each of so many digits.
fn numbers<const N: usize>(text: &str, between: char, digits: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(between);
    let mut found = [0; N];
    for (number, length) in found.iter_mut().zip(digits) {
        let part = parts.next()?;
        let whole = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = whole.then(|| part.parse().ok()).flatten()?;
    }
    parts.next().is_none().then_some(found)
}

fn days_of(year: i64, month: i64) -> i64 {
    let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    days(next.0, next.1, 1) - days(year, month, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_the_same_in_every_zone() {
        for text in ["2026-11-22T23:29:53Z", "2026-11-23T01:29:53+02:00", "2026-11-22T18:59:53.000-04:30"] {
            assert_eq!(rfc3339(text), Some(Millis(1_795_390_193_000)), "{text}");
        }
        assert_eq!(rfc3339("2026-11-22T23:29:53.9876Z"), Some(Millis(1_795_390_193_987)));
    }

    #[test]
    fn what_no_calendar_or_clock_shows_is_no_moment() {
        for text in [
            "",
            "tomorrow",
            "2026-11-22",
            "2026-11-22T23:29:53",
            "2026-02-30T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T23:60:00Z",
            "26-11-22T23:29:53Z",
            "2026-11-22T23:29:53.Z",
            "2026-11-22T23:29:53+2:00",
            "２026-11-22T23:29:53Z",
            "99999-11-22T23:29:53Z",
        ] {
            assert_eq!(rfc3339(text), None, "{text}");
        }
    }
}
