//! Evidence whose bytes were looked at just now: whoever draws a page anew need not read all of it again.

use countersign_domain::{ArtifactHash, Millis, TenantId};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// For so long what was found whole is taken for whole, as long as nobody writes it. Milliseconds.
const KEPT_MS: i64 = 60_000;
/// Artifacts that are remembered at a time.
const MOST: usize = 4_096;

/// When each was found whole, and the stamp that it had. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct SeenEvidence(Arc<Mutex<HashMap<(TenantId, ArtifactHash), (Millis, String)>>>);

impl SeenEvidence {
    pub fn is_fresh(&self, tenant: TenantId, sha256: ArtifactHash, stamp: &str, now: Millis) -> bool {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(&(tenant, sha256)).is_some_and(|(at, was)| was == stamp && is_recent(*at, now))
    }

    pub fn keep(&self, tenant: TenantId, sha256: ArtifactHash, stamp: String, now: Millis) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MOST {
            seen.retain(|_, (at, _)| is_recent(*at, now));
        }
        if seen.len() < MOST {
            seen.insert((tenant, sha256), (now, stamp));
        }
    }
}

fn is_recent(at: Millis, now: Millis) -> bool {
    (0..KEPT_MS).contains(&(now.0 - at.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_was_whole_is_so_for_a_minute_unless_somebody_writes_it() {
        let (seen, ours, theirs) = (SeenEvidence::default(), TenantId(Uuid::nil()), TenantId(Uuid::from_u128(1)));
        let (one, now) = (ArtifactHash([1; 32]), Millis(1_000_000));
        assert!(!seen.is_fresh(ours, one, "a", now));
        seen.keep(ours, one, "a".to_owned(), now);
        assert!(seen.is_fresh(ours, one, "a", now) && seen.is_fresh(ours, one, "a", Millis(now.0 + 59_999)));
        for (tenant, stamp, at) in
            [(ours, "a", now.0 + 60_000), (ours, "a", now.0 - 1), (ours, "b", now.0), (theirs, "a", now.0)]
        {
            assert!(!seen.is_fresh(tenant, one, stamp, Millis(at)), "{stamp} {at}");
        }
    }

    #[test]
    fn what_is_remembered_has_an_end() {
        let (seen, tenant, now) = (SeenEvidence::default(), TenantId(Uuid::nil()), Millis(1_000_000));
        let hash = |number: u32| {
            let mut bytes = [0; 32];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            ArtifactHash(bytes)
        };
        for number in 0..5_000 {
            seen.keep(tenant, hash(number), String::new(), now);
        }
        assert_eq!(seen.0.lock().unwrap().len(), MOST);
        seen.keep(tenant, hash(9_999), String::new(), Millis(now.0 + 60_000));
        assert_eq!(seen.0.lock().unwrap().len(), 1);
    }
}
