//! Streams and consumers of a tenant: read, compare, change; never delete.

use crate::{
    error::{Error, api},
    queue,
};
use async_nats::jetstream::{
    Context, ErrorCode,
    consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull},
    context::{CreateStreamErrorKind, GetStreamErrorKind},
    stream::{Config, DiscardPolicy, RetentionPolicy, StorageType, Stream},
};
use countersign_domain::AgentName;
use countersign_role::{powers::Consumer, role::Consumes};
use countersign_service::failpoint;
use countersign_wire::{
    stream::{BRIDGE, Keep, STREAMS, StreamSpec, TASKS, TaskConsumerSpec, consumer_of},
    subject,
};
use std::time::Duration;

fn unlimited<T: From<i8> + PartialEq>(value: T) -> T {
    if value == T::from(0) { T::from(-1) } else { value }
}

fn wanted(spec: &StreamSpec) -> Config {
    let (retention, discard) = match spec.keep {
        Keep::UntilAcked => (RetentionPolicy::Interest, DiscardPolicy::New),
        Keep::OldestGiveWay => (RetentionPolicy::Limits, DiscardPolicy::Old),
        Keep::RefuseWhenFull => (RetentionPolicy::Limits, DiscardPolicy::New),
    };
    Config {
        name: spec.name.to_owned(),
        subjects: spec.subjects.iter().map(ToString::to_string).collect(),
        retention,
        discard,
        max_messages: unlimited(spec.max_messages),
        max_bytes: unlimited(spec.max_bytes),
        max_message_size: unlimited(spec.max_message_bytes),
        max_age: spec.max_age,
        duplicate_window: spec.duplicate_window,
        storage: StorageType::File,
        num_replicas: 1,
        ..Config::default()
    }
}

/// Puts our settings over those that the stream has; what we have no opinion on stays.
fn merged(have: &Config, want: &Config) -> Config {
    Config {
        subjects: want.subjects.clone(),
        retention: want.retention,
        discard: want.discard,
        max_messages: want.max_messages,
        max_bytes: want.max_bytes,
        max_message_size: want.max_message_size,
        max_age: want.max_age,
        duplicate_window: want.duplicate_window,
        ..have.clone()
    }
}

/// Makes or mends all streams and the bridge's readers of them.
pub(crate) async fn streams(context: &Context) -> Result<(), Error> {
    for spec in &STREAMS {
        let stream = stream(context, spec).await?;
        failpoint::hit("provision.between");
        reader(&stream).await?;
    }
    Ok(())
}

/// The bridge's own consumer of a stream.
async fn reader(stream: &Stream) -> Result<(), Error> {
    let reader = pull::Config {
        durable_name: Some(BRIDGE.to_owned()),
        description: Some("Carries messages into the record".to_owned()),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::Explicit,
        // What a replica that died had in hand comes again after this.
        ack_wait: Duration::from_secs(8),
        max_deliver: -1,
        max_ack_pending: 8_000,
        ..pull::Config::default()
    };
    let _: PullConsumer = stream.create_consumer(reader).await.map_err(api("make the bridge's reader"))?;
    Ok(())
}

async fn stream(context: &Context, spec: &StreamSpec) -> Result<Stream, Error> {
    let want = wanted(spec);
    let have = match context.get_stream(spec.name).await {
        Ok(stream) => stream,
        Err(error) => {
            return match error.kind() {
                GetStreamErrorKind::JetStream(cause) if cause.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                    context.create_stream(want).await.map_err(|error| match error.kind() {
                        CreateStreamErrorKind::JetStream(cause) => {
                            Error::ForeignStream { stream: spec.name.to_owned(), cause: cause.to_string() }
                        }
                        _ => api("make a stream")(error),
                    })
                }
                _ => Err(api("read a stream")(error)),
            };
        }
    };
    let config = &have.cached_info().config;
    let target = merged(config, &want);
    if *config != target || config.storage != StorageType::File {
        if config.storage != StorageType::File {
            let cause = "it is kept in memory".to_owned();
            return Err(Error::ForeignStream { stream: spec.name.to_owned(), cause });
        }
        tracing::info!(stream = spec.name, "bringing the stream's settings in step");
        if config.retention == RetentionPolicy::Limits && target.retention == RetentionPolicy::Interest {
            // What nobody has an interest in goes with the change.
            reader(&have).await?;
        }
        context
            .update_stream(&target)
            .await
            .map_err(|error| Error::ForeignStream { stream: spec.name.to_owned(), cause: error.to_string() })?;
    }
    Ok(have)
}

/// Makes or mends the consumer that hands an agent its tasks, and turns sampling on for any other
/// consumer that somebody made for them: without it an acknowledgement would not be seen.
pub(crate) async fn agent(context: &Context, agent: &AgentName, spec: &TaskConsumerSpec) -> Result<(), Error> {
    let stream = context.get_stream(TASKS).await.map_err(api("read a stream"))?;
    let name = consumer_of(agent);
    let existing = stream.get_consumer::<pull::Config>(&name).await.ok();
    let base = match &existing {
        // Settings of a consumer that is there already are kept: its owner may have chosen them.
        Some(consumer) => {
            let config = &consumer.cached_info().config;
            if config.sample_frequency == 100 && config.ack_policy == AckPolicy::Explicit {
                return Ok(());
            }
            pull::Config {
                ack_wait: config.ack_wait,
                max_deliver: config.max_deliver,
                max_ack_pending: config.max_ack_pending,
                ..pull::Config::default()
            }
        }
        None => pull::Config {
            ack_wait: spec.ack_wait,
            max_deliver: spec.max_deliver,
            max_ack_pending: spec.max_ack_pending,
            ..pull::Config::default()
        },
    };
    let config = pull::Config {
        durable_name: Some(name),
        filter_subject: subject::tasks_of(agent),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::Explicit,
        sample_frequency: 100,
        ..base
    };
    let _: PullConsumer = stream.create_consumer(config).await.map_err(api("make an agent's queue"))?;
    Ok(())
}

/// Lets the agent's queue hand tasks out as its approved role says. Whether it is paused, and how wide it is for the
/// moment, is the watch's to say.
pub(crate) async fn hand_out(
    context: &Context,
    agent: &AgentName,
    role: &Consumer,
    spec: &TaskConsumerSpec,
) -> Result<(), Error> {
    let stream = context.get_stream(TASKS).await.map_err(api("read a stream"))?;
    let consumer =
        stream.get_consumer::<pull::Config>(&consumer_of(agent)).await.map_err(api("read an agent's queue"))?;
    queue::set_hand_out(&stream, consumer.cached_info(), &said(role, spec)).await
}

/// What the role says; where it leaves the usual, what this server does.
fn said(role: &Consumer, spec: &TaskConsumerSpec) -> TaskConsumerSpec {
    let usual = Consumes::default();
    let ack_wait = if role.ack_wait_seconds == usual.ack_wait.0 {
        spec.ack_wait
    } else {
        Duration::from_secs(role.ack_wait_seconds.into())
    };
    let either = |role: u16, usual: u16, spec: i64| if role == usual { spec } else { i64::from(role) };
    TaskConsumerSpec {
        ack_wait,
        max_deliver: either(role.max_deliver, usual.max_deliver, spec.max_deliver),
        max_ack_pending: either(role.max_ack_pending, usual.max_ack_pending, spec.max_ack_pending),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_hands_out_as_its_role_says_and_else_as_the_server_does() {
        let spec = TaskConsumerSpec { ack_wait: Duration::from_secs(2), max_deliver: 4, max_ack_pending: 9 };
        let usual = Consumes::default();
        let role = |ack_wait_seconds, max_deliver| Consumer {
            ack_wait_seconds,
            max_deliver,
            max_ack_pending: usual.max_ack_pending,
        };
        assert_eq!(said(&role(usual.ack_wait.0, usual.max_deliver), &spec), spec);
        let own = said(&role(60, 1), &spec);
        assert_eq!((own.ack_wait.as_secs(), own.max_deliver, own.max_ack_pending), (60, 1, 9));
    }
}
