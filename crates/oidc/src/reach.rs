//! Which network addresses a provider may have: founders name its host, and must not read with the server's eyes what
//! is not theirs (OWASP, "Server Side Request Forgery").

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far requests to providers go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Addresses of the public internet.
    Public,
    /// Those of private networks and of this machine too; the latter also without TLS.
    PrivateToo,
}

impl Reach {
    /// Whether a connection to `address` may be opened. Where clouds keep what a machine may know of itself
    /// (link-local addresses and a few others) never is.
    pub fn allows(self, address: IpAddr) -> bool {
        match address.to_canonical() {
            IpAddr::V4(v4) => self.allows_v4(v4),
            IpAddr::V6(v6) => match embedded(v6) {
                Some(v4) => self.allows_v4(v4),
                None => self.allows_v6(v6),
            },
        }
    }

    fn allows_v4(self, v4: Ipv4Addr) -> bool {
        let [a, b, c, _] = v4.octets();
        let never = v4.is_link_local()
            || v4.is_multicast()
            || a == 0
            || a >= 240
            // Where Alibaba's and Oracle's clouds answer with a machine's own credentials.
            || v4 == Ipv4Addr::new(100, 100, 100, 200)
            || v4 == Ipv4Addr::new(192, 0, 0, 192);
        let private = v4.is_loopback()
            || v4.is_private()
            || (a == 100 && b & 0xc0 == 64)
            || (a, b, c) == (192, 0, 0)
            || (a == 198 && b & 0xfe == 18);
        !never && (!private || self == Self::PrivateToo)
    }

    fn allows_v6(self, v6: Ipv6Addr) -> bool {
        let first = v6.segments()[0];
        let never = v6.is_unspecified()
            || v6.is_multicast()
            || first & 0xffc0 == 0xfe80
            // Amazon's.
            || v6 == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
        let private = v6.is_loopback() || first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfec0;
        !never && (!private || self == Self::PrivateToo)
    }
}

/// The IPv4 address that a translator would make of this one: of NAT64 (RFC 6052), 6to4 (RFC 3056), and the
/// "compatible" form that RFC 4291 has given up.
fn embedded(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match v6.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => Some(v4(high, low)),
        [0, 0, 0, 0, 0, 0, high, low] if high > 0 => Some(v4(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Reach;

    #[test]
    fn what_a_machine_knows_of_itself_is_never_reached() {
        for never in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "::a9fe:a9fe",
            "fe80::1",
            "fd00:ec2::254",
            "100.100.100.200",
            "192.0.0.192",
            "0.0.0.0",
            "::",
            "255.255.255.255",
            "224.0.0.1",
        ] {
            for reach in [Reach::Public, Reach::PrivateToo] {
                assert!(!reach.allows(never.parse().unwrap()), "{never} {reach:?}");
            }
        }
    }

    #[test]
    fn private_addresses_are_reached_where_that_is_wanted() {
        for private in [
            "127.0.0.1",
            "::1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "198.18.0.1",
            "fc00::1",
            "fec0::1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
        ] {
            let address = private.parse().unwrap();
            assert!(!Reach::Public.allows(address) && Reach::PrivateToo.allows(address), "{private}");
        }
        for public in ["203.0.114.9", "8.8.8.8", "2606:4700::1111", "100.128.0.1", "172.32.0.1"] {
            assert!(Reach::Public.allows(public.parse().unwrap()), "{public}");
        }
    }
}
