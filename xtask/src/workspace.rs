//! Where things are: the checkout and cargo's target folder, as cargo itself says.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::site::Site;

#[derive(Clone)]
pub struct Workspace {
    pub root: PathBuf,
    pub target: PathBuf,
}

impl Workspace {
    /// Asks cargo, which knows `CARGO_TARGET_DIR` and every configuration file.
    pub fn find() -> Result<Self> {
        let out =
            cargo().args(["metadata", "--no-deps", "--format-version", "1"]).output().context("cargo metadata")?;
        ensure!(out.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&out.stderr));
        let metadata: serde_json::Value = serde_json::from_slice(&out.stdout)?;
        let path = |key: &str| metadata[key].as_str().map(PathBuf::from).with_context(|| format!("no {key}"));
        Ok(Self { root: path("workspace_root")?, target: path("target_directory")? })
    }

    /// The site folder: `out`, or the one beside the profiles in cargo's target folder,
    /// where `countersign` finds it from its own place (`<dir of exe>/../site`).
    pub fn site(&self, out: Option<PathBuf>) -> Site {
        Site::new(out.unwrap_or_else(|| self.target.join("site")))
    }

    /// Runs `cargo` in the checkout and fails when it fails; its output is the user's.
    pub fn cargo(&self, arguments: &[&str]) -> Result<()> {
        let status = cargo().args(arguments).current_dir(&self.root).status().context("cargo")?;
        ensure!(status.success(), "cargo {} failed", arguments.join(" "));
        Ok(())
    }
}

/// The folder that `scripts/bootstrap` installs tools into.
pub fn tool_cache() -> Option<PathBuf> {
    let var = |name| std::env::var_os(name).filter(|value: &OsString| !value.is_empty()).map(PathBuf::from);
    var("COUNTERSIGN_CACHE")
        .or_else(|| Some(var("XDG_CACHE_HOME")?.join("countersign")))
        .or_else(|| Some(var("HOME")?.join(".cache/countersign")))
}

/// The first file of that name on the PATH.
pub fn on_path(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(program))
        .find(|candidate| Path::is_file(candidate))
}

/// The cargo that started us, so that nested builds use the same toolchain; without what it
/// told us about xtask, for build scripts that look at it (ring's does) would run again.
fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        if ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
}
