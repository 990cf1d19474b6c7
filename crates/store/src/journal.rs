//! Appending to a tenant's journal: gap-free and chained, under a lock on the tenant's head.

use crate::{
    audit_entries,
    db::{Db, unavailable},
};
use countersign_domain::{
    TenantId,
    journal::{Entry, GENESIS, Hash, chain},
};
use countersign_service::ports::StoreError;
use sqlx::{Postgres, Transaction};

/// The end of a tenant's journal, locked until the transaction ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    pub seq: i64,
    pub hash: Hash,
}

/// Locks the head; whoever appends next waits for this transaction.
pub(crate) async fn lock_head(tx: &mut Transaction<'static, Postgres>) -> Result<Head, StoreError> {
    let (seq, hash): (i64, Vec<u8>) = sqlx::query_as("select seq, hash from journal_head for update")
        .fetch_one(&mut **tx)
        .await
        .map_err(unavailable)?;
    Ok(Head { seq, hash: hash.try_into().unwrap_or(GENESIS) })
}

/// A transaction that changes who belongs to a tenant, or how they get in: one at a time. The head comes before any row,
/// so that two of these cannot wait for each other.
pub(crate) async fn alone(db: &Db, tenant: TenantId) -> Result<Transaction<'static, Postgres>, StoreError> {
    let mut tx = db.tenant_tx(tenant).await?;
    lock_head(&mut tx).await?;
    Ok(tx)
}

/// Appends the entries in their order, keeps the acts among them, and moves the head.
pub(crate) async fn append(
    tx: &mut Transaction<'static, Postgres>,
    tenant: TenantId,
    mut head: Head,
    entries: &[Entry],
) -> Result<Head, StoreError> {
    if entries.is_empty() {
        return Ok(head);
    }
    audit_entries::keep(tx, tenant, (head.seq + 1..).zip(entries)).await?;
    let mut seqs = Vec::with_capacity(entries.len());
    let mut times = Vec::with_capacity(entries.len());
    let mut kinds = Vec::with_capacity(entries.len());
    let mut texts = Vec::with_capacity(entries.len());
    let mut hashes = Vec::with_capacity(entries.len());
    for entry in entries {
        let canonical = entry.canonical();
        head.hash = chain(&head.hash, &canonical);
        head.seq += 1;
        seqs.push(head.seq);
        times.push(entry.at.0);
        kinds.push(entry.kind());
        texts.push(canonical);
        hashes.push(head.hash.to_vec());
    }
    sqlx::query(
        "with moved as (update journal_head set seq = $7, hash = $8)
         insert into journal (tenant_id, seq, at_ms, kind, canonical, hash)
         select $1, * from unnest($2::bigint[], $3::bigint[], $4::text[], $5::bytea[], $6::bytea[])",
    )
    .bind(tenant.0)
    .bind(&seqs)
    .bind(&times)
    .bind(&kinds)
    .bind(&texts)
    .bind(&hashes)
    .bind(head.seq)
    .bind(head.hash.as_slice())
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(head)
}

/// Locks the head and appends one entry.
pub(crate) async fn append_one(
    tx: &mut Transaction<'static, Postgres>,
    tenant: TenantId,
    entry: Entry,
) -> Result<Head, StoreError> {
    let head = lock_head(tx).await?;
    append(tx, tenant, head, &[entry]).await
}
