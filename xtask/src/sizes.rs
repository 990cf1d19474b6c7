//! What a browser downloads, and whether that is within the budget.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::site::Site;

/// Bytes after brotli, from the project's targets.
const WASM_BUDGET: u64 = 350_000;
const CSS_BUDGET: u64 = 25_000;

/// Prints a table and fails when a budget is exceeded.
pub fn check(site: &Site) -> Result<()> {
    let manifest = site.manifest()?;
    println!("{:<28} {:>10} {:>10} {:>10}", "file", "raw", "brotli", "budget");
    let mut exceeded = Vec::new();
    for (kind, budget) in [("wasm", Some(WASM_BUDGET)), ("js", None), ("css", Some(CSS_BUDGET))] {
        let url = manifest.get(kind).with_context(|| format!("no {kind} in {}", site.dir.display()))?;
        let sent = row(&site.dir.join(url.trim_start_matches('/')), budget)?;
        if budget.is_some_and(|budget| sent > budget) {
            exceeded.push(kind);
        }
    }
    for name in ["icons.svg", "favicon.svg"] {
        let path = site.dir.join(name);
        if path.exists() {
            row(&path, None)?;
        }
    }
    if let Ok(fonts) = fs::read_dir(site.dir.join("fonts")) {
        let mut fonts: Vec<_> = fonts.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
        fonts.retain(|path| path.extension().is_some_and(|extension| extension == "woff2"));
        fonts.sort();
        for path in fonts {
            row(&path, None)?;
        }
    }
    ensure!(exceeded.is_empty(), "over budget: {}", exceeded.join(", "));
    Ok(())
}

/// Prints one file's row and returns the bytes that go over the wire.
fn row(path: &Path, budget: Option<u64>) -> Result<u64> {
    let raw = fs::metadata(path).with_context(|| path.display().to_string())?.len();
    let brotli = fs::metadata(format!("{}.br", path.display())).map(|file| file.len()).ok();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let text = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
    println!("{name:<28} {raw:>10} {:>10} {:>10}", text(brotli), text(budget));
    Ok(brotli.unwrap_or(raw))
}
