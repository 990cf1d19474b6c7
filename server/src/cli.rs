//! The command line. Every option can be given as a flag, an environment variable or, for `serve`'s, a
//! line of the configuration file; the first of these wins.

use crate::network::Network;
use clap::{Args, Parser, Subcommand};
use serde::Deserialize;
use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

/// The console from which one founder runs an organization of AI agents.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, about)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,

    /// What to log: a level, or `tracing` directives.
    #[arg(long, global = true, env = "COUNTERSIGN_LOG", default_value = "info,sqlx=warn,async_nats=warn")]
    pub log: String,

    /// Configuration file (TOML); its keys are the long options.
    #[arg(long, global = true, env = "COUNTERSIGN_CONFIG")]
    pub config: Option<PathBuf>,

    #[command(flatten)]
    pub options: Options,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the console and the bridge (the default).
    Serve,
    /// Bring the database up to date and stop.
    Migrate,
    /// Say what the configuration comes to, and whether it can work.
    CheckConfig,
    /// Say what this machine lacks, and how to mend it.
    Doctor,
    /// Ask a running server whether it is well; for health checks.
    Health,
    /// Write the configuration that a nats-server of your own needs.
    NatsConfig(NatsConfig),
    /// Check the journal of a running server, or write it out.
    Journal(Journal),
    /// Check receipts of decisions, without a server: whose key signed what, and whether it was changed since.
    Verify(Verify),
    /// Write the JSON Schema of role files, or of a message about briefs.
    Schema(Schema),
    /// Drop all views and make them anew from the journal.
    Rebuild,
    /// See who may sign in, and let somebody in again.
    User(User),
    /// See which domains have single sign-on, allow one, and make it optional where a provider fails.
    Sso(Sso),
    /// Let seven agents give each other tasks on a running server.
    Demo(Demo),
}

/// Which schema.
#[derive(Debug, Args)]
pub struct Schema {
    /// `role`, `brief_prepared`, `brief_rejected`, `brief_question` or `decision_made`; left out, these names.
    pub name: Option<String>,
}

/// Everything that may be configured.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Options {
    /// Address of the console. Default 127.0.0.1:8080, or the next free port.
    #[arg(long, global = true, env = "COUNTERSIGN_LISTEN")]
    pub listen: Option<SocketAddr>,

    /// Address of the console as people reach it, such as `https://console.example.com`.
    #[arg(long, global = true, env = "COUNTERSIGN_PUBLIC_URL")]
    pub public_url: Option<String>,

    /// Address of the bus as agents reach it, such as `nats://bus.example.com:4222`.
    #[arg(long, global = true, env = "COUNTERSIGN_PUBLIC_BUS_URL")]
    pub public_bus_url: Option<String>,

    /// Where the embedded Postgres and nats-server keep their data.
    #[arg(long, global = true, env = "COUNTERSIGN_DATA_DIR")]
    pub data_dir: Option<PathBuf>,

    /// A Postgres of your own, as `postgres://user:password@host/database`.
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,

    /// A nats-server of your own, as `nats://host:4222`; see `nats-config`.
    #[arg(long, global = true, env = "NATS_URL")]
    pub nats_url: Option<String>,

    /// Address on which the embedded nats-server listens. Default 127.0.0.1.
    #[arg(long, global = true, env = "COUNTERSIGN_NATS_LISTEN")]
    pub nats_listen: Option<IpAddr>,

    /// Port of the embedded nats-server. Default: the one of the last start, or a free one.
    #[arg(long, global = true, env = "COUNTERSIGN_NATS_PORT")]
    pub nats_port: Option<u16>,

    /// Accept a bus that does not sync each write to disk.
    #[arg(long, global = true, env = "COUNTERSIGN_ALLOW_UNSYNCED_BUS", num_args = 0..=1, default_missing_value = "true")]
    pub allow_unsynced_bus: Option<bool>,

    /// Seconds that a new agent's worker may be silent on a task before it is handed out again. Default 120.
    #[arg(long, global = true, env = "COUNTERSIGN_ACK_WAIT", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub ack_wait: Option<u64>,

    /// The built console (`xtask client` makes it). Default: `site` beside the program.
    #[arg(long, global = true, env = "COUNTERSIGN_SITE_DIR")]
    pub site_dir: Option<PathBuf>,

    /// 64 hexadecimal digits that seal the secrets in the database.
    #[arg(long, global = true, env = "COUNTERSIGN_SECRET_KEY", hide_env_values = true)]
    pub secret_key: Option<String>,

    /// A file with that key. Default: `secret.key` in the data directory.
    #[arg(long, global = true, env = "COUNTERSIGN_SECRET_KEY_FILE")]
    pub secret_key_file: Option<PathBuf>,

    /// Proxies whose X-Forwarded-For is believed: addresses or networks (`10.0.0.0/8`), parted by commas.
    #[arg(long, global = true, env = "COUNTERSIGN_TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Option<Vec<Network>>,

    /// The mail server, as `smtps://user:password@mail.example.com`. Without one, mails wait in the console's outbox.
    #[arg(long, global = true, env = "COUNTERSIGN_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,

    /// Whom mails are from, such as `Countersign <countersign@example.com>`.
    #[arg(long, global = true, env = "COUNTERSIGN_MAIL_FROM")]
    pub mail_from: Option<String>,

    /// Let single sign-on reach identity providers in private networks, and on this machine also without TLS.
    #[arg(long, global = true, env = "COUNTERSIGN_SSO_ALLOW_PRIVATE", num_args = 0..=1, default_missing_value = "true")]
    pub sso_allow_private: Option<bool>,

    /// Let webhooks reach addresses in private networks, and on this machine also without TLS.
    #[arg(long, global = true, env = "COUNTERSIGN_WEBHOOKS_ALLOW_PRIVATE", num_args = 0..=1, default_missing_value = "true")]
    pub webhooks_allow_private: Option<bool>,

    /// Where artifacts are kept: a folder, or `s3://bucket/prefix?endpoint=https://s3.example.com&region=eu-1`. Default: a
    /// folder in the data directory. Several servers for one database need a store that all of them reach.
    #[arg(long, global = true, env = "COUNTERSIGN_ARTIFACT_STORE")]
    pub artifact_store: Option<String>,

    /// The key of that store, as `id:secret`. Default: what the usual variables (`AWS_…`) say.
    #[arg(long, global = true, env = "COUNTERSIGN_ARTIFACT_STORE_KEY", hide_env_values = true)]
    pub artifact_store_key: Option<String>,

    /// The most MiB of one artifact. Default 256.
    #[arg(long, global = true, env = "COUNTERSIGN_ARTIFACT_SIZE", value_parser = clap::value_parser!(u64).range(1..=5120))]
    pub artifact_size: Option<u64>,

    /// The most MiB of all artifacts of an organization. Default 20,480.
    #[arg(long, global = true, env = "COUNTERSIGN_ARTIFACT_QUOTA", value_parser = clap::value_parser!(u64).range(1..=1_073_741_824))]
    pub artifact_quota: Option<u64>,

    /// Days that an artifact stays which no label, task, review, brief or decision names; 0 is for ever. Default 90.
    #[arg(long, global = true, env = "COUNTERSIGN_ARTIFACT_DAYS", value_parser = clap::value_parser!(u32).range(0..=36_500))]
    pub artifact_days: Option<u32>,

    /// Directory of the Postgres programs for the embedded database.
    #[arg(long, global = true, env = "COUNTERSIGN_POSTGRES_BIN_DIR")]
    pub postgres_bin_dir: Option<PathBuf>,

    /// The nats-server program for the embedded bus.
    #[arg(long, global = true, env = "COUNTERSIGN_NATS_SERVER")]
    pub nats_server: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct NatsConfig {
    /// The file to write; `-` for standard output.
    #[arg(long, default_value = "-")]
    pub out: String,
    /// Port that the nats-server will listen on.
    #[arg(long, default_value_t = 4222)]
    pub port: u16,
    /// Address that the nats-server will listen on.
    #[arg(long, default_value = "0.0.0.0")]
    pub host: IpAddr,
    /// Where that nats-server keeps messages, as it sees the path.
    #[arg(long, default_value = "/data/jetstream")]
    pub store_dir: String,
    /// Where that nats-server keeps account claims, as it sees the path.
    #[arg(long, default_value = "/data/jwt")]
    pub jwt_dir: String,
}

#[derive(Debug, Args)]
pub struct User {
    #[command(subcommand)]
    pub command: UserCommand,
}

#[derive(Debug, Clone, Subcommand)]
pub enum UserCommand {
    /// Write everybody's address, name and role, one a line.
    List,
    /// Give somebody a new password, print it, and end all their sessions.
    ResetPassword { email: String },
    /// Print a link by which somebody sets a new password themselves, within 30 minutes.
    ResetLink { email: String },
    /// Ask somebody for no code any more who has lost the authenticator app and the recovery codes.
    ResetCodes { email: String },
}

#[derive(Debug, Args)]
pub struct Sso {
    #[command(subcommand)]
    pub command: SsoCommand,
}

#[derive(Debug, Clone, Subcommand)]
pub enum SsoCommand {
    /// Write every claimed domain, its organization, and whether single sign-on is required, one a line.
    List,
    /// Let an organization claim a domain in which none of its founders has a confirmed address.
    AllowDomain { tenant: String, domain: String },
    /// Let people of an organization sign in by password again.
    Optional { tenant: String },
}

#[derive(Debug, Args)]
pub struct Journal {
    #[command(subcommand)]
    pub command: JournalCommand,
    /// Only this tenant, by its name in addresses.
    #[arg(long, global = true)]
    pub tenant: Option<String>,
}

#[derive(Debug, Args)]
pub struct Verify {
    /// The receipts. Where there are several, each must follow the one before it.
    #[arg(required = true)]
    pub receipt: Vec<PathBuf>,
    /// A key that you know, by its fingerprint, or a file of fingerprints, one a line. Without one, any key will do.
    #[arg(long)]
    pub key: Vec<String>,
    /// Where it must have been signed, such as `https://console.example.com`. Without one, anywhere.
    #[arg(long)]
    pub origin: Vec<String>,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub enum JournalCommand {
    /// Say whether it has no gap, was not changed, and is the one that the bus was told of.
    Verify,
    /// Write all entries to standard output, one JSON object a line.
    Export,
}

#[derive(Debug, Clone, Copy, Args)]
pub struct Demo {
    /// Tasks that the fleet starts per second, on average.
    #[arg(long, default_value_t = 1.0)]
    pub rate: f64,
    /// Stop after so many seconds; without it, at Ctrl-C.
    #[arg(long)]
    pub seconds: Option<u64>,
    /// How long the fleet works on a task, in milliseconds, on average.
    #[arg(long, default_value_t = 800)]
    pub work_ms: u64,
}
