//! Tasks as they were received, and what people did to them.

use super::{Expect, KeptFact, Line, Tx, derive::TaskRow};
use crate::{db::unavailable, ledger::signed, words};
use countersign_domain::{
    AgentName, Millis, TenantId,
    bus_fact::{FactBody, Issue, Position, TaskReceived},
    journal::What,
};
use countersign_service::ports::StoreError;
use sqlx::{AssertSqlSafe, types::Json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// Tasks that a founder made.
pub(super) async fn keep_created(
    tx: &mut Tx,
    tenant: TenantId,
    lines: &[Line<'_>],
    touched: &mut BTreeSet<Uuid>,
) -> Result<(), StoreError> {
    let mut ids = Vec::new();
    let (mut agents, mut kinds, mut titles, mut traces) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut payloads, mut times, mut dues, mut priorities) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut replays: Vec<Option<Uuid>> = Vec::new();
    for line in lines {
        let What::TaskCreated {
            task,
            agent,
            kind,
            title,
            correlation_id,
            payload,
            not_before,
            priority,
            replay_of,
            ..
        } = &line.entry.what
        else {
            continue;
        };
        touched.insert(task.0);
        ids.push(task.0);
        agents.push(agent.as_str());
        kinds.push(kind.as_str());
        titles.push(title.as_deref());
        traces.push(correlation_id.as_deref());
        payloads.push(payload.as_str());
        times.push(line.at().0);
        dues.push(not_before.map(|at| at.0));
        priorities.push(i16::from(priority.get()));
        replays.push(replay_of.map(|letter| letter.0));
    }
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into task (tenant_id, id, agent, kind, state, title, correlation_id, payload, headers, claimed_sender,
                           sender_verified, created_ms, updated_ms, not_before_ms, priority, replay_of, issue)
         select $1, n.id, n.agent, n.kind, 'scheduled', n.title, n.trace, n.payload, '[]', 'countersign', true,
                n.at_ms, n.at_ms, n.due_ms, n.priority, n.replay_of, 0
         from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
                     $10::smallint[], $11::uuid[])
              as n (id, agent, kind, title, trace, payload, at_ms, due_ms, priority, replay_of)
         on conflict (tenant_id, id) do nothing",
    )
    .bind(tenant.0)
    .bind(&ids)
    .bind(&agents)
    .bind(&kinds)
    .bind(&titles)
    .bind(&traces)
    .bind(&payloads)
    .bind(&times)
    .bind(&dues)
    .bind(&priorities)
    .bind(&replays)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    let words = (0..ids.len()).map(|n| words::of_task(agents[n], kinds[n], traces[n], payloads[n])).collect();
    keep_words(tx, tenant, &ids, words, Expect::Any).await
}

/// What a search finds the tasks by.
async fn keep_words(
    tx: &mut Tx,
    tenant: TenantId,
    ids: &[Uuid],
    words: Vec<String>,
    expect: Expect,
) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let on_conflict = expect.on_conflict();
    sqlx::query(AssertSqlSafe(format!(
        "insert into task_text (tenant_id, task_id, search, parted)
         select $1, n.id, n.words::tsvector, $4 from unnest($2::uuid[], $3::text[]) as n (id, words)
         {on_conflict}"
    )))
    .bind(tenant.0)
    .bind(ids)
    .bind(words)
    .bind(words::RULES)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// Messages that came from the bus, and the words of the tasks that they are the first of. A message of ours is about a
/// task that mostly has its words already: those are left to [`keep_received`].
pub(super) async fn keep_ahead(
    tx: &mut Tx,
    tenant: TenantId,
    facts: &[KeptFact<'_>],
    expect: Expect,
) -> Result<(), StoreError> {
    let received: Vec<Kept<'_>> = facts.iter().filter_map(|fact| kept(fact.position, fact.at, fact.body)).collect();
    keep_messages(tx, tenant, &received, expect).await?;
    // In one order everywhere: two batches with the same tasks never wait for each other.
    let mut first: BTreeMap<Uuid, &TaskReceived> = BTreeMap::new();
    for (.., task) in received.iter().filter(|(.., task)| task.issue.is_none()) {
        first.entry(task.task.0).or_insert(task);
    }
    keep_words_of(tx, tenant, &first.into_values().collect::<Vec<_>>(), expect).await
}

async fn keep_words_of(
    tx: &mut Tx,
    tenant: TenantId,
    tasks: &[&TaskReceived],
    expect: Expect,
) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = tasks.iter().map(|task| task.task.0).collect();
    let of = |task: &&TaskReceived| {
        words::of_task(task.agent.as_str(), task.kind.as_str(), task.correlation_id.as_deref(), &task.payload)
    };
    keep_words(tx, tenant, &ids, tasks.iter().map(of).collect(), expect).await
}

/// The place of a message (creation time of its stream, sequence), when it came, and what it says.
type Kept<'a> = (i64, i64, Millis, &'a TaskReceived);

fn kept<'a>(position: &Position, at: Millis, body: &'a FactBody) -> Option<Kept<'a>> {
    match body {
        FactBody::TaskReceived(task) => Some((position.epoch, signed(position.sequence), at, task)),
        _ => None,
    }
}

/// Tasks that came from the bus, and where tasks that are known stand now. Answers those of which these lines
/// say all that is known.
pub(super) async fn keep_received(
    tx: &mut Tx,
    tenant: TenantId,
    lines: &[Line<'_>],
    touched: &mut BTreeSet<Uuid>,
) -> Result<Vec<TaskRow>, StoreError> {
    let received: Vec<Kept<'_>> = lines
        .iter()
        .filter_map(|line| match &line.entry.what {
            What::Received { position, body } => kept(position, line.at(), body),
            _ => None,
        })
        .collect();
    if received.is_empty() {
        return Ok(Vec::new());
    }
    touched.extend(received.iter().map(|(_, _, _, task)| task.task.0));
    // One row a task, even where several messages of it came in one batch: what is asked is what the first
    // says, where it stands is where the newest does. So it is too when they come one by one.
    let mut rows: Vec<&Kept<'_>> = Vec::new();
    let mut newest: Vec<&Kept<'_>> = Vec::new();
    let mut unknown: Vec<bool> = Vec::new();
    let mut place: HashMap<Uuid, usize> = HashMap::new();
    for kept in &received {
        let index = *place.entry(kept.3.task.0).or_insert_with(|| {
            rows.push(kept);
            newest.push(kept);
            unknown.push(false);
            rows.len() - 1
        });
        if number(kept.3) >= number(newest[index].3) {
            newest[index] = kept;
            unknown[index] |= kept.3.unknown_agent;
        }
    }
    let alone = nothing_else(lines) && !spoken_of(tx, &received).await?;
    let text = |f: fn(&TaskReceived) -> Option<&str>| rows.iter().map(|row| f(row.3)).collect::<Vec<_>>();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.3.task.0).collect();
    let made: Vec<(Uuid, bool)> = sqlx::query_as(
        "insert into task as t (tenant_id, id, epoch, sequence, agent, kind, state, title, correlation_id, payload, headers,
                                message_id, claimed_sender, sender_verified, unknown_agent, issue, created_ms, updated_ms)
         select $1, n.id, n.epoch, n.sequence, n.agent, n.kind, 'queued', n.title, n.trace, n.payload, n.headers,
                n.message_id, n.sender, n.verified, n.unknown, n.issue, n.at_ms, n.at_ms
         from unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                     $10::jsonb[], $11::text[], $12::text[], $13::bool[], $14::bool[], $15::int[], $16::bigint[])
              as n (id, epoch, sequence, agent, kind, title, trace, payload, headers, message_id, sender, verified, unknown, issue, at_ms)
         on conflict (tenant_id, id) do update set
             epoch = excluded.epoch, sequence = excluded.sequence, issue = excluded.issue,
             unknown_agent = t.unknown_agent or excluded.unknown_agent
         where t.issue <= excluded.issue
         -- A row that was not there before has no earlier version.
         returning id, xmax = 0",
    )
    .bind(tenant.0)
    .bind(&ids)
    .bind(newest.iter().map(|row| row.0).collect::<Vec<_>>())
    .bind(newest.iter().map(|row| row.1).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.3.agent.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.3.kind.as_str()).collect::<Vec<_>>())
    .bind(text(|task| task.title.as_deref()))
    .bind(text(|task| task.correlation_id.as_deref()))
    .bind(rows.iter().map(|row| row.3.payload.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| Json(&row.3.headers)).collect::<Vec<_>>())
    .bind(text(|task| task.message_id.as_deref()))
    .bind(text(|task| task.claimed_sender.as_deref()))
    .bind(rows.iter().map(|row| row.3.sender_verified).collect::<Vec<_>>())
    .bind(&unknown)
    .bind(newest.iter().map(|row| number(row.3)).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.2.0).collect::<Vec<_>>())
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let issued: Vec<&TaskReceived> = rows.iter().map(|row| row.3).filter(|task| task.issue.is_some()).collect();
    keep_words_of(tx, tenant, &issued, Expect::Any).await?;
    if !alone {
        return Ok(Vec::new());
    }
    let new = made.into_iter().filter(|(_, new)| *new).filter_map(|(id, _)| place.get(&id).copied());
    let fresh = |index: usize| {
        let (epoch, sequence, ..) = *newest[index];
        let (.., created, task) = *rows[index];
        TaskRow::fresh(task, (epoch, sequence), created, unknown[index])
    };
    Ok(new.map(fresh).collect())
}

/// Whether the lines only tell of tasks that came, which is what a batch of `TASKS` does.
fn nothing_else(lines: &[Line<'_>]) -> bool {
    lines.iter().all(|line| matches!(&line.entry.what, What::Received { body: FactBody::TaskReceived(_), .. }))
}

/// Whether a signal or a cost came before the message that it is about.
async fn spoken_of(tx: &mut Tx, received: &[Kept<'_>]) -> Result<bool, StoreError> {
    let mut ranges: HashMap<i64, (i64, i64)> = HashMap::new();
    for (epoch, sequence, ..) in received {
        let (from, to) = ranges.entry(*epoch).or_insert((*sequence, *sequence));
        (*from, *to) = ((*from).min(*sequence), (*to).max(*sequence));
    }
    for (epoch, (from, to)) in ranges {
        let (spoken,): (bool,) = sqlx::query_as(
            "select exists (select from task_signal where epoch = $1 and sequence between $2 and $3)
                 or exists (select from event where tasks_epoch = $1 and task_sequence between $2 and $3)",
        )
        .bind(epoch)
        .bind(from)
        .bind(to)
        .fetch_one(&mut **tx)
        .await
        .map_err(unavailable)?;
        if spoken {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A message that names no task of ours is the first of its own.
fn issue(task: &TaskReceived) -> Issue {
    task.issue.unwrap_or(Issue { number: 1, base: 0 })
}

fn number(task: &TaskReceived) -> i32 {
    i32::try_from(issue(task).number).unwrap_or(i32::MAX)
}

async fn keep_messages(tx: &mut Tx, tenant: TenantId, received: &[Kept<'_>], expect: Expect) -> Result<(), StoreError> {
    if received.is_empty() {
        return Ok(());
    }
    let on_conflict = expect.on_conflict();
    sqlx::query(AssertSqlSafe(format!(
        "insert into task_message (tenant_id, epoch, sequence, task_id, issue, base)
         select $1, * from unnest($2::bigint[], $3::bigint[], $4::uuid[], $5::int[], $6::int[])
         {on_conflict}"
    )))
    .bind(tenant.0)
    .bind(received.iter().map(|(epoch, ..)| *epoch).collect::<Vec<_>>())
    .bind(received.iter().map(|(_, sequence, ..)| *sequence).collect::<Vec<_>>())
    .bind(received.iter().map(|(_, _, _, task)| task.task.0).collect::<Vec<_>>())
    .bind(received.iter().map(|(_, _, _, task)| number(task)).collect::<Vec<_>>())
    .bind(
        received.iter().map(|(_, _, _, task)| i32::try_from(issue(task).base).unwrap_or(i32::MAX)).collect::<Vec<_>>(),
    )
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// The tasks that a later line of the same batch makes: they are in the table already.
fn made_after(lines: &[Line<'_>], line: &Line<'_>) -> Vec<Uuid> {
    let later = lines.iter().filter(|other| other.seq > line.seq);
    let made = later.filter_map(|other| match &other.entry.what {
        What::TaskCreated { task, .. } => Some(task.0),
        _ => None,
    });
    made.collect()
}

/// Priorities, cancellations and results: rare beside messages, so a statement each.
pub(super) async fn keep_acts(tx: &mut Tx, lines: &[Line<'_>], touched: &mut BTreeSet<Uuid>) -> Result<(), StoreError> {
    for line in lines {
        let (task, query) = match &line.entry.what {
            // What was to come after the stop began comes by so much later as clocks stood for it.
            What::StopLifted { agent, frozen_ms, since_ms, except, .. } => {
                let lifted = line.at().0;
                let since = since_ms.unwrap_or(lifted);
                sqlx::query(
                    "update task set not_before_ms = not_before_ms + greatest($3 - greatest(created_ms - $4, 0), 0)
                     where not_before_ms > $4 and ($6 or created_ms <= $2) and ($1::text is null or agent = $1)
                       and agent <> all($5) and id <> all($7)",
                )
                .bind(agent.as_ref().map(AgentName::as_str))
                .bind(lifted)
                .bind(frozen_ms)
                .bind(since)
                .bind(except.iter().map(AgentName::as_str).collect::<Vec<_>>())
                .bind(since_ms.is_some())
                .bind(made_after(lines, line))
                .execute(&mut **tx)
                .await
                .map_err(unavailable)?;
                continue;
            }
            What::TaskReprioritised { task, priority, .. } => (
                task,
                sqlx::query("update task set priority = $2 where id = $1").bind(task.0).bind(i16::from(priority.get())),
            ),
            What::TaskCancelled { by, task, reason } => (
                task,
                sqlx::query("update task set cancelled_ms = $2, cancelled_by = $3, cancelled_why = $4 where id = $1")
                    .bind(task.0)
                    .bind(line.at().0)
                    .bind(by.0)
                    .bind(reason.clone()),
            ),
            What::AttemptReported { task, result, artifacts, micro_usd, .. } => {
                touched.insert(task.0);
                if result.is_none() && artifacts.is_empty() && micro_usd.is_none() {
                    continue;
                }
                (
                    task,
                    sqlx::query(
                        "update task set result = coalesce($2, result), artifacts = artifacts || $3,
                                reported_micro_usd = case when $4::bigint is null then reported_micro_usd
                                                          else coalesce(reported_micro_usd, 0) + $4 end
                         where id = $1",
                    )
                    .bind(task.0)
                    .bind(result.clone())
                    .bind(artifacts.clone())
                    .bind(*micro_usd),
                )
            }
            _ => continue,
        };
        touched.insert(task.0);
        query.execute(&mut **tx).await.map_err(unavailable)?;
    }
    Ok(())
}
