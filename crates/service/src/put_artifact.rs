//! Taking an artifact in: its bytes are hashed while they come, and nothing of them stays unless all is as it was said.

use crate::{
    AgentError, Service,
    ports::{AgentActor, ArtifactFact, ArtifactRules, FileError, Incoming, PutAs, StoreError},
};
use bytes::Bytes;
use countersign_domain::{ArtifactHash, TenantId, artifact::Sniffer};
use sha2::{Digest, Sha256};

/// An artifact that is coming in. Dropped before [`Receiving::finish`], nothing of it is left.
pub struct Receiving {
    service: Service,
    actor: AgentActor,
    announced: Option<ArtifactHash>,
    put: PutAs,
    incoming: Box<dyn Incoming>,
    hasher: Sha256,
    sniffer: Sniffer,
    size: u64,
}

impl Service {
    /// What holds for all artifacts.
    pub fn artifact_rules(&self) -> ArtifactRules {
        self.ports.artifact_rules
    }

    /// Begins to take an artifact of an agent in. With the hash and the length, as far as they are announced, what
    /// cannot be kept is refused before it comes.
    pub async fn receive_artifact(
        &self,
        actor: &AgentActor,
        announced: Option<ArtifactHash>,
        length: Option<u64>,
        put: PutAs,
    ) -> Result<Receiving, AgentError> {
        let rules = self.ports.artifact_rules;
        if let Some(length) = length {
            if length > rules.most_bytes {
                return Err(AgentError::TooLarge { most: rules.most_bytes });
            }
            let there = match announced {
                Some(sha256) => self.ports.artifacts.hold(actor.tenant, sha256).await?.is_there().await?,
                None => false,
            };
            let wanted = self.ports.artifacts.used(actor.tenant).await?.saturating_add(length);
            // What is there already needs no room.
            if !there && wanted > rules.quota_bytes {
                return Err(AgentError::Quota { wanted, quota: rules.quota_bytes });
            }
        }
        Ok(Receiving {
            service: self.clone(),
            actor: actor.clone(),
            announced,
            put,
            incoming: self.ports.artifact_files.begin(self.ports.entropy.uuid(self.ports.clock.now()))?,
            hasher: Sha256::new(),
            sniffer: Sniffer::default(),
            size: 0,
        })
    }

    /// Removes the bytes of what is not on record.
    pub(crate) async fn drop_bytes(&self, tenant: TenantId, sha256: ArtifactHash) -> Result<(), DropError> {
        let mut held = self.ports.artifacts.hold(tenant, sha256).await?;
        if !held.is_there().await? {
            self.ports.artifact_files.remove(tenant, sha256).await?;
        }
        Ok(())
    }
}

/// Why bytes that nobody needs are still there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DropError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    File(#[from] FileError),
}

impl Receiving {
    /// Takes the next bytes.
    pub async fn take(&mut self, chunk: Bytes) -> Result<(), AgentError> {
        self.size = self.size.saturating_add(chunk.len() as u64);
        let most = self.service.ports.artifact_rules.most_bytes;
        if self.size > most {
            return Err(AgentError::TooLarge { most });
        }
        self.hasher.update(&chunk);
        self.sniffer.see(&chunk);
        Ok(self.incoming.write(chunk).await?)
    }

    /// How many bytes have come.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// All has come: keeps it, if it is what was announced.
    pub async fn finish(self) -> Result<ArtifactFact, AgentError> {
        let Self { service, actor, announced, put, incoming, hasher, sniffer, size } = self;
        let sha256 = ArtifactHash(hasher.finalize().into());
        if announced.is_some_and(|announced| announced != sha256) {
            return Err(AgentError::WrongHash { found: sha256 });
        }
        let fact = ArtifactFact { sha256, size, content: sniffer.content() };
        let (rules, now) = (service.ports.artifact_rules, service.ports.clock.now());
        let held = service.ports.artifacts.hold(actor.tenant, sha256).await?;
        // Also where it is there: what was damaged is whole again after that.
        incoming.place(actor.tenant, sha256).await?;
        if let Err(error) = held.keep(&actor, fact, put, rules.quota_bytes, now).await {
            if let Err(error) = service.drop_bytes(actor.tenant, sha256).await {
                tracing::warn!(%error, artifact.sha256 = %sha256, "bytes without a record wait for the next sweep");
            }
            return Err(error.into());
        }
        Ok(fact)
    }
}
