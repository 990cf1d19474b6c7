//! The file that takes what a child writes.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::process::Command;

use super::EmbeddedError;

const LARGEST: u64 = 10 * 1024 * 1024;
/// How much of the end is read for an error text.
const TAIL: u64 = 4096;
const LINES: usize = 8;

/// A log that is emptied at a start of the child when it has grown past 10 MB.
#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    /// Where the present run's lines begin.
    mark: AtomicU64,
}

impl LogFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, mark: AtomicU64::new(0) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Directs both outputs of a command that is about to run to this file.
    pub(super) fn take(&self, command: &mut Command) -> Result<(), EmbeddedError> {
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&self.path)
            .map_err(EmbeddedError::io("open", &self.path))?;
        let size = file.metadata().map_err(EmbeddedError::io("read", &self.path))?.len();
        let mark = if size > LARGEST {
            file.set_len(0).map_err(EmbeddedError::io("truncate", &self.path))?;
            0
        } else {
            size
        };
        self.mark.store(mark, Ordering::Relaxed);
        let twin = file.try_clone().map_err(EmbeddedError::io("open", &self.path))?;
        command.stdout(Stdio::from(file)).stderr(Stdio::from(twin));
        Ok(())
    }

    /// The last lines of the present run; empty when there are none.
    pub(super) fn tail(&self) -> String {
        let read = || -> std::io::Result<String> {
            let mut file = File::open(&self.path)?;
            let end = file.metadata()?.len();
            let from = self.mark.load(Ordering::Relaxed).max(end.saturating_sub(TAIL));
            file.seek(SeekFrom::Start(from))?;
            let mut bytes = Vec::new();
            file.take(TAIL).read_to_end(&mut bytes)?;
            Ok(last_lines(&String::from_utf8_lossy(&bytes)))
        };
        read().unwrap_or_default()
    }
}

/// The last few lines of a program's output.
pub(super) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
