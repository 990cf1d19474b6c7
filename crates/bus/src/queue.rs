//! An agent's queue as a founder and its breaker want it handed out.

use crate::error::{Error, api};
use async_nats::jetstream::{
    Context,
    consumer::{Config, Info, PullConsumer, pull},
    response::Response,
    stream::Stream,
};
use countersign_domain::{AgentName, Millis};
use countersign_service::ports::WantedControl;
use countersign_wire::stream::{TASKS, TaskConsumerSpec, consumer_of};
use serde_json::{Value, json};
use std::{collections::HashMap, time::Duration};

/// Where a queue keeps how many tasks it handed out at a time before it was put on one at a time.
const BEFORE: &str = "countersign.max_ack_pending";
/// A paused queue stays so until it is resumed; the bus wants a moment all the same. Milliseconds.
const FAR_MS: i64 = 10 * 365 * 24 * 60 * 60 * 1000;

/// More returned tasks than this get no places of their own.
const MOST_WAITING: u32 = 1_000;

/// Brings the queue in step with what is wanted; answers whether anything had to change.
pub(crate) async fn control(
    context: &Context,
    stream: &Stream,
    info: &Info,
    wanted: &WantedControl,
    now: Millis,
) -> Result<bool, Error> {
    let mut changed = false;
    if wanted.paused && !info.paused {
        pause(context, &wanted.agent, Some(Millis(now.0 + FAR_MS))).await?;
        changed = true;
    }
    let own = info.config.metadata.get(BEFORE).and_then(|text| text.parse::<i64>().ok());
    let (have, own) = (info.config.max_ack_pending, own.unwrap_or(info.config.max_ack_pending));
    let width = width(have, own, wanted);
    if width != have {
        set_width(stream, info, width, Some(own).filter(|own| *own != width)).await?;
        changed = true;
    }
    // Last, so that not a moment passes in which more is handed out than is wanted.
    if info.paused && !wanted.paused {
        pause(context, &wanted.agent, None).await?;
        changed = true;
    }
    Ok(changed)
}

/// How many tasks may be handed out and unanswered, for a queue that has `have` now and `own` by its own
/// settings. Tasks that were returned hold a place until their next attempt; without more places, three that
/// fail again and again would keep all others waiting. Growing is urgent, shrinking waits until none is left.
fn width(have: i64, own: i64, wanted: &WantedControl) -> i64 {
    if wanted.one_at_a_time {
        return 1;
    }
    let waiting = i64::from(wanted.waiting.min(MOST_WAITING));
    if own <= 0 || waiting == 0 { own } else { have.max(own + waiting) }
}

async fn pause(context: &Context, agent: &AgentName, until: Option<Millis>) -> Result<(), Error> {
    let subject = format!("CONSUMER.PAUSE.{TASKS}.{}", consumer_of(agent));
    let body = match until {
        Some(until) => json!({ "pause_until": until.to_rfc3339() }),
        None => json!({}),
    };
    let answer: Response<Value> = context.request(subject, &body).await.map_err(api("pause a queue"))?;
    match answer {
        Response::Ok(_) => Ok(()),
        Response::Err { error } => Err(api("pause a queue")(error)),
    }
}

/// Sets how many tasks may be handed out and unanswered.
async fn set_width(stream: &Stream, info: &Info, width: i64, before: Option<i64>) -> Result<(), Error> {
    let have = &info.config;
    let mut metadata = have.metadata.clone();
    metadata.retain(|name, _| !name.starts_with("_nats."));
    match before {
        Some(before) => metadata.insert(BEFORE.to_owned(), before.to_string()),
        None => metadata.remove(BEFORE),
    };
    update(stream, have, have.ack_wait, have.max_deliver, width, metadata).await
}

/// Hands tasks out as a role says. A width that is for the moment stays, and ends at the role's.
pub(crate) async fn set_hand_out(stream: &Stream, info: &Info, wanted: &TaskConsumerSpec) -> Result<(), Error> {
    let have = &info.config;
    let mut metadata = have.metadata.clone();
    metadata.retain(|name, _| !name.starts_with("_nats."));
    let mut width = wanted.max_ack_pending;
    if let Some(before) = metadata.get_mut(BEFORE) {
        *before = width.to_string();
        width = have.max_ack_pending;
    }
    let (ack_wait, max_deliver) = (wanted.ack_wait, wanted.max_deliver);
    if (ack_wait, max_deliver, width) == (have.ack_wait, have.max_deliver, have.max_ack_pending)
        && metadata.get(BEFORE) == have.metadata.get(BEFORE)
    {
        return Ok(());
    }
    update(stream, have, ack_wait, max_deliver, width, metadata).await
}

async fn update(
    stream: &Stream,
    have: &Config,
    ack_wait: Duration,
    max_deliver: i64,
    width: i64,
    metadata: HashMap<String, String>,
) -> Result<(), Error> {
    let config = pull::Config {
        durable_name: have.durable_name.clone(),
        description: have.description.clone(),
        deliver_policy: have.deliver_policy,
        ack_policy: have.ack_policy,
        ack_wait,
        max_deliver,
        filter_subject: have.filter_subject.clone(),
        filter_subjects: have.filter_subjects.clone(),
        replay_policy: have.replay_policy,
        sample_frequency: have.sample_frequency,
        max_waiting: have.max_waiting,
        max_ack_pending: width,
        inactive_threshold: have.inactive_threshold,
        backoff: have.backoff.clone(),
        metadata,
        ..pull::Config::default()
    };
    let _: PullConsumer = stream.update_consumer(config).await.map_err(api("change a queue"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(waiting: u32, one_at_a_time: bool) -> WantedControl {
        WantedControl { agent: "cso".parse().unwrap(), paused: false, one_at_a_time, waiting }
    }

    #[test]
    fn returned_tasks_take_no_place_from_others() {
        assert_eq!(width(3, 3, &wanted(0, false)), 3);
        assert_eq!(width(3, 3, &wanted(3, false)), 6);
        assert_eq!(width(6, 3, &wanted(1, false)), 6, "shrinking waits");
        assert_eq!(width(6, 3, &wanted(0, false)), 3);
        assert_eq!(width(6, 3, &wanted(2, true)), 1, "a breaker that tries lets one through");
        assert_eq!(width(-1, -1, &wanted(2, false)), -1, "without a limit there is nothing to widen");
    }
}
