//! Carrying the outbox to the bus: in order, each until the bus has confirmed it. What the bus confirmed
//! and we could not note is sent again with the same id, and the bus, or the inbox, drops the second.

use crate::{
    Identity,
    error::{Error, api},
    raw,
};
use async_nats::{
    HeaderMap,
    jetstream::{
        Context,
        context::{PublishAckFuture, PublishError, PublishErrorKind},
        publish::PublishAck,
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
use futures::FutureExt;
use std::{collections::HashSet, future::IntoFuture, sync::Arc, time::Duration};
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
                Ok(errands) => {
                    if self.run_errands(errands).await? == Round::Silent {
                        tokio::time::sleep(EVERY).await;
                    }
                }
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

    /// Does the errands in their order. Messages are sent without waiting for the one before; but once the
    /// bus has refused one, it is tried alone, and where it is refused again those behind it on its subject
    /// stay where they are, for the outbox to keep their order.
    async fn run_errands(&self, errands: Vec<Errand>) -> Result<Round, Error> {
        let mut sent: Vec<(Errand, PublishAckFuture)> = Vec::new();
        let mut refused: HashSet<String> = HashSet::new();
        for errand in errands {
            match &errand.kind {
                ErrandKind::Publish { subject, .. } if refused.contains(subject) => {}
                ErrandKind::Publish { subject, headers, payload, task } => {
                    let alone = errand.tries > 0;
                    if alone && self.confirm(std::mem::take(&mut sent)).await? == Round::Silent {
                        return Ok(Round::Silent);
                    }
                    failpoint::hit("outbox.before_publish");
                    let headers = self.headers(&errand.message_id, subject, headers, payload, *task).await?;
                    #[expect(clippy::disallowed_methods, reason = "this is the relay")]
                    let ack = self
                        .context
                        .publish_with_headers(subject.clone(), headers, payload.clone().into())
                        .await
                        .map_err(api("take a message"))?;
                    let subject = subject.clone();
                    sent.push((errand, ack));
                    if alone {
                        match self.confirm(std::mem::take(&mut sent)).await? {
                            Round::Silent => return Ok(Round::Silent),
                            Round::Refused => drop(refused.insert(subject)),
                            Round::Done => {}
                        }
                    }
                }
                ErrandKind::Remove { epoch, sequence } => {
                    if self.confirm(std::mem::take(&mut sent)).await? == Round::Silent {
                        return Ok(Round::Silent);
                    }
                    let outcome = self.remove(*epoch, *sequence).await;
                    self.note(&[(errand, outcome)]).await?;
                }
            }
        }
        self.confirm(sent).await
    }

    async fn confirm(&self, sent: Vec<(Errand, PublishAckFuture)>) -> Result<Round, Error> {
        if sent.is_empty() {
            return Ok(Round::Done);
        }
        let acks = sent.into_iter().map(|(errand, ack)| (errand, ack.into_future())).collect();
        let (outcomes, round) = answers(acks).await;
        failpoint::hit("outbox.after_publish");
        self.note(&outcomes).await?;
        Ok(round)
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
    async fn remove(&self, epoch: i64, sequence: u64) -> Result<(), String> {
        if epoch != self.tasks_epoch {
            return Ok(());
        }
        raw::remove(&self.context, TASKS, sequence).await.map_err(|error| error.to_string())
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

/// How a round of errands went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Round {
    Done,
    /// One at least was refused.
    Refused,
    /// The bus did not answer.
    Silent,
}

/// The bus's answers to what was sent. After the first that does not come none is waited for, though one
/// that is there is taken; what was not answered is sent again later, with the same id.
async fn answers<F>(sent: Vec<(Errand, F)>) -> (Vec<(Errand, Result<(), String>)>, Round)
where
    F: Future<Output = Result<PublishAck, PublishError>> + Unpin,
{
    let mut outcomes = Vec::with_capacity(sent.len());
    let mut round = Round::Done;
    for (errand, mut ack) in sent {
        let answer = if round == Round::Silent { (&mut ack).now_or_never() } else { Some(ack.await) };
        match answer {
            // A duplicate is what we sent before and could not note.
            Some(Ok(_)) => outcomes.push((errand, Ok(()))),
            Some(Err(error)) => {
                if error.kind() == PublishErrorKind::TimedOut {
                    round = Round::Silent;
                } else if round != Round::Silent {
                    round = Round::Refused;
                }
                outcomes.push((errand, Err(error.to_string())));
            }
            None => {}
        }
    }
    (outcomes, round)
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
    use futures::future::{BoxFuture, pending, ready};

    #[test]
    fn after_one_answer_that_did_not_come_no_other_is_waited_for() {
        type Ack = BoxFuture<'static, Result<PublishAck, PublishError>>;
        let silent = || -> Ack { ready(Err(PublishError::new(PublishErrorKind::TimedOut))).boxed() };
        let acks: [Ack; 5] = [
            ready(Ok(PublishAck::default())).boxed(),
            silent(),
            pending().boxed(),
            ready(Ok(PublishAck::default())).boxed(),
            pending().boxed(),
        ];
        let kind = ErrandKind::Remove { epoch: 0, sequence: 0 };
        let errand = |seq| Errand { seq, tries: 0, message_id: String::new(), kind: kind.clone() };
        let sent = (1..).zip(acks).map(|(seq, ack)| (errand(seq), ack)).collect();
        let (outcomes, round) = answers(sent).now_or_never().expect("it does not wait");
        let told: Vec<(i64, bool)> = outcomes.iter().map(|(errand, outcome)| (errand.seq, outcome.is_ok())).collect();
        assert_eq!(told, [(1, true), (2, false), (4, true)]);
        assert_eq!(round, Round::Silent);
    }

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
