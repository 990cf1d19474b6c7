//! Whether a page's origin may use passkeys of a name (WebAuthn level 3, section 5.1.4.1, steps on the effective domain).

/// Whether `origin` is `https://host` or `https://host:port`, of the name `rp_id` itself or of a name below it. Only
/// `localhost`, and names below it, may do without TLS, as in browsers.
pub fn belongs_to(origin: &str, rp_id: &str) -> bool {
    let (host, is_tls) = match (origin.strip_prefix("https://"), origin.strip_prefix("http://")) {
        (Some(rest), _) => (rest, true),
        (_, Some(rest)) => (rest, false),
        _ => return false,
    };
    let (host, port) = host.split_once(':').map_or((host, None), |(host, port)| (host, Some(port)));
    let is_port = |port: &str| (1..=5).contains(&port.len()) && port.bytes().all(|b| b.is_ascii_digit());
    is_name(host)
        && is_name(rp_id)
        && port.is_none_or(is_port)
        && (is_tls || is_at_or_below(host, "localhost"))
        && is_at_or_below(host, rp_id)
}

fn is_at_or_below(host: &str, name: &str) -> bool {
    host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Labels of small letters, digits and hyphens, parted by dots.
fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::belongs_to;

    #[test]
    fn a_page_uses_the_passkeys_of_its_own_name_and_of_names_above_it() {
        for (origin, rp_id) in [
            ("https://example.com", "example.com"),
            ("https://console.example.com:8443", "example.com"),
            ("http://localhost:8080", "localhost"),
            ("http://acme.localhost", "localhost"),
        ] {
            assert!(belongs_to(origin, rp_id), "{origin} {rp_id}");
        }
        for (origin, rp_id) in [
            ("https://badexample.com", "example.com"),
            ("https://example.com.evil.org", "example.com"),
            ("https://example.com", "console.example.com"),
            ("https://example.com/", "example.com"),
            ("https://example.com:", "example.com"),
            ("https://example.com:123456", "example.com"),
            ("https://Example.com", "example.com"),
            ("https://.example.com", "example.com"),
            ("https://user@example.com", "example.com"),
            ("http://example.com", "example.com"),
            ("http://badlocalhost", "localhost"),
            ("ftp://example.com", "example.com"),
            ("https://", ""),
            ("null", "null"),
        ] {
            assert!(!belongs_to(origin, rp_id), "{origin} {rp_id}");
        }
    }
}
