//! The user under whom Postgres runs when the server is root.

use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::EmbeddedError;

/// An ordinary user of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RunAs {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl RunAs {
    /// `None` when the server is not root and children run as the server does.
    /// As root: the owner of the database that is there already, else
    /// `postgres`, else `nobody`. The owner comes first so that a database
    /// does not change hands when a package adds a user later.
    pub(super) fn choose(cluster: &Path) -> Result<Option<Self>, EmbeddedError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        if let Some(owner) = std::fs::metadata(cluster).ok().filter(|meta| meta.uid() != 0) {
            let (uid, gid) = (owner.uid(), owner.gid());
            let name = user(&passwd, |user| user.uid == uid).map_or(uid.to_string(), |user| user.name);
            return Ok(Some(Self { name, uid, gid }));
        }
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| user(&passwd, |user| user.name == *name))
            .map(Some)
            .ok_or(EmbeddedError::NoServiceUser)
    }

    /// The first directory on the way to `path` that this user may not enter.
    /// Reads the permission bits alone: access lists are not seen.
    pub(super) fn barrier(&self, path: &Path) -> Option<PathBuf> {
        let mut ancestors: Vec<&Path> = path.ancestors().collect();
        ancestors.reverse();
        ancestors.into_iter().find(|dir| self.is_barred(dir)).map(Path::to_owned)
    }

    fn is_barred(&self, dir: &Path) -> bool {
        let Ok(meta) = std::fs::metadata(dir) else { return false };
        let enter = if meta.uid() == self.uid {
            0o100
        } else if meta.gid() == self.gid {
            0o010
        } else {
            0o001
        };
        meta.mode() & enter == 0
    }

    pub(super) fn own(&self, path: &Path) -> Result<(), EmbeddedError> {
        chown(path, Some(self.uid), Some(self.gid)).map_err(EmbeddedError::io("change the owner of", path))
    }

    /// Drops the supplementary groups too: std does so whenever root sets a uid.
    pub(super) fn apply(&self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }
}

fn user(passwd: &str, wanted: impl Fn(&RunAs) -> bool) -> Option<RunAs> {
    passwd
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(':');
            let (name, _, uid, gid) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
            Some(RunAs { name: name.to_owned(), uid: uid.parse().ok()?, gid: gid.parse().ok()? })
        })
        .find(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str =
        "root:x:0:0:root:/root:/bin/bash\npostgres:x:101:104:admin:/var/lib/postgresql:/bin/bash\nbroken\n";

    #[test]
    fn a_user_is_found_by_name_and_by_number() {
        let postgres = user(PASSWD, |user| user.name == "postgres").expect("listed");
        assert_eq!((postgres.uid, postgres.gid), (101, 104));
        assert_eq!(user(PASSWD, |user| user.uid == 101), Some(postgres));
        assert_eq!(user(PASSWD, |user| user.name == "nobody"), None);
    }
}
