//! What is to be done on the bus: written in the transaction that decided it, done by the relay.

use crate::db::{Db, unavailable};
use async_trait::async_trait;
use countersign_domain::{
    Millis, TaskId, TenantId,
    bus_fact::{Headers, Issue},
    task::Priority,
};
use countersign_service::ports::{Errand, ErrandKind, Outbox, StoreError};
use sqlx::{Postgres, Transaction, types::Json};
use uuid::Uuid;

/// The server's own messages go before any task.
const OWN_PRIORITY: i16 = Priority::MOST as i16 + 1;
/// Tasks that the relay keeps in an agent's queue at most: what is not there yet can still change its place.
const WINDOW: i64 = 100;
/// What was refused more often, for more than a minute then, holds up others no longer: it may never be taken.
const IN_ORDER_TRIES: i32 = 10;
/// What was sent is remembered for so long, so that it is not sent again. Milliseconds.
const REMEMBERED_MS: i64 = 24 * 60 * 60 * 1000;

/// One thing to do on the bus.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub id: String,
    pub what: Deed,
    pub priority: i16,
    pub due: Millis,
}

#[derive(Debug, Clone)]
pub(crate) enum Deed {
    /// A message of a task.
    Issue { subject: String, agent: String, task: TaskId, issue: Issue, headers: Headers, payload: String },
    /// Any other message.
    Tell { subject: String, headers: Headers, payload: String },
    /// Takes a message out of `TASKS`.
    Remove { epoch: i64, sequence: i64 },
}

impl Message {
    pub fn tell(id: String, subject: String, headers: Headers, payload: String, due: Millis) -> Self {
        Self { id, what: Deed::Tell { subject, headers, payload }, priority: OWN_PRIORITY, due }
    }

    pub fn remove(epoch: i64, sequence: i64, due: Millis) -> Self {
        let id = format!("r:{epoch}:{sequence}");
        Self { id, what: Deed::Remove { epoch, sequence }, priority: OWN_PRIORITY, due }
    }
}

/// Enters the messages; one that was entered before stays as it is.
pub(crate) async fn insert(
    tx: &mut Transaction<'static, Postgres>,
    tenant: TenantId,
    messages: &[Message],
) -> Result<(), StoreError> {
    if messages.is_empty() {
        return Ok(());
    }
    let mut rows = Rows::default();
    for message in messages {
        rows.push(message);
    }
    sqlx::query(
        "insert into outbox (tenant_id, op, message_id, subject, headers, payload, task_id, issue, base, agent, epoch, sequence,
                             priority, due_ms)
         select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::jsonb[], $6::bytea[], $7::uuid[], $8::int[], $9::int[],
                                  $10::text[], $11::bigint[], $12::bigint[], $13::smallint[], $14::bigint[])
         on conflict (tenant_id, message_id) do nothing",
    )
    .bind(tenant.0)
    .bind(&rows.ops)
    .bind(&rows.ids)
    .bind(&rows.subjects)
    .bind(&rows.headers)
    .bind(&rows.payloads)
    .bind(&rows.tasks)
    .bind(&rows.issues)
    .bind(&rows.bases)
    .bind(&rows.agents)
    .bind(&rows.epochs)
    .bind(&rows.sequences)
    .bind(&rows.priorities)
    .bind(&rows.dues)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

#[derive(Default)]
struct Rows<'a> {
    ops: Vec<&'static str>,
    ids: Vec<&'a str>,
    subjects: Vec<Option<&'a str>>,
    headers: Vec<Json<Headers>>,
    payloads: Vec<Option<&'a [u8]>>,
    tasks: Vec<Option<Uuid>>,
    issues: Vec<Option<i32>>,
    bases: Vec<Option<i32>>,
    agents: Vec<Option<&'a str>>,
    epochs: Vec<Option<i64>>,
    sequences: Vec<Option<i64>>,
    priorities: Vec<i16>,
    dues: Vec<i64>,
}

impl<'a> Rows<'a> {
    fn push(&mut self, message: &'a Message) {
        self.ids.push(&message.id);
        self.priorities.push(message.priority);
        self.dues.push(message.due.0);
        let small = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
        let (op, subject, headers, payload) = match &message.what {
            Deed::Issue { subject, headers, payload, .. } | Deed::Tell { subject, headers, payload } => {
                ("publish", Some(subject.as_str()), headers.clone(), Some(payload.as_bytes()))
            }
            Deed::Remove { .. } => ("remove", None, Headers::new(), None),
        };
        self.ops.push(op);
        self.subjects.push(subject);
        self.headers.push(Json(headers));
        self.payloads.push(payload);
        let issue = match &message.what {
            Deed::Issue { task, issue, agent, .. } => Some((task.0, *issue, agent.as_str())),
            _ => None,
        };
        self.tasks.push(issue.map(|(task, ..)| task));
        self.issues.push(issue.map(|(_, issue, _)| small(issue.number)));
        self.bases.push(issue.map(|(_, issue, _)| small(issue.base)));
        self.agents.push(issue.map(|(.., agent)| agent));
        let place = match &message.what {
            Deed::Remove { epoch, sequence } => Some((*epoch, *sequence)),
            _ => None,
        };
        self.epochs.push(place.map(|(epoch, _)| epoch));
        self.sequences.push(place.map(|(_, sequence)| sequence));
    }
}

/// [`Outbox`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgOutbox {
    db: Db,
}

impl PgOutbox {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    op: String,
    message_id: String,
    subject: Option<String>,
    headers: Json<Headers>,
    payload: Option<Vec<u8>>,
    task_id: Option<Uuid>,
    issue: Option<i32>,
    base: Option<i32>,
    epoch: Option<i64>,
    sequence: Option<i64>,
    tries: i32,
}

impl Row {
    fn into_errand(self) -> Errand {
        let number = |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok()).unwrap_or(0);
        let kind = match self.op.as_str() {
            "remove" => ErrandKind::Remove {
                epoch: self.epoch.unwrap_or(0),
                sequence: self.sequence.and_then(|s| u64::try_from(s).ok()).unwrap_or(0),
            },
            _ => ErrandKind::Publish {
                subject: self.subject.unwrap_or_default(),
                headers: self.headers.0,
                payload: self.payload.unwrap_or_default(),
                task: self
                    .task_id
                    .map(|task| (TaskId(task), Issue { number: number(self.issue), base: number(self.base) })),
            },
        };
        let tries = u32::try_from(self.tries).unwrap_or(0);
        Errand { seq: self.seq, message_id: self.message_id, kind, tries }
    }
}

#[async_trait]
impl Outbox for PgOutbox {
    async fn take(&self, tenant: TenantId, now: Millis, limit: u32) -> Result<Vec<Errand>, StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        // A task goes when its agent's queue has room: `place` counts the tasks of its agent before it, and
        // what was sent is in the queue whether or not it was read there already. What was refused holds back
        // what would pass it on its subject, and a message stays in TASKS until the copy of it that DLQ is to
        // keep is there. Nothing goes to an agent that is stopped: its time is given back when the stop is lifted.
        let rows: Vec<Row> = sqlx::query_as(
            "with room as (
                 select a.name, $3 - (select count(*) from task t where t.agent = a.name and t.ended_ms is null
                                       and t.claimed_sender = 'countersign'
                                       and (t.sequence is not null or exists (
                                           select from outbox s where s.task_id = t.id and s.sent_ms is not null))) as room
                 from agent a
                 where exists (select from outbox o where o.agent = a.name and o.sent_ms is null and o.due_ms <= $1)
             ), refused as (
                 select distinct on (r.subject) r.subject, r.priority, r.seq from outbox r
                 where r.sent_ms is null and r.op = 'publish' and r.tries between 1 and $4 and r.due_ms > $1
                 order by r.subject, r.priority desc, r.seq
             ), due as (
                 select o.*, case when o.agent is null then 0
                                  else row_number() over (partition by o.agent order by o.priority desc, o.seq) end as place
                 from outbox o where o.sent_ms is null and o.due_ms <= $1 and not (o.agent is not null and exists (
                     select from emergency_stop e where e.agent in ('', o.agent)))
             ), next as (
                 select d.seq, d.priority from due d left join room r on r.name = d.agent
                 where (d.agent is null or d.issue > 1 or d.place <= coalesce(r.room, 0))
                   and not exists (select from refused f where f.subject = d.subject
                                   and (f.priority > d.priority or f.priority = d.priority and f.seq < d.seq))
                   and not (d.op = 'remove' and exists (
                       select from task_message m join outbox l on l.message_id = 'd:' || m.task_id
                       where m.epoch = d.epoch and m.sequence = d.sequence and l.sent_ms is null))
                 order by d.priority desc, d.seq limit $2
             ), taken as (
                 update outbox o set taken_ms = $1 from next n where o.seq = n.seq
                 returning o.seq, o.op, o.message_id, o.subject, o.headers, o.payload, o.task_id, o.issue, o.base, o.epoch,
                           o.sequence, o.tries, o.priority
             )
             select * from taken order by priority desc, seq",
        )
        .bind(now.0)
        .bind(i64::from(limit))
        .bind(WINDOW)
        .bind(IN_ORDER_TRIES)
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        tx.commit().await.map_err(unavailable)?;
        Ok(rows.into_iter().map(Row::into_errand).collect())
    }

    async fn next_due(&self, tenant: TenantId) -> Result<Option<Millis>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let (next,): (Option<i64>,) = sqlx::query_as(
            "select min(due_ms) from outbox o
             where sent_ms is null and not (agent is not null and exists (
                 select from emergency_stop e where e.agent in ('', o.agent)))",
        )
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        Ok(next.map(Millis))
    }

    async fn done(&self, tenant: TenantId, seqs: &[i64], now: Millis) -> Result<(), StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        sqlx::query("update outbox set sent_ms = $2, error = null, payload = null where seq = any($1)")
            .bind(seqs)
            .bind(now.0)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        tx.commit().await.map_err(unavailable)
    }

    async fn put_off(&self, tenant: TenantId, seq: i64, error: &str, until: Millis) -> Result<(), StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        sqlx::query("update outbox set tries = tries + 1, error = $2, due_ms = $3, taken_ms = null where seq = $1 and sent_ms is null")
            .bind(seq)
            .bind(error)
            .bind(until.0)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        tx.commit().await.map_err(unavailable)
    }

    async fn forget(&self, tenant: TenantId, now: Millis) -> Result<(), StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        sqlx::query("delete from outbox where sent_ms < $1")
            .bind(now.0 - REMEMBERED_MS)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        tx.commit().await.map_err(unavailable)
    }
}
