//! Who may approve a role file now, and how many of them have to.

use crate::{db::unavailable, projection::Tx};
use countersign_domain::{
    Millis, PersonId, TenantId,
    reading::{ApprovalsAsked, Newcomer, Quorum},
};
use countersign_service::ports::StoreError;
use uuid::Uuid;

/// Somebody who is a founder, or counts as one.
#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    /// Whether they count.
    counts: bool,
    /// When they stop to, as founders no more.
    until_ms: Option<i64>,
    /// From when on a founder's approval counts.
    approves_from: Option<i64>,
    asked: Option<i32>,
    now_ms: i64,
}

pub(crate) async fn read(tx: &mut Tx, tenant: TenantId, reader: PersonId) -> Result<Quorum, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "select p.id, p.name, c.person_id is not null as counts, c.until_ms, approves_from($1, p.id) as approves_from,
                (select a.approvals from approvals_asked a
                 where a.tenant_id = $1 and a.person_id = p.id order by a.seq desc limit 1) as asked,
                (extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms
         from person p
         left join counted_founders($1) c on c.person_id = p.id
         where c.person_id is not null
            or p.id in (select person_id from membership where tenant_id = $1 and role = 'founder')
         order by p.name, p.id",
    )
    .bind(tenant.0)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let mut quorum = Quorum::default();
    for row in rows {
        let is_you = row.id == reader.0;
        if let Some(from) = row.approves_from.filter(|from| *from > row.now_ms) {
            quorum.newcomers.push(Newcomer { name: row.name.clone(), is_you, counts_from: Millis(from) });
        }
        if let Some(asked) = row.asked {
            let counts = row.counts;
            quorum.asked.push(ApprovalsAsked { by: row.name.clone(), approvals: asked.unsigned_abs(), is_you, counts });
        }
        if !row.counts {
            continue;
        }
        quorum.founders += 1;
        if let Some(until) = row.until_ms {
            quorum.leavers.push((row.name, Millis(until)));
        }
    }
    Ok(quorum)
}
