//! The journal as people read it, check it and take it along.

use crate::{
    db::{Db, unavailable},
    journal_keeper::{check_chain, fault},
    pen::Pen,
};
use async_trait::async_trait;
use countersign_domain::{
    Act, Millis, PersonId, TenantId,
    audit::Checked,
    journal::{Entry, GENESIS, What},
    reading::{ActQuery, Named, Turn, Who},
};
use countersign_service::ports::{Audit, ChainLine, Noted, StoreError};
use data_encoding::HEXLOWER;
use sqlx::{AssertSqlSafe, Postgres, QueryBuilder};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;
use uuid::Uuid;

/// [`Audit`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgAudit {
    db: Db,
    /// Tenants whose chain is being checked by this process.
    checking: Arc<Mutex<BTreeSet<Uuid>>>,
}

impl PgAudit {
    pub fn new(db: Db) -> Self {
        Self { db, checking: Arc::default() }
    }

    /// How Postgres goes about a page of acts, a line a step.
    pub async fn plan(
        &self,
        tenant: TenantId,
        query: &ActQuery,
        turn: Turn,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let mut sql = statement("explain ", query, turn, limit);
        let steps: Vec<(String,)> = sql.build_query_as().fetch_all(&mut *tx).await.map_err(unavailable)?;
        Ok(steps.into_iter().map(|(step,)| step).collect())
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    at_ms: i64,
    entry: String,
    hash: Vec<u8>,
    who: Uuid,
    name: Option<String>,
    email: Option<String>,
    whom: Option<Uuid>,
    whom_name: Option<String>,
    whom_email: Option<String>,
}

impl Row {
    fn noted(self) -> Option<Noted> {
        let named = |id: Option<Uuid>, name: Option<String>, email: Option<String>| {
            id.filter(|id| !id.is_nil()).map(|_| Named {
                name: name.unwrap_or_else(|| "somebody who is gone".to_owned()),
                email: email.unwrap_or_default(),
            })
        };
        Some(Noted {
            seq: self.seq,
            at: Millis(self.at_ms),
            entry: serde_json::from_str::<Entry>(&self.entry).ok()?,
            hash: self.hash,
            by: named(Some(self.who), self.name, self.email),
            whom: named(self.whom, self.whom_name, self.whom_email),
        })
    }
}

/// Acts by keyset: the place in the list is a range of one of three indexes, so that the last page costs as much
/// as the first.
fn statement(before: &str, query: &ActQuery, turn: Turn, limit: u32) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new(before);
    sql.push(
        "select a.seq, a.at_ms, a.entry, j.hash, a.who, p.name, p.email, a.whom, q.name as whom_name, q.email as whom_email
         from (select * from audit_entry where true",
    );
    match query.who {
        Some(Who::Person(person)) => drop(sql.push(" and who = ").push_bind(person.0)),
        Some(Who::Server) => drop(sql.push(" and who = ").push_bind(Uuid::nil())),
        None => {}
    }
    if let Some(topic) = &query.topic {
        sql.push(" and topic = ").push_bind(topic.clone());
    }
    if let Some(from) = query.from {
        sql.push(" and at_ms >= ").push_bind(from.0);
    }
    if let Some(to) = query.to {
        sql.push(" and at_ms < ").push_bind(to.0);
    }
    match turn {
        Turn::Newest => {}
        Turn::Older(place) => {
            sql.push(" and (at_ms, seq) < (").push_bind(place.at).push(", ").push_bind(place.seq).push(")");
        }
        Turn::Newer(place) => {
            sql.push(" and (at_ms, seq) > (").push_bind(place.at).push(", ").push_bind(place.seq).push(")");
        }
    }
    let order = if matches!(turn, Turn::Newer(_)) { "at_ms, seq" } else { "at_ms desc, seq desc" };
    sql.push(format!(" order by {order} limit ")).push_bind(i64::from(limit));
    let order = if matches!(turn, Turn::Newer(_)) { "a.at_ms, a.seq" } else { "a.at_ms desc, a.seq desc" };
    sql.push(format!(
        ") a
         join journal j on j.tenant_id = a.tenant_id and j.seq = a.seq
         left join person p on p.id = a.who
         left join person q on q.id = a.whom
         order by {order}"
    ));
    sql
}

/// The distinct values of a column by leaps through its index.
fn leaps(column: &str) -> String {
    format!(
        "with recursive t as (
           (select {column} as v from audit_entry order by {column} limit 1)
           union all
           select (select {column} from audit_entry where {column} > t.v order by {column} limit 1) from t where t.v is not null
         ) select v from t where v is not null limit 1000"
    )
}

#[derive(sqlx::FromRow)]
struct LineRow {
    seq: i64,
    previous: Option<Vec<u8>>,
    hash: Vec<u8>,
    canonical: Vec<u8>,
}

impl From<LineRow> for ChainLine {
    fn from(row: LineRow) -> Self {
        let previous = row.previous.unwrap_or_else(|| GENESIS.to_vec());
        Self { seq: row.seq, previous, hash: row.hash, canonical: row.canonical }
    }
}

const LINE: &str =
    "select j.seq, (select b.hash from journal b where b.tenant_id = j.tenant_id and b.seq = j.seq - 1) as previous,
                           j.hash, j.canonical from journal j";

/// Says that a chain is being checked for as long as it lives.
struct Checking(Arc<Mutex<BTreeSet<Uuid>>>, Uuid);

impl Drop for Checking {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

#[async_trait]
impl Audit for PgAudit {
    async fn acts(&self, tenant: TenantId, query: &ActQuery, turn: Turn, limit: u32) -> Result<Vec<Noted>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rows: Vec<Row> =
            statement("", query, turn, limit).build_query_as().fetch_all(&mut *tx).await.map_err(unavailable)?;
        Ok(rows.into_iter().filter_map(Row::noted).collect())
    }

    async fn facets(&self, tenant: TenantId) -> Result<(Vec<(PersonId, Named)>, Vec<String>), StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let sql = format!(
            "select p.id, p.name, p.email from ({}) w join person p on p.id = w.v order by p.name, p.email",
            leaps("who")
        );
        let people: Vec<(Uuid, String, String)> =
            sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&mut *tx).await.map_err(unavailable)?;
        let topics: Vec<(String,)> =
            sqlx::query_as(AssertSqlSafe(leaps("topic"))).fetch_all(&mut *tx).await.map_err(unavailable)?;
        let people = people.into_iter().map(|(id, name, email)| (PersonId(id), Named { name, email })).collect();
        Ok((people, topics.into_iter().map(|(topic,)| topic).collect()))
    }

    async fn last(&self, tenant: TenantId, kind: &str) -> Result<Option<Noted>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let row: Option<Row> = sqlx::query_as(
            "select a.seq, a.at_ms, a.entry, j.hash, a.who, p.name, p.email, a.whom, null as whom_name, null as whom_email
             from (select * from audit_entry where topic = split_part($1, '.', 1) and kind = $1
                   order by at_ms desc, seq desc limit 1) a
             join journal j on j.tenant_id = a.tenant_id and j.seq = a.seq
             left join person p on p.id = a.who",
        )
        .bind(kind)
        .fetch_optional(&mut *tx)
        .await
        .map_err(unavailable)?;
        Ok(row.and_then(Row::noted))
    }

    async fn lines(&self, tenant: TenantId, seqs: &[i64]) -> Result<Vec<ChainLine>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rows: Vec<LineRow> = sqlx::query_as(AssertSqlSafe(format!("{LINE} where j.seq = any($1) order by j.seq")))
            .bind(seqs)
            .fetch_all(&mut *tx)
            .await
            .map_err(unavailable)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn lines_after(&self, tenant: TenantId, seq: i64, limit: u32) -> Result<Vec<ChainLine>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rows: Vec<LineRow> =
            sqlx::query_as(AssertSqlSafe(format!("{LINE} where j.seq > $1 order by j.seq limit $2")))
                .bind(seq)
                .bind(i64::from(limit))
                .fetch_all(&mut *tx)
                .await
                .map_err(unavailable)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn check(&self, tenant: TenantId, budget: Duration) -> Result<Checked, StoreError> {
        if !self.checking.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant.0) {
            return Err(StoreError::Refused(
                "The journal is being checked already. Its result will be here in a moment.".to_owned(),
            ));
        }
        let _checking = Checking(Arc::clone(&self.checking), tenant.0);
        let mut tx = self.db.tenant_read(tenant).await?;
        let started = Instant::now();
        let (walk, found) = check_chain(&mut tx, None, Some(started + budget)).await;
        let broken = match found {
            Ok(()) => None,
            Err(found) => Some(fault(found, walk.head)?),
        };
        let took_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        Ok(Checked { head: walk.head, through: walk.seq, hash: HEXLOWER.encode(&walk.hash), took_ms, broken })
    }

    async fn note(&self, tenant: TenantId, act: &Act, what: What) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        pen.write_act(act, what).await?;
        pen.commit(act.at).await.map(drop)
    }
}
