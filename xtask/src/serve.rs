//! The server under `watch`: one child process, stopped and started again.

use std::path::PathBuf;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result};

use crate::watch::written;
use crate::workspace::Workspace;

/// How long the server may take to finish its work after SIGTERM.
const GRACE: Duration = Duration::from_secs(10);

pub struct Server {
    binary: PathBuf,
    arguments: Vec<String>,
    running: Option<(Child, Option<SystemTime>)>,
}

impl Server {
    pub fn new(workspace: &Workspace, arguments: &[String]) -> Self {
        Self { binary: workspace.target.join("debug/countersign"), arguments: arguments.to_vec(), running: None }
    }

    /// Starts the binary as it is now, after stopping one that was started from another.
    pub fn start_new(&mut self) -> Result<()> {
        let built = written(&self.binary);
        if let Some((child, since)) = &mut self.running {
            if child.try_wait()?.is_none() && *since == built {
                return Ok(());
            }
            stop(child)?;
        }
        let child = Command::new(&self.binary)
            .arg("serve")
            .args(&self.arguments)
            .spawn()
            .with_context(|| self.binary.display().to_string())?;
        self.running = Some((child, built));
        Ok(())
    }
}

/// SIGTERM, a while of patience, then SIGKILL. `kill` is a program here because sending a
/// signal from Rust would need `unsafe` or one more dependency.
fn stop(child: &mut Child) -> Result<()> {
    if child.try_wait()?.is_some() {
        return Ok(());
    }
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().context("kill")?;
    let start = Instant::now();
    while start.elapsed() < GRACE {
        if child.try_wait()?.is_some() {
            return Ok(());
        }
        sleep(Duration::from_millis(20));
    }
    child.kill().and_then(|()| child.wait()).context("stopping the server")?;
    Ok(())
}
