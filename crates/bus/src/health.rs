//! How the bus is doing, for every page to show.

use countersign_domain::reading::BusHealth;
use std::sync::Arc;
use tokio::sync::watch;

/// Shared by the bridge, which knows, and the console, which shows. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Health {
    sender: Arc<watch::Sender<BusHealth>>,
}

impl Default for Health {
    fn default() -> Self {
        let starting = BusHealth { connected: false, problem: None, version: None, warning: None };
        Self { sender: Arc::new(watch::Sender::new(starting)) }
    }
}

impl Health {
    pub fn now(&self) -> BusHealth {
        self.sender.borrow().clone()
    }

    /// A receiver that wakes when the state changes.
    pub fn watch(&self) -> watch::Receiver<BusHealth> {
        self.sender.subscribe()
    }

    pub(crate) fn well(&self) {
        self.set(|health| {
            health.connected = true;
            health.problem = None;
        });
    }

    pub(crate) fn ill(&self, problem: String) {
        self.set(|health| {
            health.connected = false;
            health.problem = Some(problem);
        });
    }

    pub(crate) fn server(&self, version: String, warning: Option<String>) {
        self.set(|health| {
            health.version = Some(version);
            health.warning = warning;
        });
    }

    fn set(&self, change: impl FnOnce(&mut BusHealth)) {
        self.sender.send_if_modified(|health| {
            let before = health.clone();
            change(health);
            *health != before
        });
    }
}
