//! Whether the artifacts that a brief names are what it says.

use crate::{
    Error, Service, artifact_bytes,
    issue_credential::reads_of,
    ports::{ArtifactFact, FileError, StoreError},
    read_artifact::report,
};
use countersign_brief::{Brief, Evidence, EvidenceState};
use countersign_domain::{
    AgentName, ArtifactHash, TenantId,
    artifact::ReadGrant,
    reading::{EvidenceCheck, EvidenceView},
};
use futures::TryStreamExt;

/// Before a brief is taken, the bytes of artifacts up to this size are looked at; larger ones are checked by whoever
/// reads them.
const LOOKED_AT_BYTES: u64 = 32 * 1024 * 1024;
/// The same for a page, and before a decision: somebody waits.
const LOOKED_AT_FOR_A_PAGE: u64 = 4 * 1024 * 1024;

impl Service {
    /// What an agent may read besides its own, by the role file that it may run with.
    pub(crate) async fn reads_of_agent(&self, tenant: TenantId, agent: &AgentName) -> Result<ReadGrant, Error> {
        let approved = self.ports.reviews.approved(tenant, agent).await?;
        let file = approved.and_then(|review| countersign_role::read(review.text.as_bytes()).ok());
        Ok(file.as_ref().map(reads_of).unwrap_or_default())
    }

    /// What is known of an artifact that `author` names. Fails where nobody can tell now.
    pub(crate) async fn evidence_state(
        &self,
        tenant: TenantId,
        author: &AgentName,
        reads: &ReadGrant,
        sha256: ArtifactHash,
    ) -> Result<EvidenceState, Error> {
        let fact = match self.ports.artifacts.readable(tenant, author, sha256, reads).await {
            Ok(fact) => fact,
            // What is there and not for the author to read answers the same.
            Err(StoreError::NotFound) => return Ok(EvidenceState::Absent),
            Err(error) => return Err(error.into()),
        };
        match self.look_at(tenant, fact, LOOKED_AT_BYTES).await {
            Ok(_) => Ok(EvidenceState::Sound),
            Err(FileError::Gone) => Ok(EvidenceState::Damaged),
            Err(FileError::Unavailable(cause)) => Err(Error::Unavailable { what: "The store of artifacts", cause }),
        }
    }

    /// The same for people, who read everything of their organization.
    pub(crate) async fn evidence_for_people(
        &self,
        tenant: TenantId,
        sha256: ArtifactHash,
    ) -> Result<EvidenceState, Error> {
        let named = Evidence { sha256, title: String::new() };
        Ok(match self.evidence_view(tenant, &named, true).await?.check {
            EvidenceCheck::Verified | EvidenceCheck::CheckedOnReading => EvidenceState::Sound,
            EvidenceCheck::Missing => EvidenceState::Absent,
            EvidenceCheck::Damaged => EvidenceState::Damaged,
            EvidenceCheck::Unknown => {
                return Err(Error::Unavailable { what: "The store of artifacts", cause: "no answer".into() });
            }
        })
    }

    /// The brief's artifacts for a page. One that cannot be looked at now says so.
    /// Bytes that were found whole within the minute are not read again.
    pub(crate) async fn evidence_of(&self, tenant: TenantId, brief: &Brief) -> Result<Vec<EvidenceView>, Error> {
        self.evidence_list(tenant, brief, false).await
    }

    /// The same with all bytes read now: something follows from it.
    pub(crate) async fn evidence_read(&self, tenant: TenantId, brief: &Brief) -> Result<Vec<EvidenceView>, Error> {
        self.evidence_list(tenant, brief, true).await
    }

    async fn evidence_list(&self, tenant: TenantId, brief: &Brief, anew: bool) -> Result<Vec<EvidenceView>, Error> {
        let mut list = Vec::new();
        for evidence in &brief.evidence {
            list.push(self.evidence_view(tenant, evidence, anew).await?);
        }
        Ok(list)
    }

    async fn evidence_view(&self, tenant: TenantId, evidence: &Evidence, anew: bool) -> Result<EvidenceView, Error> {
        let mut view = EvidenceView {
            sha256: evidence.sha256.to_string(),
            title: evidence.title.clone(),
            content: String::new(),
            size: 0,
            check: EvidenceCheck::Missing,
        };
        let detail = match self.ports.artifacts.detail(tenant, evidence.sha256).await {
            Err(StoreError::NotFound) => return Ok(view),
            detail => detail?,
        };
        view.size = detail.size;
        view.content = detail.content.as_str().to_owned();
        if detail.removed_at.is_none() {
            let fact = ArtifactFact { sha256: evidence.sha256, size: detail.size, content: detail.content };
            view.check = match self.look_once(tenant, fact, anew).await {
                Ok(true) => EvidenceCheck::Verified,
                Ok(false) => EvidenceCheck::CheckedOnReading,
                Err(FileError::Gone) => EvidenceCheck::Damaged,
                Err(FileError::Unavailable(_)) => EvidenceCheck::Unknown,
            };
        }
        Ok(view)
    }

    /// As [`Service::look_at`] for a page. The stamp is taken before the bytes are read: what somebody writes meanwhile
    /// has another one the next time.
    async fn look_once(&self, tenant: TenantId, fact: ArtifactFact, anew: bool) -> Result<bool, FileError> {
        let now = self.ports.clock.now();
        let stamp = self.ports.artifact_files.stamp(tenant, fact.sha256).await.inspect_err(report(fact))?;
        if let Some(stamp) = stamp.as_deref().filter(|_| !anew)
            && self.seen_evidence.is_fresh(tenant, fact.sha256, stamp, now)
        {
            return Ok(true);
        }
        let is_whole = self.look_at(tenant, fact, LOOKED_AT_FOR_A_PAGE).await?;
        if let Some(stamp) = stamp.filter(|_| is_whole) {
            self.seen_evidence.keep(tenant, fact.sha256, stamp, now);
        }
        Ok(is_whole)
    }

    /// Reads the bytes and checks them against their name; false where they are more than `most`, and were not read.
    async fn look_at(&self, tenant: TenantId, fact: ArtifactFact, most: u64) -> Result<bool, FileError> {
        if fact.size > most {
            return Ok(false);
        }
        let files = &*self.ports.artifact_files;
        let looked = async {
            let mut stream = artifact_bytes::read(files, tenant, fact, 0..fact.size).await?;
            while stream.try_next().await?.is_some() {}
            Ok(true)
        };
        looked.await.inspect_err(report(fact))
    }
}
