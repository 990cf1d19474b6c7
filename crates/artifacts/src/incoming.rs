//! Bytes on their way in. A small artifact is kept in memory until its name is known, and written at once; a larger
//! one goes part by part to a place of its own, and from there under its name.

use crate::files::{file_error, object};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use countersign_domain::{ArtifactHash, TenantId};
use countersign_service::ports::{FileError, Incoming};
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, path::Path};
use std::sync::Arc;

/// Stores take no smaller parts but the last, and some want all of one size.
pub const PART_BYTES: usize = 5 * 1024 * 1024;

pub struct IncomingObject {
    store: Arc<dyn ObjectStore>,
    place: Path,
    buffer: BytesMut,
    upload: Option<Box<dyn MultipartUpload>>,
}

impl IncomingObject {
    pub fn new(store: Arc<dyn ObjectStore>, id: uuid::Uuid) -> Self {
        let place = Path::from_iter(["incoming".to_owned(), id.to_string()]);
        Self { store, place, buffer: BytesMut::new(), upload: None }
    }

    async fn send_part(&mut self) -> Result<(), FileError> {
        let part = self.buffer.split_to(PART_BYTES.min(self.buffer.len())).freeze();
        if self.upload.is_none() {
            self.upload = Some(self.store.put_multipart(&self.place).await.map_err(file_error)?);
        }
        match &mut self.upload {
            Some(upload) => upload.put_part(part.into()).await.map_err(file_error),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Incoming for IncomingObject {
    async fn write(&mut self, chunk: Bytes) -> Result<(), FileError> {
        self.buffer.extend_from_slice(&chunk);
        while self.buffer.len() > PART_BYTES {
            self.send_part().await?;
        }
        Ok(())
    }

    async fn place(mut self: Box<Self>, tenant: TenantId, sha256: ArtifactHash) -> Result<(), FileError> {
        let name = object(tenant, sha256);
        if self.upload.is_none() {
            let all = self.buffer.split().freeze();
            self.store.put(&name, all.into()).await.map_err(file_error)?;
            return Ok(());
        }
        self.send_part().await?;
        let Some(mut upload) = self.upload.take() else { return Ok(()) };
        if let Err(error) = upload.complete().await {
            self.upload = Some(upload);
            return Err(file_error(error));
        }
        if let Err(error) = self.store.rename(&self.place, &name).await {
            let _ = self.store.delete(&self.place).await;
            return Err(file_error(error));
        }
        Ok(())
    }
}

/// A store keeps the parts of an upload that nobody ends. Whoever drops this cannot wait.
impl Drop for IncomingObject {
    fn drop(&mut self) {
        let Some(mut upload) = self.upload.take() else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = upload.abort().await {
                    tracing::warn!(%error, "parts of an upload that was cut off wait for the next sweep");
                }
            });
        }
    }
}
