//! What a heartbeat says of its agent: its clock, and the role file that it runs.

use countersign_domain::{Millis, moment::rfc3339};
use serde_json::Value;

/// A number below is one of seconds (until the year 5138), from it on one of milliseconds (since 1973).
const FIRST_MILLIS: f64 = 1e11;

/// The moment that the `timestamp` of a payload names: RFC 3339 text, or seconds or milliseconds since 1970 as a
/// number or as text. `None` where there is none that can be read.
pub(crate) fn timestamp(payload: &str) -> Option<Millis> {
    match serde_json::from_str::<Value>(payload).ok()?.get("timestamp")? {
        Value::Number(number) => since_1970(number.as_f64()?),
        Value::String(text) => rfc3339(text).or_else(|| since_1970(text.trim().parse().ok()?)),
        _ => None,
    }
}

/// The SHA-256 of the role file that the agent says it runs, as 64 digits; `None` where it says nothing of the kind.
pub(crate) fn role(payload: &str) -> Option<String> {
    let value = serde_json::from_str::<Value>(payload).ok()?;
    let text = value.get("role_sha256")?.as_str()?.to_ascii_lowercase();
    (text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(text)
}

#[expect(clippy::cast_possible_truncation, reason = "it is checked to lie far within an i64")]
fn since_1970(number: f64) -> Option<Millis> {
    let ms = if number < FIRST_MILLIS { number * 1000.0 } else { number };
    (1.0..1e15).contains(&ms).then(|| Millis(ms.round() as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str) -> Option<i64> {
        timestamp(&format!(r#"{{"timestamp":{value}}}"#)).map(|at| at.0)
    }

    #[test]
    fn a_moment_is_read_from_rfc_3339_from_milliseconds_and_from_seconds() {
        for value in [
            "1795390193000",
            "1795390193",
            "1795390193.0",
            "\"1795390193000\"",
            "\"1795390193\"",
            "\"2026-11-22T23:29:53Z\"",
            "\"2026-11-23T01:29:53+02:00\"",
            "\"2026-11-22T18:59:53.000-04:30\"",
            "\"2026-11-22 23:29:53z\"",
        ] {
            assert_eq!(of(value), Some(1_795_390_193_000), "{value}");
        }
        assert_eq!(of("\"2026-11-22T23:29:53.987654Z\""), Some(1_795_390_193_987));
        assert_eq!(of("1795390193.25"), Some(1_795_390_193_250));
        assert_eq!(of("\"2000-02-29T12:00:00Z\""), Some(951_825_600_000));
        let own = Millis(1_795_390_193_000).to_rfc3339();
        assert_eq!(of(&format!("\"{own}\"")), Some(1_795_390_193_000), "as our own library writes it");
    }

    #[test]
    fn what_names_no_moment_is_none() {
        for odd in [
            "\"\"",
            "\"yesterday\"",
            "\"2026-11-22\"",
            "\"2026-11-22T23:29:53\"",
            "\"2026-02-30T00:00:00Z\"",
            "\"2026-13-01T00:00:00Z\"",
            "\"2026-11-22T24:00:00Z\"",
            "\"2026-11-22T23:29:53.Z\"",
            "\"2026-11-22T23:29:53+2\"",
            "\"2026-11-22T23:29:53+ä0:00\"",
            "\"äääää-äääää-ä\"",
            "-5",
            "0",
            "1e300",
            "null",
            "true",
            "{}",
        ] {
            assert_eq!(of(odd), None, "{odd}");
        }
        for payload in ["", "[]", "{}", "\"timestamp\"", "{\"timestamp\":"] {
            assert_eq!(timestamp(payload), None, "{payload}");
        }
    }
}
