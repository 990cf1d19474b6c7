//! Moments as seen from now, once the browser knows its clock.

use countersign_domain::Millis;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// How far ahead of the page a moment may lie and still be the present: the page's clock is told every 30 s,
/// and may be a little behind the server's.
const FORGIVEN: i64 = 35_000;

/// `at` as seen at `now`: `4 min ago`, `in 3 h`; the date where it is a week away or more.
pub fn words(at: Millis, now: Millis) -> String {
    let distance = now.0 - at.0;
    let amount = match distance.abs() {
        0..MINUTE => return if distance >= -FORGIVEN { "just now" } else { "in under a minute" }.to_owned(),
        length @ MINUTE..HOUR => format!("{} min", length / MINUTE),
        length @ HOUR..DAY => format!("{} h", length / HOUR),
        length if length < 7 * DAY => format!("{} d", length / DAY),
        _ => return at.to_words(),
    };
    if distance >= 0 { format!("{amount} ago") } else { format!("in {amount}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_relative_for_a_week_and_absolute_after() {
        let now = Millis(1_795_390_193_999);
        let at = |ago: i64| words(Millis(now.0 - ago), now);
        assert_eq!(at(10_000), "just now");
        assert_eq!(at(4 * MINUTE + 59_000), "4 min ago");
        assert_eq!(at(3 * HOUR), "3 h ago");
        assert_eq!(at(6 * DAY), "6 d ago");
        assert_eq!(at(-2 * HOUR), "in 2 h");
        assert_eq!(at(8 * DAY), "14 Nov 23:29 UTC");
    }

    #[test]
    fn a_clock_that_is_slightly_behind_does_not_put_the_present_in_the_future() {
        assert_eq!(words(Millis(1_003_000), Millis(1_000_000)), "just now");
    }
}
