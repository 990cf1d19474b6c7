//! Daily work: build, run, and again after every change.
//!
//! A change of style rebuilds the style sheet alone; the server reads the site's manifest
//! anew by itself. Any other change rebuilds client and server side by side (they use
//! different folders of cargo's target, so neither waits for the other) and restarts the
//! server when its binary has changed. A browser's page notices by its event stream.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result};
use notify::event::ModifyKind;
use notify::{EventKind, RecursiveMode, Watcher};

use crate::serve::Server;
use crate::workspace::Workspace;
use crate::{Profile, client, style};

const FOLDERS: [&str; 7] = ["app", "crates", "server", "frontend", "agent", "style", "migrations"];

/// An editor's save is several events; this long after the last one it is over.
const QUIET: Duration = Duration::from_millis(120);

pub fn run(workspace: &Workspace, serve: &[String]) -> Result<()> {
    let (sender, events) = channel();
    let mut watcher = notify::recommended_watcher(sender)?;
    for folder in FOLDERS {
        let path = workspace.root.join(folder);
        if path.exists() {
            watcher.watch(&path, RecursiveMode::Recursive).with_context(|| path.display().to_string())?;
        }
    }

    let mut server = Server::new(workspace, serve);
    report("build", || rebuild(workspace, &mut server));
    let style = workspace.root.join("style");
    loop {
        let changed = wait(&events)?;
        if changed.iter().all(|path| path.starts_with(&style)) {
            report("style", || style::build(workspace, &workspace.site(None), Profile::WasmDev));
        } else {
            report("build", || rebuild(workspace, &mut server));
        }
    }
}

/// Client and server at the same time; the server restarts only when both are good, for
/// a new server with an old client would not hydrate.
fn rebuild(workspace: &Workspace, server: &mut Server) -> Result<()> {
    thread::scope(|scope| {
        let client = scope.spawn(|| client::build(workspace, &workspace.site(None), Profile::WasmDev));
        let built = workspace.cargo(&["build", "--package", "countersign-server"]);
        client.join().map_err(|_| anyhow::anyhow!("the client's build panicked"))?.and(built)
    })?;
    server.start_new()
}

fn report(what: &str, step: impl FnOnce() -> Result<()>) {
    let start = Instant::now();
    match step() {
        Ok(()) => println!("watch: {what} done in {:.1} s", start.elapsed().as_secs_f32()),
        Err(error) => println!("watch: {what} failed, waiting for a change: {error:#}"),
    }
}

/// Blocks until files have changed and then no more for a moment.
fn wait(events: &Receiver<notify::Result<notify::Event>>) -> Result<BTreeSet<PathBuf>> {
    let mut changed = BTreeSet::new();
    loop {
        let event = if changed.is_empty() {
            events.recv().context("the watcher ended")?
        } else {
            match events.recv_timeout(QUIET) {
                Ok(event) => event,
                Err(RecvTimeoutError::Timeout) => return Ok(changed),
                Err(RecvTimeoutError::Disconnected) => anyhow::bail!("the watcher ended"),
            }
        };
        let event = event?;
        let reading = matches!(event.kind, EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_)));
        if !reading {
            changed.extend(event.paths.into_iter().filter(|path| !is_scratch(path)));
        }
    }
}

/// What editors leave beside the file they save.
fn is_scratch(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') || name.ends_with('~') || name.bytes().all(|byte| byte.is_ascii_digit())
}

/// When a file was last written; `None` when it is not there.
pub fn written(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|file| file.modified()).ok()
}
