//! The grant as it is signed: all that it lets an agent do, in one spelling, whose SHA-256 is the passkey's challenge.

use crate::{
    AgentName, GrantId, Millis, PersonId, TenantId,
    canonical_json::{CanonicalJson, NotCanonical},
    decision::{JournalHead, Nonce},
    journal::Hash,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The version of the form.
pub const GRANT_VERSION: u8 = 1;
/// So that a grant is nothing else that a passkey may sign.
const KIND: &str = "grant";

/// What is signed. Every field is always there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// [`GRANT_VERSION`].
    pub v: u8,
    kind: String,
    pub tenant: TenantId,
    pub id: GrantId,
    /// Who grants.
    pub founder: PersonId,
    /// When, by the server's clock.
    pub at_ms: Millis,
    pub agent: AgentName,
    pub category: String,
    /// How sure the agent has to be, in millionths.
    pub least_confidence_micro: u32,
    /// What a decision may cost, in millionths of a dollar.
    pub most_cost_micro_usd: i64,
    /// Decisions within 24 hours.
    pub most_a_day: u32,
    pub until_ms: Millis,
    /// The journal's last entry when the grant was made ready.
    pub journal: JournalHead,
    pub nonce: Nonce,
}

/// What a grant allows, without who gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub agent: AgentName,
    pub category: String,
    pub least_confidence_micro: u32,
    pub most_cost_micro_usd: i64,
    pub most_a_day: u32,
    pub until: Millis,
}

/// A grant with its canonical bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedGrant {
    grant: Grant,
    canonical: Vec<u8>,
}

impl Grant {
    pub fn seal(
        tenant: TenantId,
        id: GrantId,
        founder: PersonId,
        at_ms: Millis,
        terms: Terms,
        journal: JournalHead,
        nonce: Nonce,
    ) -> Result<SealedGrant, NotCanonical> {
        let Terms { agent, category, least_confidence_micro, most_cost_micro_usd, most_a_day, until } = terms;
        let grant = Self {
            v: GRANT_VERSION,
            kind: KIND.to_owned(),
            tenant,
            id,
            founder,
            at_ms,
            agent,
            category,
            least_confidence_micro,
            most_cost_micro_usd,
            most_a_day,
            until_ms: until,
            journal,
            nonce,
        };
        let canonical = CanonicalJson::of(&grant)?.to_bytes()?;
        Ok(SealedGrant { grant, canonical })
    }
}

impl SealedGrant {
    /// Reads what [`Grant::seal`] wrote, and nothing else.
    pub fn read(canonical: &[u8]) -> Option<Self> {
        let json = CanonicalJson::parse_canonical(canonical).ok()?;
        let grant: Grant = serde_json::from_value(serde_json::to_value(&json).ok()?).ok()?;
        let again = CanonicalJson::of(&grant).and_then(|json| json.to_bytes()).ok()?;
        let is_one = grant.v == GRANT_VERSION && grant.kind == KIND && again == canonical;
        is_one.then_some(Self { grant, canonical: again })
    }

    pub fn grant(&self) -> &Grant {
        &self.grant
    }

    pub fn canonical(&self) -> &[u8] {
        &self.canonical
    }

    /// The passkey's challenge.
    pub fn sha256(&self) -> Hash {
        Sha256::digest(&self.canonical).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ArtifactHash;
    use uuid::Uuid;

    fn sealed() -> SealedGrant {
        let terms = Terms {
            agent: "cto".parse().unwrap(),
            category: "refactoring".to_owned(),
            least_confidence_micro: 900_000,
            most_cost_micro_usd: 5_000_000,
            most_a_day: 3,
            until: Millis(1_700_000_900_000),
        };
        let journal = JournalHead { number: 4, sha256: ArtifactHash([9; 32]) };
        let (tenant, id, founder) =
            (TenantId(Uuid::from_u128(1)), GrantId(Uuid::from_u128(2)), PersonId(Uuid::from_u128(3)));
        Grant::seal(tenant, id, founder, Millis(1_700_000_000_000), terms, journal, Nonce([5; 16])).unwrap()
    }

    #[test]
    fn a_grant_reads_back_as_it_was_sealed() {
        let sealed = sealed();
        assert_eq!(SealedGrant::read(sealed.canonical()), Some(sealed));
    }

    #[test]
    fn what_is_missing_added_or_spelled_otherwise_is_no_grant() {
        let text = String::from_utf8(sealed().canonical().to_vec()).unwrap();
        for other in [
            text.replace(r#""kind":"grant""#, r#""kind":"decision""#),
            text.replace(r#""v":1"#, r#""v":2"#),
            text.replace(r#""most_a_day":3,"#, ""),
            text.replace(r#"{"agent""#, r#"{"a":1,"agent""#),
            text.replace(r#""most_a_day":3"#, r#""most_a_day": 3"#),
        ] {
            assert_ne!(other, text);
            assert_eq!(SealedGrant::read(other.as_bytes()), None, "{other}");
        }
    }
}
