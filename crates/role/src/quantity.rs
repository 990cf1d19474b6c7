//! Times, sizes and money as whole numbers, read from the forms that people write. No fractions are
//! kept as binary floating point anywhere.

use serde::{Serialize, Serializer};
use std::fmt;

macro_rules! shown_as_text {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

/// A time in whole seconds, written `120s`, `2m` or `1h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(pub u32);
shown_as_text!(Seconds);

impl Seconds {
    /// `None` for another form, or more than fits.
    pub fn parse(text: &str) -> Option<Self> {
        let unit = match text.chars().last()? {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            _ => return None,
        };
        whole(&text[..text.len() - 1])?.checked_mul(unit).and_then(|seconds| u32::try_from(seconds).ok()).map(Self)
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}s", self.0)
    }
}

/// A size in bytes, written with a binary unit: `512Mi`, `5Gi`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub u64);
shown_as_text!(Bytes);

const BINARY_UNITS: [(&str, u64); 4] = [("Ti", 1 << 40), ("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)];

impl Bytes {
    /// `None` for another form, or more than fits.
    pub fn parse(text: &str) -> Option<Self> {
        let (number, unit) = BINARY_UNITS.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit)))?;
        whole(number)?.checked_mul(unit).map(Self)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, unit) in BINARY_UNITS {
            if self.0 > 0 && self.0.is_multiple_of(unit) {
                return write!(f, "{}{name}", self.0 / unit);
            }
        }
        write!(f, "{}", self.0)
    }
}

/// Processor time in thousandths of a core, written `500m`, `2` or `1.5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MilliCpu(pub u32);
shown_as_text!(MilliCpu);

impl MilliCpu {
    /// `None` for another form, or more than fits.
    pub fn parse(text: &str) -> Option<Self> {
        let thousandths = match text.strip_suffix('m') {
            Some(number) => whole(number)?,
            None => decimal(text, 3)?,
        };
        u32::try_from(thousandths).ok().map(Self)
    }
}

impl fmt::Display for MilliCpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1_000) { write!(f, "{}", self.0 / 1_000) } else { write!(f, "{}m", self.0) }
    }
}

/// Dollars in millionths, as costs are kept everywhere in the product; written `5.48`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MicroUsd(pub i64);
shown_as_text!(MicroUsd);

impl MicroUsd {
    /// `None` for another form, more than six decimal places, or more than fits.
    pub fn parse(text: &str) -> Option<Self> {
        decimal(text, 6).and_then(|micro| i64::try_from(micro).ok()).map(Self)
    }
}

impl fmt::Display for MicroUsd {
    /// As people write dollars: two places at least, more where they count.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0.unsigned_abs() / 1_000_000, self.0.unsigned_abs() % 1_000_000);
        let digits = format!("{part:06}");
        let kept = digits.trim_end_matches('0').len().max(2);
        write!(f, "{}{whole}.{}", if self.0 < 0 { "-" } else { "" }, &digits[..kept])
    }
}

/// Decimal digits alone, without a needless zero in front: one number has one spelling.
pub(crate) fn whole(text: &str) -> Option<u64> {
    let plain = text == "0" || !text.starts_with('0');
    (plain && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// A decimal number with at most `places` digits after the point, times ten to the `places`.
fn decimal(text: &str, places: usize) -> Option<u64> {
    let (number, part) = match text.split_once('.') {
        Some((_, "")) => return None,
        Some((number, part)) => (number, part),
        None => (text, ""),
    };
    if part.len() > places || !part.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let scale = 10_u64.pow(u32::try_from(places).ok()?);
    let part: u64 = format!("{part:0<places$}").parse().ok()?;
    whole(number)?.checked_mul(scale)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quantities_are_read_as_people_write_them() {
        assert_eq!(Seconds::parse("2m"), Some(Seconds(120)));
        assert_eq!(Bytes::parse("5Gi"), Some(Bytes(5 << 30)));
        assert_eq!(MilliCpu::parse("1.5"), MilliCpu::parse("1500m"));
        assert_eq!(MicroUsd::parse("5.48"), Some(MicroUsd(5_480_000)));
        assert_eq!(MicroUsd::parse("40"), Some(MicroUsd(40_000_000)));
    }

    #[test]
    fn other_spellings_are_no_quantities() {
        for text in ["", "s", "-1s", "+1s", "01s", "1.5s", "1d", "1 s", "99999999h", "é", "1é"] {
            assert_eq!(Seconds::parse(text), None, "{text}");
        }
        for text in ["", "Gi", "5", "5G", "5gi", "5.5Gi", "18446744073709551615Ti"] {
            assert_eq!(Bytes::parse(text), None, "{text}");
        }
        for text in ["", ".5", "5.", "1e3", "0x10", "1_000", "-5", "5.1234567", "05", "99999999999999999999", "5.4.8"] {
            assert_eq!(MicroUsd::parse(text), None, "{text}");
        }
        for text in ["m", "1.2345", "1.5m", "99999999999m"] {
            assert_eq!(MilliCpu::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_again_as_the_same(number in 1_u32..1_000_000_000) {
            prop_assert_eq!(Seconds::parse(&Seconds(number).to_string()), Some(Seconds(number)));
            prop_assert_eq!(MilliCpu::parse(&MilliCpu(number).to_string()), Some(MilliCpu(number)));
            let money = MicroUsd(i64::from(number));
            prop_assert_eq!(MicroUsd::parse(&money.to_string()), Some(money));
            let size = Bytes(u64::from(number) << 10);
            prop_assert_eq!(Bytes::parse(&size.to_string()), Some(size));
        }
    }
}
