//! The keys of the bus: operator, system account, and per tenant an account with a signing key. Kept
//! sealed; public texts are signed anew at each start.

use crate::{claims, error::Error};
use countersign_domain::{Millis, TenantId};
use countersign_role::Powers;
use countersign_service::ports::Vault;
use nkeys::{KeyPair, KeyPairType};
use secrecy::{ExposeSecret, SecretString};
use std::{collections::HashMap, sync::Arc};
use tokio::sync::Mutex;

/// All keys that this server signs with. Cheap to clone.
#[derive(Clone)]
pub struct Identity {
    inner: Arc<Inner>,
}

struct Inner {
    vault: Arc<dyn Vault>,
    operator: KeyPair,
    system: KeyPair,
    tenants: Mutex<HashMap<TenantId, Arc<TenantKeys>>>,
}

/// The keys of one tenant.
pub(crate) struct TenantKeys {
    /// Public key of the account.
    pub account: String,
    pub signing: KeyPair,
}

/// A way to sign in: public text and the key that answers the server's challenge.
pub(crate) struct UserKey {
    pub jwt: String,
    pub key: Arc<KeyPair>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("operator", &self.inner.operator.public_key()).finish_non_exhaustive()
    }
}

fn key(error: &nkeys::error::Error) -> Error {
    Error::Key(error.to_string())
}

/// The key pair kept under `name`, made at the first call.
async fn kept(vault: &dyn Vault, name: &str, kind: KeyPairType) -> Result<KeyPair, Error> {
    let fresh = KeyPair::new(kind).seed().map_err(|e| key(&e))?;
    let seed = vault.keep(name, SecretString::from(fresh)).await?;
    KeyPair::from_seed(seed.expose_secret()).map_err(|e| key(&e))
}

/// Seconds for JWTs. A little in the past: clocks of bus and server may differ.
fn seconds(at: Millis) -> i64 {
    at.0.div_euclid(1000)
}

impl Identity {
    /// Loads the keys of operator and system account, or makes them.
    pub async fn open(vault: Arc<dyn Vault>) -> Result<Self, Error> {
        let operator = kept(&*vault, "operator", KeyPairType::Operator).await?;
        let system = kept(&*vault, "system-account", KeyPairType::Account).await?;
        Ok(Self { inner: Arc::new(Inner { vault, operator, system, tenants: Mutex::default() }) })
    }

    /// What a nats-server must be configured with: operator JWT, system account, its JWT.
    pub(crate) fn server_texts(&self, now: Millis) -> Result<(String, String, String), Error> {
        let (operator, system) = (&self.inner.operator, self.inner.system.public_key());
        let operator_jwt = claims::operator(operator, &system, seconds(now)).map_err(|e| key(&e))?;
        let system_jwt = claims::system_account(operator, &system, seconds(now)).map_err(|e| key(&e))?;
        Ok((operator_jwt, system, system_jwt))
    }

    pub(crate) async fn tenant(&self, tenant: TenantId) -> Result<Arc<TenantKeys>, Error> {
        let mut tenants = self.inner.tenants.lock().await;
        if let Some(keys) = tenants.get(&tenant) {
            return Ok(Arc::clone(keys));
        }
        let vault = &*self.inner.vault;
        let account = kept(vault, &format!("account:{tenant}"), KeyPairType::Account).await?;
        let signing = kept(vault, &format!("signing:{tenant}"), KeyPairType::Account).await?;
        let keys = Arc::new(TenantKeys { account: account.public_key(), signing });
        tenants.insert(tenant, Arc::clone(&keys));
        Ok(keys)
    }

    /// As [`Self::tenant`], but where the tenant has no keys yet, none are made.
    pub(crate) async fn known_tenant(&self, tenant: TenantId) -> Result<Option<Arc<TenantKeys>>, Error> {
        let kept = self.inner.tenants.lock().await.get(&tenant).map(Arc::clone);
        if kept.is_none() && self.inner.vault.find(&format!("signing:{tenant}")).await?.is_none() {
            return Ok(None);
        }
        self.tenant(tenant).await.map(Some)
    }

    /// The tenant's account claims, for the server's resolver.
    pub(crate) async fn account_jwt(
        &self,
        tenant: TenantId,
        revoked: &[(String, Millis)],
        now: Millis,
    ) -> Result<String, Error> {
        let keys = self.tenant(tenant).await?;
        let revoked: Vec<(String, i64)> = revoked.iter().map(|(key, at)| (key.clone(), seconds(*at) + 1)).collect();
        claims::tenant_account(&self.inner.operator, &keys.account, &keys.signing.public_key(), &revoked, seconds(now))
            .map_err(|e| key(&e))
    }

    /// A user of the system account, for this process only.
    pub(crate) fn system_user(&self, now: Millis) -> Result<UserKey, Error> {
        let user = KeyPair::new_user();
        let system = &self.inner.system;
        let jwt =
            claims::own_user(system, &system.public_key(), &user.public_key(), seconds(now)).map_err(|e| key(&e))?;
        Ok(UserKey { jwt, key: Arc::new(user) })
    }

    /// A user without limits in the tenant's account, for this process only.
    pub(crate) async fn tenant_user(&self, tenant: TenantId, now: Millis) -> Result<UserKey, Error> {
        let keys = self.tenant(tenant).await?;
        let user = KeyPair::new_user();
        let jwt =
            claims::own_user(&keys.signing, &keys.account, &user.public_key(), seconds(now)).map_err(|e| key(&e))?;
        Ok(UserKey { jwt, key: Arc::new(user) })
    }

    /// Claims for the key `public` that let its holder do what `powers` says, under `name`.
    pub(crate) async fn agent_claims(
        &self,
        tenant: TenantId,
        powers: &Powers,
        public: &str,
        name: &str,
        now: Millis,
        expires_at: Millis,
    ) -> Result<String, Error> {
        let keys = self.tenant(tenant).await?;
        let (signing, account) = (&keys.signing, &keys.account);
        let (now, end) = (seconds(now), seconds(expires_at));
        claims::agent_user(signing, account, tenant, public, name, &powers.bus, now, end).map_err(|e| key(&e))
    }

    /// A throw-away credential of a role, for this process only.
    pub(crate) async fn probe_user(
        &self,
        tenant: TenantId,
        powers: &Powers,
        now: Millis,
        expires_at: Millis,
    ) -> Result<UserKey, Error> {
        let user = KeyPair::new_user();
        let jwt = self.agent_claims(tenant, powers, &user.public_key(), crate::probe::NAME, now, expires_at).await?;
        Ok(UserKey { jwt, key: Arc::new(user) })
    }

    /// A new agent credential: public key and credentials file.
    pub(crate) async fn agent_credential(
        &self,
        tenant: TenantId,
        powers: &Powers,
        now: Millis,
        expires_at: Millis,
    ) -> Result<(String, SecretString), Error> {
        let user = KeyPair::new_user();
        let public = user.public_key();
        let jwt = self.agent_claims(tenant, powers, &public, powers.agent.as_str(), now, expires_at).await?;
        let seed = SecretString::from(user.seed().map_err(|e| key(&e))?);
        Ok((public, SecretString::from(claims::credentials_file(&jwt, seed.expose_secret()))))
    }
}
