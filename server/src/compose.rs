//! The composition root: which implementation stands behind each port.

use crate::{
    settings::Settings,
    smtp::SmtpMailer,
    surroundings::{SystemClock, SystemEntropy},
    vault::{self, SealedVault, Sealer, SealingKey},
    webhook_post::HttpPost,
};
use anyhow::Context;
use countersign_artifacts::ObjectFiles;
use countersign_bus::{Health, Identity, NatsBus, Record};
use countersign_domain::reading::Connect;
use countersign_oidc::{OidcProvider, Reach};
use countersign_service::{
    Service,
    ports::{Entropy, Mailer, Ports},
};
use countersign_store::{
    Db, DbRole, PgAddresses, PgAgents, PgAllocations, PgApiTokens, PgApprovals, PgArtifacts, PgAudit, PgAutonomy,
    PgBriefs, PgBusKeys, PgClaims, PgContextFacts, PgControls, PgDeadLetters, PgDecisionHistory, PgDecisions, PgDuties,
    PgFactors, PgHistory, PgKeptAnswers, PgLedger, PgMembers, PgNotices, PgOutbox, PgPeople, PgPost, PgQuarantine,
    PgReviews, PgSessions, PgSso, PgStops, PgTasks, PgTries, PgWatch, PgWebhooks, migrate,
};
use sqlx::postgres::PgConnectOptions;
use std::sync::Arc;

/// Connections that the console and the bridge may have open, each.
const WEB_CONNECTIONS: u32 = 12;
const BRIDGE_CONNECTIONS: u32 = 10;
/// Connections that the Workspace API may have open.
const AGENT_CONNECTIONS: u32 = 6;

/// A migrated database with a pool for each role.
#[derive(Debug, Clone)]
pub struct Databases {
    pub owner: PgConnectOptions,
    pub web: Db,
    pub bridge: Db,
    pub agent: Db,
}

impl Databases {
    /// Brings the database up to date and opens the pools.
    pub async fn open(owner: PgConnectOptions) -> anyhow::Result<Self> {
        migrate(&owner).await?;
        let options = owner.clone().application_name("countersign");
        Ok(Self {
            web: Db::new(options.clone(), DbRole::Web, WEB_CONNECTIONS),
            agent: Db::new(options.clone(), DbRole::Agent, AGENT_CONNECTIONS),
            bridge: Db::new(options, DbRole::Bridge, BRIDGE_CONNECTIONS),
            owner,
        })
    }

    pub async fn close(&self) {
        self.web.close().await;
        self.agent.close().await;
        self.bridge.close().await;
    }
}

/// The key that seals the secrets in the database, from the settings or its file.
pub fn sealing_key(settings: &Settings) -> anyhow::Result<SealingKey> {
    match &settings.secret_key {
        Some(text) => vault::parse_key(text),
        None => vault::key_file(&settings.secret_key_file, &SystemEntropy),
    }
}

/// What seals the secrets in the database.
pub fn sealer(settings: &Settings) -> anyhow::Result<Sealer> {
    Ok(Sealer::new(&sealing_key(settings)?, || SystemEntropy.bytes32()))
}

/// The keys of the bus.
pub async fn identity(settings: &Settings, databases: &Databases) -> anyhow::Result<Identity> {
    let rows = PgBusKeys::new(databases.bridge.clone());
    let vault = SealedVault::new(rows, sealer(settings)?);
    Identity::open(Arc::new(vault)).await.context("The keys of the bus cannot be opened.")
}

/// The use cases over the real database and the real bus.
pub fn service(settings: &Settings, databases: &Databases, bus: NatsBus, connect: Connect) -> anyhow::Result<Service> {
    Ok(Service::new(ports(settings, databases, bus, connect)?))
}

/// What the use cases stand on.
pub fn ports(settings: &Settings, databases: &Databases, bus: NatsBus, connect: Connect) -> anyhow::Result<Ports> {
    let seal = sealer(settings)?;
    let mailer = settings.mail.as_ref().map(SmtpMailer::new).transpose()?;
    let reach = |private: bool| if private { Reach::PrivateToo } else { Reach::Public };
    Ok(Ports {
        people: Arc::new(PgPeople::new(databases.web.clone())),
        sessions: Arc::new(PgSessions::new(databases.web.clone())),
        tries: Arc::new(PgTries::new(databases.web.clone())),
        factors: Arc::new(PgFactors::new(databases.web.clone())),
        seal: Arc::new(seal),
        members: Arc::new(PgMembers::new(databases.web.clone())),
        addresses: Arc::new(PgAddresses::new(databases.web.clone())),
        post: Arc::new(PgPost::new(databases.web.clone())),
        mailer: mailer.map(|mailer| Arc::new(mailer) as Arc<dyn Mailer>),
        notices: Arc::new(PgNotices::new(databases.web.clone())),
        webhooks: Arc::new(PgWebhooks::new(databases.web.clone())),
        webhook_post: Arc::new(HttpPost::new(reach(settings.webhooks_allow_private))),
        sso: Arc::new(PgSso::new(databases.web.clone())),
        identity_provider: Arc::new(OidcProvider::new(reach(settings.sso_allow_private))),
        agents: Arc::new(PgAgents::new(databases.web.clone())),
        reviews: Arc::new(PgReviews::new(databases.web.clone())),
        briefs: Arc::new(PgBriefs::new(databases.web.clone())),
        decisions: Arc::new(PgDecisions::new(databases.web.clone())),
        decision_history: Arc::new(PgDecisionHistory::new(databases.web.clone())),
        autonomy: Arc::new(PgAutonomy::new(databases.web.clone())),
        allocations: Arc::new(PgAllocations::new(databases.web.clone())),
        context_facts: Arc::new(PgContextFacts::new(databases.web.clone())),
        stops: Arc::new(PgStops::new(databases.web.clone())),
        audit: Arc::new(PgAudit::new(databases.web.clone())),
        history: Arc::new(PgHistory::new(databases.web.clone())),
        tasks: Arc::new(PgTasks::new(databases.web.clone())),
        dead_letters: Arc::new(PgDeadLetters::new(databases.web.clone())),
        quarantine: Arc::new(PgQuarantine::new(databases.web.clone())),
        controls: Arc::new(PgControls::new(databases.web.clone())),
        claims: Arc::new(PgClaims::new(databases.agent.clone())),
        artifacts: Arc::new(PgArtifacts::new(databases.agent.clone(), databases.web.clone())),
        artifact_files: Arc::new(ObjectFiles::new(settings.artifacts.clone())),
        artifact_rules: settings.artifact_rules,
        approvals: Arc::new(PgApprovals::new(databases.agent.clone())),
        api_tokens: Arc::new(PgApiTokens::new(databases.web.clone())),
        kept_answers: Arc::new(PgKeptAnswers::new(databases.web.clone())),
        bus: Arc::new(bus),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        connect,
    })
}

/// The bus as the use cases see it.
pub fn bus(settings: &Settings, identity: Identity) -> (NatsBus, Health) {
    let health = Health::default();
    (NatsBus::new(identity, health.clone(), Arc::new(SystemClock), settings.consumers.clone()), health)
}

/// Where the bridge writes, and what it reads.
pub fn record(databases: &Databases) -> Record {
    let db = || databases.bridge.clone();
    Record {
        ledger: Arc::new(PgLedger::new(db(), Arc::new(SystemClock))),
        outbox: Arc::new(PgOutbox::new(db())),
        watch: Arc::new(PgWatch::new(db())),
        duties: Arc::new(PgDuties::new(db())),
    }
}
