//! Whether what is kept of a grant is what its founder's passkey signed. A row can be changed by whoever has the
//! database; what was signed cannot.

use crate::{Error, Service, ports::GrantRecord, sign_decision::key_of};
use countersign_domain::{PersonId, TenantId, autonomy::SealedGrant};
use countersign_receipt::{Fingerprint, signed};
use std::collections::BTreeMap;
use webauthn_rs::prelude::Passkey;

/// The keys of the passkeys that founders have now.
pub(crate) type Keys = BTreeMap<PersonId, Vec<Fingerprint>>;

impl Service {
    /// Of all whose grants these are.
    pub(crate) async fn keys_of(&self, grants: &[GrantRecord]) -> Result<Keys, Error> {
        let mut keys = Keys::new();
        for grant in grants {
            let person = grant.by.0;
            if keys.contains_key(&person) {
                continue;
            }
            let records = self.ports.factors.passkeys(person).await?;
            let passkeys = records.iter().filter_map(|record| serde_json::from_str::<Passkey>(&record.credential).ok());
            keys.insert(person, passkeys.filter_map(|passkey| Some(key_of(&passkey).ok()?.fingerprint())).collect());
        }
        Ok(keys)
    }
}

/// Nothing follows from a grant that is not: signed by a passkey that is its founder's now, and journaled when it was given.
/// Anybody can sign with a key of their own.
pub(crate) fn is_sound(tenant: TenantId, record: &GrantRecord, keys: &Keys) -> bool {
    let known = |key: Fingerprint| keys.get(&record.by.0).is_some_and(|known| known.contains(&key));
    record.is_journaled && key_that_signed(tenant, record).is_some_and(known)
}

/// Whether some passkey signed it as it is kept.
pub(crate) fn is_signed(tenant: TenantId, record: &GrantRecord) -> bool {
    key_that_signed(tenant, record).is_some()
}

fn key_that_signed(tenant: TenantId, record: &GrantRecord) -> Option<Fingerprint> {
    let sealed = SealedGrant::read(&record.canonical)?;
    let (said, terms) = (sealed.grant(), &record.terms);
    let is_same = said.tenant == tenant
        && said.id == record.id
        && said.founder == record.by.0
        && said.at_ms == record.at
        && said.agent == terms.agent
        && said.category == terms.category
        && said.least_confidence_micro == terms.least_confidence_micro
        && said.most_cost_micro_usd == terms.most_cost_micro_usd
        && said.most_a_day == terms.most_a_day
        && said.until_ms == terms.until;
    if is_same { signed(&record.seal, &sealed.sha256()).ok() } else { None }
}
