//! Keeping a task while its worker is at it: the lease at the console and the message at the bus.

use crate::{
    Error,
    workspace::{Claim, Next, Work, Workspace, WorkspaceError},
};
use async_nats::jetstream::{AckKind, Message};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep, timeout_at},
};

/// Between two tries while the console is away.
const TRY_EVERY: Duration = Duration::from_secs(1);

/// Tells the bus that work goes on, again and again.
pub(crate) async fn keep_message(message: &Message, ack_wait: Duration) {
    loop {
        sleep(ack_wait / 3).await;
        // A bus that is away is told at the next time.
        let _ = message.ack_with(AckKind::Progress).await;
    }
}

/// How an attempt ends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LastWord<'a> {
    Complete(&'a Work),
    Fail(&'a str, Next),
}

#[derive(Debug, Clone)]
struct Standing {
    until: Instant,
    /// Why it is not ours any more.
    lost: Option<Arc<str>>,
}

/// A lease that is kept until it is dropped, ended or lost.
#[derive(Debug)]
pub(crate) struct Lease {
    pub claim: Claim,
    workspace: Workspace,
    standing: watch::Receiver<Standing>,
    keeper: JoinHandle<()>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl Lease {
    /// Keeps `claim`, which was asked for at `asked`, and its message; for `at_most` so long, since a worker
    /// that hangs would keep it for ever.
    pub fn keep(
        workspace: Workspace,
        claim: Claim,
        asked: Instant,
        message: Message,
        ack_wait: Duration,
        at_most: Duration,
    ) -> Self {
        let (tell, standing) = watch::channel(Standing { until: asked + claim.lease(), lost: None });
        let (kept, at) = (claim.clone(), workspace.clone());
        let keeper = tokio::spawn(async move {
            tokio::select! {
                why = keep_lease(&at, &kept, &tell, asked + at_most) => {
                    tell.send_modify(|standing| standing.lost = Some(why.into()));
                }
                () = keep_message(&message, ack_wait) => {}
            }
        });
        Self { claim, workspace, standing, keeper }
    }

    /// Why it is lost, if it is. A process that was stopped for too long knows it by its own clock.
    pub fn lost(&self) -> Option<Arc<str>> {
        let standing = self.standing.borrow();
        let over = || (Instant::now() >= standing.until).then(|| "the lease is over".into());
        standing.lost.clone().or_else(over)
    }

    /// Waits until it is lost.
    pub async fn is_lost(&self) -> Arc<str> {
        let mut standing = self.standing.clone();
        loop {
            if let Some(why) = self.lost() {
                return why;
            }
            let until = standing.borrow_and_update().until;
            let _ = timeout_at(until, standing.changed()).await;
        }
    }

    /// Says the last word, for as long as it may count. The console is the judge, not our clock: what it has
    /// taken once it takes again.
    pub async fn end(&self, word: LastWord<'_>) -> Result<(), Error> {
        loop {
            let said = match word {
                LastWord::Complete(work) => self.workspace.complete(&self.claim, work).await,
                LastWord::Fail(reason, next) => self.workspace.fail(&self.claim, reason, next).await,
            };
            match said {
                Ok(()) => return Ok(()),
                Err(WorkspaceError::Away { retry_after, cause }) => {
                    if self.lost().is_some() {
                        return Err(Error::LeaseLost(format!("the lease is over, and the console is away: {cause}")));
                    }
                    sleep(retry_after.min(TRY_EVERY)).await;
                }
                Err(error @ (WorkspaceError::Invalid(_) | WorkspaceError::Odd(_))) => return Err(error.into()),
                Err(error) => return Err(Error::LeaseLost(error.to_string())),
            }
        }
    }
}

/// Renews until it is lost; answers why.
async fn keep_lease(
    workspace: &Workspace,
    claim: &Claim,
    standing: &watch::Sender<Standing>,
    limit: Instant,
) -> String {
    let lease = claim.lease();
    loop {
        sleep(lease / 3).await;
        let until = standing.borrow().until;
        loop {
            let asked = Instant::now();
            if asked >= limit {
                return "the worker took too long".to_owned();
            }
            match timeout_at(until, workspace.renew(claim, lease)).await {
                Ok(Ok(())) => break standing.send_modify(|standing| standing.until = asked + lease),
                Ok(Err(WorkspaceError::Away { retry_after, .. })) => sleep(retry_after.min(TRY_EVERY)).await,
                Ok(Err(error)) => return error.to_string(),
                Err(_) => return "the lease is over: the console did not answer in time".to_owned(),
            }
        }
    }
}
