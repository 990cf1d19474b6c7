//! An agent's queue as a founder and its breaker want it handed out.

use crate::error::{Error, api};
use async_nats::jetstream::{
    Context,
    consumer::{Info, PullConsumer, pull},
    response::Response,
    stream::Stream,
};
use countersign_domain::{AgentName, Millis};
use countersign_service::ports::WantedControl;
use countersign_wire::stream::{TASKS, consumer_of};
use serde_json::{Value, json};

/// Where a queue keeps how many tasks it handed out at a time before it was put on one at a time.
const BEFORE: &str = "countersign.max_ack_pending";
/// A paused queue stays so until it is resumed; the bus wants a moment all the same. Milliseconds.
const FAR_MS: i64 = 10 * 365 * 24 * 60 * 60 * 1000;

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
    let before = info.config.metadata.get(BEFORE).and_then(|text| text.parse::<i64>().ok());
    if wanted.one_at_a_time && before.is_none() {
        set_width(stream, info, 1, Some(info.config.max_ack_pending)).await?;
        changed = true;
    } else if let Some(before) = before.filter(|_| !wanted.one_at_a_time) {
        set_width(stream, info, before, None).await?;
        changed = true;
    }
    // Last, so that not a moment passes in which more is handed out than is wanted.
    if info.paused && !wanted.paused {
        pause(context, &wanted.agent, None).await?;
        changed = true;
    }
    Ok(changed)
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
    let config = pull::Config {
        durable_name: have.durable_name.clone(),
        description: have.description.clone(),
        deliver_policy: have.deliver_policy,
        ack_policy: have.ack_policy,
        ack_wait: have.ack_wait,
        max_deliver: have.max_deliver,
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
