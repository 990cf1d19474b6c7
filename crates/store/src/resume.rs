//! What to make of a stream when its reader begins.

use crate::{
    db::{Db, unavailable},
    ledger::signed,
    outbox::Message,
    pen::Pen,
    settle::{Issuing, issue, resent},
};
use countersign_domain::{
    Millis, TaskId, TenantId,
    bus_fact::{Headers, Issue},
    journal::{Entry, IssueReason, What},
};
use countersign_service::ports::{StoreError, StreamStart};
use countersign_wire::stream::TASKS;
use sqlx::types::Json;
use uuid::Uuid;

/// Tasks that one transaction puts on the bus again.
const CHUNK: i64 = 500;

pub(crate) async fn resume(db: &Db, tenant: TenantId, start: StreamStart, now: Millis) -> Result<(), StoreError> {
    let mut pen = Pen::open(db, tenant).await?;
    let read: Vec<(i64, i64)> =
        sqlx::query_as("select epoch, sequence from checkpoint where stream = $1 order by epoch desc")
            .bind(start.stream)
            .fetch_all(&mut *pen.tx)
            .await
            .map_err(unavailable)?;
    let here = read.iter().find(|(epoch, _)| *epoch == start.epoch).map(|(_, sequence)| *sequence);
    let first = signed(start.first_sequence);
    match (here, read.first()) {
        (Some(sequence), _) if first > sequence + 1 => {
            let what = What::GapFound {
                stream: start.stream.to_owned(),
                epoch: start.epoch,
                from: (sequence + 1).unsigned_abs(),
                to: (first - 1).unsigned_abs(),
            };
            tracing::error!(stream = start.stream, from = sequence + 1, to = first - 1, "messages were lost unread");
            pen.write_one(now, what).await?;
            note(&mut pen, start, first - 1).await?;
        }
        (None, Some((before, _))) => {
            let what = What::StreamRecreated { stream: start.stream.to_owned(), before: *before, epoch: start.epoch };
            tracing::warn!(stream = start.stream, "the stream was made anew");
            pen.write_one(now, what).await?;
            note(&mut pen, start, 0).await?;
            if start.stream == TASKS {
                send_again(&mut pen).await?;
            }
        }
        (None, None) => note(&mut pen, start, 0).await?,
        _ => {}
    }
    pen.commit(now).await?;
    if start.stream == TASKS {
        while reissue_lost(db, tenant, start.epoch, now).await? {}
    }
    Ok(())
}

/// What was sent to a stream that is gone, and never came back as a message, is to be sent again.
async fn send_again(pen: &mut Pen) -> Result<(), StoreError> {
    sqlx::query(
        "update outbox o set sent_ms = null, payload = convert_to(t.payload, 'UTF8')
         from task t
         where o.task_id = t.id and o.op = 'publish' and o.sent_ms is not null and t.ended_ms is null
           and not exists (select from task_message m where m.task_id = t.id and m.issue = o.issue)",
    )
    .execute(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// Notes how far a stream was read.
async fn note(pen: &mut Pen, start: StreamStart, sequence: i64) -> Result<(), StoreError> {
    sqlx::query(
        "insert into checkpoint (tenant_id, stream, epoch, sequence) values ($1, $2, $3, $4)
         on conflict (tenant_id, stream, epoch) do update set sequence = greatest(checkpoint.sequence, excluded.sequence)",
    )
    .bind(pen.tenant.0)
    .bind(start.stream)
    .bind(start.epoch)
    .bind(sequence)
    .execute(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Lost {
    id: Uuid,
    agent: String,
    kind: String,
    payload: String,
    headers: Json<Headers>,
    priority: i16,
    issue: i32,
    attempts: i32,
}

/// Puts open tasks, whose message was in a stream that is gone, on the bus again; answers whether there may
/// be more. The issue's number is in the message id, and the outbox takes each once.
async fn reissue_lost(db: &Db, tenant: TenantId, epoch: i64, now: Millis) -> Result<bool, StoreError> {
    let mut pen = Pen::open(db, tenant).await?;
    let lost: Vec<Lost> = sqlx::query_as(
        "select t.id, t.agent, t.kind, t.payload, t.headers, t.priority, t.issue, t.attempts from task t
         where t.ended_ms is null and t.epoch is not null and t.epoch <> $1
           and not exists (select from outbox o where o.task_id = t.id and o.issue > t.issue)
         order by t.created_ms, t.id limit $2",
    )
    .bind(epoch)
    .bind(CHUNK)
    .fetch_all(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    let more = i64::try_from(lost.len()).unwrap_or(0) == CHUNK;
    let (entries, messages) = again(&lost, IssueReason::Lost, now);
    pen.write(&entries).await?;
    for message in messages {
        pen.send(message);
    }
    pen.commit(now).await?;
    Ok(more)
}

fn again(lost: &[Lost], why: IssueReason, now: Millis) -> (Vec<Entry>, Vec<Message>) {
    let one = |task: &Lost| {
        let (Ok(agent), Ok(kind)) = (task.agent.parse(), task.kind.parse()) else { return None };
        let small = |value: i32| u32::try_from(value).unwrap_or(0);
        let issuing = Issuing {
            id: TaskId(task.id),
            agent: &agent,
            kind: &kind,
            headers: resent(&task.headers.0),
            payload: &task.payload,
            priority: task.priority,
        };
        let number = Issue { number: small(task.issue) + 1, base: small(task.attempts) };
        Some(issue(&issuing, number, why, now, now))
    };
    lost.iter().filter_map(one).unzip()
}

/// Puts one task on the bus again, because its message vanished or its worker handed it back.
pub(crate) async fn reissue(
    pen: &mut Pen,
    task: TaskId,
    why: IssueReason,
    due: Millis,
    now: Millis,
) -> Result<(), StoreError> {
    let lost: Vec<Lost> = sqlx::query_as(
        "select t.id, t.agent, t.kind, t.payload, t.headers, t.priority,
                greatest(t.issue, (select max(o.issue) from outbox o where o.task_id = t.id)) as issue, t.attempts
         from task t where t.id = $1 and t.ended_ms is null",
    )
    .bind(task.0)
    .fetch_all(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    let (entries, messages) = again(&lost, why, now);
    pen.write(&entries).await?;
    for mut message in messages {
        message.due = due;
        pen.send(message);
    }
    Ok(())
}
