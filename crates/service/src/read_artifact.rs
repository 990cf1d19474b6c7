//! Reading an artifact: by an agent that may, or by a person of the tenant.

use crate::{
    AgentError, Error, Service, artifact_bytes,
    policy::Action,
    ports::{AgentActor, ArtifactFact, FileError, FileStream, StoreError},
};
use countersign_domain::{Actor, ArtifactHash, TenantId};
use std::ops::Range;

impl Service {
    /// The artifact, if the agent may read it: what it has put itself, and what its role reads.
    pub async fn find_artifact(&self, actor: &AgentActor, sha256: ArtifactHash) -> Result<ArtifactFact, AgentError> {
        let reads = self.reads(actor).await?;
        self.ports.artifacts.readable(actor.tenant, &actor.agent, sha256, &reads).await.map_err(absent)
    }

    /// The bytes of a part, or of all, of an artifact that [`Service::find_artifact`] has found.
    pub async fn read_artifact(
        &self,
        tenant: TenantId,
        fact: ArtifactFact,
        range: Range<u64>,
    ) -> Result<FileStream, AgentError> {
        Ok(artifact_bytes::read(&*self.ports.artifact_files, tenant, fact, range).await.inspect_err(report(fact))?)
    }

    /// The artifact with all its bytes, for a person.
    pub async fn download_artifact(
        &self,
        actor: &Actor,
        sha256: ArtifactHash,
    ) -> Result<(ArtifactFact, FileStream), Error> {
        self.allow(actor, Action::Read)?;
        let detail = self.ports.artifacts.detail(actor.tenant, sha256).await?;
        if detail.removed_at.is_some() {
            return Err(Error::NotFound);
        }
        let fact = ArtifactFact { sha256, size: detail.size, content: detail.content };
        let files = &*self.ports.artifact_files;
        let bytes = artifact_bytes::read(files, actor.tenant, fact, 0..fact.size).await.inspect_err(report(fact));
        match bytes {
            Ok(bytes) => Ok((fact, bytes)),
            Err(FileError::Gone) => {
                Err(Error::Conflict("What is kept under this name is not what was put there.".to_owned()))
            }
            Err(FileError::Unavailable(cause)) => Err(Error::Unavailable { what: "The store of artifacts", cause }),
        }
    }
}

/// Damage is told once, where it is found: somebody has to look after the disk.
pub(crate) fn report(fact: ArtifactFact) -> impl Fn(&FileError) {
    move |error| {
        if matches!(error, FileError::Gone) {
            tracing::error!(artifact.sha256 = %fact.sha256, "an artifact is damaged or gone");
        }
    }
}

/// To an agent, what it may not read is not there.
pub(crate) fn absent(error: StoreError) -> AgentError {
    match error {
        StoreError::NotFound => AgentError::NoArtifact,
        other => other.into(),
    }
}
