//! Retention: what nothing names goes after its time, and bytes without a record go at once.

use crate::{
    Service,
    ports::{FileError, StoreError},
    put_artifact::DropError,
};
use countersign_domain::{Millis, TenantId};

/// Artifacts that are looked at together.
const CHUNK: u32 = 200;
/// Bytes younger than this may still wait for their record. Milliseconds.
const UNDER_WAY_MS: i64 = 6 * 60 * 60 * 1000;

/// Why retention stopped before its end. It goes on the next time.
#[derive(Debug, thiserror::Error)]
pub enum RetireError {
    #[error("the database: {0}")]
    Store(#[from] StoreError),
    #[error("the store of artifacts: {0}")]
    File(#[from] FileError),
}

impl From<DropError> for RetireError {
    fn from(error: DropError) -> Self {
        match error {
            DropError::Store(error) => Self::Store(error),
            DropError::File(error) => Self::File(error),
        }
    }
}

impl Service {
    /// Removes what its time is over for in all tenants, and what uploads and removals that were cut off have left
    /// behind; answers how many artifacts were removed.
    pub async fn retire_artifacts(&self) -> Result<u64, RetireError> {
        let now = self.ports.clock.now();
        let before = Millis(now.0 - UNDER_WAY_MS);
        let mut removed = 0;
        for tenant in self.ports.artifacts.tenants().await? {
            if let Some(unnamed_ms) = self.ports.artifact_rules.unnamed_ms {
                removed += self.retire_unnamed(tenant, Millis(now.0 - unnamed_ms), now).await?;
            }
            let placed = self.ports.artifact_files.placed_before(tenant, before).await?;
            for chunk in placed.chunks(CHUNK as usize) {
                for sha256 in self.ports.artifacts.absent(tenant, chunk).await? {
                    self.drop_bytes(tenant, sha256).await?;
                }
            }
        }
        self.ports.artifact_files.sweep(before).await?;
        Ok(removed)
    }

    async fn retire_unnamed(&self, tenant: TenantId, unused_since: Millis, now: Millis) -> Result<u64, RetireError> {
        let mut removed = 0;
        loop {
            let unnamed = self.ports.artifacts.unnamed(tenant, unused_since, CHUNK).await?;
            let mut went = 0;
            for sha256 in unnamed {
                // Asked again under its lock: somebody may have named it meanwhile.
                if self.ports.artifacts.hold(tenant, sha256).await?.retire(unused_since, now).await? {
                    went += 1;
                    self.drop_bytes(tenant, sha256).await?;
                }
            }
            removed += went;
            if went == 0 {
                return Ok(removed);
            }
        }
    }
}
