//! Breakers, pauses and gaps.

use super::{Line, Tx};
use crate::{db::unavailable, ledger::signed};
use countersign_domain::{TenantId, journal::What};
use countersign_service::ports::StoreError;

/// In the order of the journal: the last word counts.
pub(super) async fn keep(tx: &mut Tx, tenant: TenantId, lines: &[Line<'_>]) -> Result<(), StoreError> {
    for line in lines {
        let query = match &line.entry.what {
            What::BreakerMoved { agent, state, cause, until, by } => sqlx::query(
                "insert into breaker (tenant_id, agent, state, since_ms, until_ms, cause, by_person)
                 values ($1, $2, $3, $4, $5, $6, $7)
                 on conflict (tenant_id, agent) do update set state = excluded.state, since_ms = excluded.since_ms,
                     until_ms = excluded.until_ms, cause = excluded.cause, by_person = excluded.by_person",
            )
            .bind(tenant.0)
            .bind(agent.as_str())
            .bind(state.as_str())
            .bind(line.at().0)
            .bind(until.map(|at| at.0))
            .bind(cause)
            .bind(by.map(|by| by.0)),
            What::AgentPaused { by, agent, reason } => sqlx::query(
                "insert into agent_pause (tenant_id, agent, by_person, at_ms, reason) values ($1, $2, $3, $4, $5)
                 on conflict (tenant_id, agent) do nothing",
            )
            .bind(tenant.0)
            .bind(agent.as_str())
            .bind(by.map(|by| by.0))
            .bind(line.at().0)
            .bind(reason),
            What::AgentResumed { agent, .. } => {
                sqlx::query("delete from agent_pause where agent = $1").bind(agent.as_str())
            }
            What::GapFound { stream, epoch, from, to } => sqlx::query(
                "insert into gap (tenant_id, seq, stream, epoch, from_sequence, to_sequence, at_ms)
                 values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
            )
            .bind(tenant.0)
            .bind(line.seq)
            .bind(stream)
            .bind(epoch)
            .bind(signed(*from))
            .bind(signed(*to))
            .bind(line.at().0),
            _ => continue,
        };
        query.execute(&mut **tx).await.map_err(unavailable)?;
    }
    Ok(())
}
