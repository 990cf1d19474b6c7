//! Names of container images.

use crate::limit;
use serde::Serialize;
use std::fmt;

/// `registry.example/team/agent:1.4@sha256:…`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Image(String);

const DIGEST: &str = "@sha256:";

impl Image {
    /// `None` for what is no image's name: lower-case parts between slashes, then a tag or a digest or both.
    pub fn parse(text: &str) -> Option<Self> {
        let (named, digest) = match text.split_once('@') {
            Some((named, _)) => (named, Some(&text[named.len()..])),
            None => (text, None),
        };
        let digest_good = digest.is_none_or(|digest| {
            digest
                .strip_prefix(DIGEST)
                .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
        });
        let (path, tag) = split_tag(named);
        let tag_good = tag.is_none_or(|tag| {
            (1..=128).contains(&tag.len())
                && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
                && !tag.starts_with(['.', '-'])
        });
        let part = |part: &str| {
            let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
            edge(part.bytes().next())
                && edge(part.bytes().last())
                && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-:".contains(&b))
        };
        let good = text.len() <= limit::IMAGE_CHARS
            && digest_good
            && tag_good
            // Only a registry has a port, and a registry has something behind it.
            && path.split('/').enumerate().all(|(at, text)| part(text) && (at == 0 || !text.contains(':')))
            && (path.contains('/') || !path.contains(':'));
        good.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it names one content for ever: a digest. A tag can be moved after the approval.
    pub fn is_pinned(&self) -> bool {
        self.0.contains(DIGEST)
    }
}

/// The tag stands after the last colon behind the last slash: before it, a colon is a registry's port.
fn split_tag(named: &str) -> (&str, Option<&str>) {
    let last = named.rfind('/').map_or(0, |slash| slash + 1);
    match named[last..].rfind(':') {
        Some(colon) => (&named[..last + colon], Some(&named[last + colon + 1..])),
        None => (named, None),
    }
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_digest_pins_an_image() {
        let digest = "a".repeat(64);
        assert!(
            Image::parse(&format!("registry.example:5000/agents/backend:1.4@sha256:{digest}")).unwrap().is_pinned()
        );
        for text in ["backend", "backend:latest", "registry.example:5000/backend"] {
            assert!(!Image::parse(text).unwrap().is_pinned(), "{text}");
        }
    }

    #[test]
    fn what_is_no_image_is_refused() {
        for text in
            ["", "Backend", "a b", "a//b", "/a", "a:", "a@sha256:xyz", "a@md5:abc", "a@", "a:b:c", "x/a:1/b", "a;rm"]
        {
            assert_eq!(Image::parse(text), None, "{text}");
        }
    }
}
