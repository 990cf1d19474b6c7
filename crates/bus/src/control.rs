//! What the console asks of the bus.

use crate::{Health, Identity, claims, error::Error, probe, provision, system};
use async_nats::{Client, jetstream};
use async_trait::async_trait;
use countersign_domain::{AgentName, Millis, TenantId, reading::BusHealth};
use countersign_role::{Powers, probe::Attempt};
use countersign_service::ports::{BusControl, BusError, Clock, MintedCredential, ProofError, ProvenAgent, StoreError};
use countersign_wire::{signature::challenge_material, stream::TaskConsumerSpec};
use nkeys::{KeyPair, KeyPairType};
use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
    time::Duration,
};
use tokio::time::Instant;

/// The bus of a new tenant is looked for so often, and so long.
const STANDS_EVERY: Duration = Duration::from_millis(50);
const STANDS_WITHIN: Duration = Duration::from_secs(8);

/// The connections that the bridge has open, lent to the console.
#[derive(Debug, Clone, Default)]
pub(crate) struct Links {
    inner: Arc<RwLock<HashMap<Option<TenantId>, Client>>>,
    /// Where the bus was reached last.
    url: Arc<RwLock<Option<String>>>,
}

impl Links {
    /// `None` is the system account.
    pub fn put(&self, of: Option<TenantId>, client: Option<Client>) {
        let mut links = self.inner.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        match client {
            Some(client) => links.insert(of, client),
            None => links.remove(&of),
        };
    }

    pub fn reached_at(&self, url: &str) {
        *self.url.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(url.to_owned());
    }

    fn url(&self) -> Option<String> {
        self.url.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    pub fn get(&self, of: Option<TenantId>) -> Result<Client, Error> {
        let links = self.inner.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        links.get(&of).cloned().ok_or(Error::Lost)
    }
}

/// [`BusControl`] over NATS.
#[derive(Clone)]
pub struct NatsBus {
    pub(crate) identity: Identity,
    pub(crate) links: Links,
    pub(crate) health: Health,
    pub(crate) clock: Arc<dyn Clock>,
    /// How a new agent's tasks are handed out.
    pub(crate) consumers: TaskConsumerSpec,
}

impl std::fmt::Debug for NatsBus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NatsBus")
    }
}

impl NatsBus {
    pub fn new(identity: Identity, health: Health, clock: Arc<dyn Clock>, consumers: TaskConsumerSpec) -> Self {
        Self { identity, links: Links::default(), health, clock, consumers }
    }

    /// Where the bus is, for a process that has no bridge.
    #[must_use]
    pub fn at(self, url: &str) -> Self {
        self.links.reached_at(url);
        self
    }
}

impl From<Error> for BusError {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

#[async_trait]
impl BusControl for NatsBus {
    async fn mint(&self, tenant: TenantId, powers: &Powers, expires_at: Millis) -> Result<MintedCredential, BusError> {
        let (public_key, creds) = self.identity.agent_credential(tenant, powers, self.clock.now(), expires_at).await?;
        Ok(MintedCredential { public_key, creds })
    }

    async fn renew(
        &self,
        tenant: TenantId,
        powers: &Powers,
        public_key: &str,
        expires_at: Millis,
    ) -> Result<String, BusError> {
        let name = powers.agent.as_str();
        Ok(self.identity.agent_claims(tenant, powers, public_key, name, self.clock.now(), expires_at).await?)
    }

    async fn probe(&self, tenant: TenantId, powers: &Powers, attempts: &[Attempt]) -> Result<Vec<bool>, BusError> {
        if self.health.now().problem.is_some() {
            return Err(Error::Silent.into());
        }
        let url = self.links.url().ok_or(Error::Lost)?;
        let now = self.clock.now();
        let until = Instant::now() + STANDS_WITHIN;
        loop {
            let user = self.identity.probe_user(tenant, powers, now, Millis(now.0 + probe::LIFE_S * 1000)).await?;
            match probe::run(&url, user, &powers.agent, attempts).await {
                // The account of a new tenant stands a moment after the tenant does.
                Err(Error::Connect { .. }) if Instant::now() < until && self.health.now().problem.is_none() => {
                    tokio::time::sleep(STANDS_EVERY).await;
                }
                answer => return Ok(answer?),
            }
        }
    }

    async fn prove_agent(&self, jwt: &str, challenge: &[u8], signature: &[u8]) -> Result<ProvenAgent, ProofError> {
        let refused = ProofError::Refused;
        let claims = claims::read_agent(jwt).ok_or(refused("these are no claims of an agent's credential"))?;
        let keys = self.identity.known_tenant(claims.tenant).await.map_err(|error| match error {
            Error::Store(error) => error,
            other => StoreError::Unavailable(other.into()),
        })?;
        let keys = keys.ok_or(refused("the claims name an unknown tenant"))?;
        if !claims.are_by(&keys.signing, self.clock.now().0.div_euclid(1000)) {
            return Err(refused("the claims are not signed by the tenant they name, or have expired"));
        }
        let holder = KeyPair::from_public_key(&claims.subject).map_err(|_| refused("the claims are about no key"))?;
        if holder.key_pair_type() != KeyPairType::User
            || holder.verify(&challenge_material(challenge), signature).is_err()
        {
            return Err(refused("the challenge is not signed by the credential's key"));
        }
        Ok(ProvenAgent { tenant: claims.tenant, public_key: claims.subject })
    }

    async fn provision(&self, tenant: TenantId, agent: &AgentName) -> Result<(), BusError> {
        let context = jetstream::new(self.links.get(Some(tenant))?);
        Ok(provision::agent(&context, agent, &self.consumers).await?)
    }

    async fn revoke(&self, tenant: TenantId, revoked: Vec<(String, Millis)>) -> Result<(), BusError> {
        let jwt = self.identity.account_jwt(tenant, &revoked, self.clock.now()).await?;
        Ok(system::push_account(&self.links.get(None)?, jwt).await?)
    }

    fn health(&self) -> BusHealth {
        self.health.now()
    }
}
