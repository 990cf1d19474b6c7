//! How an agent's clock differs from the server's, in words.

/// A clock that is off by less is right enough: what is sent takes time, and clients round. Milliseconds.
const SEEN_MS: i64 = 5_000;

/// “Its clock is 6 min ahead”; nothing where it is right. `ms` is by how much it is ahead.
pub fn words(ms: Option<i64>) -> Option<String> {
    let ms = ms.filter(|ms| ms.unsigned_abs() >= SEEN_MS.unsigned_abs())?;
    let side = if ms > 0 { "ahead" } else { "behind" };
    Some(format!("Its clock is {} {side}", about(ms.unsigned_abs())))
}

/// To the nearest of the largest unit, so that it does not change with every heartbeat.
fn about(ms: u64) -> String {
    let seconds = (ms + 500) / 1000;
    let minutes = (seconds + 30) / 60;
    let hours = (minutes + 30) / 60;
    match (seconds, minutes, hours) {
        (..60, ..) => format!("{seconds} s"),
        (_, ..60, _) => format!("{minutes} min"),
        (_, _, ..24) => format!("{hours} h"),
        _ => format!("{} d", (hours + 12) / 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_says_by_how_much_and_to_which_side() {
        let cases = [
            (6 * 60_000 + 4_000, "Its clock is 6 min ahead"),
            (-12_300, "Its clock is 12 s behind"),
            // Whole seconds in a heartbeat make a day a little less than one.
            (86_399_400, "Its clock is 1 d ahead"),
            (-86_401_000, "Its clock is 1 d behind"),
            (3 * 3_600_000, "Its clock is 3 h ahead"),
            (i64::MIN, "Its clock is 106751991167 d behind"),
        ];
        for (ms, expected) in cases {
            assert_eq!(words(Some(ms)).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_clock_that_is_right_or_unknown_says_nothing() {
        assert_eq!([None, Some(0), Some(4_999), Some(-4_999)].map(words), [None, None, None, None]);
    }
}
