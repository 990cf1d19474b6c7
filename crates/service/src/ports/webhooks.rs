//! Addresses to which an organization has what waits sent, and what is sent there.

use super::StoreError;
use async_trait::async_trait;
use countersign_domain::{
    Act, Millis, TenantId, WebhookId,
    notice::Notice,
    webhook::{DeliveryRow, WebhookRow, WebhookShape},
};
use secrecy::SecretString;
use uuid::Uuid;

/// One to be made.
#[derive(Debug, Clone)]
pub struct NewWebhook {
    pub id: WebhookId,
    pub name: String,
    pub shape: WebhookShape,
    pub host: String,
    /// Sealed under [`url_name`].
    pub sealed_url: Vec<u8>,
    /// Sealed under [`secret_name`]; none where nothing is signed.
    pub sealed_secret: Option<Vec<u8>>,
    pub kinds: Vec<String>,
}

/// What the whole address is sealed under.
pub fn url_name(id: WebhookId) -> String {
    format!("webhook-url:{id}")
}

/// What the secret is sealed under.
pub fn secret_name(id: WebhookId) -> String {
    format!("webhook-secret:{id}")
}

/// A delivery whose turn it is.
#[derive(Debug, Clone)]
pub struct DueDelivery {
    pub tenant: TenantId,
    pub id: Uuid,
    pub webhook: WebhookId,
    pub shape: WebhookShape,
    pub is_off: bool,
    pub sealed_url: Vec<u8>,
    pub sealed_secret: Option<Vec<u8>>,
    /// The secret of before, as long as it counts.
    pub sealed_old: Option<Vec<u8>>,
    pub tenant_name: String,
    pub tenant_slug: String,
    /// None for a try of the address.
    pub notice: Option<Notice>,
    /// What was sent before.
    pub body: Option<String>,
    pub made_at: Millis,
    pub until: Millis,
    /// This one included.
    pub tries: u32,
}

/// What became of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookOutcome {
    Taken,
    Again(Millis),
    GivenUp,
    /// Whoever listened there does not want it any more.
    Gone,
}

/// A try as it is kept.
#[derive(Debug, Clone)]
pub struct WebhookTried {
    /// Which one it was: what became of another one by now is not overwritten.
    pub tries: u32,
    pub outcome: WebhookOutcome,
    pub status: Option<u16>,
    pub took_ms: Option<u32>,
    pub why: Option<String>,
    pub at: Millis,
}

#[async_trait]
pub trait Webhooks: Send + Sync {
    /// The newest first.
    async fn list(&self, tenant: TenantId, now: Millis) -> Result<Vec<WebhookRow>, StoreError>;
    /// [`StoreError::Taken`] where the same form made it already; [`StoreError::Refused`] beyond `most`.
    async fn make(&self, tenant: TenantId, new: NewWebhook, most: u32, act: Act) -> Result<(), StoreError>;
    /// The secret of now counts until `old_until`, beside the new one. [`StoreError::NotFound`] where nothing is signed.
    async fn rotate(
        &self,
        tenant: TenantId,
        id: WebhookId,
        sealed_secret: Vec<u8>,
        old_until: Millis,
        act: Act,
    ) -> Result<(), StoreError>;
    async fn switch(&self, tenant: TenantId, id: WebhookId, on: bool, act: Act) -> Result<(), StoreError>;
    /// Puts a try of the address on its way.
    async fn test(&self, tenant: TenantId, id: WebhookId, delivery: Uuid, now: Millis) -> Result<(), StoreError>;
    /// One webhook with its newest deliveries.
    async fn deliveries(
        &self,
        tenant: TenantId,
        id: WebhookId,
        most: u32,
        now: Millis,
    ) -> Result<(WebhookRow, Vec<DeliveryRow>), StoreError>;
    /// Has it sent again under the same id; answers whose it is. [`StoreError::Refused`] where it waits still.
    async fn replay(&self, tenant: TenantId, delivery: Uuid, act: Act) -> Result<WebhookId, StoreError>;

    /// The delivery that is due for longest, of any organization, counted as tried: before `again_at` nobody else gets
    /// it, or another one of its webhook, unless it is noted what became of it.
    async fn take(&self, now: Millis, again_at: Millis) -> Result<Option<DueDelivery>, StoreError>;
    /// Keeps what is about to be sent, unless something was kept before; answers what is kept.
    async fn keep_body(&self, tenant: TenantId, delivery: Uuid, body: &str) -> Result<String, StoreError>;
    /// What became of the try; nothing happens where the delivery was tried again meanwhile, or is done with. Where one
    /// was given up and nothing was taken since `failing_since` or longer, the webhook is switched off; so it is where
    /// whoever listened is gone.
    async fn note(
        &self,
        tenant: TenantId,
        delivery: Uuid,
        tried: WebhookTried,
        failing_since: Millis,
    ) -> Result<(), StoreError>;
}

/// Why nothing was taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostFault {
    /// The address is one that this server does not reach.
    #[error("The address leads to where this server does not send.")]
    Forbidden,
    #[error("{0}")]
    Failed(String),
}

/// Carries deliveries out of the house.
#[async_trait]
pub trait WebhookPost: Send + Sync {
    /// The host of an address that may be sent to, as far as its text says.
    fn host_of(&self, url: &str) -> Option<String>;
    /// The status of the answer.
    async fn post(
        &self,
        url: &SecretString,
        headers: Vec<(&'static str, String)>,
        body: String,
    ) -> Result<u16, PostFault>;
}
