//! What is recorded of artifacts.

use crate::{
    artifact_page,
    db::{Db, unavailable},
    pen::Pen,
    projection::Tx,
};
use async_trait::async_trait;
use countersign_domain::{
    AgentName, ArtifactHash, Millis, TenantId,
    artifact::{ArtifactContent, Label, ReadGrant},
    journal::{Entry, What},
    reading::{ArtifactDetail, ArtifactList, ArtifactQuery},
};
use countersign_service::ports::{
    AgentActor, ArtifactError, ArtifactFact, Artifacts, HeldName, LabelFact, PutAs, StoreError,
};
use uuid::Uuid;

/// Within this time the same put of the same agent is recorded once. Milliseconds.
const SAME_PUT_MS: i64 = 24 * 60 * 60 * 1000;

/// That nothing names the artifact `a`: neither a pin nor a label as it stands.
const UNNAMED: &str = "not exists (select from artifact_pin p where p.sha256 = a.sha256)
       and not exists (select from artifact_label l where l.sha256 = a.sha256
                       and not exists (select from artifact_label n where n.agent = l.agent and n.label = l.label
                                       and n.version > l.version))";

/// [`Artifacts`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgArtifacts {
    agent: Db,
    web: Db,
}

impl PgArtifacts {
    /// In whose name agents are answered, and people.
    pub fn new(agent: Db, web: Db) -> Self {
        Self { agent, web }
    }
}

struct Held {
    tx: Tx,
    tenant: TenantId,
    sha256: ArtifactHash,
}

#[async_trait]
impl HeldName for Held {
    async fn is_there(&mut self) -> Result<bool, StoreError> {
        is_there(&mut self.tx, self.sha256).await
    }

    async fn keep(
        self: Box<Self>,
        actor: &AgentActor,
        fact: ArtifactFact,
        put: PutAs,
        quota: u64,
        now: Millis,
    ) -> Result<(), ArtifactError> {
        let mut pen = Pen::of(self.tx, self.tenant).await?;
        let mut entries = Vec::new();
        let trace = match put.task {
            None => None,
            Some(task) => {
                let found: Option<(Option<String>,)> =
                    sqlx::query_as("select correlation_id from task where id = $1 and agent = $2")
                        .bind(task.0)
                        .bind(actor.agent.as_str())
                        .fetch_optional(&mut *pen.tx)
                        .await
                        .map_err(unavailable)?;
                found.ok_or(ArtifactError::NoTask)?.0
            }
        };
        let there = is_there(&mut pen.tx, fact.sha256).await?;
        if !there {
            let wanted = used(&mut pen.tx).await?.saturating_add(fact.size);
            if wanted > quota {
                return Err(ArtifactError::Quota { wanted, quota });
            }
        }
        let (known,): (bool,) = sqlx::query_as(
            "select exists (select from artifact_source where sha256 = $1 and agent = $2
                            and task_id is not distinct from $3 and at_ms > $4)",
        )
        .bind(fact.sha256.0.as_slice())
        .bind(actor.agent.as_str())
        .bind(put.task.map(|task| task.0))
        .bind(now.0 - SAME_PUT_MS)
        .fetch_one(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        if !(there && known) {
            let agent = Some(actor.agent.clone());
            let ArtifactFact { sha256, size, content } = fact;
            let what = What::ArtifactPut { sha256, size, content, agent, by: None, task: put.task, trace };
            entries.push(Entry::new(now, what));
        }
        if let Some(label) = &put.label
            && let (version, true) = next_version(&mut pen.tx, &actor.agent, label, fact.sha256).await?
        {
            entries.push(Entry::new(now, labelled(actor, label, version, fact.sha256)));
        }
        if entries.is_empty() {
            return Ok(());
        }
        pen.write(&entries).await?;
        pen.commit(now).await?;
        Ok(())
    }

    async fn retire(self: Box<Self>, unused_since: Millis, now: Millis) -> Result<bool, StoreError> {
        let mut pen = Pen::of(self.tx, self.tenant).await?;
        let sql = format!(
            "select size from artifact a where a.sha256 = $1 and a.removed_ms is null and a.put_ms < $2 and {UNNAMED}"
        );
        let found: Option<(i64,)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(self.sha256.0.as_slice())
            .bind(unused_since.0)
            .fetch_optional(&mut *pen.tx)
            .await
            .map_err(unavailable)?;
        let Some((size,)) = found else { return Ok(false) };
        pen.write_one(now, What::ArtifactRemoved { sha256: self.sha256, size: size.unsigned_abs() }).await?;
        pen.commit(now).await?;
        Ok(true)
    }
}

fn labelled(actor: &AgentActor, label: &Label, version: u32, sha256: ArtifactHash) -> What {
    What::ArtifactLabelled { agent: actor.agent.clone(), label: label.clone(), version, sha256 }
}

async fn is_there(tx: &mut Tx, sha256: ArtifactHash) -> Result<bool, StoreError> {
    let (there,): (bool,) =
        sqlx::query_as("select exists (select from artifact where sha256 = $1 and removed_ms is null)")
            .bind(sha256.0.as_slice())
            .fetch_one(&mut **tx)
            .await
            .map_err(unavailable)?;
    Ok(there)
}

async fn used(tx: &mut Tx) -> Result<u64, StoreError> {
    let (used,): (i64,) =
        sqlx::query_as("select coalesce(sum(size), 0)::bigint from artifact where removed_ms is null")
            .fetch_one(&mut **tx)
            .await
            .map_err(unavailable)?;
    Ok(used.unsigned_abs())
}

/// The version that the label would have, and whether that is a new one: it is not if the label names this already.
async fn next_version(
    tx: &mut Tx,
    agent: &AgentName,
    label: &Label,
    sha256: ArtifactHash,
) -> Result<(u32, bool), StoreError> {
    let newest: Option<(i32, Vec<u8>)> = sqlx::query_as(
        "select version, sha256 from artifact_label where agent = $1 and label = $2 order by version desc limit 1",
    )
    .bind(agent.as_str())
    .bind(label.as_str())
    .fetch_optional(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(match newest {
        None => (1, true),
        Some((version, named)) if named == sha256.0 => (version.unsigned_abs(), false),
        Some((version, _)) => (version.unsigned_abs() + 1, true),
    })
}

pub(crate) fn hash(bytes: Vec<u8>) -> ArtifactHash {
    ArtifactHash(bytes.try_into().unwrap_or_default())
}

pub(crate) fn content(word: &str) -> ArtifactContent {
    // A word of a newer version is at least bytes.
    word.parse().unwrap_or(ArtifactContent::Binary)
}

#[derive(sqlx::FromRow)]
struct LabelRow {
    agent: String,
    label: String,
    version: i32,
    sha256: Vec<u8>,
    size: i64,
    at_ms: i64,
}

impl LabelRow {
    fn fact(self) -> Option<LabelFact> {
        Some(LabelFact {
            agent: self.agent.parse().ok()?,
            label: self.label.parse().ok()?,
            version: self.version.unsigned_abs(),
            sha256: hash(self.sha256),
            size: self.size.unsigned_abs(),
            at: Millis(self.at_ms),
        })
    }
}

#[async_trait]
impl Artifacts for PgArtifacts {
    async fn used(&self, tenant: TenantId) -> Result<u64, StoreError> {
        used(&mut self.agent.tenant_read(tenant).await?).await
    }

    async fn hold(&self, tenant: TenantId, sha256: ArtifactHash) -> Result<Box<dyn HeldName>, StoreError> {
        let mut tx = self.agent.tenant_tx(tenant).await?;
        let name = format!("{}/{sha256}", tenant.0);
        sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, 0))")
            .bind(name)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        Ok(Box::new(Held { tx, tenant, sha256 }))
    }

    async fn readable(
        &self,
        tenant: TenantId,
        agent: &AgentName,
        sha256: ArtifactHash,
        reads: &ReadGrant,
    ) -> Result<ArtifactFact, StoreError> {
        let mut tx = self.agent.tenant_read(tenant).await?;
        let (size, word, own): (i64, String, bool) = sqlx::query_as(
            "select a.size, a.content,
                    exists (select from artifact_source s where s.sha256 = a.sha256 and s.agent = $2)
             from artifact a where a.sha256 = $1 and a.removed_ms is null",
        )
        .bind(sha256.0.as_slice())
        .bind(agent.as_str())
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        let fact = ArtifactFact { sha256, size: size.unsigned_abs(), content: content(&word) };
        if own {
            return Ok(fact);
        }
        if reads.allow.is_empty() {
            return Err(StoreError::NotFound);
        }
        let labels: Vec<(String,)> = sqlx::query_as("select distinct label from artifact_label where sha256 = $1")
            .bind(sha256.0.as_slice())
            .fetch_all(&mut *tx)
            .await
            .map_err(unavailable)?;
        let granted = labels.iter().any(|(label,)| reads.matches(label));
        if granted { Ok(fact) } else { Err(StoreError::NotFound) }
    }

    async fn label(
        &self,
        actor: &AgentActor,
        label: &Label,
        sha256: ArtifactHash,
        now: Millis,
    ) -> Result<u32, StoreError> {
        let mut pen = Pen::open(&self.agent, actor.tenant).await?;
        // Retention takes turns with whoever writes here: what is there now stays there, once it has a label.
        if !is_there(&mut pen.tx, sha256).await? {
            return Err(StoreError::NotFound);
        }
        let (version, new) = next_version(&mut pen.tx, &actor.agent, label, sha256).await?;
        if new {
            pen.write_one(now, labelled(actor, label, version, sha256)).await?;
            pen.commit(now).await?;
        }
        Ok(version)
    }

    async fn labelled(&self, tenant: TenantId, agent: &AgentName, label: &Label) -> Result<LabelFact, StoreError> {
        let mut tx = self.agent.tenant_read(tenant).await?;
        let row: LabelRow = sqlx::query_as(
            "select l.agent, l.label, l.version, l.sha256, a.size, l.at_ms
             from artifact_label l join artifact a on a.sha256 = l.sha256
             where l.agent = $1 and l.label = $2 order by l.version desc limit 1",
        )
        .bind(agent.as_str())
        .bind(label.as_str())
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        row.fact().ok_or(StoreError::NotFound)
    }

    async fn labels(
        &self,
        tenant: TenantId,
        agent: &AgentName,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<LabelFact>, StoreError> {
        let mut tx = self.agent.tenant_read(tenant).await?;
        let rows: Vec<LabelRow> = sqlx::query_as(
            "select distinct on (l.label) l.agent, l.label, l.version, l.sha256, a.size, l.at_ms
             from artifact_label l join artifact a on a.sha256 = l.sha256
             where l.agent = $1 and starts_with(l.label, $2) and ($3::text is null or l.label > $3)
             order by l.label, l.version desc limit $4",
        )
        .bind(agent.as_str())
        .bind(prefix)
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        Ok(rows.into_iter().filter_map(LabelRow::fact).collect())
    }

    async fn list(&self, tenant: TenantId, query: &ArtifactQuery) -> Result<ArtifactList, StoreError> {
        artifact_page::list(&mut self.web.tenant_read(tenant).await?, query).await
    }

    async fn detail(&self, tenant: TenantId, sha256: ArtifactHash) -> Result<ArtifactDetail, StoreError> {
        artifact_page::detail(&mut self.web.tenant_read(tenant).await?, sha256).await
    }

    async fn tenants(&self) -> Result<Vec<TenantId>, StoreError> {
        let rows: Vec<(Uuid,)> = sqlx::query_as("select id from tenant order by id")
            .fetch_all(self.web.pool())
            .await
            .map_err(unavailable)?;
        Ok(rows.into_iter().map(|(id,)| TenantId(id)).collect())
    }

    async fn unnamed(
        &self,
        tenant: TenantId,
        unused_since: Millis,
        limit: u32,
    ) -> Result<Vec<ArtifactHash>, StoreError> {
        let mut tx = self.agent.tenant_read(tenant).await?;
        let sql = format!(
            "select sha256 from artifact a where a.removed_ms is null and a.put_ms < $1 and {UNNAMED}
             order by a.put_ms, a.sha256 limit $2"
        );
        let rows: Vec<(Vec<u8>,)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(unused_since.0)
            .bind(i64::from(limit))
            .fetch_all(&mut *tx)
            .await
            .map_err(unavailable)?;
        Ok(rows.into_iter().map(|(bytes,)| hash(bytes)).collect())
    }

    async fn absent(&self, tenant: TenantId, names: &[ArtifactHash]) -> Result<Vec<ArtifactHash>, StoreError> {
        let mut tx = self.agent.tenant_read(tenant).await?;
        let rows: Vec<(Vec<u8>,)> = sqlx::query_as(
            "select n.sha256 from unnest($1::bytea[]) n(sha256)
             where not exists (select from artifact a where a.sha256 = n.sha256 and a.removed_ms is null)",
        )
        .bind(names.iter().map(|name| name.0.to_vec()).collect::<Vec<_>>())
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        Ok(rows.into_iter().map(|(bytes,)| hash(bytes)).collect())
    }
}

/// One of these names that no artifact has which is there.
pub(crate) async fn missing(tx: &mut Tx, names: &[String]) -> Result<Option<String>, StoreError> {
    let missing: Option<(String,)> = sqlx::query_as(
        "select n.name from unnest($1::text[]) n(name)
         where not exists (select from artifact a where a.sha256 = decode(n.name, 'hex') and a.removed_ms is null)
         order by n.name limit 1",
    )
    .bind(names)
    .fetch_optional(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(missing.map(|(name,)| name))
}
