//! Which entries are acts, kept beside the journal as they are appended.

use crate::db::unavailable;
use countersign_domain::{TenantId, audit, journal::Entry};
use countersign_service::ports::StoreError;
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

/// Keeps the acts among the entries, each with its number. Where the journal was cut by hand, what stood there stays
/// until a rebuild: a record that is broken must not stop the work.
pub(crate) async fn keep<'a>(
    tx: &mut Transaction<'static, Postgres>,
    tenant: TenantId,
    entries: impl Iterator<Item = (i64, &'a Entry)>,
) -> Result<(), StoreError> {
    let acts: Vec<(i64, &Entry)> = entries.filter(|(_, entry)| audit::is_act(&entry.what)).collect();
    if acts.is_empty() {
        return Ok(());
    }
    let id = |person: Option<countersign_domain::PersonId>| person.map(|person| person.0);
    sqlx::query(
        "insert into audit_entry (tenant_id, seq, at_ms, topic, kind, who, whom, entry)
         select $1, * from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::uuid[], $7::uuid[], $8::text[])
         on conflict do nothing",
    )
    .bind(tenant.0)
    .bind(acts.iter().map(|(seq, _)| *seq).collect::<Vec<_>>())
    .bind(acts.iter().map(|(_, entry)| entry.at.0).collect::<Vec<_>>())
    .bind(acts.iter().map(|(_, entry)| audit::topic(entry.kind())).collect::<Vec<_>>())
    .bind(acts.iter().map(|(_, entry)| entry.kind()).collect::<Vec<_>>())
    .bind(acts.iter().map(|(_, entry)| id(audit::who(&entry.what)).unwrap_or(Uuid::nil())).collect::<Vec<_>>())
    .bind(acts.iter().map(|(_, entry)| id(audit::whom(&entry.what))).collect::<Vec<_>>())
    .bind(acts.iter().map(|(_, entry)| text(entry)).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// JSON, in which even a character that Postgres does not take is written with those that it takes.
fn text(entry: &Entry) -> String {
    String::from_utf8(audit::without_payload(entry).canonical()).unwrap_or_default()
}
