//! Dollars in words.

/// Millionths of a dollar as people write dollars: two places at least, more where they count.
pub fn dollars(micro_usd: i64) -> String {
    let (whole, part) = (micro_usd.unsigned_abs() / 1_000_000, micro_usd.unsigned_abs() % 1_000_000);
    let digits = format!("{part:06}");
    let kept = digits.trim_end_matches('0').len().max(2);
    format!("{}${whole}.{}", if micro_usd < 0 { "-" } else { "" }, &digits[..kept])
}

#[cfg(test)]
mod tests {
    use super::dollars;

    #[test]
    fn dollars_have_two_places_or_as_many_as_count() {
        assert_eq!(dollars(5_480_000), "$5.48");
        assert_eq!(dollars(-200_000_000), "-$200.00");
        assert_eq!(dollars(10), "$0.00001");
    }
}
