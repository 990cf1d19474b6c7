//! Somebody with every right in a tenant's account, as its owner is with tools of their own.

use super::Desk;
use async_nats::{ConnectOptions, jetstream};
use countersign_domain::TenantId;
use countersign_server::{compose, settings::Settings, vault::SealedVault};
use countersign_service::ports::Vault;
use countersign_store::PgBusKeys;
use data_encoding::BASE64URL_NOPAD;
use nkeys::KeyPair;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

impl Desk {
    /// Connects to the bus as a user without limits in the founder's account.
    pub async fn account(&self, settings: &Settings) -> jetstream::Context {
        self.account_of(settings, self.founder.tenant).await
    }

    /// As [`Desk::account`], in any tenant's.
    pub async fn account_of(&self, settings: &Settings, tenant: TenantId) -> jetstream::Context {
        let rows = PgBusKeys::new(self.databases.bridge.clone());
        let vault = SealedVault::new(rows, compose::sealer(settings).unwrap());
        let kept = async |what: &str| {
            let name = format!("{what}:{tenant}");
            let seed = vault.keep(&name, "not asked for: the key exists".to_owned().into()).await.unwrap();
            KeyPair::from_seed(seed.expose_secret()).unwrap()
        };
        let (account, signing, user) = (kept("account").await, kept("signing").await, KeyPair::new_user());
        let jwt = user_jwt(&signing, &account.public_key(), &user.public_key());
        let client = ConnectOptions::with_jwt(jwt, move |nonce| {
            let signature = user.sign(&nonce).map_err(async_nats::AuthError::new);
            async move { signature }
        });
        jetstream::new(client.connect(&self.bus_url).await.unwrap())
    }
}

/// NATS ADR-14, version 2.
fn user_jwt(signing: &KeyPair, account: &str, user: &str) -> String {
    let claims = json!({
        "iss": signing.public_key(), "sub": user, "name": "owner", "iat": 1, "jti": user,
        "nats": {
            "type": "user", "version": 2, "issuer_account": account,
            "pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1,
        },
    });
    let encoded = |part: &Value| BASE64URL_NOPAD.encode(part.to_string().as_bytes());
    let text = format!("{}.{}", encoded(&json!({ "typ": "JWT", "alg": "ed25519-nkey" })), encoded(&claims));
    let signature = signing.sign(text.as_bytes()).unwrap();
    format!("{text}.{}", BASE64URL_NOPAD.encode(&signature))
}
