//! The bytes of an artifact, checked against its name as they are read.

use crate::ports::{ArtifactFact, ArtifactFiles, FileError, FileStream};
use bytes::{Bytes, BytesMut};
use countersign_domain::TenantId;
use futures::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};
use std::ops::Range;

/// Up to this size an artifact is checked before its first byte is handed out, and also where only a part is asked
/// for. A larger one is checked while it passes: its last bytes are held back until it is known to be whole. Of a part
/// of a larger one nothing is known but its place.
const CHECKED_FIRST: u64 = 4 * 1024 * 1024;

/// The bytes of `range`, which lies within the artifact. [`FileError::Gone`], at once or in place of the last
/// bytes, where what is kept is not what the name says.
pub(crate) async fn read(
    files: &dyn ArtifactFiles,
    tenant: TenantId,
    fact: ArtifactFact,
    range: Range<u64>,
) -> Result<FileStream, FileError> {
    let whole = 0..fact.size;
    if fact.size <= CHECKED_FIRST {
        let bytes = collect(files.read(tenant, fact.sha256, whole).await?).await?;
        if !is_of(&bytes, fact) {
            return Err(FileError::Gone);
        }
        let (from, to) = (range.start.min(fact.size), range.end.min(fact.size));
        let part = bytes.slice(usize::try_from(from).unwrap_or(0)..usize::try_from(to).unwrap_or(bytes.len()));
        return Ok(stream::iter((!part.is_empty()).then_some(Ok(part))).boxed());
    }
    let bytes = files.read(tenant, fact.sha256, range.clone()).await?;
    Ok(if range == whole { checked(bytes, fact) } else { bytes })
}

async fn collect(mut stream: FileStream) -> Result<Bytes, FileError> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = stream.try_next().await? {
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn is_of(bytes: &[u8], fact: ArtifactFact) -> bool {
    bytes.len() as u64 == fact.size && Sha256::digest(bytes)[..] == fact.sha256.0
}

struct Checking {
    stream: FileStream,
    hasher: Sha256,
    held: Option<Bytes>,
    seen: u64,
    fact: ArtifactFact,
}

/// Whoever gets it whole knows that it is right: what is damaged breaks off before its end.
fn checked(stream: FileStream, fact: ArtifactFact) -> FileStream {
    let stream = stream.fuse().boxed();
    let start = Checking { stream, hasher: Sha256::new(), held: None, seen: 0, fact };
    stream::try_unfold(start, |mut at| async move {
        loop {
            match at.stream.try_next().await? {
                Some(chunk) if chunk.is_empty() => {}
                Some(chunk) => {
                    at.hasher.update(&chunk);
                    at.seen += chunk.len() as u64;
                    if let Some(before) = at.held.replace(chunk) {
                        return Ok(Some((before, at)));
                    }
                }
                None => {
                    let right = at.seen == at.fact.size && at.hasher.clone().finalize()[..] == at.fact.sha256.0;
                    return match at.held.take() {
                        Some(last) if right => Ok(Some((last, at))),
                        // The stream is asked once more after its last bytes.
                        None if right => Ok(None),
                        _ => Err(FileError::Gone),
                    };
                }
            }
        }
    })
    .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use countersign_domain::{ArtifactHash, Millis, artifact::ArtifactContent};

    /// A store of one object that is what a test says.
    struct One(Vec<u8>);

    #[async_trait]
    impl ArtifactFiles for One {
        fn begin(&self, _: uuid::Uuid) -> Result<Box<dyn crate::ports::Incoming>, FileError> {
            Err(FileError::Gone)
        }
        async fn read(&self, _: TenantId, _: ArtifactHash, range: Range<u64>) -> Result<FileStream, FileError> {
            let at = |place: u64| usize::try_from(place).unwrap().min(self.0.len());
            let chunks: Vec<_> =
                self.0[at(range.start)..at(range.end)].chunks(1 << 20).map(|c| Ok(Bytes::copy_from_slice(c))).collect();
            Ok(stream::iter(chunks).boxed())
        }
        async fn stamp(&self, _: TenantId, _: ArtifactHash) -> Result<Option<String>, FileError> {
            Ok(None)
        }
        async fn remove(&self, _: TenantId, _: ArtifactHash) -> Result<(), FileError> {
            Ok(())
        }
        async fn placed_before(&self, _: TenantId, _: Millis) -> Result<Vec<ArtifactHash>, FileError> {
            Ok(Vec::new())
        }
        async fn sweep(&self, _: Millis) -> Result<(), FileError> {
            Ok(())
        }
    }

    fn fact(bytes: &[u8]) -> ArtifactFact {
        let sha256 = ArtifactHash(Sha256::digest(bytes).into());
        ArtifactFact { sha256, size: bytes.len() as u64, content: ArtifactContent::Binary }
    }

    async fn all(kept: Vec<u8>, fact: ArtifactFact, range: Range<u64>) -> (u64, bool) {
        let tenant = TenantId(uuid::Uuid::nil());
        let Ok(mut stream) = read(&One(kept), tenant, fact, range).await else { return (0, false) };
        let mut got = 0;
        loop {
            match stream.try_next().await {
                Ok(Some(chunk)) => got += chunk.len() as u64,
                Ok(None) => return (got, true),
                Err(_) => return (got, false),
            }
        }
    }

    #[tokio::test]
    async fn what_is_right_comes_whole_or_in_the_part_that_was_asked_for() {
        for size in [0_usize, 1, 5_000, (5 << 20) + 3] {
            let bytes = vec![7; size];
            let fact = fact(&bytes);
            assert_eq!(all(bytes.clone(), fact, 0..fact.size).await, (fact.size, true), "{size}");
            if size > 10 {
                assert_eq!(all(bytes, fact, 3..10).await, (7, true), "{size}");
            }
        }
    }

    #[tokio::test]
    async fn what_is_damaged_is_not_handed_out_to_its_end() {
        for size in [1_usize, 5_000, (5 << 20) + 3] {
            let bytes = vec![7; size];
            let fact = fact(&bytes);
            let mut flipped = bytes.clone();
            flipped[size / 2] ^= 1;
            for (what, kept) in [("flipped", flipped), ("shorter", bytes[..size - 1].to_vec())] {
                let (got, ended_well) = all(kept, fact, 0..fact.size).await;
                assert!(!ended_well && got < fact.size, "{what} of {size}: {got}");
            }
        }
    }

    #[tokio::test]
    async fn a_part_of_what_is_damaged_is_refused_where_the_whole_can_be_checked() {
        let bytes = vec![7; 5_000];
        let fact = fact(&bytes);
        let mut flipped = bytes;
        flipped[4_999] ^= 1;
        assert_eq!(all(flipped, fact, 0..10).await, (0, false));
    }
}
