//! The nats-server process, with the configuration that the product writes.

use super::unit::Child;
use crate::proxy::{Link, Upstream};
use anyhow::Context;
use countersign_bus::{Identity, ServerPaths, config_text};
use countersign_server::{
    embedded::{ChildStatus, DataDir, EmbeddedNats, EmbeddedOptions},
    surroundings::SystemClock,
};
use countersign_service::ports::Clock;
use std::{net::SocketAddr, sync::Arc};

/// A running nats-server.
#[derive(Debug)]
pub struct Nats {
    embedded: EmbeddedNats,
    address: SocketAddr,
}

impl Nats {
    /// Where it listens, past every link.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Where its data is, who may connect, and the links that lead to it.
pub struct NatsRecipe {
    pub dir: DataDir,
    pub options: EmbeddedOptions,
    pub identity: Identity,
    pub links: Vec<Arc<Link>>,
}

impl Child for Nats {
    const NAME: &'static str = "nats-server";
    type Recipe = NatsRecipe;

    async fn start(recipe: &NatsRecipe) -> anyhow::Result<Self> {
        let identity = recipe.identity.clone();
        let embedded = EmbeddedNats::start(&recipe.dir, &recipe.options, move |paths| {
            let paths = ServerPaths {
                listen: paths.host,
                port: paths.port,
                jetstream_dir: paths.store_dir.display().to_string(),
                jwt_dir: paths.jwt_dir.display().to_string(),
            };
            config_text(&identity, &paths, SystemClock.now()).expect("the keys sign")
        })
        .await?;
        // It may have had to move to another port: its old one was free while it was away.
        let address = embedded.url();
        let address: SocketAddr = address.trim_start_matches("nats://").parse().context("the address of the bus")?;
        for link in &recipe.links {
            link.lead_to(Upstream::Tcp(address));
        }
        Ok(Self { embedded, address })
    }

    async fn stop(self) {
        self.embedded.stop().await;
    }

    fn pid(&self) -> Option<u32> {
        match *self.embedded.status().borrow() {
            ChildStatus::Ready { pid } => Some(pid),
            _ => None,
        }
    }
}
