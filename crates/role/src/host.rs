//! Hosts outside that an agent needs.

use crate::{limit, quantity};
use serde::{Serialize, Serializer};
use std::{fmt, net::Ipv4Addr};

/// `api.example.com`, `*.example.com:8443` or `203.0.113.7`. Without a port: 443.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host {
    /// In lower case; `*.` in front stands for every name below.
    pub name: String,
    pub port: u16,
}

/// TLS.
pub const USUAL_PORT: u16 = 443;

impl Host {
    pub fn parse(text: &str) -> Option<Self> {
        let (name, port) = match text.split_once(':') {
            Some((name, port)) => (name, u16::try_from(quantity::whole(port)?).ok().filter(|port| *port > 0)?),
            None => (text, USUAL_PORT),
        };
        let plain = name.strip_prefix("*.").unwrap_or(name);
        let is_label = |label: &str| {
            let ends = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
            label.len() <= 63
                && ends(label.bytes().next())
                && ends(label.bytes().last())
                && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let labels: Vec<&str> = plain.split('.').collect();
        // All digits: an address, and then a whole one.
        let numeric = labels.last().is_some_and(|label| label.bytes().all(|b| b.is_ascii_digit()));
        let is_address = plain == name && plain.parse().is_ok_and(is_reachable);
        let good = name.len() <= limit::HOST_CHARS
            && labels.len() >= 2
            && labels.iter().all(|label| is_label(label))
            && (!numeric || is_address);
        good.then(|| Self { name: name.to_owned(), port })
    }

    /// The address, where it is one and no name.
    pub fn address(&self) -> Option<Ipv4Addr> {
        self.name.parse().ok()
    }

    pub fn is_wildcard(&self) -> bool {
        self.name.starts_with("*.")
    }

    /// Whether it stands for all that `other` stands for.
    pub fn covers(&self, other: &Self) -> bool {
        let below = self.name.strip_prefix('*').is_some_and(|suffix| other.name.ends_with(suffix));
        self.port == other.port && (self.name == other.name || below)
    }
}

/// Whether an agent can be let out to an address: never to the machine itself, nor to link-local addresses, where
/// clouds hand out the machine's credentials.
fn is_reachable(address: Ipv4Addr) -> bool {
    !(address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_broadcast()
        || address.is_multicast())
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if self.port == USUAL_PORT { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

impl Serialize for Host {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_addresses_and_ports_are_read_and_shown_alike() {
        for text in ["api.example.com", "*.example.com:8443", "203.0.113.7", "a-b.example.co.uk:1"] {
            assert_eq!(Host::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Host::parse("a.example:443"), Host::parse("a.example"));
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "",
            "*",
            "localhost",
            "https://a.example",
            "a.example/path",
            "A.example",
            "a..b",
            "-a.example",
            "a.example:0",
            "a.example:99999",
            "a.example:",
            "1.2.3",
            "300.1.1.1",
            "*.1.2.3.4",
            "é.example",
            "a.*.example",
            "*.com:x",
        ] {
            assert_eq!(Host::parse(text), None, "{text}");
        }
    }

    #[test]
    fn addresses_of_the_machine_itself_are_no_hosts() {
        for text in ["127.0.0.1", "169.254.169.254", "0.0.0.0", "255.255.255.255", "224.0.0.1"] {
            assert_eq!(Host::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_wildcard_stands_for_names_below_it_at_the_same_port() {
        let all = Host::parse("*.example.com").unwrap();
        assert!(all.covers(&Host::parse("api.example.com").unwrap()));
        assert!(!all.covers(&Host::parse("example.com").unwrap()));
        assert!(!all.covers(&Host::parse("api.example.com:8443").unwrap()));
        assert!(!all.covers(&Host::parse("api.badexample.com").unwrap()));
    }
}
