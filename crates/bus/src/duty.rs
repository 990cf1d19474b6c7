//! Which parts of the tenants' work this process does: asked anew each second. One that does not reach the
//! bus leaves them to others, if there are any: they may reach it.

use countersign_domain::TenantId;
use countersign_service::ports::{Duties, Duty, Ledger};
use std::{collections::HashSet, sync::Arc, time::Duration};
use tokio::sync::watch;
use uuid::Uuid;

/// Between two beats.
const BEAT: Duration = Duration::from_millis(1000);
/// After so many beats without the database, others may have taken over.
const MISSED: u32 = 3;

pub(crate) type Held = HashSet<(TenantId, Duty)>;

/// Beats until dropped, and at once when it turns out whether the bus answers.
pub(crate) async fn beat(
    replica: Uuid,
    duties: Arc<dyn Duties>,
    ledger: Arc<dyn Ledger>,
    mut answers: watch::Receiver<bool>,
    held: watch::Sender<Held>,
) {
    let mut missed = 0;
    loop {
        let fit = *answers.borrow_and_update();
        let asked = async { duties.hold(replica, &ledger.tenants().await?, fit).await };
        match tokio::time::timeout(BEAT * 2, asked).await {
            Ok(Ok(list)) => {
                missed = 0;
                let list: Held = list.into_iter().collect();
                held.send_if_modified(|held| {
                    let differs = *held != list;
                    *held = list;
                    differs
                });
            }
            Ok(Err(_)) | Err(_) => {
                missed += 1;
                if missed == MISSED {
                    tracing::warn!("the database does not answer; duties are given up until it does");
                    held.send_replace(Held::new());
                }
            }
        }
        let _ = tokio::time::timeout(BEAT, answers.changed()).await;
    }
}

/// Does the duty whenever it is held; ends when doing it fails.
pub(crate) async fn while_held<F, Fut, E>(
    tenant: TenantId,
    duty: Duty,
    mut held: watch::Receiver<Held>,
    mut work: F,
) -> Result<(), E>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<(), E>>,
{
    let is_ours = |held: &Held| held.contains(&(tenant, duty));
    loop {
        if held.wait_for(is_ours).await.is_err() {
            return std::future::pending().await;
        }
        tracing::debug!(tenant.id = %tenant, duty = duty.as_str(), "taken over");
        tokio::select! {
            result = work() => return result,
            _ = held.wait_for(|held| !is_ours(held)) => {
                tracing::debug!(tenant.id = %tenant, duty = duty.as_str(), "given back");
            }
        }
    }
}
