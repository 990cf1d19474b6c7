//! Finding tasks that are open in the record and will never move on the bus.

use crate::error::{Error, api};
use async_nats::jetstream::{
    ErrorCode,
    stream::{RawMessageErrorKind, Stream},
};
use countersign_domain::{AgentName, Millis};
use countersign_service::ports::{Suspect, Verdict};
use countersign_wire::stream::BRIDGE;
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::HashSet;

/// Messages looked up at the same time.
const AT_ONCE: usize = 16;
/// Nobody works on a task for longer. Milliseconds.
const HUNG_MS: i64 = 6 * 60 * 60 * 1000;

/// Looks each suspect's message up. `idle` are the agents whose queue has handed out everything and waits
/// for no answer: a message that is still there is one that the bus will not hand out again.
pub(crate) async fn judge(
    tasks: &Stream,
    suspects: Vec<Suspect>,
    idle: &HashSet<AgentName>,
    tasks_epoch: i64,
    now: Millis,
) -> Result<Vec<(Suspect, Verdict)>, Error> {
    let here = suspects.into_iter().filter(|suspect| suspect.epoch == tasks_epoch);
    let looked: Vec<Option<(Suspect, Verdict)>> = stream::iter(here)
        .map(|suspect| async move {
            let verdict = if !exists(tasks, suspect.sequence).await? {
                Some(Verdict::Gone)
            } else if idle.contains(&suspect.agent) {
                Some(Verdict::Exhausted)
            } else if now.since(suspect.heard_at) > HUNG_MS {
                Some(Verdict::Hung)
            } else {
                None
            };
            Ok::<_, Error>(verdict.map(|verdict| (suspect, verdict)))
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(looked.into_iter().flatten().collect())
}

async fn exists(tasks: &Stream, sequence: u64) -> Result<bool, Error> {
    match tasks.get_raw_message(sequence).await {
        Ok(_) => Ok(true),
        Err(error) => match error.kind() {
            RawMessageErrorKind::NoMessageFound => Ok(false),
            RawMessageErrorKind::JetStream(cause) if cause.error_code() == ErrorCode::NO_MESSAGE_FOUND => Ok(false),
            _ => Err(api("look a message up")(error)),
        },
    }
}

/// Whether the bridge has read all that its consumer of `stream` has: before that, a message that is gone
/// may only mean that the signal of its acknowledgement has not been read.
pub(crate) async fn caught_up(stream: &Stream) -> Result<bool, Error> {
    let info = stream.consumer_info(BRIDGE).await.map_err(api("read the bridge's reader"))?;
    Ok(info.num_pending == 0 && info.num_ack_pending == 0)
}
