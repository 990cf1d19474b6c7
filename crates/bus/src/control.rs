//! What the console asks of the bus.

use crate::{Health, Identity, claims, error::Error, provision, system};
use async_nats::{Client, jetstream};
use async_trait::async_trait;
use countersign_domain::{AgentName, Millis, TenantId, reading::BusHealth};
use countersign_service::ports::{BusControl, BusError, Clock, MintedCredential, ProofError, ProvenAgent, StoreError};
use countersign_wire::{permission, signature::challenge_material, stream::TaskConsumerSpec};
use nkeys::{KeyPair, KeyPairType};
use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

/// The connections that the bridge has open, lent to the console.
#[derive(Debug, Clone, Default)]
pub(crate) struct Links {
    inner: Arc<RwLock<HashMap<Option<TenantId>, Client>>>,
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
}

impl From<Error> for BusError {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

#[async_trait]
impl BusControl for NatsBus {
    async fn mint(
        &self,
        tenant: TenantId,
        agent: &AgentName,
        delegates: &[AgentName],
        expires_at: Millis,
    ) -> Result<MintedCredential, BusError> {
        let (public_key, creds) =
            self.identity.agent_credential(tenant, agent, delegates, self.clock.now(), expires_at).await?;
        Ok(MintedCredential { public_key, creds })
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

    fn permissions(&self, agent: &AgentName, delegates: &[AgentName]) -> (Vec<String>, Vec<String>) {
        let permissions = permission::for_agent(agent, delegates);
        (permissions.publish, permissions.subscribe)
    }
}
