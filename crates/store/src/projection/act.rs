//! What founders did to tasks, by the task: which entries of the journal a trace shows as decisions.

use super::{Line, Tx};
use crate::db::unavailable;
use countersign_domain::{PersonId, TaskId, TenantId, journal::What};
use countersign_service::ports::StoreError;

pub(super) async fn keep(tx: &mut Tx, tenant: TenantId, lines: &[Line<'_>]) -> Result<(), StoreError> {
    let acts: Vec<(&Line<'_>, TaskId, PersonId)> = lines
        .iter()
        .filter_map(|line| {
            let (about, by) = about(&line.entry.what)?;
            Some((line, about, by))
        })
        .collect();
    if acts.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into journal_act (tenant_id, about, seq, at_ms, kind, by_person)
         select $1, * from unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::uuid[])
         on conflict do nothing",
    )
    .bind(tenant.0)
    .bind(acts.iter().map(|(_, about, _)| about.0).collect::<Vec<_>>())
    .bind(acts.iter().map(|(line, ..)| line.seq).collect::<Vec<_>>())
    .bind(acts.iter().map(|(line, ..)| line.at().0).collect::<Vec<_>>())
    .bind(acts.iter().map(|(line, ..)| line.entry.kind()).collect::<Vec<_>>())
    .bind(acts.iter().map(|(.., by)| by.0).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// The task, or the letter's task, that an act is about, and whose act it is.
fn about(what: &What) -> Option<(TaskId, PersonId)> {
    match what {
        What::TaskCreated { task, by, .. } => Some((*task, (*by)?)),
        What::TaskCancelled { task, by, .. }
        | What::TaskReprioritised { task, by, .. }
        | What::QuarantineRequeued { task, by, .. } => Some((*task, *by)),
        What::LetterReplayed { letter, by, .. }
        | What::ReplayStopped { letter, by, .. }
        | What::LetterDismissed { letter, by, .. } => Some((*letter, *by)),
        _ => None,
    }
}
