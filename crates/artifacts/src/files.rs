//! Artifacts as objects of a store.

use crate::{Place, incoming::IncomingObject};
use async_trait::async_trait;
use countersign_domain::{ArtifactHash, Millis, TenantId};
use countersign_service::ports::{ArtifactFiles, FileError, FileStream, Incoming};
use futures::{StreamExt, TryStreamExt, stream};
use object_store::{GetOptions, GetRange, ObjectMeta, ObjectStore, ObjectStoreExt, path::Path};
use std::{
    ops::Range,
    sync::{Arc, OnceLock},
};

/// [`ArtifactFiles`] over a folder or a bucket. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ObjectFiles {
    place: Place,
    /// Opened when it is first used: most commands of the program use no artifact.
    store: Arc<OnceLock<Arc<dyn ObjectStore>>>,
}

impl ObjectFiles {
    pub fn new(place: Place) -> Self {
        Self { place, store: Arc::default() }
    }

    fn store(&self) -> Result<Arc<dyn ObjectStore>, FileError> {
        if let Some(store) = self.store.get() {
            return Ok(Arc::clone(store));
        }
        let opened = self.place.open().map_err(|error| FileError::Unavailable(error.into()))?;
        Ok(Arc::clone(self.store.get_or_init(|| opened)))
    }
}

/// The name of an artifact's object. The digits part a folder that would be too full.
pub(crate) fn object(tenant: TenantId, sha256: ArtifactHash) -> Path {
    let name = sha256.to_string();
    Path::from_iter([tenant.to_string(), name[..2].to_owned(), name])
}

pub(crate) fn file_error(error: object_store::Error) -> FileError {
    match error {
        object_store::Error::NotFound { .. } => FileError::Gone,
        other => FileError::Unavailable(other.into()),
    }
}

fn is_older(meta: &ObjectMeta, before: Millis) -> bool {
    meta.last_modified.timestamp_millis() < before.0
}

#[async_trait]
impl ArtifactFiles for ObjectFiles {
    fn begin(&self, id: uuid::Uuid) -> Result<Box<dyn Incoming>, FileError> {
        Ok(Box::new(IncomingObject::new(self.store()?, id)))
    }

    async fn read(&self, tenant: TenantId, sha256: ArtifactHash, range: Range<u64>) -> Result<FileStream, FileError> {
        let (store, name) = (self.store()?, object(tenant, sha256));
        let size = store.head(&name).await.map_err(file_error)?.size;
        // A file that was cut short has no such range: it is damaged, and the store is well.
        if size < range.end {
            return Err(FileError::Gone);
        }
        // Stores refuse a range of no bytes.
        if range.is_empty() {
            return Ok(stream::empty().boxed());
        }
        let options = GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
        let found = store.get_opts(&name, options).await.map_err(file_error)?;
        Ok(found.into_stream().map_err(file_error).boxed())
    }

    async fn stamp(&self, tenant: TenantId, sha256: ArtifactHash) -> Result<Option<String>, FileError> {
        let meta = self.store()?.head(&object(tenant, sha256)).await.map_err(file_error)?;
        let at = meta.last_modified.timestamp_micros();
        Ok(meta.e_tag.map(|tag| format!("{} {at} {tag}", meta.size)))
    }

    async fn remove(&self, tenant: TenantId, sha256: ArtifactHash) -> Result<(), FileError> {
        match self.store()?.delete(&object(tenant, sha256)).await.map_err(file_error) {
            Err(FileError::Gone) | Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn placed_before(&self, tenant: TenantId, before: Millis) -> Result<Vec<ArtifactHash>, FileError> {
        let store = self.store()?;
        let mut found = store.list(Some(&Path::from(tenant.to_string())));
        let mut names = Vec::new();
        while let Some(meta) = found.try_next().await.map_err(file_error)? {
            if is_older(&meta, before) {
                names.extend(meta.location.filename().and_then(|name| name.parse::<ArtifactHash>().ok()));
            }
        }
        Ok(names)
    }

    async fn sweep(&self, before: Millis) -> Result<(), FileError> {
        let store = self.store()?;
        let mut found = store.list(Some(&Path::from("incoming")));
        while let Some(meta) = found.try_next().await.map_err(file_error)? {
            if is_older(&meta, before) {
                store.delete(&meta.location).await.map_err(file_error)?;
            }
        }
        if let Place::Folder(folder) = self.place.clone() {
            let swept = tokio::task::spawn_blocking(move || sweep_folder(&folder, before)).await;
            swept.map_err(|error| FileError::Unavailable(error.into()))?;
        }
        Ok(())
    }
}

/// While a file is written, its name ends in `#` and a number; `list` leaves such files out. They are beside the
/// name that they were to get.
fn sweep_folder(folder: &std::path::Path, before: Millis) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(meta) = entry.metadata() else { continue };
        if meta.is_dir() {
            sweep_folder(&entry.path(), before);
            continue;
        }
        let modified = meta.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        let at = modified.and_then(|since| i64::try_from(since.as_millis()).ok());
        if at.is_some_and(|at| at < before.0) && entry.file_name().to_string_lossy().contains('#') {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use std::{os::unix::fs::PermissionsExt, path::Path as FilePath};

    const TENANT: TenantId = TenantId(uuid::Uuid::from_u128(7));
    const HASH: ArtifactHash = ArtifactHash([0xab; 32]);
    const ID: uuid::Uuid = uuid::Uuid::from_u128(1);
    const EVER: Millis = Millis(i64::MAX);

    fn files_in(folder: &FilePath) -> Vec<String> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                found.extend(files_in(&entry.path()));
            } else {
                found.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        found
    }

    async fn read(files: &ObjectFiles, range: Range<u64>) -> Result<Vec<u8>, FileError> {
        let chunks: Vec<Bytes> = files.read(TENANT, HASH, range).await?.try_collect().await?;
        Ok(chunks.concat())
    }

    async fn taken(files: &ObjectFiles, bytes: &[u8]) -> Box<dyn Incoming> {
        let mut incoming = files.begin(ID).unwrap();
        for chunk in bytes.chunks(1 << 20) {
            incoming.write(Bytes::copy_from_slice(chunk)).await.unwrap();
        }
        incoming
    }

    #[tokio::test]
    async fn small_and_large_are_kept_under_their_name_alone_and_read_in_parts() {
        for size in [0_usize, 10, 5 << 20, (12 << 20) + 5] {
            let dir = tempfile::tempdir().unwrap();
            let files = ObjectFiles::new(Place::Folder(dir.path().join("artifacts")));
            let bytes: Vec<u8> = (0..size).map(|n| u8::try_from(n % 251).unwrap()).collect();
            taken(&files, &bytes).await.place(TENANT, HASH).await.unwrap();
            assert_eq!(files_in(dir.path()), [HASH.to_string()], "{size}");
            let mode = std::fs::metadata(dir.path().join("artifacts")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "nobody else's");
            assert!(read(&files, 0..size as u64).await.unwrap() == bytes, "{size}");
            if size > 10 {
                assert_eq!(read(&files, 3..9).await.unwrap(), bytes[3..9], "{size}");
            }
            assert!(matches!(read(&files, 0..size as u64 + 1).await, Err(FileError::Gone)), "{size}");
            assert_eq!(files.placed_before(TENANT, EVER).await.unwrap(), [HASH]);
            assert!(files.placed_before(TENANT, Millis(0)).await.unwrap().is_empty());
            // Again, and away, twice.
            taken(&files, &bytes).await.place(TENANT, HASH).await.unwrap();
            files.remove(TENANT, HASH).await.unwrap();
            files.remove(TENANT, HASH).await.unwrap();
            assert_eq!(files_in(dir.path()), [""; 0], "{size}");
            assert!(matches!(read(&files, 0..size as u64).await, Err(FileError::Gone)));
        }
    }

    #[tokio::test]
    async fn what_is_dropped_leaves_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let files = ObjectFiles::new(Place::Folder(dir.path().to_owned()));
        let incoming = taken(&files, &vec![1; 12 << 20]).await;
        assert_eq!(files_in(dir.path()).len(), 1, "its first parts");
        drop(incoming);
        let gone = async {
            while !files_in(dir.path()).is_empty() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(30), gone).await.expect("gone in time");
    }

    #[tokio::test]
    async fn what_a_killed_process_left_is_swept_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let files = ObjectFiles::new(Place::Folder(dir.path().to_owned()));
        taken(&files, b"kept").await.place(TENANT, HASH).await.unwrap();
        let incoming = dir.path().join("incoming");
        std::fs::create_dir_all(&incoming).unwrap();
        for left in ["incoming/1#1", "incoming/2", "beside#3"] {
            std::fs::write(dir.path().join(left), "x").unwrap();
        }
        files.sweep(Millis(0)).await.unwrap();
        assert_eq!(files_in(dir.path()).len(), 4, "all are too young");
        files.sweep(EVER).await.unwrap();
        assert_eq!(files_in(dir.path()), [HASH.to_string()]);
    }
}
