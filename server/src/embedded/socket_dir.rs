//! The private directory of the Postgres socket.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::data_dir::DataDir;
use super::run_as::RunAs;
use super::{EmbeddedError, Host};

/// A socket's path has 107 bytes at most (unix(7)).
const LONGEST: usize = 100;
const SOCKET: &str = ".s.PGSQL.5432";

/// Inside the data directory when its path is short enough, else under the
/// directory for temporary files, by a name that stays the same.
pub(super) fn choose(dir: &DataDir, host: &Host) -> Result<PathBuf, EmbeddedError> {
    let inside = dir.run().join("postgres");
    if inside.join(SOCKET).as_os_str().len() <= LONGEST {
        return Ok(inside);
    }
    Ok(host.temp_dir.join(format!("countersign-{}", dir.mark()?)))
}

/// Creates it, or makes sure that what is there is ours: anybody may create a
/// directory of that name under a shared directory for temporary files.
pub(super) fn ensure(path: &Path, run_as: Option<&RunAs>) -> Result<(), EmbeddedError> {
    let io = |error| EmbeddedError::io("create", path)(error);
    let me = rustix::process::geteuid().as_raw();
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let there = std::fs::symlink_metadata(path).map_err(io)?;
            let mine = there.uid() == me || run_as.is_some_and(|user| user.uid == there.uid());
            if !there.is_dir() || !mine || there.mode() & 0o077 != 0 {
                let foreign = io::Error::new(io::ErrorKind::PermissionDenied, "it belongs to somebody else");
                return Err(io(foreign));
            }
        }
        Err(error) => return Err(io(error)),
    }
    run_as.map_or(Ok(()), |user| user.own(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_somebody_else_prepared_is_refused() {
        let outer = std::env::temp_dir().join(format!("cs-socket-{}", std::process::id()));
        let (ours, link, open) = (outer.join("ours"), outer.join("link"), outer.join("open"));
        std::fs::create_dir_all(&open).expect("directory");
        std::os::unix::fs::symlink(&open, &link).expect("link");

        let outcomes = [ensure(&ours, None), ensure(&ours, None), ensure(&link, None), ensure(&open, None)];
        std::fs::remove_dir_all(&outer).expect("removed");
        assert_eq!(outcomes.map(|outcome| outcome.is_ok()), [true, true, false, false]);
    }
}
