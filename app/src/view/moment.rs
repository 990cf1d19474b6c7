//! Moments that a person enters.

use countersign_domain::{Millis, time::days};

/// `2026-11-25T08:30`, as a browser's field for date and time sends it, read as UTC. `None` for anything else.
pub fn from_utc(text: &str) -> Option<Millis> {
    let (date, time) = text.split_once('T')?;
    let [year, month, day] = numbers(date, '-')?[..] else { return None };
    let (hour, minute, second) = match numbers(time, ':')?[..] {
        [hour, minute] => (hour, minute, 0),
        [hour, minute, second] => (hour, minute, second),
        _ => return None,
    };
    let in_order = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !in_order || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let moment = Millis(((days(year, month, day) * 24 + hour) * 3600 + minute * 60 + second) * 1000);
    // The 31st of a month of 30 days is no date.
    moment.to_rfc3339().starts_with(date).then_some(moment)
}

fn numbers(text: &str, between: char) -> Option<Vec<i64>> {
    text.split(between).map(|part| part.parse::<u16>().ok().map(i64::from)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_back_as_it_was_entered() {
        for text in ["1970-01-01T00:00", "2000-02-29T12:00", "2026-11-25T08:30", "2031-12-31T23:59"] {
            let moment = from_utc(text).expect(text);
            assert_eq!(&moment.to_rfc3339()[..16], text);
        }
        assert_eq!(from_utc("2026-11-25T08:30:15").map(Millis::to_rfc3339).as_deref(), Some("2026-11-25T08:30:15Z"));
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for odd in
            ["", "tomorrow", "2026-02-30T08:00", "2026-11-25", "2026-13-01T00:00", "2026-11-25T24:00", "-1-1-1T0:0"]
        {
            assert_eq!(from_utc(odd), None, "{odd}");
        }
    }
}
