//! The chaos harness: real processes, faults that are proven to have fired, and a ledger that says
//! what became of every task. `chaos --help` says how to run it; `scenario` lists what it shows.
#![allow(
    clippy::disallowed_methods,
    reason = "the harness is its own composition root, and its clients are stock ones"
)]
#![allow(clippy::cast_precision_loss, reason = "figures for people")]

pub mod desk;
pub mod fault;
pub mod health;
pub mod invariant;
pub mod ledger;
pub mod load;
pub mod process;
pub mod proxy;
pub mod report;
pub mod scenario;
pub mod seed;
pub mod stack;
pub mod stock;

use std::path::PathBuf;
use tokio_util::sync::CancellationToken;

/// How much is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Profile {
    /// At most 8 minutes on 2 cores.
    Ci,
    /// The figures of the design.
    Long,
}

/// What every scenario is given.
#[derive(Debug, Clone)]
pub struct Context {
    pub profile: Profile,
    pub seed: u64,
    /// The `countersign` binary.
    pub program: PathBuf,
    /// Leave the processes' directories behind.
    pub keep: bool,
    /// Cancelled at Ctrl-C.
    pub stop: CancellationToken,
}

impl Context {
    /// The figure of this profile.
    pub fn by_profile<T>(&self, ci: T, long: T) -> T {
        match self.profile {
            Profile::Ci => ci,
            Profile::Long => long,
        }
    }
}
