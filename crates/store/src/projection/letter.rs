//! Dead letters and what became of them.

use super::{Line, Tx};
use crate::db::unavailable;
use countersign_domain::{TenantId, journal::What};
use countersign_service::ports::StoreError;
use std::collections::BTreeSet;
use uuid::Uuid;

pub(super) async fn keep(
    tx: &mut Tx,
    tenant: TenantId,
    lines: &[Line<'_>],
    touched: &mut BTreeSet<Uuid>,
) -> Result<(), StoreError> {
    keep_new(tx, tenant, lines, touched).await?;
    // A letter may be replayed, the replay stopped, and the letter replayed again: in this order.
    let is_replay = |line: &Line<'_>| matches!(line.entry.what, What::LetterReplayed { .. });
    let is_word =
        |line: &Line<'_>| matches!(line.entry.what, What::ReplayStopped { .. } | What::LetterDismissed { .. });
    let acts: Vec<Line<'_>> = lines.iter().filter(|line| is_replay(line) || is_word(line)).copied().collect();
    for run in acts.chunk_by(|one, next| is_replay(one) == is_replay(next)) {
        keep_replays(tx, tenant, run, touched).await?;
        keep_words(tx, run, touched).await?;
    }
    Ok(())
}

/// What a founder said about single letters.
async fn keep_words(tx: &mut Tx, lines: &[Line<'_>], touched: &mut BTreeSet<Uuid>) -> Result<(), StoreError> {
    for line in lines {
        let query = match &line.entry.what {
            What::ReplayStopped { letter, task, .. } => {
                touched.extend([letter.0, task.0]);
                sqlx::query(
                    "with stopped as (update letter_replay set stopped_ms = $3 where task_id = $2 returning letter_id)
                     update dead_letter set state = 'waiting', replay_task = null, closed_ms = null, closed_by = null
                     where task_id = $1 and replay_task = $2 and state = 'replaying'",
                )
                .bind(letter.0)
                .bind(task.0)
                .bind(line.at().0)
            }
            What::LetterDismissed { by, letter, reason } => {
                touched.insert(letter.0);
                sqlx::query(
                    "update dead_letter set state = 'dismissed', closed_ms = $2, closed_by = $3, note = $4 where task_id = $1",
                )
                .bind(letter.0)
                .bind(line.at().0)
                .bind(by.0)
                .bind(reason)
            }
            _ => continue,
        };
        query.execute(&mut **tx).await.map_err(unavailable)?;
    }
    Ok(())
}

async fn keep_new(
    tx: &mut Tx,
    tenant: TenantId,
    lines: &[Line<'_>],
    touched: &mut BTreeSet<Uuid>,
) -> Result<(), StoreError> {
    let (mut ids, mut causes, mut prints, mut times) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for line in lines {
        if let What::DeadLettered { task, cause, fingerprint } = &line.entry.what {
            touched.insert(task.0);
            ids.push(task.0);
            causes.push(cause.as_str());
            prints.push(fingerprint.as_str());
            times.push(line.at().0);
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into dead_letter (tenant_id, task_id, agent, kind, cause, fingerprint, at_ms)
         select $1, n.id, t.agent, t.kind, n.cause, n.fingerprint, n.at_ms
         from unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[]) as n (id, cause, fingerprint, at_ms)
         cross join lateral (select agent, kind from task where id = n.id offset 0) t
         on conflict (tenant_id, task_id) do nothing",
    )
    .bind(tenant.0)
    .bind(&ids)
    .bind(&causes)
    .bind(&prints)
    .bind(&times)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// Ten thousand letters may be replayed at once: a statement for all.
async fn keep_replays(
    tx: &mut Tx,
    tenant: TenantId,
    lines: &[Line<'_>],
    touched: &mut BTreeSet<Uuid>,
) -> Result<(), StoreError> {
    let (mut letters, mut tasks, mut runs, mut people, mut times) = (vec![], vec![], vec![], vec![], vec![]);
    for line in lines {
        if let What::LetterReplayed { by, letter, task, run, .. } = &line.entry.what {
            touched.insert(letter.0);
            letters.push(letter.0);
            tasks.push(task.0);
            runs.push(run.map(|run| run.0));
            people.push(by.0);
            times.push(line.at().0);
        }
    }
    if letters.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into letter_replay (tenant_id, letter_id, task_id, run, by_person, at_ms)
         select $1, * from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::bigint[])
         on conflict do nothing",
    )
    .bind(tenant.0)
    .bind(&letters)
    .bind(&tasks)
    .bind(&runs)
    .bind(&people)
    .bind(&times)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    sqlx::query(
        "update dead_letter d set state = 'replaying', replay_task = n.task, closed_ms = n.at_ms, closed_by = n.person
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[]) as n (letter, task, person, at_ms)
         where d.task_id = n.letter",
    )
    .bind(&letters)
    .bind(&tasks)
    .bind(&people)
    .bind(&times)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}
