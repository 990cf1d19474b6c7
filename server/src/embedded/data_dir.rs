//! The directory that holds everything an embedded server keeps.
//!
//! ```text
//! COUNTERSIGN     marks the directory, names its format, and is the lock
//! postgres/       the database          postgres.log
//! nats/           jetstream/, jwt/, nats.conf, nats.pid, nats.log
//! run/            server.pid, the Postgres socket
//! ports.json      the ports that agents were told
//! ```

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::EmbeddedError;

const MARKER: &str = "COUNTERSIGN";
const FORMAT: &str = "Countersign data directory, format 1\n";

/// Where an embedded server keeps its data unless told otherwise: the system's
/// place for root, the user's own (XDG base directory specification) for
/// anybody else. `None` when the user has no home.
pub fn default_data_dir(is_root: bool, xdg_data_home: Option<&Path>, home: Option<&Path>) -> Option<PathBuf> {
    if is_root {
        return Some(PathBuf::from("/var/lib/countersign"));
    }
    // The specification says to ignore a relative XDG_DATA_HOME.
    let data_home = xdg_data_home.filter(|dir| dir.is_absolute()).map(Path::to_owned);
    data_home.or_else(|| Some(home?.join(".local/share"))).map(|dir| dir.join("countersign"))
}

/// A data directory that this process has claimed. The claim ends when the
/// last clone goes; the children hold one each.
#[derive(Clone, Debug)]
pub struct DataDir {
    root: PathBuf,
    _lock: Arc<File>,
}

impl DataDir {
    /// Claims `path` and creates what is missing. Errors: a directory of
    /// somebody else's, a format of another version, a server that has it.
    pub fn open(path: &Path) -> Result<Self, EmbeddedError> {
        let root = ours(path)?;
        let lock = claim(&root)?;
        let dir = Self { root, _lock: Arc::new(lock) };
        private_dir(&dir.run(), outer_mode())?;
        for inner in [dir.nats(), dir.nats().join("jetstream"), dir.nats().join("jwt")] {
            private_dir(&inner, 0o700)?;
        }
        write_private(&dir.run().join("server.pid"), std::process::id().to_string().as_bytes())?;
        Ok(dir)
    }

    /// Creates and marks `path` where that is not done yet, for a command that leaves something for
    /// the server in it and may run beside it. Errors: a directory of somebody else's.
    pub fn prepare(path: &Path) -> Result<(), EmbeddedError> {
        let marker = ours(path)?.join(MARKER);
        let new = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&marker);
        match new.and_then(|mut file| file.write_all(FORMAT.as_bytes()).and_then(|()| file.sync_all())) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            written => written.map_err(EmbeddedError::io("write", &marker)),
        }
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.root
    }

    pub(super) fn postgres(&self) -> PathBuf {
        self.root.join("postgres")
    }

    pub(super) fn nats(&self) -> PathBuf {
        self.root.join("nats")
    }

    pub(super) fn run(&self) -> PathBuf {
        self.root.join("run")
    }

    /// A name for this directory that no other one on this machine has at the
    /// same time.
    pub(super) fn mark(&self) -> Result<String, EmbeddedError> {
        let meta = std::fs::metadata(&self.root).map_err(EmbeddedError::io("read", &self.root))?;
        Ok(format!("{:x}-{:x}", meta.dev(), meta.ino()))
    }
}

/// Root's directory may be entered, not read, by the user who runs Postgres.
fn outer_mode() -> u32 {
    if rustix::process::geteuid().is_root() { 0o711 } else { 0o700 }
}

/// Creates `path` where it is missing, and refuses what is somebody else's. Processes are recognised by
/// their directory, so it gets one name: the answer.
fn ours(path: &Path) -> Result<PathBuf, EmbeddedError> {
    let wanted = std::path::absolute(path).map_err(EmbeddedError::io("find", path))?;
    create_parents(&wanted)?;
    private_dir(&wanted, outer_mode())?;
    let root = wanted.canonicalize().map_err(EmbeddedError::io("find", &wanted))?;
    refuse_foreign(&root)?;
    Ok(root)
}

fn create_parents(path: &Path) -> Result<(), EmbeddedError> {
    let parent = path.parent().unwrap_or(path);
    std::fs::create_dir_all(parent).map_err(EmbeddedError::io("create", parent))
}

/// Creates `path`, or narrows what is there to `mode`. Volumes of a container
/// may belong to somebody else: what cannot be narrowed stays as it is, since
/// all that is inside is private by itself.
pub(super) fn private_dir(path: &Path, mode: u32) -> Result<(), EmbeddedError> {
    if let Err(error) = DirBuilder::new().mode(mode).create(path) {
        let there = std::fs::metadata(path).is_ok_and(|meta| meta.is_dir());
        if !there {
            return Err(EmbeddedError::io("create", path)(error));
        }
    }
    let _ = std::fs::set_permissions(path, Permissions::from_mode(mode));
    Ok(())
}

/// Writes a file that only its owner may read, whole or not at all.
pub(super) fn write_private(path: &Path, content: &[u8]) -> Result<(), EmbeddedError> {
    let next = path.with_added_extension("new");
    let write = || {
        let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&next)?;
        file.write_all(content)?;
        file.sync_all()?;
        std::fs::rename(&next, path)
    };
    write().map_err(EmbeddedError::io("write", path))
}

pub(super) fn refuse_foreign(root: &Path) -> Result<(), EmbeddedError> {
    let entries = std::fs::read_dir(root).map_err(EmbeddedError::io("read", root))?;
    let mut others = false;
    for entry in entries {
        let name = entry.map_err(EmbeddedError::io("read", root))?.file_name();
        if name == MARKER {
            return Ok(());
        }
        // A volume of its own comes with this directory.
        others |= name != "lost+found";
    }
    if others { Err(EmbeddedError::Foreign { path: root.to_owned() }) } else { Ok(()) }
}

/// The marker is the lock: the kernel gives it back however the server ends.
fn claim(root: &Path) -> Result<File, EmbeddedError> {
    let path = root.join(MARKER);
    let mut marker = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .mode(0o600)
        .open(&path)
        .map_err(EmbeddedError::io("open", &path))?;
    match marker.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(EmbeddedError::InUse { path: root.to_owned(), pid: owner(root) });
        }
        Err(TryLockError::Error(error)) => return Err(EmbeddedError::io("lock", &path)(error)),
    }
    let mut found = String::new();
    marker.read_to_string(&mut found).map_err(EmbeddedError::io("read", &path))?;
    if found.is_empty() {
        // New, or its first server was killed before it had written this line.
        let written = marker.write_all(FORMAT.as_bytes()).and_then(|()| marker.sync_all());
        written.map_err(EmbeddedError::io("write", &path))?;
    } else if found != FORMAT {
        return Err(EmbeddedError::Format { path: root.to_owned(), found: found.trim().to_owned() });
    }
    Ok(marker)
}

fn owner(root: &Path) -> Option<u32> {
    std::fs::read_to_string(root.join("run/server.pid")).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_keeps_its_data_in_the_systems_place_and_a_user_at_home() {
        let (xdg, home) = (Path::new("/data"), Path::new("/home/ann"));
        let of = |is_root, xdg, home| default_data_dir(is_root, xdg, home);
        assert_eq!(of(true, Some(xdg), Some(home)), Some("/var/lib/countersign".into()));
        assert_eq!(of(false, Some(xdg), Some(home)), Some("/data/countersign".into()));
        assert_eq!(of(false, None, Some(home)), Some("/home/ann/.local/share/countersign".into()));
        assert_eq!(of(false, Some(Path::new("data")), None), None);
    }
}
