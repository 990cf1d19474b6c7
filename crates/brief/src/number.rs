//! Decimal numbers of JSON, counted in millionths: nothing goes through binary floating point.

/// The number that `text` spells (RFC 8259, section 6) times a million. `None` where that is no whole number, or is
/// beyond 18 digits.
pub(crate) fn millionths(text: &str) -> Option<i64> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{part}");
    let significant = all.trim_start_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    // The value is `significant` times ten to `shift`, in millionths.
    let shift = i64::from(exponent) - i64::try_from(part.len()).ok()? + 6;
    let (kept, shift) = if shift < 0 {
        let cut = usize::try_from(-shift).ok()?;
        let (kept, rest) = significant.split_at(significant.len().checked_sub(cut)?);
        (rest.bytes().all(|digit| digit == b'0').then_some(kept)?, 0)
    } else {
        (significant, u32::try_from(shift).ok()?)
    };
    if kept.len() > 18 || shift > 18 {
        return None;
    }
    let value: i64 = kept.parse().ok()?;
    Some(sign * value.checked_mul(10_i64.checked_pow(shift)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_counted_exactly() {
        for (text, wanted) in [
            ("5.48", 5_480_000),
            ("0", 0),
            ("-0.0", 0),
            ("-200", -200_000_000),
            ("1e-05", 10),
            ("1E2", 100_000_000),
            ("0.820000000000", 820_000),
            ("12300e-2", 123_000_000),
            ("0.000001", 1),
            ("1.0", 1_000_000),
        ] {
            assert_eq!(millionths(text), Some(wanted), "{text}");
        }
    }

    #[test]
    fn what_is_no_whole_number_of_millionths_or_too_long_is_none() {
        for text in ["0.0000001", "1e-7", "1e300", "9e99999999999", "0.3333333333", "1234567890123456789012"] {
            assert_eq!(millionths(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_amount_reads_back(value in -1_000_000_000_000_000_i64..=1_000_000_000_000_000) {
            let sign = if value < 0 { "-" } else { "" };
            let text = format!("{sign}{}.{:06}", value.unsigned_abs() / 1_000_000, value.unsigned_abs() % 1_000_000);
            prop_assert_eq!(millionths(&text), Some(value));
        }

        #[test]
        fn no_text_of_a_number_makes_it_fail(text in "-?[0-9]{1,30}(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,12})?") {
            let _ = millionths(&text);
        }
    }
}
