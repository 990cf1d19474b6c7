//! Writing the batches of one stream in their order, two under way: while one waits for the journal and
//! commits, the next is begun, and the one before is acknowledged.

use crate::{
    error::{Error, api},
    ingest::Reader,
};
use async_nats::jetstream::Message;
use countersign_service::{
    failpoint,
    ports::{Batch, Begun, Recorded, StoreError},
};
use futures::future::{Either, select};
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{sync::mpsc, task::JoinSet};

/// A batch with the messages that it was read from.
pub(crate) struct ReadBatch {
    pub batch: Batch,
    pub messages: Vec<Message>,
}

impl Reader {
    /// Records what is read, until no more comes, and hands on what may be acknowledged.
    pub async fn write(
        &self,
        mut read: mpsc::Receiver<ReadBatch>,
        recorded: mpsc::Sender<Vec<Message>>,
    ) -> Result<(), Error> {
        let (mut current, mut begun) = (None, None);
        loop {
            if current.is_none() {
                current = read.recv().await;
            }
            let Some(mut this) = current.take() else { return Ok(()) };
            let transaction = match begun.take() {
                Some(transaction) => transaction,
                None => self.begin(&this.batch).await?,
            };
            let finished = {
                let finish = pin!(self.finish(&mut this, transaction, &recorded));
                let begin = pin!(self.begin_next(&mut read, &mut current));
                match select(finish, begin).await {
                    Either::Left((Ok(()), begin)) => Ok(begin.await),
                    Either::Left((Err(error), _)) => Err(error),
                    Either::Right((next, finish)) => finish.await.map(|()| next),
                }
            };
            begun = match finished {
                Ok(next) => next,
                // The next one's transaction is given up: it might hold what this one needs.
                Err(Error::Store(StoreError::Unavailable(error))) => {
                    tracing::warn!(stream = this.batch.stream, %error, "not recorded; trying again");
                    self.record(&this.batch).await?;
                    hand_on(&mut this, &recorded).await?;
                    None
                }
                Err(error) => return Err(error),
            };
        }
    }

    /// Begins a batch, waiting as [`Reader::record`] does.
    async fn begin(&self, batch: &Batch) -> Result<Box<dyn Begun>, Error> {
        let mut patience = Patience::new(batch);
        loop {
            match self.ledger.begin(self.tenant, batch.clone()).await {
                Ok(begun) => return Ok(begun),
                Err(error) => patience.after(error).await?,
            }
        }
    }

    /// Finishes a batch and hands on its messages at once: the next may be long in coming.
    async fn finish(
        &self,
        this: &mut ReadBatch,
        transaction: Box<dyn Begun>,
        recorded: &mpsc::Sender<Vec<Message>>,
    ) -> Result<(), Error> {
        told(&this.batch, beside(transaction.finish()).await?);
        hand_on(this, recorded).await
    }

    /// Waits for the next batch, which is then in `next`, and begins it. `None`: there is no more, or it could
    /// not be begun now.
    async fn begin_next(
        &self,
        read: &mut mpsc::Receiver<ReadBatch>,
        next: &mut Option<ReadBatch>,
    ) -> Option<Box<dyn Begun>> {
        *next = read.recv().await;
        let batch = next.as_ref()?.batch.clone();
        let (ledger, tenant, stream) = (Arc::clone(&self.ledger), self.tenant, batch.stream);
        match beside(async move { ledger.begin(tenant, batch).await }).await {
            Ok(begun) => Some(begun),
            Err(error) => {
                tracing::debug!(stream, %error, "not begun ahead");
                None
            }
        }
    }

    /// Records one batch, waiting for the database for as long as it takes: meanwhile the bus keeps everything.
    pub async fn record(&self, batch: &Batch) -> Result<(), Error> {
        let mut patience = Patience::new(batch);
        loop {
            match self.ledger.record(self.tenant, batch.clone()).await {
                Ok(recorded) => {
                    told(batch, recorded);
                    return Ok(());
                }
                Err(error) => patience.after(error).await?,
            }
        }
    }
}

/// Lets the messages of a recorded batch be acknowledged.
async fn hand_on(this: &mut ReadBatch, recorded: &mpsc::Sender<Vec<Message>>) -> Result<(), Error> {
    failpoint::hit("ingest.after_commit");
    recorded.send(std::mem::take(&mut this.messages)).await.map_err(|_| Error::Lost)
}

/// Runs a part of the work on a core of its own, where there is one. Given up when dropped.
pub(crate) async fn beside<T: Send + 'static>(part: impl Future<Output = T> + Send + 'static) -> T {
    let mut parts = JoinSet::new();
    parts.spawn(part);
    match parts.join_next().await {
        Some(Ok(done)) => done,
        Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // The process is about to end.
        _ => std::future::pending().await,
    }
}

/// Acknowledges what is recorded, while the next is.
pub(crate) async fn acknowledge(mut recorded: mpsc::Receiver<Vec<Message>>) -> Result<(), Error> {
    while let Some(messages) = recorded.recv().await {
        for message in messages {
            message.ack().await.map_err(|error| api("acknowledge")(error))?;
        }
    }
    Ok(())
}

/// Between tries, until the database answers.
struct Patience {
    stream: &'static str,
    wait: Duration,
}

impl Patience {
    fn new(batch: &Batch) -> Self {
        Self { stream: batch.stream, wait: Duration::from_millis(100) }
    }

    /// Returns when it is time to try again. Errors: what trying again does not mend.
    async fn after(&mut self, error: StoreError) -> Result<(), Error> {
        let StoreError::Unavailable(error) = error else { return Err(error.into()) };
        tracing::warn!(stream = self.stream, %error, "cannot record; trying again");
        tokio::time::sleep(self.wait).await;
        self.wait = (self.wait * 2).min(Duration::from_secs(2));
        Ok(())
    }
}

fn told(batch: &Batch, recorded: Recorded) {
    tracing::debug!(stream = batch.stream, new = recorded.new, read = batch.facts.len(), "recorded");
}
