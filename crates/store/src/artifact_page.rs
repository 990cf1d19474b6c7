//! Artifacts as the console lists and shows them.

use crate::{
    artifacts::{content, hash},
    db::unavailable,
    projection::Tx,
};
use countersign_domain::{
    ArtifactHash, Millis,
    artifact::ArtifactKind,
    reading::{ArtifactDetail, ArtifactLabel, ArtifactList, ArtifactQuery, ArtifactRow, ArtifactSource, ArtifactText},
};
use countersign_service::ports::StoreError;
use uuid::Uuid;

/// Lines of provenance, labels and pins that a page shows, each.
const MOST_LINES: i64 = 50;

#[derive(sqlx::FromRow)]
struct Row {
    sha256: Vec<u8>,
    size: i64,
    content: String,
    first_ms: i64,
    removed_ms: Option<i64>,
    agent: Option<String>,
    label: Option<String>,
}

impl Row {
    fn reading(self) -> ArtifactRow {
        ArtifactRow {
            kind: ArtifactKind::of(content(&self.content), self.label.as_deref()),
            sha256: hash(self.sha256).to_string(),
            label: self.label,
            size: self.size.unsigned_abs(),
            agent: self.agent,
            at: Millis(self.first_ms),
            removed_at: self.removed_ms.map(Millis),
        }
    }
}

pub(crate) async fn list(tx: &mut Tx, query: &ArtifactQuery) -> Result<ArtifactList, StoreError> {
    let older: Option<ArtifactHash> = query.older.parse().ok();
    let mut rows: Vec<Row> = sqlx::query_as(
        "select a.sha256, a.size, a.content, a.first_ms, a.removed_ms, s.agent, l.label
         from artifact a
         left join lateral (select agent from artifact_source s where s.sha256 = a.sha256 order by seq limit 1) s on true
         left join lateral (
             select label from artifact_label l
             where l.sha256 = a.sha256
               and not exists (select from artifact_label n where n.agent = l.agent and n.label = l.label and n.version > l.version)
             order by at_ms desc, agent, label limit 1) l on true
         where ($1 = '' or exists (select from artifact_source s where s.sha256 = a.sha256 and s.agent = $1))
           and ($2 = '' or exists (select from artifact_label l where l.sha256 = a.sha256 and starts_with(l.label, $2)))
           and ($3::bytea is null or (a.first_ms, a.sha256) < (select first_ms, sha256 from artifact where sha256 = $3))
         order by a.first_ms desc, a.sha256 desc limit $4",
    )
    .bind(&query.agent)
    .bind(&query.label)
    .bind(older.map(|hash| hash.0.to_vec()))
    .bind(i64::from(ArtifactList::SIZE) + 1)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let more = rows.len() > ArtifactList::SIZE as usize;
    rows.truncate(ArtifactList::SIZE as usize);
    let (any, used): (bool, i64) = sqlx::query_as(
        "select exists (select from artifact),
                (select coalesce(sum(size), 0)::bigint from artifact where removed_ms is null)",
    )
    .fetch_one(&mut **tx)
    .await
    .map_err(unavailable)?;
    let agents: Vec<(String,)> = sqlx::query_as(
        "select name from agent where exists (select from artifact_source s where s.agent = name) order by name",
    )
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(ArtifactList {
        rows: rows.into_iter().map(Row::reading).collect(),
        more,
        any,
        agents: agents.into_iter().map(|(name,)| name).collect(),
        used: used.unsigned_abs(),
    })
}

#[derive(sqlx::FromRow)]
struct Source {
    seq: i64,
    agent: Option<String>,
    person: Option<String>,
    task_id: Option<Uuid>,
    trace: Option<String>,
    at_ms: i64,
}

#[derive(sqlx::FromRow)]
struct Named {
    agent: String,
    label: String,
    version: i32,
    at_ms: i64,
    newest: Option<Vec<u8>>,
}

pub(crate) async fn detail(tx: &mut Tx, sha256: ArtifactHash) -> Result<ArtifactDetail, StoreError> {
    let name = sha256.0.as_slice();
    let (size, word, first_ms, removed_ms): (i64, String, i64, Option<i64>) =
        sqlx::query_as("select size, content, first_ms, removed_ms from artifact where sha256 = $1")
            .bind(name)
            .fetch_one(&mut **tx)
            .await
            .map_err(unavailable)?;
    let sources: Vec<Source> = sqlx::query_as(
        "select s.seq, s.agent, p.name as person, s.task_id, s.trace, s.at_ms
         from artifact_source s left join person p on p.id = s.by_person
         where s.sha256 = $1 order by s.seq limit $2",
    )
    .bind(name)
    .bind(MOST_LINES)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let labels: Vec<Named> = sqlx::query_as(
        "select l.agent, l.label, l.version, l.at_ms,
                (select n.sha256 from artifact_label n
                 where n.agent = l.agent and n.label = l.label and n.version > l.version
                 order by n.version desc limit 1) as newest
         from artifact_label l where l.sha256 = $1 order by l.at_ms desc, l.agent, l.label, l.version desc limit $2",
    )
    .bind(name)
    .bind(MOST_LINES)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let pins: Vec<(String, String)> =
        sqlx::query_as("select kind, name from artifact_pin where sha256 = $1 order by kind, name limit $2")
            .bind(name)
            .bind(MOST_LINES)
            .fetch_all(&mut **tx)
            .await
            .map_err(unavailable)?;
    let content = content(&word);
    let current = labels.iter().find(|label| label.newest.is_none()).or_else(|| labels.first());
    Ok(ArtifactDetail {
        sha256: sha256.to_string(),
        size: size.unsigned_abs(),
        content,
        kind: ArtifactKind::of(content, current.map(|label| label.label.as_str())),
        first_at: Millis(first_ms),
        removed_at: removed_ms.map(Millis),
        sources: sources
            .into_iter()
            .map(|source| ArtifactSource {
                seq: source.seq.unsigned_abs(),
                agent: source.agent,
                person: source.person,
                task: source.task_id.map(|id| id.to_string()),
                trace: source.trace,
                at: Millis(source.at_ms),
            })
            .collect(),
        labels: labels
            .into_iter()
            .map(|label| ArtifactLabel {
                agent: label.agent,
                label: label.label,
                version: label.version.unsigned_abs(),
                at: Millis(label.at_ms),
                newest: label.newest.map(|bytes| hash(bytes).to_string()),
            })
            .collect(),
        pins,
        text: ArtifactText::Nothing { why: String::new() },
        cut: false,
    })
}
