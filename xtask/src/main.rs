//! The project's own build tool: `cargo run -p xtask -- <command>`.
//!
//! It makes the browser's half of the console (wasm, its JavaScript loader and the style
//! sheet) with libraries that `Cargo.lock` pins, so that nothing has to be installed
//! beside cargo. Why not cargo-leptos: `docs/decisions/0001-own-client-build.md`.

// A build tool reads the environment and the clock as it likes: the bans of `clippy.toml`
// are about the product.
#![allow(clippy::disallowed_methods)]

mod client;
mod serve;
mod site;
mod sizes;
mod style;
mod wasm_opt;
mod watch;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, ValueEnum};

use workspace::Workspace;

#[derive(Parser)]
#[command(name = "xtask", about = "Builds and watches the browser's half of the console")]
enum Command {
    /// Build the client into a site folder: wasm, JavaScript, CSS, fonts, icons, manifest
    Client {
        #[arg(long, value_enum, default_value = "wasm-release")]
        profile: Profile,
        /// Where the server looks for it [default: `site` in cargo's target folder]
        #[arg(long)]
        out: Option<PathBuf>,
        /// Only the style sheet, fonts and icons, into a site that was built before
        #[arg(long)]
        style_only: bool,
    },
    /// Print what the browser downloads, and fail when a budget is exceeded
    Sizes {
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Build and run everything, and again after every change
    Watch {
        /// Arguments for `countersign serve`
        #[arg(last = true)]
        serve: Vec<String>,
    },
}

/// The cargo profiles a client can be built with (see `Cargo.toml`).
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Profile {
    /// Small: what is shipped and what browser tests run on
    WasmRelease,
    /// Quick to build: daily work
    WasmDev,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::WasmRelease => "wasm-release",
            Self::WasmDev => "wasm-dev",
        }
    }

    /// 11 takes seconds and is worth them only for what is shipped.
    fn brotli_quality(self) -> i32 {
        match self {
            Self::WasmRelease => 11,
            Self::WasmDev => 5,
        }
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        // Without the backtrace that `RUST_BACKTRACE` would add: the chain of causes is enough.
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let command = Command::parse();
    let workspace = Workspace::find()?;
    match command {
        Command::Client { profile, out, style_only } => {
            let site = workspace.site(out);
            if style_only {
                style::build(&workspace, &site, profile)
            } else {
                client::build(&workspace, &site, profile)
            }
        }
        Command::Sizes { out } => sizes::check(&workspace.site(out)),
        Command::Watch { serve } => watch::run(&workspace, &serve),
    }
}
