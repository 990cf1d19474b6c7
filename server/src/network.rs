//! A part of the network, as operators write it.

use ipnet::IpNet;
use serde::Deserialize;
use std::{net::IpAddr, str::FromStr};

/// One address, or all of a prefix (`10.0.0.0/8`, RFC 4632).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network(IpNet);

impl Network {
    /// An IPv4 address counts however a socket writes it (`::ffff:10.0.0.1`).
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for Network {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let net = text.parse::<IpNet>().ok().or_else(|| Some(text.parse::<IpAddr>().ok()?.to_canonical().into()));
        net.map(Self)
            .ok_or_else(|| format!("“{text}” is no address and no network; it reads like 10.0.0.1 or 10.0.0.0/8"))
    }
}

impl TryFrom<String> for Network {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::Network;

    #[test]
    fn an_address_is_in_its_own_network_alone_and_a_prefix_holds_all_that_begin_so() {
        let holds =
            |network: &str, address: &str| network.parse::<Network>().unwrap().contains(address.parse().unwrap());
        assert!(holds("10.0.0.1", "10.0.0.1") && !holds("10.0.0.1", "10.0.0.2"));
        assert!(holds("10.0.0.0/8", "10.9.8.7") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("10.0.0.0/8", "::ffff:10.0.0.1") && holds("fd00::/8", "fd00::1"));
        assert!(!holds("0.0.0.0/0", "fd00::1"));
        for nonsense in ["", "proxy", "10.0.0.0/33", "10.0.0"] {
            assert!(nonsense.parse::<Network>().is_err(), "{nonsense}");
        }
    }
}
