//! The probe of a role: a throw-away credential tries on the real bus what must be refused and what must not. Its key is
//! made here, never leaves this function, and is good for a minute.

use crate::{error::Error, identity::UserKey};
use async_nats::{Client, ConnectOptions, Event, HeaderMap, ServerError};
use bytes::Bytes;
use countersign_domain::AgentName;
use countersign_role::probe::{Attempt, GUARD_BODY, GUARD_HEADER, Verb};
use countersign_wire::subject;
use std::{collections::HashSet, sync::Arc, time::Duration};
use tokio::sync::mpsc;

/// The name of the connection; an agent's own has the agent's name.
pub(crate) const NAME: &str = "countersign probe";
/// A throw-away credential is good for so long. Seconds.
pub(crate) const LIFE_S: i64 = 60;
/// Attempts between two looks at what was refused. The client keeps no more than 128 of the server's refusals.
const AT_ONCE: usize = 64;
/// The server answers within this, or there is no probe.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the server refused, as the client was told: `(is it a subscription, subject)`.
type Refusal = (bool, String);

/// Tries all attempts; answers in their order whether the server refused each.
pub(crate) async fn run(url: &str, user: UserKey, agent: &AgentName, attempts: &[Attempt]) -> Result<Vec<bool>, Error> {
    let (told, mut refusals) = mpsc::unbounded_channel();
    let key = user.key;
    let client = ConnectOptions::with_jwt(user.jwt, move |nonce| {
        let key = Arc::clone(&key);
        async move { key.sign(&nonce).map_err(async_nats::AuthError::new) }
    })
    .name(NAME)
    .connection_timeout(PATIENCE)
    .max_reconnects(1)
    .event_callback(move |event| {
        let refusal = match event {
            Event::ServerError(ServerError::Other(text)) => refusal(&text),
            _ => None,
        };
        if let Some(refusal) = refusal {
            let _ = told.send(refusal);
        }
        async {}
    })
    .connect(url)
    .await
    .map_err(|error| Error::Connect { url: url.to_owned(), cause: error.to_string() })?;
    let mut refused = Vec::with_capacity(attempts.len());
    for (round, some) in attempts.chunks(AT_ONCE).enumerate() {
        // No role may publish there, and refusals come in the order of what was tried.
        let end = format!("probe.end.{round}");
        let mut held = Vec::new();
        for attempt in some {
            held.extend(try_it(&client, agent, attempt).await?);
        }
        publish(&client, &end, None, false).await?;
        client.flush().await.map_err(|_| Error::Lost)?;
        let mut found: HashSet<Refusal> = HashSet::new();
        loop {
            let next = tokio::time::timeout(PATIENCE, refusals.recv()).await.ok().flatten().ok_or(Error::Silent)?;
            if next == (false, end.clone()) {
                break;
            }
            found.insert(next);
        }
        refused.extend(some.iter().map(|one| found.contains(&(one.verb == Verb::Subscribe, one.subject.clone()))));
    }
    Ok(refused)
}

/// Tries one; answers the subscription that it may have made.
async fn try_it(
    client: &Client,
    agent: &AgentName,
    attempt: &Attempt,
) -> Result<Option<async_nats::Subscriber>, Error> {
    match attempt.verb {
        Verb::Subscribe => client.subscribe(attempt.subject.clone()).await.map(Some).map_err(|_| Error::Lost),
        Verb::Publish => publish(client, &attempt.subject, None, attempt.guarded).await.map(|()| None),
        Verb::Request => {
            let reply = format!("{}.probe.answer", subject::inbox_prefix(agent));
            publish(client, &attempt.subject, Some(reply), attempt.guarded).await.map(|()| None)
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "what a probe publishes must have no effect, and needs no record")]
async fn publish(client: &Client, subject: &str, reply: Option<String>, guarded: bool) -> Result<(), Error> {
    let mut headers = HeaderMap::new();
    if guarded {
        headers.insert(GUARD_HEADER.0, GUARD_HEADER.1);
    }
    let (subject, body) = (subject.to_owned(), Bytes::from_static(GUARD_BODY.as_bytes()));
    let sent = match (reply, guarded) {
        (Some(reply), _) => client.publish_with_reply(subject, reply, body).await,
        (None, true) => client.publish_with_headers(subject, headers, body).await,
        (None, false) => client.publish(subject, body).await,
    };
    sent.map_err(|_| Error::Lost)
}

/// Reads `Permissions Violation for Publish to "tasks.cso.scan"`.
fn refusal(text: &str) -> Option<Refusal> {
    let lower = text.to_ascii_lowercase();
    let kind = lower.strip_prefix("permissions violation for ")?;
    let is_subscription = kind.starts_with("subscription");
    let subject = text.split('"').nth(1)?;
    (is_subscription || kind.starts_with("publish")).then(|| (is_subscription, subject.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_its_verb_and_its_subject() {
        let publish = refusal("Permissions Violation for Publish to \"tasks.CSO.scan\"");
        assert_eq!(publish, Some((false, "tasks.CSO.scan".to_owned())));
        let subscribe = refusal("Permissions Violation for Subscription to \">\"");
        assert_eq!(subscribe, Some((true, ">".to_owned())));
        assert_eq!(refusal("Authorization Timeout"), None);
        assert_eq!(refusal("Permissions Violation for Reply to \"a\""), None);
    }
}
