//! An organization's webhooks: seeing and changing them, and having something sent again.

use crate::{
    Error, Service,
    policy::{Action, rank},
    ports::{NewWebhook, secret_name, url_name},
    visible_line, webhook_body,
};
use countersign_domain::{
    Actor, Millis, WebhookId,
    notice::NoticeKind,
    webhook::{DeliveryRow, OLD_SECRET_MS, WebhookRow, WebhookShape},
};
use secrecy::SecretString;
use uuid::Uuid;

/// How many an organization may have that are switched on.
const MOST: u32 = 20;
/// A page of deliveries.
const PAGE: u32 = 100;
const MOST_URL_BYTES: usize = 2000;

/// What a founder enters.
#[derive(Debug, Clone, Default)]
pub struct WebhookForm {
    /// Names the form: sent twice, it makes one webhook.
    pub once: String,
    pub name: String,
    pub url: String,
    pub shape: String,
    pub kinds: Vec<String>,
}

impl Service {
    /// The organization's webhooks, and whether the actor may change them.
    pub async fn list_webhooks(&self, actor: &Actor) -> Result<(Vec<WebhookRow>, bool), Error> {
        self.allow(actor, Action::SeeWebhooks)?;
        let rows = self.ports.webhooks.list(actor.tenant, self.ports.clock.now()).await?;
        Ok((rows, rank(actor.role) >= rank(Action::ChangeWebhooks.needs())))
    }

    /// Names a form that makes a webhook.
    pub fn new_webhook_form(&self) -> WebhookId {
        WebhookId(self.ports.entropy.uuid(self.ports.clock.now()))
    }

    /// Makes one. Answers its secret, which is kept sealed and not shown again; none where nothing is signed.
    pub async fn make_webhook(&self, actor: &Actor, form: WebhookForm) -> Result<Option<SecretString>, Error> {
        self.allow(actor, Action::ChangeWebhooks)?;
        let once = |_| Error::Conflict("Reload the page, then make the webhook.".to_owned());
        let id = WebhookId(form.once.parse::<Uuid>().map_err(once)?);
        let name = visible_line(form.name.trim());
        if name.is_empty() || name.chars().count() > 60 {
            return Err(Error::invalid("name", "Name it after what listens there, with at most 60 characters."));
        }
        let url = form.url.trim();
        let sound = url.len() <= MOST_URL_BYTES && url.bytes().all(|byte| byte.is_ascii_graphic());
        let Some(host) = self.ports.webhook_post.host_of(url).filter(|_| sound) else {
            return Err(Error::invalid(
                "url",
                "Enter an https:// address of the public internet. Whoever runs this server can allow private ones.",
            ));
        };
        let shape: WebhookShape = form.shape.parse().map_err(|_| Error::invalid("shape", "Choose what is sent."))?;
        let chosen = |kind: &&NoticeKind| form.kinds.iter().any(|word| word == kind.as_str());
        let kinds: Vec<String> = NoticeKind::ALL.iter().filter(chosen).map(|kind| kind.as_str().to_owned()).collect();
        if kinds.is_empty() {
            return Err(Error::invalid("kinds", "Choose what it is told of."));
        }
        let secret = (shape == WebhookShape::Signed).then(|| webhook_body::secret_of(&self.ports.entropy.bytes32()));
        let seal = |secret: &String| self.ports.seal.seal(&secret_name(id), secret);
        let new = NewWebhook {
            id,
            name,
            shape,
            host,
            sealed_url: self.ports.seal.seal(&url_name(id), url)?,
            sealed_secret: secret.as_ref().map(seal).transpose()?,
            kinds,
        };
        self.ports.webhooks.make(actor.tenant, new, MOST, self.act(actor)).await?;
        Ok(secret.map(Into::into))
    }

    /// Gives it another secret; the one of before counts for a day beside it.
    pub async fn rotate_webhook(&self, actor: &Actor, id: WebhookId) -> Result<SecretString, Error> {
        self.allow(actor, Action::ChangeWebhooks)?;
        let secret = webhook_body::secret_of(&self.ports.entropy.bytes32());
        let sealed = self.ports.seal.seal(&secret_name(id), &secret)?;
        let act = self.act(actor);
        let old_until = Millis(act.at.0 + OLD_SECRET_MS);
        self.ports.webhooks.rotate(actor.tenant, id, sealed, old_until, act).await?;
        Ok(secret.into())
    }

    /// Switches it on or off. What waits for one that is off is given up.
    pub async fn switch_webhook(&self, actor: &Actor, id: WebhookId, on: bool) -> Result<(), Error> {
        self.allow(actor, Action::ChangeWebhooks)?;
        Ok(self.ports.webhooks.switch(actor.tenant, id, on, self.act(actor)).await?)
    }

    /// Has something sent that says that nothing waits.
    pub async fn test_webhook(&self, actor: &Actor, id: WebhookId) -> Result<(), Error> {
        self.allow(actor, Action::ReplayWebhook)?;
        let now = self.ports.clock.now();
        Ok(self.ports.webhooks.test(actor.tenant, id, self.ports.entropy.uuid(now), now).await?)
    }

    /// One webhook with what was sent to it, the newest first.
    pub async fn read_deliveries(&self, actor: &Actor, id: WebhookId) -> Result<(WebhookRow, Vec<DeliveryRow>), Error> {
        self.allow(actor, Action::SeeWebhooks)?;
        Ok(self.ports.webhooks.deliveries(actor.tenant, id, PAGE, self.ports.clock.now()).await?)
    }

    /// Has a delivery sent again, under the same id.
    pub async fn replay_delivery(&self, actor: &Actor, delivery: Uuid) -> Result<WebhookId, Error> {
        self.allow(actor, Action::ReplayWebhook)?;
        Ok(self.ports.webhooks.replay(actor.tenant, delivery, self.act(actor)).await?)
    }
}
