//! Where the bytes are.

use crate::s3_client::S3Connector;
use object_store::{ObjectStore, RetryConfig, aws::AmazonS3Builder, local::LocalFileSystem, prefix::PrefixStore};
use secrecy::{ExposeSecret, SecretString};
use std::{fs::DirBuilder, os::unix::fs::DirBuilderExt, path::PathBuf, sync::Arc, time::Duration};

/// A folder, or a bucket.
#[derive(Debug, Clone)]
pub enum Place {
    Folder(PathBuf),
    S3(S3Place),
}

/// A bucket of a store that speaks S3. What is not said here is taken from the usual variables (`AWS_…`).
#[derive(Debug, Clone)]
pub struct S3Place {
    pub bucket: String,
    /// What the names of all objects begin with; may be empty.
    pub prefix: String,
    /// Where the store is, if it is not Amazon's.
    pub endpoint: Option<String>,
    pub region: Option<String>,
    /// Id and secret of an access key.
    pub key: Option<(String, SecretString)>,
}

/// Why a place cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    #[error(
        "The store of artifacts is “{0}”. It reads like s3://bucket/prefix?endpoint=https://s3.example.com&region=eu-1."
    )]
    Address(String),
    #[error("The key of the store of artifacts reads like id:secret.")]
    Key,
    #[error("The folder of artifacts {0} cannot be made: {1}.")]
    Folder(PathBuf, #[source] std::io::Error),
    #[error("The store of artifacts cannot be used: {0}.")]
    Store(#[from] object_store::Error),
}

impl S3Place {
    /// Reads `s3://bucket/prefix?endpoint=…&region=…` and `id:secret`.
    pub fn parse(address: &str, key: Option<&str>) -> Result<Self, PlaceError> {
        let wrong = || PlaceError::Address(address.to_owned());
        let rest = address.strip_prefix("s3://").ok_or_else(wrong)?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
        if bucket.is_empty() {
            return Err(wrong());
        }
        let (mut endpoint, mut region) = (None, None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("endpoint", value)) if value.starts_with("http://") || value.starts_with("https://") => {
                    endpoint = Some(value.to_owned());
                }
                Some(("region", value)) if !value.is_empty() => region = Some(value.to_owned()),
                _ => return Err(wrong()),
            }
        }
        let key = key.map(|key| {
            let parts = key.split_once(':').filter(|(id, secret)| !id.is_empty() && !secret.is_empty());
            parts.map(|(id, secret)| (id.to_owned(), SecretString::from(secret))).ok_or(PlaceError::Key)
        });
        let prefix = prefix.trim_matches('/').to_owned();
        Ok(Self { bucket: bucket.to_owned(), prefix, endpoint, region, key: key.transpose()? })
    }
}

/// Whoever asks for an artifact waits for the answer: a store that is away is told of within seconds.
fn patience() -> RetryConfig {
    RetryConfig { max_retries: 3, retry_timeout: Duration::from_secs(10), ..RetryConfig::default() }
}

impl Place {
    pub(crate) fn open(&self) -> Result<Arc<dyn ObjectStore>, PlaceError> {
        match self {
            Self::Folder(folder) => {
                // What agents exchange is nobody else's on this machine.
                let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
                made.map_err(|error| PlaceError::Folder(folder.clone(), error))?;
                // A record that is committed must not name bytes that a power cut took.
                Ok(Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true)))
            }
            Self::S3(place) => {
                let mut store = AmazonS3Builder::from_env()
                    .with_http_connector(S3Connector)
                    .with_retry(patience())
                    .with_bucket_name(&place.bucket);
                if let Some(endpoint) = &place.endpoint {
                    store = store.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
                }
                if let Some(region) = &place.region {
                    store = store.with_region(region);
                }
                if let Some((id, secret)) = &place.key {
                    store = store.with_access_key_id(id).with_secret_access_key(secret.expose_secret());
                }
                let store = store.build()?;
                if place.prefix.is_empty() {
                    return Ok(Arc::new(store));
                }
                Ok(Arc::new(PrefixStore::new(store, place.prefix.as_str())))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_bucket_prefix_endpoint_and_region() {
        let place =
            S3Place::parse("s3://work/a/b/?endpoint=http://127.0.0.1:9000&region=eu", Some("id:se:cret")).unwrap();
        assert_eq!((place.bucket.as_str(), place.prefix.as_str()), ("work", "a/b"));
        assert_eq!(place.endpoint.as_deref(), Some("http://127.0.0.1:9000"));
        let (id, secret) = place.key.unwrap();
        assert_eq!((id.as_str(), secret.expose_secret()), ("id", "se:cret"));
        assert!(S3Place::parse("s3://work", None).unwrap().prefix.is_empty());
    }

    #[test]
    fn what_is_no_address_is_refused_with_an_example() {
        for wrong in
            ["", "work", "s3://", "s3:///a", "http://x", "s3://a?endpoint=9000", "s3://a?colour=red", "s3://a?region="]
        {
            let error = S3Place::parse(wrong, None).unwrap_err().to_string();
            assert!(error.contains("s3://bucket/prefix"), "{wrong}: {error}");
        }
        for wrong in ["", "id", "id:", ":secret"] {
            assert!(matches!(S3Place::parse("s3://a", Some(wrong)), Err(PlaceError::Key)), "{wrong}");
        }
    }
}
