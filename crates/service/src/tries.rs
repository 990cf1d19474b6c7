//! How often what can be guessed may be tried. A try is counted before it is checked, so that many at the same
//! moment do not pass together; one that went well is given back.

use crate::{Client, Error, Service, sign_in::digest};
use countersign_domain::{Millis, PersonId};
use std::net::IpAddr;

/// Tries are counted over this long.
const WINDOW_MS: i64 = 15 * 60 * 1000;
/// That one network address may make within the window.
const PER_ADDRESS: u32 = 20;
/// Against one account, from one network address.
const PER_ACCOUNT_AND_ADDRESS: u32 = 8;
/// Against one account, from anywhere.
const PER_ACCOUNT: u32 = 100;
/// From a browser that the account's person has signed in with before.
const PER_KNOWN_BROWSER: u32 = 8;
/// Codes of one person: from browsers that are not known, and from each that is.
const CODES: u32 = 8;

/// Tries that are counted. Dropped, they stay so.
#[derive(Debug)]
pub(crate) struct Taken {
    keys: Vec<(String, u32)>,
    at: Millis,
}

impl Service {
    /// Counts a try to prove to be the holder of `account`, or says when to try again.
    ///
    /// A browser that has signed in to the account before is counted by itself: whatever strangers try, from whichever
    /// addresses, its owner gets in (OWASP, “Slow Down Online Guessing Attacks with Device Cookies”).
    pub(crate) async fn take_try(
        &self,
        account: &str,
        person: Option<PersonId>,
        client: &Client,
    ) -> Result<Taken, Error> {
        // Asked for nobody too: how long the answer takes says nothing of whether there is an account.
        let known = self.known_browser(person.unwrap_or(PersonId(uuid::Uuid::nil())), client).await?;
        let keys = match known {
            Some(browser) => vec![(format!("browser:{account}:{browser}"), PER_KNOWN_BROWSER)],
            None => {
                let network = network(&client.address);
                vec![
                    (format!("account:{account}"), PER_ACCOUNT),
                    (format!("account:{account}:{network}"), PER_ACCOUNT_AND_ADDRESS),
                    (format!("address:{network}"), PER_ADDRESS),
                ]
            }
        };
        self.take(keys).await
    }

    /// Counts a code. As above: whoever knows the password must not keep its owner out.
    pub(crate) async fn take_code_try(&self, person: PersonId, client: &Client) -> Result<Taken, Error> {
        let key = match self.known_browser(person, client).await? {
            Some(browser) => format!("code:{person}:{browser}"),
            None => format!("code:{person}"),
        };
        self.take(vec![(key, CODES)]).await
    }

    /// The name under which tries from a browser that the person has signed in with are counted.
    async fn known_browser(&self, person: PersonId, client: &Client) -> Result<Option<String>, Error> {
        let Some(mark) = &client.mark else { return Ok(None) };
        let known = self.ports.tries.knows(person, digest(mark)).await?;
        Ok(known.then(|| data_encoding::HEXLOWER.encode(&digest(mark)[..16])))
    }

    /// Counts a try of something, by whom it is about.
    pub(crate) async fn take_try_of(&self, what: &str, whom: &str, limit: u32) -> Result<Taken, Error> {
        self.take(vec![(format!("{what}:{whom}"), limit)]).await
    }

    /// Counts a try that is about no account, by the network that it comes from.
    pub(crate) async fn take_try_of_address(&self, what: &str, client: &Client, limit: u32) -> Result<Taken, Error> {
        self.take_try_of(what, &network(&client.address), limit).await
    }

    pub(crate) async fn take(&self, keys: Vec<(String, u32)>) -> Result<Taken, Error> {
        let at = self.ports.clock.now();
        match self.ports.tries.take(&keys, at, WINDOW_MS).await? {
            None => Ok(Taken { keys, at }),
            Some(again) => {
                let seconds = u32::try_from(again.since(at).unsigned_abs().div_ceil(1000)).unwrap_or(u32::MAX);
                Err(Error::Throttled { retry_after_s: seconds.max(1) })
            }
        }
    }

    /// The try went well.
    pub(crate) async fn give_back(&self, taken: Taken) -> Result<(), Error> {
        Ok(self.ports.tries.give_back(&taken.keys, taken.at).await?)
    }
}

/// What one customer of a network gets: an address, or 2^64 of them (RFC 6177).
fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(address)) if address.to_ipv4_mapped().is_none() => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn addresses_of_one_customer_count_together() {
        assert_eq!(network("2001:db8:1:2:aaaa::1"), network("2001:db8:1:2:bbbb::2"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("203.0.113.9"), network("203.0.113.10"));
        assert_ne!(network("::ffff:203.0.113.9"), network("::ffff:203.0.113.10"));
    }
}
