//! Carrying the outbox to the bus: in order, each until the bus has confirmed it. What the bus confirmed
//! and we could not note is sent again with the same id, and the bus, or the inbox, drops the second.

use crate::{
    Identity,
    error::{Error, api},
};
use async_nats::{
    HeaderMap,
    jetstream::{
        Context, ErrorCode,
        context::PublishAckFuture,
        stream::{DeleteMessageErrorKind, Stream},
    },
};
use countersign_domain::{
    Millis, TaskId, TenantId,
    bus_fact::{Headers, Issue},
};
use countersign_service::{
    failpoint,
    ports::{Clock, Errand, ErrandKind, Outbox},
};
use countersign_wire::{header, signature, stream::TASKS};
use data_encoding::BASE64URL_NOPAD;
use std::{future::IntoFuture, sync::Arc, time::Duration};
use tokio::sync::Notify;

/// Errands done between two looks at the outbox.
const BATCH: u32 = 128;
/// Without a notification, a look at least so often.
const EVERY: Duration = Duration::from_secs(1);
/// Waits between tries grow from the first to the last of these. Milliseconds.
const FIRST_WAIT_MS: i64 = 250;
const LAST_WAIT_MS: i64 = 15_000;
/// Between two cleanings of what was sent long ago.
const FORGET_EVERY: Duration = Duration::from_secs(600);

/// What the relay of a tenant needs.
pub(crate) struct Relay {
    pub tenant: TenantId,
    pub identity: Identity,
    pub context: Context,
    pub outbox: Arc<dyn Outbox>,
    pub clock: Arc<dyn Clock>,
    pub tasks_epoch: i64,
    /// Notified when something was put into the outbox.
    pub wake: Arc<Notify>,
}

impl Relay {
    /// Runs until something fails that only a new connection mends.
    pub async fn run(&self) -> Result<(), Error> {
        let tasks = self.context.get_stream(TASKS).await.map_err(api("read a stream"))?;
        let mut forget = tokio::time::interval(FORGET_EVERY);
        forget.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let now = self.clock.now();
            match self.outbox.take(self.tenant, now, BATCH).await {
                Ok(errands) if errands.is_empty() => {
                    let wait = self.until_next(now).await;
                    tokio::select! {
                        () = self.wake.notified() => {}
                        () = tokio::time::sleep(wait) => {}
                        _ = forget.tick() => drop(self.outbox.forget(self.tenant, now).await),
                    }
                }
                Ok(errands) => self.run_errands(&tasks, errands).await?,
                Err(error) => {
                    tracing::warn!(%error, "the outbox cannot be read; trying again");
                    tokio::time::sleep(EVERY).await;
                }
            }
        }
    }

    async fn until_next(&self, now: Millis) -> Duration {
        let next = self.outbox.next_due(self.tenant).await.ok().flatten();
        let ahead = next.map_or(i64::MAX, |due| due.0 - now.0);
        // What is due and was not answered waits for room in a queue, which nobody announces.
        if ahead <= 0 { EVERY / 4 } else { EVERY.min(Duration::from_millis(ahead.unsigned_abs())) }
    }

    async fn run_errands(&self, tasks: &Stream, errands: Vec<Errand>) -> Result<(), Error> {
        let mut sent: Vec<(Errand, PublishAckFuture)> = Vec::new();
        for errand in errands {
            match &errand.kind {
                ErrandKind::Publish { subject, headers, payload, task } => {
                    failpoint::hit("outbox.before_publish");
                    let headers = self.headers(&errand.message_id, subject, headers, payload, *task).await?;
                    #[expect(clippy::disallowed_methods, reason = "this is the relay")]
                    let ack = self
                        .context
                        .publish_with_headers(subject.clone(), headers, payload.clone().into())
                        .await
                        .map_err(api("take a message"))?;
                    sent.push((errand, ack));
                }
                // In order: a letter must be kept before its task's message goes.
                ErrandKind::Remove { epoch, sequence } => {
                    self.confirm(std::mem::take(&mut sent)).await?;
                    let outcome = self.remove(tasks, *epoch, *sequence).await;
                    self.note(&[(errand, outcome)]).await?;
                }
            }
        }
        self.confirm(sent).await
    }

    async fn confirm(&self, sent: Vec<(Errand, PublishAckFuture)>) -> Result<(), Error> {
        if sent.is_empty() {
            return Ok(());
        }
        let mut outcomes = Vec::with_capacity(sent.len());
        for (errand, ack) in sent {
            // A duplicate is what we sent before and could not note.
            let outcome = ack.into_future().await.map(drop).map_err(|error| error.to_string());
            outcomes.push((errand, outcome));
        }
        failpoint::hit("outbox.after_publish");
        self.note(&outcomes).await
    }

    /// Notes what became of errands. While the database is away they stay as they were, and are done again.
    async fn note(&self, outcomes: &[(Errand, Result<(), String>)]) -> Result<(), Error> {
        let now = self.clock.now();
        let done: Vec<i64> = outcomes.iter().filter(|(_, o)| o.is_ok()).map(|(errand, _)| errand.seq).collect();
        if !done.is_empty() {
            self.outbox.done(self.tenant, &done, now).await?;
        }
        for (errand, outcome) in outcomes {
            let Err(error) = outcome else { continue };
            tracing::warn!(message.id = errand.message_id, tries = errand.tries, %error, "the bus refused; trying again");
            self.outbox.put_off(self.tenant, errand.seq, error, Millis(now.0 + wait_ms(errand))).await?;
        }
        Ok(())
    }

    /// A message that is gone already is removed.
    async fn remove(&self, tasks: &Stream, epoch: i64, sequence: u64) -> Result<(), String> {
        if epoch != self.tasks_epoch {
            return Ok(());
        }
        match tasks.delete_message(sequence).await {
            Ok(_) => Ok(()),
            Err(error) => match error.kind() {
                DeleteMessageErrorKind::JetStream(cause)
                    if [ErrorCode::NO_MESSAGE_FOUND, ErrorCode::SEQUENCE_NOT_FOUND].contains(&cause.error_code())
                        || cause.code() == 404
                        || cause.to_string().contains("no message found") =>
                {
                    Ok(())
                }
                _ => Err(error.to_string()),
            },
        }
    }

    /// The message's headers with its id and, where it carries a task, the proof that it is ours.
    async fn headers(
        &self,
        id: &str,
        subject: &str,
        headers: &Headers,
        payload: &[u8],
        task: Option<(TaskId, Issue)>,
    ) -> Result<HeaderMap, Error> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.as_str(), value.as_str());
        }
        map.insert(header::MESSAGE_ID, id);
        if let Some((task, issue)) = task {
            let keys = self.identity.tenant(self.tenant).await?;
            let material = signature::material(subject, id, payload, Some((task, issue)));
            let signature = keys.signing.sign(&material).map_err(|error| Error::Key(error.to_string()))?;
            map.insert(header::TASK, task.to_string());
            map.insert(header::ISSUE, issue.number.to_string());
            map.insert(header::BASE, issue.base.to_string());
            map.insert(header::KEY, keys.signing.public_key());
            map.insert(header::SIGNATURE, BASE64URL_NOPAD.encode(&signature));
        }
        Ok(map)
    }
}

/// How long to wait after a refusal: doubled each time, spread by up to a half so that what was refused
/// together does not come back together.
fn wait_ms(errand: &Errand) -> i64 {
    let doubled = FIRST_WAIT_MS.saturating_mul(1 << errand.tries.min(10)).min(LAST_WAIT_MS);
    let spread = errand.seq.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15) % 512;
    doubled / 2 + doubled / 2 * i64::try_from(spread).unwrap_or(0) / 511
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_their_limit_and_are_spread() {
        let wait = |seq, tries| {
            wait_ms(&Errand {
                seq,
                tries,
                message_id: String::new(),
                kind: ErrandKind::Remove { epoch: 0, sequence: 0 },
            })
        };
        assert!((1..50).all(|seq| (FIRST_WAIT_MS / 2..=FIRST_WAIT_MS).contains(&wait(seq, 0))));
        assert!((1..50).all(|seq| (LAST_WAIT_MS / 2..=LAST_WAIT_MS).contains(&wait(seq, 40))));
        assert!((1..50).map(|seq| wait(seq, 5)).collect::<std::collections::HashSet<_>>().len() > 20);
    }
}
