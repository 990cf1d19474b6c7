//! Counts, money, shares and sizes.

/// `12345` as `12,345`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 task`, `2 tasks`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{} {noun}", grouped(number))
}

/// Dollars: cents from a dollar up, four places below, so that small tasks do not read as free.
pub fn dollars(usd: f64) -> String {
    if usd > 0.0 && usd < 1.0 {
        return format!("$0.{:04}", rounded(usd * 10_000.0).min(9_999));
    }
    let cents = rounded(usd * 100.0);
    format!("${}.{:02}", grouped(cents / 100), cents % 100)
}

/// To the nearest whole number. Floating point is never formatted: that code alone is several kilobytes.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "costs and shares are small and positive")]
fn rounded(number: f64) -> u64 {
    number.max(0.0).round() as u64
}

/// A share of 1 as `97.4 %`.
pub fn percent(share: f64) -> String {
    match rounded((share * 1_000.0).floor()) {
        1_000.. => "100 %".to_owned(),
        tenths => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

/// A size as `312 bytes`, `4.2 KiB`, `1.5 MiB` or `2.0 GiB`.
pub fn bytes(size: u64) -> String {
    if size < 1024 {
        return counted(size, "byte", "bytes");
    }
    let (unit, word) = match size {
        0..0x10_0000 => (1 << 10, "KiB"),
        0x10_0000..0x4000_0000 => (1 << 20, "MiB"),
        _ => (1 << 30, "GiB"),
    };
    let tenths = size / unit * 10 + size % unit * 10 / unit;
    format!("{}.{} {word}", grouped(tenths / 10), tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_by_thousands() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(counted(1, "task", "tasks"), "1 task");
        assert_eq!(counted(2_000, "task", "tasks"), "2,000 tasks");
    }

    #[test]
    fn a_small_cost_does_not_read_as_nothing() {
        assert_eq!(dollars(0.0042), "$0.0042");
        assert_eq!(dollars(5.478), "$5.48");
        assert_eq!(dollars(1_150.0), "$1,150.00");
        assert_eq!(dollars(0.0), "$0.00");
    }

    #[test]
    fn only_a_whole_uptime_reads_as_a_hundred_percent() {
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(0.99999), "99.9 %");
        assert_eq!(percent(0.974), "97.4 %");
    }

    #[test]
    fn sizes_are_in_bytes_or_multiples_of_1024() {
        assert_eq!([1, 312, 4_300].map(bytes), ["1 byte", "312 bytes", "4.1 KiB"]);
        assert_eq!([1_048_575, 1_572_864, 5 << 30].map(bytes), ["1,023.9 KiB", "1.5 MiB", "5.0 GiB"]);
    }
}
