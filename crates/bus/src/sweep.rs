//! Finding tasks that are open in the record and will never move on the bus.

use crate::{
    error::{Error, api},
    handed::Handed,
    raw,
};
use async_nats::jetstream::{Context, stream::Stream};
use countersign_domain::{AgentName, Millis};
use countersign_service::ports::{Suspect, Verdict};
use countersign_wire::stream::{BRIDGE, TASKS};
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::HashMap;

/// Messages looked up at the same time.
const AT_ONCE: usize = 16;
/// Nobody works on a task for longer. Milliseconds.
pub(crate) const HUNG_MS: i64 = 6 * 60 * 60 * 1000;

/// Looks each suspect's message up. `queues` were looked at after the suspects were read: what a queue does
/// not know then, it will not hand out. Of an agent whose queue is not among them nothing is said.
pub(crate) async fn judge(
    context: &Context,
    suspects: Vec<Suspect>,
    queues: &HashMap<AgentName, Handed>,
    tasks_epoch: i64,
    now: Millis,
) -> Result<Vec<(Suspect, Verdict)>, Error> {
    let here = suspects.into_iter().filter(|suspect| suspect.epoch == tasks_epoch);
    let looked: Vec<Option<(Suspect, Verdict)>> = stream::iter(here)
        .map(|suspect| async move {
            let Some(queue) = queues.get(&suspect.agent) else { return Ok(None) };
            let there = raw::message(context, TASKS, suspect.sequence).await?.is_some();
            Ok::<_, Error>(verdict(there, queue, &suspect, now).map(|verdict| (suspect, verdict)))
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(looked.into_iter().flatten().collect())
}

fn verdict(there: bool, queue: &Handed, suspect: &Suspect, now: Millis) -> Option<Verdict> {
    let look = queue.last();
    let handed_out = suspect.sequence <= look.delivered;
    if !there {
        return Some(if queue.includes(suspect.sequence) { Verdict::Gone } else { Verdict::Lost });
    }
    if look.unanswered == 0 {
        return (look.waiting == 0 || handed_out).then_some(Verdict::Exhausted);
    }
    // In a queue that is paused nobody can have it again before that ends.
    let long_ago = |at: Millis| now.since(at) > HUNG_MS;
    let hung = handed_out && !look.paused && long_ago(suspect.heard_at);
    (hung && queue.since(suspect.sequence).is_some_and(long_ago)).then_some(Verdict::Hung)
}

/// Whether the bridge has read all that its consumer of `stream` has: before that, a message that is gone
/// may only mean that the signal of its acknowledgement has not been read.
pub(crate) async fn caught_up(stream: &Stream) -> Result<bool, Error> {
    let info = stream.consumer_info(BRIDGE).await.map_err(api("read the bridge's reader"))?;
    Ok(info.num_pending == 0 && info.num_ack_pending == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handed::Look;
    use countersign_domain::TaskId;
    use uuid::Uuid;

    const NOW: Millis = Millis(100 * 60 * 60 * 1000);
    const LONG_AGO: Millis = Millis(NOW.0 - HUNG_MS - 1);

    fn suspect(sequence: u64, heard_at: Millis) -> Suspect {
        let agent = "cso".parse().unwrap();
        Suspect { task: TaskId(Uuid::nil()), agent, epoch: 1, sequence, heard_at, leased: false }
    }

    /// A queue that handed out five of eight, one of which is not answered.
    fn queue(seen: Millis) -> Handed {
        let look = Look { made: 1, deliveries: 0, delivered: 0, waiting: 8, unanswered: 0, paused: false };
        let mut handed = Handed::new(0, look, Millis(0), HUNG_MS);
        handed.note(Look { deliveries: 5, delivered: 5, waiting: 3, unanswered: 1, ..look }, seen);
        handed
    }

    fn with(look: impl FnOnce(&mut Look)) -> Handed {
        let mut handed = queue(LONG_AGO);
        let mut last = handed.last();
        look(&mut last);
        handed.note(last, NOW);
        handed
    }

    #[test]
    fn only_what_was_handed_out_long_ago_and_is_not_answered_is_hung() {
        let judged = |queue: &Handed, sequence, heard| verdict(true, queue, &suspect(sequence, heard), NOW);
        assert_eq!(judged(&queue(LONG_AGO), 5, LONG_AGO), Some(Verdict::Hung));
        assert_eq!(judged(&queue(LONG_AGO), 6, LONG_AGO), None, "it waits for its agent, however long");
        assert_eq!(judged(&queue(NOW), 5, LONG_AGO), None, "it waited long, and was handed out just now");
        assert_eq!(judged(&queue(LONG_AGO), 5, NOW), None, "something was heard of it");
        let mut paused = with(|look| look.paused = true);
        assert_eq!(judged(&paused, 5, LONG_AGO), None, "nobody can have it again");
        let resumed = Look { paused: false, ..paused.last() };
        paused.note(resumed, NOW);
        assert_eq!(judged(&paused, 5, LONG_AGO), None, "its queue was resumed just now");
        let later = Millis(NOW.0 + HUNG_MS + 1);
        assert_eq!(verdict(true, &paused, &suspect(5, LONG_AGO), later), Some(Verdict::Hung));
    }

    #[test]
    fn what_is_there_and_not_to_be_handed_out_is_exhausted() {
        let judged = |queue: &Handed, sequence| verdict(true, queue, &suspect(sequence, NOW), NOW);
        assert_eq!(judged(&with(|look| look.unanswered = 0), 5), Some(Verdict::Exhausted));
        assert_eq!(judged(&with(|look| look.unanswered = 0), 6), None, "its turn comes");
        let done = with(|look| (look.unanswered, look.waiting, look.delivered, look.deliveries) = (0, 0, 8, 8));
        assert_eq!(judged(&done, 8), Some(Verdict::Exhausted));
    }

    #[test]
    fn what_is_gone_was_done_only_if_it_was_handed_out() {
        let judged = |queue: &Handed, sequence| verdict(false, queue, &suspect(sequence, NOW), NOW);
        assert_eq!(judged(&queue(NOW), 5), Some(Verdict::Gone));
        assert_eq!(judged(&queue(NOW), 6), Some(Verdict::Lost));
        let purged = with(|look| (look.delivered, look.waiting) = (8, 0));
        assert_eq!(judged(&purged, 6), Some(Verdict::Lost), "the queue is past it, without a delivery");
    }
}
