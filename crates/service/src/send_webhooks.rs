//! The outbox of webhooks: sending what is due.

use crate::{
    Error, Service,
    ports::{DueDelivery, PostFault, WebhookOutcome, WebhookTried, secret_name, url_name},
    webhook_body,
};
use countersign_domain::{
    Millis,
    webhook::{TRIED_MS, WebhookShape, backoff_ms},
};
use secrecy::{ExposeSecret, SecretString};

/// Other replicas leave a delivery alone for as long as a try may last.
const TRY_MS: i64 = 20_000;
const GONE: u16 = 410;

impl Service {
    /// The delivery that is due for longest, of all organizations. Any number of replicas may ask: each delivery is with one
    /// of them at a time, and each webhook gets one at a time. It may be sent twice where one dies in between; both have
    /// the same id.
    pub async fn next_webhook(&self) -> Result<Option<DueDelivery>, Error> {
        let now = self.ports.clock.now();
        Ok(self.ports.webhooks.take(now, Millis(now.0 + TRY_MS)).await?)
    }

    /// Sends it, and notes what came of it.
    pub async fn send_webhook(&self, due: DueDelivery) -> Result<(), Error> {
        let (tenant, id) = (due.tenant, due.id);
        let body = self.body_of(&due).await?;
        let tried = match self.try_webhook(&due, body).await {
            Ok(tried) => tried,
            // Sealed with another key than this server has: no try mends that.
            Err(error) => {
                tracing::error!(webhook.id = %due.webhook, %error, "a webhook cannot be read");
                self.given_up(&due, "It was sealed with another secret key than this server has.")
            }
        };
        let status = tried.status.unwrap_or_default();
        match &tried.outcome {
            WebhookOutcome::Taken => {
                tracing::info!(webhook.id = %due.webhook, delivery.id = %id, status, "webhook taken");
            }
            outcome => {
                let why = tried.why.as_deref().unwrap_or_default();
                tracing::warn!(webhook.id = %due.webhook, delivery.id = %id, delivery.tries = due.tries, status, ?outcome, why, "webhook not taken");
            }
        }
        let failing_since = Millis(tried.at.0 - TRIED_MS);
        Ok(self.ports.webhooks.note(tenant, id, tried, failing_since).await?)
    }

    fn given_up(&self, due: &DueDelivery, why: &str) -> WebhookTried {
        WebhookTried {
            tries: due.tries,
            outcome: WebhookOutcome::GivenUp,
            status: None,
            took_ms: None,
            why: Some(why.to_owned()),
            at: self.ports.clock.now(),
        }
    }

    /// What is sent: kept before it is, so that whoever goes on after this server was killed sends the same.
    async fn body_of(&self, due: &DueDelivery) -> Result<String, Error> {
        let console_url = &self.ports.connect.console_url;
        let body = match (&due.body, due.shape) {
            (Some(body), _) => return Ok(body.clone()),
            (None, WebhookShape::Signed) => webhook_body::signed(due, console_url),
            (None, WebhookShape::Chat) => webhook_body::chat(due, console_url),
        };
        Ok(self.ports.webhooks.keep_body(due.tenant, due.id, &body.to_string()).await?)
    }

    async fn try_webhook(&self, due: &DueDelivery, body: String) -> Result<WebhookTried, Error> {
        if due.is_off {
            return Ok(self.given_up(due, "The webhook is switched off."));
        }
        let url = self.ports.seal.open(&url_name(due.webhook), &due.sealed_url)?;
        let began = self.ports.clock.now();
        let headers = self.headers(due, &body, began)?;
        let answer = self.ports.webhook_post.post(&url, headers, body).await;
        let at = self.ports.clock.now();
        let next = Millis(at.0 + backoff_ms(due.tries));
        let again = if next <= due.until { WebhookOutcome::Again(next) } else { WebhookOutcome::GivenUp };
        let (outcome, status, why) = match answer {
            Ok(status @ 200..=299) => (WebhookOutcome::Taken, Some(status), None),
            Ok(GONE) => (WebhookOutcome::Gone, Some(GONE), Some("Whoever listened there is gone (410).".to_owned())),
            Ok(status) => (again, Some(status), Some(format!("It was answered with {status}."))),
            Err(fault @ PostFault::Forbidden) => (WebhookOutcome::GivenUp, None, Some(fault.to_string())),
            Err(fault @ PostFault::Failed(_)) => (again, None, Some(fault.to_string())),
        };
        let took_ms = u32::try_from(at.since(began)).ok();
        Ok(WebhookTried { tries: due.tries, outcome, status, took_ms, why, at })
    }

    fn headers(&self, due: &DueDelivery, body: &str, now: Millis) -> Result<Vec<(&'static str, String)>, Error> {
        let json = ("content-type", "application/json".to_owned());
        let agent = ("user-agent", "Countersign".to_owned());
        let Some(sealed) = &due.sealed_secret else { return Ok(vec![json, agent]) };
        let (id, timestamp) = (due.id.to_string(), now.0 / 1000);
        let sign = |sealed: &Vec<u8>| {
            let secret: SecretString = self.ports.seal.open(&secret_name(due.webhook), sealed)?;
            webhook_body::signature(secret.expose_secret(), &id, timestamp, body)
        };
        let signatures = std::iter::once(sealed).chain(&due.sealed_old).map(sign).collect::<Result<Vec<_>, Error>>()?;
        Ok(vec![
            json,
            agent,
            ("webhook-id", id.clone()),
            ("webhook-timestamp", timestamp.to_string()),
            ("webhook-signature", signatures.join(" ")),
        ])
    }
}
