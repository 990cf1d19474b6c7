//! The bytes of artifacts: a folder, or a store that speaks S3.

use async_trait::async_trait;
use bytes::Bytes;
use countersign_domain::{ArtifactHash, Millis, TenantId};
use futures::stream::BoxStream;
use std::ops::Range;

/// Why bytes could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("there are no such bytes")]
    Gone,
    #[error("the store of artifacts is not answering")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Bytes on their way.
pub type FileStream = BoxStream<'static, Result<Bytes, FileError>>;

/// Bytes that have no name yet. Dropped before [`Incoming::place`], they are gone.
#[async_trait]
pub trait Incoming: Send {
    async fn write(&mut self, chunk: Bytes) -> Result<(), FileError>;
    /// Puts all that was written under its name, as a whole. What stood there, which can only be the same or
    /// damaged, is replaced.
    async fn place(self: Box<Self>, tenant: TenantId, sha256: ArtifactHash) -> Result<(), FileError>;
}

#[async_trait]
pub trait ArtifactFiles: Send + Sync {
    /// Begins to take bytes in; `id` tells them from others that come at the same time.
    fn begin(&self, id: uuid::Uuid) -> Result<Box<dyn Incoming>, FileError>;
    /// The bytes of `range`, which lies within the artifact.
    async fn read(&self, tenant: TenantId, sha256: ArtifactHash, range: Range<u64>) -> Result<FileStream, FileError>;
    /// Changes when somebody writes what is kept. None where the store cannot tell.
    async fn stamp(&self, tenant: TenantId, sha256: ArtifactHash) -> Result<Option<String>, FileError>;
    /// That they are gone already is no error.
    async fn remove(&self, tenant: TenantId, sha256: ArtifactHash) -> Result<(), FileError>;
    /// Artifacts whose bytes were placed before this moment.
    async fn placed_before(&self, tenant: TenantId, before: Millis) -> Result<Vec<ArtifactHash>, FileError>;
    /// Removes what uploads before this moment have left behind: a process that is killed cannot do it itself.
    async fn sweep(&self, before: Millis) -> Result<(), FileError>;
}
