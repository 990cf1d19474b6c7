//! The journal as a whole: checking it, writing it out, and making the read models anew from it. For
//! operators' commands, in a role of its own: the database's owner may be a superuser, who sees all tenants' rows.

use crate::{
    audit_entries,
    brief_proof::BriefProof,
    db::{Db, DbRole, unavailable},
    journal,
    projection::{self, Expect, Line, Tx},
};
use countersign_domain::{
    TenantId,
    audit::Broken,
    journal::{Entry, GENESIS, Hash, What, chain},
};
use countersign_service::ports::StoreError;
use sqlx::postgres::PgConnectOptions;
use tokio::time::Instant;
use uuid::Uuid;

/// Entries that are read, and projected, at a time.
const CHUNK: i64 = 2_000;

/// Tables that hold nothing but what the journal says, in an order in which they can be emptied.
pub const READ_MODELS: [&str; 18] = [
    "attempt",
    "task_signal",
    "task_message",
    "dead_letter",
    "letter_replay",
    "event",
    "quarantine",
    "breaker",
    "agent_pause",
    "gap",
    "task_text",
    "journal_act",
    "audit_entry",
    "artifact_pin",
    "artifact_label",
    "artifact_source",
    "artifact",
    "task",
];

/// What is wrong with a journal, and where.
#[derive(Debug, thiserror::Error)]
pub enum JournalFault {
    #[error("Entry {expected} is missing; the next one is {found}.")]
    Gap { expected: i64, found: i64 },
    #[error("Entry {seq} does not follow from the ones before it: it, or one before it, was changed.")]
    Chain { seq: i64 },
    #[error("Entry {seq} cannot be read: {cause}.")]
    Unreadable { seq: i64, cause: String },
    #[error("Entry {seq} is filed under another kind or time than it says.")]
    Misfiled { seq: i64 },
    #[error("The journal ends at entry {found}, but its head says {head}: its end was cut off.")]
    Head { head: i64, found: i64 },
    #[error("At entry {seq} the journal is another one than the bus was told of.")]
    Witness { seq: i64 },
    #[error("Entry {seq} and what is kept of it differ: {what}.")]
    Kept { seq: i64, what: String },
    #[error("No entry up to {head} tells of what is kept as {what}.")]
    Untold { head: i64, what: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One row of the journal.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct JournalRow {
    pub seq: i64,
    pub at_ms: i64,
    pub kind: String,
    pub canonical: Vec<u8>,
    pub hash: Vec<u8>,
}

/// What was found to be in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub entries: i64,
    pub hash: Hash,
}

/// Works on whole journals. Cheap to clone.
#[derive(Debug, Clone)]
pub struct JournalKeeper {
    db: Db,
    chunk: i64,
}

impl JournalKeeper {
    /// `owner` may act in the role, which [`crate::migrate`] makes.
    pub fn new(owner: PgConnectOptions) -> Self {
        Self { db: Db::new(owner, DbRole::Keeper, 2), chunk: CHUNK }
    }

    /// The same, but reading so many entries at a time: what comes of a rebuild must not depend on it.
    pub fn in_chunks_of(self, entries: u16) -> Self {
        Self { chunk: i64::from(entries.max(1)), ..self }
    }

    /// Every tenant by its name in addresses.
    pub async fn tenants(&self) -> Result<Vec<(TenantId, String)>, StoreError> {
        let rows: Vec<(Uuid, String)> = sqlx::query_as("select id, slug from tenant order by slug")
            .fetch_all(self.db.pool())
            .await
            .map_err(unavailable)?;
        Ok(rows.into_iter().map(|(id, slug)| (TenantId(id), slug)).collect())
    }

    /// Checks that the journal has no gap, that each entry follows from the ones before it, that it ends where
    /// its head says, that what is kept of briefs and decisions is what their entries say and, where the bus was
    /// told a head (`told`), that it still passes through it.
    pub async fn verify(&self, tenant: TenantId, told: Option<(i64, Hash)>) -> Result<Verified, JournalFault> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let (walk, found) = check_chain(&mut tx, told, None).await;
        found.map(|()| Verified { entries: walk.seq, hash: walk.hash })
    }

    /// Up to 2,000 entries after `after`, in order.
    pub async fn read(&self, tenant: TenantId, after: i64) -> Result<Vec<JournalRow>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        read(&mut tx, after, CHUNK).await
    }

    /// Drops all read models of the tenant and makes them anew from its journal, in one transaction: until it
    /// commits, everybody sees the old ones, and nothing is recorded meanwhile. Answers the entries read.
    pub async fn rebuild(&self, tenant: TenantId, told: impl Fn(i64)) -> Result<i64, JournalFault> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        let head = journal::lock_head(&mut tx).await?;
        for table in READ_MODELS {
            sqlx::query(sqlx::AssertSqlSafe(format!("delete from {table}")))
                .execute(&mut *tx)
                .await
                .map_err(unavailable)?;
        }
        let mut seq = 0;
        loop {
            let rows = read(&mut tx, seq, self.chunk).await?;
            let Some(last) = rows.last() else { break };
            seq = last.seq;
            let entries: Vec<Entry> = rows.iter().map(parse).collect::<Result<_, _>>()?;
            let lines: Vec<Line<'_>> =
                rows.iter().zip(&entries).map(|(row, entry)| Line { seq: row.seq, entry }).collect();
            projection::keep_ahead(&mut tx, tenant, &projection::facts(&entries), Expect::Any).await?;
            projection::apply(&mut tx, tenant, &lines).await?;
            audit_entries::keep(&mut tx, tenant, rows.iter().map(|row| row.seq).zip(&entries)).await?;
            told(seq);
        }
        if seq != head.seq {
            return Err(JournalFault::Head { head: head.seq, found: seq });
        }
        tx.commit().await.map_err(unavailable)?;
        Ok(seq)
    }

    /// Every row of every read model as text, in an order of their own: equal texts are equal read models.
    pub async fn read_models(&self, tenant: TenantId) -> Result<String, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let mut text = String::new();
        for table in READ_MODELS {
            let sql = format!("select t::text from {table} t order by t::text collate \"C\"");
            let rows: Vec<(String,)> =
                sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(&mut *tx).await.map_err(unavailable)?;
            for (row,) in rows {
                text.push_str(table);
                text.push_str(&row);
                text.push('\n');
            }
        }
        Ok(text)
    }
}

/// How far a check has come: all entries up to `seq` are in order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Walk {
    /// Where the journal ends, as its head says.
    pub head: i64,
    pub seq: i64,
    /// Of the entry `seq`.
    pub hash: Hash,
}

/// Walks along the tenant's chain as [`JournalKeeper::verify`] says it, to the end or until the time is up.
pub(crate) async fn check_chain(
    tx: &mut Tx,
    told: Option<(i64, Hash)>,
    until: Option<Instant>,
) -> (Walk, Result<(), JournalFault>) {
    let mut walk = Walk { head: 0, seq: 0, hash: GENESIS };
    let found = follow(tx, &mut walk, told, until).await;
    (walk, found)
}

async fn follow(
    tx: &mut Tx,
    walk: &mut Walk,
    told: Option<(i64, Hash)>,
    until: Option<Instant>,
) -> Result<(), JournalFault> {
    let head: (i64, Vec<u8>) =
        sqlx::query_as("select seq, hash from journal_head").fetch_one(&mut **tx).await.map_err(unavailable)?;
    walk.head = head.0;
    let mut proof = BriefProof::default();
    loop {
        let rows = read(tx, walk.seq, CHUNK).await?;
        if rows.is_empty() {
            break;
        }
        let mut told_of = Vec::new();
        for row in rows {
            if row.seq != walk.seq + 1 {
                return Err(JournalFault::Gap { expected: walk.seq + 1, found: row.seq });
            }
            let hash = chain(&walk.hash, &row.canonical);
            if row.hash != hash {
                return Err(JournalFault::Chain { seq: row.seq });
            }
            let entry = parse(&row)?;
            if entry.kind() != row.kind || entry.at.0 != row.at_ms {
                return Err(JournalFault::Misfiled { seq: row.seq });
            }
            if told.is_some_and(|(at, witness)| at == row.seq && witness != hash) {
                return Err(JournalFault::Witness { seq: row.seq });
            }
            if matches!(entry.what, What::Brief { .. } | What::BriefPolicySet { .. }) {
                told_of.push((row.seq, entry));
            }
            (walk.seq, walk.hash) = (row.seq, hash);
        }
        proof.compare(tx, &told_of).await?;
        if until.is_some_and(|until| Instant::now() >= until) && walk.seq < walk.head {
            return Ok(());
        }
    }
    if head.0 != walk.seq || head.1 != walk.hash {
        return Err(JournalFault::Head { head: head.0, found: walk.seq });
    }
    proof.nothing_more(tx, walk.seq).await?;
    match told.filter(|(at, _)| *at > walk.seq) {
        Some((at, _)) => Err(JournalFault::Head { head: at, found: walk.seq }),
        None => Ok(()),
    }
}

/// The fault with the entries that are not proven any more, where it is one of the journal.
pub(crate) fn fault(found: JournalFault, head: i64) -> Result<Broken, StoreError> {
    let what = found.to_string();
    let (from, to) = match found {
        JournalFault::Store(error) => return Err(error),
        JournalFault::Gap { expected, found } => (expected, head.max(found - 1)),
        JournalFault::Chain { seq }
        | JournalFault::Unreadable { seq, .. }
        | JournalFault::Misfiled { seq }
        | JournalFault::Witness { seq } => (seq, head.max(seq)),
        JournalFault::Kept { seq, .. } => (seq, seq),
        JournalFault::Untold { head, .. } => (head, head),
        JournalFault::Head { head: said, found } => (found.min(said) + 1, head.max(said).max(found)),
    };
    Ok(Broken { what, from, to })
}

async fn read(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<JournalRow>, StoreError> {
    sqlx::query_as("select seq, at_ms, kind, canonical, hash from journal where seq > $1 order by seq limit $2")
        .bind(after)
        .bind(limit)
        .fetch_all(&mut **tx)
        .await
        .map_err(unavailable)
}

fn parse(row: &JournalRow) -> Result<Entry, JournalFault> {
    serde_json::from_slice(&row.canonical)
        .map_err(|error| JournalFault::Unreadable { seq: row.seq, cause: error.to_string() })
}
