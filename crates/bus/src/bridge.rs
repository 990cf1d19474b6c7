//! The bridge: for each tenant, set up what must be there, then read and watch until something
//! fails, then begin again. Beginning again is the one way to recover from everything: a restarted
//! bus, a wiped one, a new address.

use crate::{
    NatsBus,
    connection::{self, Link},
    duty::{self, Held, while_held},
    error::Error,
    ingest::{self, Reader},
    observe::Observer,
    provision,
    relay::Relay,
    system,
};
use async_nats::jetstream;
use countersign_domain::TenantId;
use countersign_service::ports::{Duties, Duty, Ledger, Outbox, Watch};
use countersign_wire::stream::TASKS;
use std::{collections::HashSet, sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
};
use uuid::Uuid;

/// Between two looks for new tenants, if nobody wakes us.
const TENANTS_EVERY: Duration = Duration::from_secs(5);
/// Between two looks whether the server can write.
const WRITING_EVERY: Duration = Duration::from_secs(2);
/// Before beginning again.
const PAUSE: Duration = Duration::from_millis(500);
/// Between two questions whether the bus answers at all.
const PROBE_EVERY: Duration = Duration::from_millis(1000);
/// An answer that takes longer is none.
const PROBE_WAIT: Duration = Duration::from_millis(2000);

/// What the bridge needs of the record.
#[derive(Clone)]
pub struct Record {
    pub ledger: Arc<dyn Ledger>,
    pub outbox: Arc<dyn Outbox>,
    pub watch: Arc<dyn Watch>,
    pub duties: Arc<dyn Duties>,
}

/// How the bridge is woken before its time.
#[derive(Debug, Clone, Default)]
pub struct Wakers {
    /// A tenant, an agent, a pause or a breaker changed.
    pub fleet: Arc<Notify>,
    /// Something was put into the outbox.
    pub outbox: Arc<Notify>,
}

/// Carries the bus into the record and the outbox to the bus, for as long as it is run.
pub struct Bridge {
    bus: NatsBus,
    record: Record,
    /// This process, among those that share the work.
    replica: Uuid,
    url: Box<dyn Fn() -> String + Send + Sync>,
    /// Accept a server that does not sync each write.
    allow_unsynced: bool,
    tenants: Arc<Notify>,
    wakers: Wakers,
    held: watch::Sender<Held>,
    /// Whether the bus answers this replica.
    answers: watch::Sender<bool>,
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
        record: Record,
        replica: Uuid,
        url: impl Fn() -> String + Send + Sync + 'static,
        allow_unsynced: bool,
    ) -> Self {
        Self {
            bus,
            record,
            replica,
            url: Box::new(url),
            allow_unsynced,
            tenants: Arc::new(Notify::new()),
            wakers: Wakers::default(),
            held: watch::Sender::new(Held::new()),
            answers: watch::Sender::new(false),
            stopped: Arc::default(),
        }
    }

    /// Notify these when something changed, so that it is done at once.
    pub fn wakers(&self) -> Wakers {
        self.wakers.clone()
    }

    /// Notified as long as the nats-server has stopped writing and must be restarted.
    pub fn stopped_writing(&self) -> Arc<Notify> {
        Arc::clone(&self.stopped)
    }

    /// Notify this after a tenant was created, so that its account is made at once.
    pub fn tenants_waker(&self) -> Arc<Notify> {
        Arc::clone(&self.tenants)
    }

    /// Runs until dropped.
    pub async fn run(self) {
        let bridge = Arc::new(self);
        let duties = Arc::clone(&bridge.record.duties);
        let ledger = Arc::clone(&bridge.record.ledger);
        // Beside the bus: which replica reaches it is agreed upon in the database.
        let beat = duty::beat(bridge.replica, duties, ledger, bridge.answers.subscribe(), bridge.held.clone());
        tokio::select! { () = beat => {}, () = bridge.keep_connected() => {} }
    }

    async fn keep_connected(self: &Arc<Self>) {
        loop {
            let result = Arc::clone(self).serve().await;
            self.reached(false);
            if let Err(error) = result {
                if matches!(error, Error::StoppedWriting { .. }) {
                    self.stopped.notify_one();
                }
                self.bus.links.put(None, None);
                tracing::warn!(%error, "the bridge begins again");
                self.bus.health.ill(error.to_string());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn reached(&self, answers: bool) {
        self.answers.send_if_modified(|known| std::mem::replace(known, answers) != answers);
    }

    /// One life of the system connection.
    async fn serve(self: Arc<Self>) -> Result<(), Error> {
        let user = self.bus.identity.system_user(self.bus.clock.now())?;
        let url = (self.url)();
        let system = Arc::new(connection::connect(&url, user, "countersign system").await?);
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
        self.bus.links.reached_at(&url);
        self.bus.links.put(None, Some(system.client.clone()));
        self.reached(true);
        tokio::select! {
            error = system.lost() => Err(error),
            () = self.probe(&system) => Err(Error::Lost),
            result = keeps_writing(&system.client) => result,
            result = self.serve_tenants(&system) => result,
        }
    }

    /// Asks whether the bus answers. A connection to a server that hangs, or over a line that swallows
    /// everything, looks well for a long time; people should know within seconds.
    async fn probe(&self, system: &Link) {
        let mut silent = false;
        loop {
            tokio::time::sleep(PROBE_EVERY).await;
            let answered = tokio::time::timeout(PROBE_WAIT, system::answers(&system.client)).await;
            self.reached(matches!(answered, Ok(Ok(()))));
            match (answered, silent) {
                (Ok(Ok(())), true) => {
                    silent = false;
                    self.bus.health.well();
                }
                (Ok(Ok(())), false) => {}
                (Ok(Err(_)) | Err(_), _) => {
                    silent = true;
                    self.bus.health.ill(Error::Silent.to_string());
                }
            }
        }
    }

    async fn serve_tenants(self: &Arc<Self>, system: &Arc<Link>) -> Result<(), Error> {
        // Dropping the set ends its tasks, so no tenant outlives the system connection.
        let mut tasks = JoinSet::new();
        let mut served: HashSet<TenantId> = HashSet::new();
        loop {
            // While the database is away there is no list; the tenants already served go on.
            if let Ok(tenants) = self.record.ledger.tenants().await {
                if tenants.is_empty() {
                    self.bus.health.well();
                }
                for tenant in tenants {
                    if served.insert(tenant) {
                        tasks.spawn(Arc::clone(self).keep_serving(tenant, Arc::clone(system)));
                    }
                }
            }
            let _ = tokio::time::timeout(TENANTS_EVERY, self.tenants.notified()).await;
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

    /// One life of a tenant's connection. Every replica has one, for the console; the duties are shared out.
    async fn serve_tenant(&self, tenant: TenantId, system: &Link) -> Result<(), Error> {
        let (bus, ledger) = (&self.bus, &self.record.ledger);
        let now = bus.clock.now();
        let identity = &bus.identity;
        let revoked = ledger.revocations(tenant, now).await?;
        system::push_account(&system.client, identity.account_jwt(tenant, &revoked, now).await?).await?;
        let user = identity.tenant_user(tenant, now).await?;
        let link = connection::connect(&(self.url)(), user, "countersign bridge").await?;
        let context = jetstream::new(link.client.clone());
        provision::streams(&context).await?;
        let tasks_epoch = ingest::epoch(&context, TASKS).await?;
        let reader = Reader {
            tenant,
            context: context.clone(),
            ledger: Arc::clone(ledger),
            clock: Arc::clone(&bus.clock),
            identity: identity.clone(),
            tasks_epoch,
            consumers: bus.consumers.clone(),
            losses: link.losses.clone(),
        };
        // Before any worker can get a message of a stream that was made anew: its claim must not be taken for
        // one on the message that had the same number in the stream before.
        reader.resume(TASKS).await?;
        for agent in ledger.agent_names(tenant).await? {
            provision::agent(&context, &agent, &bus.consumers).await?;
        }
        let relay = Relay {
            tenant,
            identity: identity.clone(),
            context: context.clone(),
            outbox: Arc::clone(&self.record.outbox),
            clock: Arc::clone(&bus.clock),
            tasks_epoch,
            wake: Arc::clone(&self.wakers.outbox),
        };
        let observer = Observer {
            tenant,
            identity: identity.clone(),
            told: revoked,
            system: system.client.clone(),
            context,
            ledger: Arc::clone(ledger),
            watch: Arc::clone(&self.record.watch),
            clock: Arc::clone(&bus.clock),
            consumers: bus.consumers.clone(),
            tasks_epoch,
            wake: Arc::clone(&self.wakers.fleet),
        };
        bus.links.put(Some(tenant), Some(link.client.clone()));
        bus.health.well();
        tracing::info!(tenant.id = %tenant, "the tenant's bridge stands");
        let held = || self.held.subscribe();
        tokio::select! {
            error = link.lost() => Err(error),
            result = while_held(tenant, Duty::Ingest, held(), || reader.run_all()) => result,
            result = while_held(tenant, Duty::Relay, held(), || relay.run()) => result,
            result = while_held(tenant, Duty::Watch, held(), || observer.run()) => result,
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
