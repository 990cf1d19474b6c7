//! What the desk's address says of a session that is over.

use super::path;
use countersign_domain::{ArtifactHash, BriefId};

/// As many as are decided in one sitting.
const MOST: usize = 50;

/// What came of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub took_ms: u64,
    pub briefs: Vec<BriefId>,
}

/// Reads the entry `at`; `None` where it is about something else. What names nothing is left out.
pub fn done(at: &str) -> Option<Done> {
    let mut parts = at.strip_prefix("done.")?.split('.');
    let took_ms = parts.next()?.parse().ok()?;
    Some(Done { took_ms, briefs: parts.take(MOST).filter_map(|id| id.parse().ok()).collect() })
}

/// Reads the entry `since`: what dropped out, with the hash of the version that was chosen about.
pub fn dropped(since: &str) -> Vec<(BriefId, ArtifactHash)> {
    let one = |part: &str| {
        let (id, sha256) = part.split_once(':')?;
        Some((id.parse().ok()?, sha256.parse().ok()?))
    };
    since.split('.').take(MOST).filter_map(one).collect()
}

/// The page that tells what came of a session. The script of passkeys writes the same (`app/src/passkey.js`).
pub fn of_done(tenant: &str, took_ms: u64, done: &[String], dropped: &[(String, String)]) -> String {
    let mut address = format!("{}?at=done.{took_ms}", path::desk(tenant, ""));
    for id in done {
        address = address + "." + id;
    }
    if !dropped.is_empty() {
        let list: Vec<String> = dropped.iter().map(|(id, sha256)| format!("{id}:{}", path::escape(sha256))).collect();
        address = address + "&since=" + &list.join(".");
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_address_says_reads_back_and_what_names_nothing_is_left_out() {
        let (a, b) = ("0190f0f0-0000-7000-8000-000000000001", "0190f0f0-0000-7000-8000-000000000002");
        let sha256 = "ab".repeat(32);
        let address = of_done("acme", 580_000, &[a.to_owned()], &[(b.to_owned(), sha256.clone())]);
        assert_eq!(address, format!("/t/acme/desk?at=done.580000.{a}&since={b}:{sha256}"));
        let read = done(&format!("done.580000.{a}.x")).unwrap();
        assert_eq!((read.took_ms, read.briefs.len()), (580_000, 1));
        assert_eq!(dropped(&format!("{b}:{sha256}.{b}:0.x")).len(), 1);
        assert!(done("batch").is_none() && done("done.x").is_none() && dropped("").is_empty());
    }
}
