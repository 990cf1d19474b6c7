//! Artifacts, where they came from, their labels, and what names them.

use super::{Line, Tx};
use crate::{db::unavailable, ledger::signed};
use countersign_domain::{ArtifactHash, TenantId, artifact::PinKind, journal::What};
use countersign_service::ports::StoreError;

/// In the order of the journal, each entry by itself: the last word on an artifact counts.
pub(super) async fn keep(tx: &mut Tx, tenant: TenantId, lines: &[Line<'_>]) -> Result<(), StoreError> {
    for line in lines {
        match &line.entry.what {
            What::ArtifactPut { sha256, size, content, agent, by, task, trace } => {
                let row = sqlx::query(
                    "insert into artifact (tenant_id, sha256, size, content, first_ms, put_ms)
                     values ($1, $2, $3, $4, $5, $5)
                     on conflict (tenant_id, sha256) do update set put_ms = excluded.put_ms, removed_ms = null",
                )
                .bind(tenant.0)
                .bind(sha256.0.as_slice())
                .bind(signed(*size))
                .bind(content.as_str())
                .bind(line.at().0);
                row.execute(&mut **tx).await.map_err(unavailable)?;
                let source = sqlx::query(
                    "insert into artifact_source (tenant_id, seq, sha256, agent, by_person, task_id, trace, at_ms)
                     values ($1, $2, $3, $4, $5, $6, $7, $8)",
                )
                .bind(tenant.0)
                .bind(line.seq)
                .bind(sha256.0.as_slice())
                .bind(agent.as_ref().map(ToString::to_string))
                .bind(by.map(|by| by.0))
                .bind(task.map(|task| task.0))
                .bind(trace)
                .bind(line.at().0);
                source.execute(&mut **tx).await.map_err(unavailable)?;
            }
            What::ArtifactLabelled { agent, label, version, sha256 } => {
                let row = sqlx::query(
                    "insert into artifact_label (tenant_id, agent, label, version, sha256, at_ms)
                     values ($1, $2, $3, $4, $5, $6)",
                )
                .bind(tenant.0)
                .bind(agent.as_str())
                .bind(label.as_str())
                .bind(i32::try_from(*version).unwrap_or(i32::MAX))
                .bind(sha256.0.as_slice())
                .bind(line.at().0);
                row.execute(&mut **tx).await.map_err(unavailable)?;
            }
            What::ArtifactPinned { sha256, kind, name } => pin(tx, tenant, *sha256, *kind, name).await?,
            What::ArtifactRemoved { sha256, .. } => {
                let row = sqlx::query("update artifact set removed_ms = $2 where sha256 = $1")
                    .bind(sha256.0.as_slice())
                    .bind(line.at().0);
                row.execute(&mut **tx).await.map_err(unavailable)?;
            }
            What::AttemptReported { task, artifacts, .. } => {
                // Workers of older versions may have named what is none.
                for hash in artifacts.iter().filter_map(|name| name.parse().ok()) {
                    pin(tx, tenant, hash, PinKind::Task, &task.to_string()).await?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

async fn pin(tx: &mut Tx, tenant: TenantId, hash: ArtifactHash, kind: PinKind, name: &str) -> Result<(), StoreError> {
    sqlx::query(
        "insert into artifact_pin (tenant_id, sha256, kind, name) values ($1, $2, $3, $4) on conflict do nothing",
    )
    .bind(tenant.0)
    .bind(hash.0.as_slice())
    .bind(kind.as_str())
    .bind(name)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}
