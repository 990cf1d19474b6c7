//! Whether what is kept of a decision is what was signed, or kept as unsigned. A row can be changed by whoever has the
//! database; what the passkey signed cannot.

use crate::{
    Error, Service,
    decide_brief::kept,
    passkey_ceremony::refused,
    ports::{DecisionRecord, StoreError},
};
use countersign_domain::{TenantId, canonical_json::CanonicalJson, decision::Sealed};
use countersign_receipt::{Trusted, verify};
use sha2::{Digest, Sha256};

impl Service {
    /// Whether the record says what its canonical decision says, that is about the brief as it is kept, and signed where
    /// it says so. Silence signs nothing.
    pub(crate) async fn is_whole(&self, tenant: TenantId, record: &DecisionRecord) -> Result<bool, Error> {
        let versions = self.ports.briefs.versions(tenant, record.brief).await?;
        let Some(about) = versions.into_iter().find(|version| version.version == record.version) else {
            return Ok(false);
        };
        if about.sha256 != record.sha256 || Sha256::digest(&about.text)[..] != record.sha256.0 {
            return Ok(false);
        }
        if record.by.is_none() {
            return Ok(true);
        }
        match self.ports.decisions.sealed(tenant, record.id).await {
            Ok((canonical, seal)) => Ok(agrees(record, &canonical, seal.as_deref()).unwrap_or(false)),
            Err(StoreError::NotFound) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// As [`Service::is_whole`], of what was read already and is about a version that is as it was kept.
pub(crate) fn agrees(record: &DecisionRecord, canonical: &[u8], seal: Option<&str>) -> Result<bool, Error> {
    let json = CanonicalJson::parse_canonical(canonical).map_err(refused)?;
    let sealed = Sealed::read(&json).map_err(refused)?;
    let said = sealed.decision();
    let same = said.subject.id == record.brief.0
        && said.subject.version == record.version
        && said.subject.sha256 == record.sha256
        && record.by.as_ref().is_some_and(|(person, _)| *person == said.decider)
        && kept(&said.choice)? == record.choice
        && said.rationale == record.rationale
        && said.prediction == record.prediction
        && said.check_at_ms == record.check_at
        && said.signed == record.is_signed
        && said.signed == seal.is_some()
        && record.canonical_sha256.is_some_and(|hash| hash.0 == sealed.sha256());
    if !same || !said.signed {
        return Ok(same);
    }
    Ok(verify(&receipt(canonical, seal)?, &Trusted::default()).is_ok())
}

/// The receipt of a canonical decision, with its seal if a passkey signed it; canonical JSON.
pub(crate) fn receipt(canonical: &[u8], seal: Option<&str>) -> Result<Vec<u8>, Error> {
    let seal = match seal {
        Some(seal) => CanonicalJson::parse(seal.as_bytes()).map_err(refused)?,
        None => {
            let reason = CanonicalJson::Text("It was decided without a passkey.".to_owned());
            let kind = CanonicalJson::Text("unsigned".to_owned());
            CanonicalJson::Object([("kind".to_owned(), kind), ("reason".to_owned(), reason)].into())
        }
    };
    let decision = CanonicalJson::parse_canonical(canonical).map_err(refused)?;
    let whole =
        [("decision".to_owned(), decision), ("seal".to_owned(), seal), ("v".to_owned(), CanonicalJson::Integer(1))];
    CanonicalJson::Object(whole.into()).to_bytes().map_err(refused)
}
