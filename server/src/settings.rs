//! What the options come to, with every default decided and every value checked.

use crate::{
    cli::Options,
    embedded::{EmbeddedOptions, Host, default_data_dir},
    network::Network,
    smtp::MailSettings,
};
use anyhow::{Context, bail};
use countersign_artifacts::{Place, S3Place};
use countersign_service::ports::ArtifactRules;
use countersign_wire::stream::TaskConsumerSpec;
use sqlx::postgres::PgConnectOptions;
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

const MIB: u64 = 1024 * 1024;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Where the database is.
#[derive(Debug, Clone)]
pub enum Database {
    Embedded,
    Given(Box<PgConnectOptions>),
}

/// Where the bus is.
#[derive(Debug, Clone)]
pub enum BusAt {
    Embedded,
    Given(String),
}

/// The decided configuration.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct Settings {
    pub listen: SocketAddr,
    /// Whether another port may be taken when this one is in use.
    pub any_port: bool,
    pub public_url: Option<String>,
    pub public_bus_url: Option<String>,
    pub database: Database,
    pub bus: BusAt,
    pub embedded: EmbeddedOptions,
    pub site_dir: PathBuf,
    pub secret_key: Option<String>,
    pub secret_key_file: PathBuf,
    pub trusted_proxies: Vec<Network>,
    /// None: mails wait in the outbox.
    pub mail: Option<MailSettings>,
    pub allow_unsynced_bus: bool,
    /// Whether identity providers may have private addresses.
    pub sso_allow_private: bool,
    /// Whether webhooks may have private addresses.
    pub webhooks_allow_private: bool,
    /// Where the bytes of artifacts are.
    pub artifacts: Place,
    pub artifact_rules: ArtifactRules,
    /// How a new agent's tasks are handed out.
    pub consumers: TaskConsumerSpec,
}

/// What is read from the process once, at its start.
#[derive(Debug, Clone)]
pub struct Process {
    pub is_root: bool,
    pub exe: PathBuf,
    pub host: Host,
    pub xdg_data_home: Option<PathBuf>,
}

impl Process {
    /// Of this process.
    #[expect(clippy::disallowed_methods, reason = "the composition root is where the environment comes from")]
    pub fn here() -> Self {
        Self {
            is_root: rustix::process::geteuid().is_root(),
            exe: std::env::current_exe().unwrap_or_default(),
            host: Host {
                path: std::env::var_os("PATH").unwrap_or_default(),
                home: std::env::var_os("HOME").map(PathBuf::from),
                temp_dir: std::env::temp_dir(),
            },
            xdg_data_home: std::env::var_os("XDG_DATA_HOME").map(PathBuf::from),
        }
    }
}

/// The options in a configuration file.
pub fn read_file(path: &Path) -> anyhow::Result<Options> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("The configuration file {} cannot be read.", path.display()))?;
    toml::from_str(&text).with_context(|| format!("The configuration file {} cannot be understood.", path.display()))
}

/// Flags and environment over the file.
pub fn merge(first: Options, file: Options) -> Options {
    Options {
        listen: first.listen.or(file.listen),
        public_url: first.public_url.or(file.public_url),
        public_bus_url: first.public_bus_url.or(file.public_bus_url),
        data_dir: first.data_dir.or(file.data_dir),
        database_url: first.database_url.or(file.database_url),
        nats_url: first.nats_url.or(file.nats_url),
        nats_listen: first.nats_listen.or(file.nats_listen),
        nats_port: first.nats_port.or(file.nats_port),
        allow_unsynced_bus: first.allow_unsynced_bus.or(file.allow_unsynced_bus),
        ack_wait: first.ack_wait.or(file.ack_wait),
        site_dir: first.site_dir.or(file.site_dir),
        secret_key: first.secret_key.or(file.secret_key),
        secret_key_file: first.secret_key_file.or(file.secret_key_file),
        trusted_proxies: first.trusted_proxies.or(file.trusted_proxies),
        smtp_url: first.smtp_url.or(file.smtp_url),
        mail_from: first.mail_from.or(file.mail_from),
        sso_allow_private: first.sso_allow_private.or(file.sso_allow_private),
        webhooks_allow_private: first.webhooks_allow_private.or(file.webhooks_allow_private),
        artifact_store: first.artifact_store.or(file.artifact_store),
        artifact_store_key: first.artifact_store_key.or(file.artifact_store_key),
        artifact_size: first.artifact_size.or(file.artifact_size),
        artifact_quota: first.artifact_quota.or(file.artifact_quota),
        artifact_days: first.artifact_days.or(file.artifact_days),
        postgres_bin_dir: first.postgres_bin_dir.or(file.postgres_bin_dir),
        nats_server: first.nats_server.or(file.nats_server),
    }
}

impl Settings {
    /// Decides and checks everything that can be checked without starting anything.
    pub fn resolve(options: Options, process: &Process) -> anyhow::Result<Self> {
        let database = match &options.database_url {
            None => Database::Embedded,
            // sqlx itself takes any scheme.
            Some(url) => match PgConnectOptions::from_str(url) {
                Ok(options) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                    Database::Given(Box::new(options))
                }
                _ => bail!(
                    "DATABASE_URL cannot be understood. It reads like postgres://user:password@host:5432/database."
                ),
            },
        };
        let bus = match options.nats_url {
            None => BusAt::Embedded,
            Some(url) if url.starts_with("nats://") || url.starts_with("tls://") => BusAt::Given(url),
            Some(url) => bail!("NATS_URL is “{url}”. It reads like nats://host:4222 or tls://host:4222."),
        };
        let home = process.host.home.as_deref();
        let Some(data_dir) =
            options.data_dir.or_else(|| default_data_dir(process.is_root, process.xdg_data_home.as_deref(), home))
        else {
            bail!("There is no home directory to keep data in. Name one with --data-dir.");
        };
        let public_url = options.public_url.map(|url| url.trim_end_matches('/').to_owned());
        if let Some(url) = public_url.as_deref()
            && !(url.starts_with("https://") || url.starts_with("http://"))
        {
            bail!("The public URL is “{url}”. It reads like https://console.example.com.");
        }
        let artifacts = match &options.artifact_store {
            Some(address) if address.contains("://") => {
                Place::S3(S3Place::parse(address, options.artifact_store_key.as_deref())?)
            }
            Some(folder) => Place::Folder(folder.into()),
            None => Place::Folder(data_dir.join("artifacts")),
        };
        let artifact_rules = ArtifactRules {
            most_bytes: options.artifact_size.unwrap_or(256) * MIB,
            quota_bytes: options.artifact_quota.unwrap_or(20 * 1024) * MIB,
            unnamed_ms: Some(options.artifact_days.unwrap_or(90))
                .filter(|days| *days > 0)
                .map(|days| i64::from(days) * DAY_MS),
        };
        let mut embedded = EmbeddedOptions::new(&data_dir, process.host.clone());
        embedded.postgres_bin_dir = options.postgres_bin_dir;
        embedded.nats_server = options.nats_server;
        embedded.nats_port = options.nats_port;
        if let Some(listen) = options.nats_listen {
            embedded.nats_listen = listen;
        }
        Ok(Self {
            listen: options.listen.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 8080))),
            any_port: options.listen.is_none(),
            public_url,
            public_bus_url: options.public_bus_url,
            database,
            bus,
            embedded,
            site_dir: options.site_dir.unwrap_or_else(|| site_beside(&process.exe)),
            secret_key: options.secret_key,
            secret_key_file: options.secret_key_file.unwrap_or_else(|| data_dir.join("secret.key")),
            trusted_proxies: options.trusted_proxies.unwrap_or_default(),
            mail: options.smtp_url.map(|url| MailSettings::new(&url, options.mail_from.as_deref())).transpose()?,
            allow_unsynced_bus: options.allow_unsynced_bus.unwrap_or(false),
            sso_allow_private: options.sso_allow_private.unwrap_or(false),
            webhooks_allow_private: options.webhooks_allow_private.unwrap_or(false),
            artifacts,
            artifact_rules,
            consumers: TaskConsumerSpec {
                ack_wait: options.ack_wait.map_or(TaskConsumerSpec::default().ack_wait, Duration::from_secs),
                ..TaskConsumerSpec::default()
            },
        })
    }

    /// Whether anything is kept in the data directory.
    pub fn uses_data_dir(&self) -> bool {
        matches!(self.database, Database::Embedded)
            || matches!(self.bus, BusAt::Embedded)
            || (self.secret_key.is_none() && self.secret_key_file.starts_with(&self.embedded.data_dir))
    }
}

/// `site` beside the program, or one folder up (where builds put it).
fn site_beside(exe: &Path) -> PathBuf {
    let beside = exe.with_file_name("site");
    let above = exe.parent().and_then(Path::parent).map(|dir| dir.join("site"));
    match above {
        Some(above) if !beside.exists() => above,
        _ => beside,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process() -> Process {
        Process {
            is_root: false,
            exe: "/opt/countersign/countersign".into(),
            host: Host { path: "".into(), home: Some("/home/ada".into()), temp_dir: "/tmp".into() },
            xdg_data_home: None,
        }
    }

    #[test]
    fn without_options_everything_is_embedded_in_the_home_directory() {
        let settings = Settings::resolve(Options::default(), &process()).unwrap();
        assert!(matches!(settings.database, Database::Embedded));
        assert_eq!(settings.embedded.data_dir, Path::new("/home/ada/.local/share/countersign"));
        assert!(settings.any_port && settings.uses_data_dir());
    }

    #[test]
    fn wrong_addresses_are_refused_with_an_example() {
        let wrong = |options| Settings::resolve(options, &process()).unwrap_err().to_string();
        assert!(wrong(Options { database_url: Some("mysql:/x".into()), ..Options::default() }).contains("postgres://"));
        assert!(wrong(Options { nats_url: Some("localhost".into()), ..Options::default() }).contains("nats://"));
        assert!(wrong(Options { public_url: Some("console".into()), ..Options::default() }).contains("https://"));
    }

    #[test]
    fn artifacts_are_in_the_data_directory_unless_a_store_is_named() {
        let of = |options| Settings::resolve(options, &process());
        let usual = of(Options::default()).unwrap();
        assert!(matches!(&usual.artifacts, Place::Folder(folder) if folder.ends_with("countersign/artifacts")));
        assert_eq!(usual.artifact_rules.most_bytes, 256 * 1024 * 1024);
        let store = |address: &str| Options { artifact_store: Some(address.to_owned()), ..Options::default() };
        assert!(matches!(of(store("s3://work")).unwrap().artifacts, Place::S3(_)));
        assert!(matches!(of(store("/srv/artifacts")).unwrap().artifacts, Place::Folder(_)));
        assert!(of(store("ftp://work")).unwrap_err().to_string().contains("s3://bucket"));
        let ever = of(Options { artifact_days: Some(0), ..Options::default() }).unwrap();
        assert_eq!(ever.artifact_rules.unnamed_ms, None);
    }

    #[test]
    fn a_flag_wins_over_the_file_and_unknown_keys_are_refused() {
        let file: Options = toml::from_str("nats-port = 4000\ntrusted-proxies = [\"10.0.0.0/8\"]").unwrap();
        let merged = merge(Options { nats_port: Some(5000), ..Options::default() }, file);
        assert_eq!((merged.nats_port, merged.trusted_proxies.unwrap().len()), (Some(5000), 1));
        assert!(toml::from_str::<Options>("nats_prot = 1").is_err());
    }
}
