//! Who waits for what founders decide, and what their days cost.

use crate::{db::unavailable, projection::Tx};
use countersign_domain::{AgentName, Millis};
use countersign_service::ports::{BlockedAgent, StoreError, Waits};

/// Tasks by which the console itself tells an author something: nobody waits for a decision in them.
const OWN_KINDS: [&str; 3] = ["decision_made", "brief_question", "brief_rejected"];

pub(crate) async fn read(tx: &mut Tx, traces: &[String], since: Millis) -> Result<Waits, StoreError> {
    let blocked: Vec<(String, String, i64)> = sqlx::query_as(
        "select correlation_id, agent, count(*) from task
         where correlation_id = any($1) and ended_ms is null and kind <> all($2)
         group by correlation_id, agent order by correlation_id, agent",
    )
    .bind(traces)
    .bind(OWN_KINDS.as_slice())
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let reported: Vec<(String, i64)> = sqlx::query_as(
        "select agent, least(sum(micro_usd), 9e18)::bigint
         from (select agent, micro_usd from event where topic = 'usage.reported' and micro_usd is not null and at_ms >= $1
               union all
               select agent, reported_micro_usd from task where reported_micro_usd is not null and ended_ms >= $1) u
         group by agent",
    )
    .bind(since.0)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let (working,): (i64,) = sqlx::query_as("select count(distinct agent) from task where state = 'running'")
        .fetch_one(&mut **tx)
        .await
        .map_err(unavailable)?;
    let small = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    let agent = |(trace, agent, tasks): (String, String, i64)| {
        let agent: AgentName = agent.parse().ok()?;
        Some(BlockedAgent { trace, agent, tasks: small(tasks) })
    };
    Ok(Waits {
        blocked: blocked.into_iter().filter_map(agent).collect(),
        reported: reported.into_iter().filter_map(|(agent, cost)| Some((agent.parse().ok()?, cost))).collect(),
        working: small(working),
    })
}
