//! What happens to an account, in the journals of all tenants that its person belongs to.

use crate::{
    changes::{Change, notify},
    db::{enter, unavailable},
    journal,
    projection::Tx,
};
use countersign_domain::{
    Act, PersonId, TenantId,
    account::AccountAct,
    journal::{Entry, What},
};
use countersign_service::ports::StoreError;
use uuid::Uuid;

/// Journals it in every tenant of the person. To be called last in a transaction: it locks the heads, and
/// the transaction sees the last tenant's rows afterwards.
pub(crate) async fn journal(tx: &mut Tx, person: PersonId, act: &Act, what: AccountAct) -> Result<(), StoreError> {
    // In one order for everybody, so that two of these cannot wait for each other.
    let tenants: Vec<(Uuid,)> =
        sqlx::query_as("select tenant_id from membership where person_id = $1 order by tenant_id")
            .bind(person.0)
            .fetch_all(&mut **tx)
            .await
            .map_err(unavailable)?;
    for (tenant,) in tenants {
        journal_in(tx, TenantId(tenant), person, act, what.clone()).await?;
    }
    Ok(())
}

/// Journals it in one tenant.
pub(crate) async fn journal_in(
    tx: &mut Tx,
    tenant: TenantId,
    person: PersonId,
    act: &Act,
    what: AccountAct,
) -> Result<(), StoreError> {
    enter(tx, tenant).await?;
    let entry = Entry::by(act, What::Account { by: act.by, person, act: what });
    let head = journal::append_one(tx, tenant, entry).await?;
    notify(tx, Change { tenant, seq: head.seq, tasks: false, fleet: false, outbox: false }).await
}
