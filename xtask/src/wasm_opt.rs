//! wasm-opt of binaryen, when there is one. The product works without: it is only larger.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::workspace::{on_path, tool_cache};

/// What rustc's wasm32 target may use without being asked; wasm-opt must be told.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

#[derive(Debug)]
pub struct WasmOpt {
    path: PathBuf,
    /// Part of the stamp: another version makes another program.
    #[expect(dead_code, reason = "read through Debug")]
    version: String,
}

impl WasmOpt {
    /// On the PATH, else where `scripts/bootstrap` puts npm's binaryen.
    pub fn find() -> Option<Self> {
        let cached = || Some(tool_cache()?.join("npm/node_modules/.bin/wasm-opt")).filter(|path| path.is_file());
        let path = on_path("wasm-opt").or_else(cached)?;
        let out = Command::new(&path).arg("--version").output().ok().filter(|out| out.status.success())?;
        Some(Self { path, version: String::from_utf8_lossy(&out.stdout).trim().to_owned() })
    }

    /// Replaces the file by a smaller one that does the same.
    pub fn run(&self, wasm: &Path) -> Result<()> {
        let smaller = wasm.with_extension("opt");
        let status = Command::new(&self.path)
            .args(["-Oz", "--converge"])
            .args(FEATURES)
            .arg(wasm)
            .arg("-o")
            .arg(&smaller)
            .status()
            .with_context(|| self.path.display().to_string())?;
        ensure!(status.success(), "wasm-opt failed");
        fs::rename(smaller, wasm).context("wasm-opt's result")
    }
}
