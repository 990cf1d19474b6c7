//! The client program: cargo, then wasm-bindgen, then wasm-opt, then the site.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::site::{Manifest, Packed, Site};
use crate::wasm_opt::WasmOpt;
use crate::workspace::Workspace;
use crate::{Profile, style};

const PACKAGE: &str = "countersign-frontend";
const ARTIFACT: &str = "countersign_frontend.wasm";
const TRIPLE: &str = "wasm32-unknown-unknown";

/// Builds everything a browser needs. Each step is skipped when its input is unchanged.
pub fn build(workspace: &Workspace, site: &Site, profile: Profile) -> Result<()> {
    let start = Instant::now();
    workspace.cargo(&["build", "--package", PACKAGE, "--target", TRIPLE, "--profile", profile.name()])?;
    let compiled = workspace.target.join(TRIPLE).join(profile.name()).join(ARTIFACT);
    let program = Program::prepare(workspace, &compiled, profile)?;

    for (name, text) in &program.snippets {
        site.put(name, &Packed::new(text.clone(), profile.brotli_quality())?)?;
    }
    let files = Manifest::from([
        ("wasm".into(), site.put_hashed("wasm", &program.wasm)?),
        ("js".into(), site.put_hashed("js", &program.js)?),
        ("css".into(), style::put(workspace, site, profile)?),
    ]);
    site.publish(files)?;
    println!("client: {} in {:.1} s", site.dir.display(), start.elapsed().as_secs_f32());
    Ok(())
}

/// The finished program, kept in a work folder between builds, for bindgen, wasm-opt
/// and brotli take longer than everything else when little has changed.
struct Program {
    js: Packed,
    wasm: Packed,
    /// JavaScript that crates bring along, imported by the loader as `./snippets/…`.
    snippets: Vec<(String, Vec<u8>)>,
}

impl Program {
    fn prepare(workspace: &Workspace, compiled: &Path, profile: Profile) -> Result<Self> {
        let optimizer = (profile == Profile::WasmRelease).then(WasmOpt::find).flatten();
        let input = fs::read(compiled).with_context(|| compiled.display().to_string())?;
        let stamp = format!("{} {optimizer:?}", HEXLOWER.encode(&Sha256::digest(&input)));

        let work = workspace.target.join("client").join(profile.name());
        let stamp_file = work.join("stamp");
        if fs::read_to_string(&stamp_file).is_ok_and(|present| present == stamp) {
            return Self::read(&work);
        }
        if work.exists() {
            fs::remove_dir_all(&work)?;
        }
        bind(compiled, &work)?;
        let wasm = work.join("console_bg.wasm");
        match &optimizer {
            Some(optimizer) => optimizer.run(&wasm)?,
            None if profile == Profile::WasmRelease => {
                println!("client: no wasm-opt here, so the program stays larger (scripts/bootstrap test installs one)");
            }
            None => {}
        }
        for file in [work.join("console.js"), wasm] {
            let packed = Packed::new(fs::read(&file)?, profile.brotli_quality())?;
            fs::write(beside(&file), packed.brotli)?;
        }
        fs::write(stamp_file, stamp)?;
        Self::read(&work)
    }

    fn read(work: &Path) -> Result<Self> {
        let packed = |name: &str| -> Result<Packed> {
            let file = work.join(name);
            Ok(Packed { raw: fs::read(&file)?, brotli: fs::read(beside(&file))? })
        };
        let mut snippets = Vec::new();
        collect(&work.join("snippets"), "pkg/snippets", &mut snippets)?;
        Ok(Self { js: packed("console.js")?, wasm: packed("console_bg.wasm")?, snippets })
    }
}

/// wasm-bindgen, as a library of exactly the version that the client links.
fn bind(compiled: &Path, work: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(compiled)
        .out_name("console")
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        // The page says where the wasm is: its name has a hash that the loader cannot know.
        .omit_default_module_path(true)
        .generate(work)
        .context("wasm-bindgen")
}

fn beside(file: &Path) -> PathBuf {
    PathBuf::from(format!("{}.br", file.display()))
}

fn collect(folder: &Path, name: &str, found: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = format!("{name}/{}", path.file_name().and_then(|name| name.to_str()).context("a snippet's name")?);
        if path.is_dir() { collect(&path, &name, found)? } else { found.push((name, fs::read(&path)?)) }
    }
    Ok(())
}
