//! The site folder: what the server hands to browsers.
//!
//! A running server must never see half of a build. So no file is changed in place:
//! each is written under another name and renamed, files that pages refer to carry the
//! hash of their content, and `manifest.json`, which names them, is renamed last. The
//! files of the builds before stay for a while, for the pages that are still open.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// So many builds of each kind of file stay in the folder.
const GENERATIONS: usize = 4;

/// A file's bytes and the same, brotli-compressed (empty: not worth compressing).
pub struct Packed {
    pub raw: Vec<u8>,
    pub brotli: Vec<u8>,
}

impl Packed {
    pub fn new(raw: Vec<u8>, quality: i32) -> Result<Self> {
        let params =
            brotli::enc::BrotliEncoderParams { quality, lgwin: 22, size_hint: raw.len(), ..Default::default() };
        let mut brotli = Vec::new();
        brotli::BrotliCompress(&mut raw.as_slice(), &mut brotli, &params).context("brotli")?;
        Ok(Self { raw, brotli })
    }
}

/// `manifest.json`: what kind of file (`js`, `wasm`, `css`) has which URL.
pub type Manifest = BTreeMap<String, String>;

#[derive(Clone)]
pub struct Site {
    pub dir: PathBuf,
}

impl Site {
    pub fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// Empty when nothing was built yet.
    pub fn manifest(&self) -> Result<Manifest> {
        match fs::read(self.dir.join("manifest.json")) {
            Ok(bytes) => serde_json::from_slice(&bytes).context("manifest.json"),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Manifest::new()),
            Err(error) => Err(error).context("manifest.json"),
        }
    }

    /// Puts a file under a name that tells its content, and returns its URL. Such a file
    /// can be cached for ever.
    pub fn put_hashed(&self, kind: &str, file: &Packed) -> Result<String> {
        let hash = HEXLOWER.encode(&Sha256::digest(&file.raw)[..8]);
        let name = format!("pkg/console.{hash}.{kind}");
        self.put(&name, file)?;
        Ok(format!("/{name}"))
    }

    /// Puts a file under its own name.
    pub fn put(&self, name: &str, file: &Packed) -> Result<()> {
        if !file.brotli.is_empty() {
            replace(&self.dir.join(format!("{name}.br")), &file.brotli)?;
        }
        replace(&self.dir.join(name), &file.raw)
    }

    /// Makes the new files the site's, then forgets the oldest ones.
    pub fn publish(&self, files: Manifest) -> Result<()> {
        let mut manifest = self.manifest()?;
        manifest.extend(files);
        let mut text = serde_json::to_vec_pretty(&manifest)?;
        text.push(b'\n');
        replace(&self.dir.join("manifest.json"), &text)?;
        manifest.values().try_for_each(|url| self.forget_old(url))
    }

    /// Removes the files of `url`'s kind beyond the newest generations.
    fn forget_old(&self, url: &str) -> Result<()> {
        let current = self.dir.join(url.trim_start_matches('/'));
        let mut others: Vec<(SystemTime, PathBuf)> = Vec::new();
        for entry in fs::read_dir(self.dir.join("pkg"))? {
            let (path, modified) = entry.and_then(|entry| Ok((entry.path(), entry.metadata()?.modified()?)))?;
            if path.extension() == current.extension() && path != current {
                others.push((modified, path));
            }
        }
        others.sort();
        others.reverse();
        for (_, path) in others.into_iter().skip(GENERATIONS - 1) {
            let compressed = PathBuf::from(format!("{}.br", path.display()));
            fs::remove_file(&path).with_context(|| path.display().to_string())?;
            if compressed.exists() {
                fs::remove_file(compressed)?;
            }
        }
        Ok(())
    }
}

/// Writes a file as a whole or not at all; leaves it alone when it is the same already.
fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let place = || path.display().to_string();
    if fs::read(path).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    let folder = path.parent().with_context(place)?;
    fs::create_dir_all(folder).with_context(place)?;
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.part", std::process::id()));
    fs::write(&temporary, bytes).with_context(place)?;
    fs::rename(&temporary, path).with_context(place)
}
