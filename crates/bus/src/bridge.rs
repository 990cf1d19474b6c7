//! The bridge: for each tenant, set up what must be there, then read and watch until something
//! fails, then begin again. Beginning again is the one way to recover from everything: a restarted
//! bus, a wiped one, a new address.

use crate::{
    NatsBus,
    connection::{self, Link},
    error::Error,
    ingest::{self, Reader},
    observe::Observer,
    provision, system,
};
use async_nats::jetstream;
use countersign_domain::TenantId;
use countersign_service::ports::Ledger;
use countersign_wire::stream::{EVENTS, SIGNALS, TASKS};
use std::{collections::HashSet, sync::Arc, time::Duration};
use tokio::{sync::Notify, task::JoinSet};

/// Between two looks for new tenants, if nobody wakes us.
const TENANTS_EVERY: Duration = Duration::from_secs(5);
/// Between two looks whether the server can write.
const WRITING_EVERY: Duration = Duration::from_secs(2);
/// Before beginning again.
const PAUSE: Duration = Duration::from_millis(500);

/// Carries the bus into the record, for as long as it is run.
pub struct Bridge {
    bus: NatsBus,
    ledger: Arc<dyn Ledger>,
    url: Box<dyn Fn() -> String + Send + Sync>,
    /// Accept a server that does not sync each write.
    allow_unsynced: bool,
    wake: Arc<Notify>,
    stopped: Arc<Notify>,
}

impl std::fmt::Debug for Bridge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bridge")
    }
}

impl Bridge {
    /// `url` is asked at each connection: an embedded server may move to another port.
    pub fn new(
        bus: NatsBus,
        ledger: Arc<dyn Ledger>,
        url: impl Fn() -> String + Send + Sync + 'static,
        allow_unsynced: bool,
    ) -> Self {
        let (wake, stopped) = (Arc::default(), Arc::default());
        Self { bus, ledger, url: Box::new(url), allow_unsynced, wake, stopped }
    }

    /// Notified as long as the nats-server has stopped writing and must be restarted.
    pub fn stopped_writing(&self) -> Arc<Notify> {
        Arc::clone(&self.stopped)
    }

    /// Notify this after a tenant was created, so that its account is made at once.
    pub fn waker(&self) -> Arc<Notify> {
        Arc::clone(&self.wake)
    }

    /// Runs until dropped.
    pub async fn run(self) {
        let bridge = Arc::new(self);
        loop {
            if let Err(error) = Arc::clone(&bridge).serve().await {
                if matches!(error, Error::StoppedWriting { .. }) {
                    bridge.stopped.notify_one();
                }
                bridge.bus.links.put(None, None);
                tracing::warn!(%error, "the bridge begins again");
                bridge.bus.health.ill(error.to_string());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// One life of the system connection.
    async fn serve(self: Arc<Self>) -> Result<(), Error> {
        let user = self.bus.identity.system_user(self.bus.clock.now())?;
        let system = Arc::new(connection::connect(&(self.url)(), user, "countersign system").await?);
        let looks = tokio::join!(system::server(&system.client), system::check_writing(&system.client));
        let (version, synced) = looks.0?;
        system::check_version(&version)?;
        if !synced && !self.allow_unsynced {
            return Err(Error::NotSynced);
        }
        looks.1?;
        let warning = (!synced).then(|| {
            "This bus does not sync each write to disk; a power cut can lose acknowledged messages.".to_owned()
        });
        self.bus.health.server(version, warning);
        self.bus.links.put(None, Some(system.client.clone()));
        tokio::select! {
            error = system.lost() => Err(error),
            result = keeps_writing(&system.client) => result,
            result = self.serve_tenants(&system) => result,
        }
    }

    async fn serve_tenants(self: &Arc<Self>, system: &Arc<Link>) -> Result<(), Error> {
        // Dropping the set ends its tasks, so no tenant outlives the system connection.
        let mut tasks = JoinSet::new();
        let mut served: HashSet<TenantId> = HashSet::new();
        loop {
            // While the database is away there is no list; the tenants already served go on.
            if let Ok(tenants) = self.ledger.tenants().await {
                if tenants.is_empty() {
                    self.bus.health.well();
                }
                for tenant in tenants {
                    if served.insert(tenant) {
                        tasks.spawn(Arc::clone(self).keep_serving(tenant, Arc::clone(system)));
                    }
                }
            }
            let _ = tokio::time::timeout(TENANTS_EVERY, self.wake.notified()).await;
        }
    }

    async fn keep_serving(self: Arc<Self>, tenant: TenantId, system: Arc<Link>) {
        loop {
            if let Err(error) = self.serve_tenant(tenant, &system).await {
                self.bus.links.put(Some(tenant), None);
                tracing::warn!(tenant.id = %tenant, %error, "the tenant's bridge begins again");
                self.bus.health.ill(error.to_string());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// One life of a tenant's connection.
    async fn serve_tenant(&self, tenant: TenantId, system: &Link) -> Result<(), Error> {
        let now = self.bus.clock.now();
        let identity = &self.bus.identity;
        let revoked = self.ledger.revocations(tenant, now).await?;
        system::push_account(&system.client, identity.account_jwt(tenant, &revoked, now).await?).await?;
        let user = identity.tenant_user(tenant, now).await?;
        let link = connection::connect(&(self.url)(), user, "countersign bridge").await?;
        let context = jetstream::new(link.client.clone());
        provision::streams(&context).await?;
        for agent in self.ledger.agent_names(tenant).await? {
            provision::agent(&context, &agent, &self.bus.consumers).await?;
        }
        let observer = Observer {
            tenant,
            identity: identity.clone(),
            told: revoked,
            system: system.client.clone(),
            context: context.clone(),
            ledger: Arc::clone(&self.ledger),
            clock: Arc::clone(&self.bus.clock),
            consumers: self.bus.consumers.clone(),
        };
        let tasks_epoch = ingest::epoch(&context, TASKS).await?;
        let consumers = self.bus.consumers.clone();
        let reader = Reader { tenant, context, ledger: Arc::clone(&self.ledger), tasks_epoch, consumers };
        self.bus.links.put(Some(tenant), Some(link.client.clone()));
        self.bus.health.well();
        tracing::info!(tenant.id = %tenant, "the tenant's bridge stands");
        tokio::select! {
            error = link.lost() => Err(error),
            result = reader.run(TASKS) => result,
            result = reader.run(SIGNALS) => result,
            result = reader.run(EVENTS) => result,
            result = observer.run() => result,
        }
    }
}

/// Ends when the server has stopped writing. No answer is not for this watch to judge.
async fn keeps_writing(system: &async_nats::Client) -> Result<(), Error> {
    loop {
        tokio::time::sleep(WRITING_EVERY).await;
        if let Err(error @ Error::StoppedWriting { .. }) = system::check_writing(system).await {
            return Err(error);
        }
    }
}
