//! Watching: who is connected, how long the queues are, and what nobody reports.

use crate::{
    Identity,
    error::Error,
    error::api,
    handed::{Handed, Look, Stretch},
    provision, queue, sweep, system, witness,
};
use async_nats::{
    Client,
    jetstream::{Context, consumer::Info, context::ConsumerInfoErrorKind, stream::Stream},
};
use countersign_domain::{AgentName, Millis, TaskId, TenantId, artifact::ArtifactHash};
use countersign_service::ports::{Clock, Ledger, LiveAgent, Suspect, Verdict, Watch};
use countersign_wire::stream::{SIGNALS, TASKS, TaskConsumerSpec, consumer_of};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::sync::Notify;

/// Between two looks, if nobody wakes us.
const EVERY: Duration = Duration::from_millis(1000);
/// Between two searches for tasks that will never move. Looks.
const SWEEP_EVERY: u32 = 5;
/// A task of which something was heard within so long is no suspect. Milliseconds.
const FRESH_MS: i64 = 10_000;
/// Suspects looked up at a time.
const SUSPECTS: u32 = 500;

/// What was seen so far.
#[derive(Default)]
struct Seen {
    provisioned: HashSet<AgentName>,
    /// What each queue has handed out.
    handed: HashMap<AgentName, Handed>,
    /// The role file that each queue is set by.
    roles: HashMap<AgentName, ArtifactHash>,
    /// How far each agent's suspects were looked at.
    suspects: HashMap<AgentName, (Millis, TaskId)>,
    /// The revocations that the bus has been told.
    told: Vec<(String, Millis)>,
}

/// What the watch of one tenant needs.
pub(crate) struct Observer {
    pub tenant: TenantId,
    pub identity: Identity,
    pub system: Client,
    pub context: Context,
    pub ledger: Arc<dyn Ledger>,
    pub watch: Arc<dyn Watch>,
    pub clock: Arc<dyn Clock>,
    pub consumers: TaskConsumerSpec,
    pub tasks_epoch: i64,
    /// The revocations that the bus has been told.
    pub told: Vec<(String, Millis)>,
    /// Notified when the fleet changed: an agent, a pause, a breaker.
    pub wake: Arc<Notify>,
}

impl Observer {
    /// Looks until something fails; makes the queues of agents that have none.
    pub async fn run(&self) -> Result<(), Error> {
        let tasks = self.context.get_stream(TASKS).await.map_err(api("read a stream"))?;
        let signals = self.context.get_stream(SIGNALS).await.map_err(api("read a stream"))?;
        let mut seen = Seen { told: self.told.clone(), ..Seen::default() };
        let mut looks = 0_u32;
        loop {
            // A database that is away is the readers' business; the watch just misses a look.
            if let Ok(agents) = self.ledger.agent_names(self.tenant).await {
                for agent in &agents {
                    if !seen.provisioned.contains(agent) {
                        provision::agent(&self.context, agent, &self.consumers).await?;
                        seen.provisioned.insert(agent.clone());
                    }
                }
                // First of all: no queue that refuses its settings holds it up.
                self.tell_revocations(&mut seen.told).await?;
                self.hand_out_as_approved(&mut seen).await?;
                let queues = self.look(&tasks, agents, &mut seen).await;
                self.control_queues(&tasks, &queues).await?;
                self.note_fleet(&queues).await;
                // A look that fails is missed; whether the connection stands is for others to judge.
                if looks.is_multiple_of(SWEEP_EVERY)
                    && let Err(error) = self.sweep(&tasks, &signals, &mut seen).await
                {
                    tracing::warn!(%error, "tasks that will not move could not be searched for");
                }
                self.keep_time().await;
            }
            looks = looks.wrapping_add(1);
            let _ = tokio::time::timeout(EVERY, self.wake.notified()).await;
        }
    }

    /// Reads the agents' queues and notes what they have handed out; none where one could not be read. A
    /// queue that somebody removed is made anew before the next look.
    async fn look(
        &self,
        tasks: &Stream,
        agents: impl IntoIterator<Item = AgentName>,
        seen: &mut Seen,
    ) -> HashMap<AgentName, Option<Info>> {
        let mut found = HashMap::new();
        for agent in agents {
            let info = match tasks.consumer_info(consumer_of(&agent)).await {
                Ok(info) => Some(info),
                Err(error) => {
                    if error.kind() == ConsumerInfoErrorKind::NotFound {
                        seen.provisioned.remove(&agent);
                    }
                    None
                }
            };
            found.insert(agent, info);
        }
        let now = self.clock.now();
        let mut before = None;
        for (agent, info) in &found {
            let Some(look) = info.as_ref().map(Look::from) else { continue };
            if let Some(handed) = seen.handed.get_mut(agent) {
                handed.note(look, now);
                continue;
            }
            if before.is_none() {
                before = self.watch.delivered(self.tenant).await.ok();
            }
            let Some(before) = &before else { continue };
            let far = before.get(agent).copied().unwrap_or(0);
            seen.handed.insert(agent.clone(), Handed::new(far, look, now, sweep::HUNG_MS));
        }
        found
    }

    /// Sets the queues of agents whose role files were approved since the last look.
    async fn hand_out_as_approved(&self, seen: &mut Seen) -> Result<(), Error> {
        let Ok(fresh) = self.ledger.approved_roles(self.tenant, &seen.roles).await else { return Ok(()) };
        for (agent, sha256, text) in fresh {
            if seen.provisioned.contains(&agent)
                && let Ok(file) = countersign_role::read(text.as_bytes())
            {
                let consumer = countersign_role::compile(&file.role).bus.consumer;
                provision::hand_out(&self.context, &agent, &consumer, &self.consumers).await?;
                seen.roles.insert(agent, sha256);
            }
        }
        Ok(())
    }

    /// Tells the bus what was revoked on another replica, or here while the bus was away.
    async fn tell_revocations(&self, told: &mut Vec<(String, Millis)>) -> Result<(), Error> {
        let now = self.clock.now();
        let Ok(revoked) = self.ledger.revocations(self.tenant, now).await else { return Ok(()) };
        if revoked != *told {
            let jwt = self.identity.account_jwt(self.tenant, &revoked, now).await?;
            system::push_account(&self.system, jwt).await?;
            *told = revoked;
        }
        Ok(())
    }

    async fn control_queues(&self, tasks: &Stream, queues: &HashMap<AgentName, Option<Info>>) -> Result<(), Error> {
        let Ok(wanted) = self.watch.controls(self.tenant).await else { return Ok(()) };
        for control in wanted {
            if let Some(Some(info)) = queues.get(&control.agent)
                && queue::control(&self.context, tasks, info, &control, self.clock.now()).await?
            {
                tracing::info!(agent.name = %control.agent, paused = control.paused, "the queue was set");
            }
        }
        Ok(())
    }

    /// Notes who is connected and how long the queues are. If the servers do not say, the next look will.
    async fn note_fleet(&self, queues: &HashMap<AgentName, Option<Info>>) {
        if queues.is_empty() {
            return;
        }
        let noted = async {
            let account = self.identity.tenant(self.tenant).await?.account.clone();
            let connected = system::connected(&self.system, &account).await?;
            let live =
                queues.iter().map(|(agent, info)| live(agent, info.as_ref(), connected.contains(agent))).collect();
            Ok::<_, Error>(self.ledger.observe(self.tenant, live, self.clock.now()).await?)
        };
        if let Err(error) = noted.await {
            tracing::warn!(%error, "what was seen of the fleet could not be noted");
        }
    }

    /// Searches for tasks that will never move: their message is gone, or the bus will not hand it out again.
    async fn sweep(&self, tasks: &Stream, signals: &Stream, seen: &mut Seen) -> Result<(), Error> {
        let now = self.clock.now();
        let before = Millis(now.0 - FRESH_MS);
        let Ok(suspects) = self.watch.suspects(self.tenant, before, &seen.suspects, SUSPECTS).await else {
            return Ok(());
        };
        if suspects.is_empty() {
            return Ok(());
        }
        for suspect in &suspects {
            seen.suspects.insert(suspect.agent.clone(), (suspect.heard_at, suspect.task));
        }
        // Only now: of a message that came after the look, a queue would seem to know nothing.
        let agents: HashSet<AgentName> = suspects.iter().map(|suspect| suspect.agent.clone()).collect();
        let queues = self.look(tasks, agents, seen).await;
        let known = |agent: &AgentName| queues.get(agent).is_some_and(Option::is_some);
        let suspects = suspects.into_iter().filter(|suspect| known(&suspect.agent)).collect();
        let mut verdicts = sweep::judge(&self.context, suspects, &seen.handed, self.tasks_epoch, now).await?;
        // Only now: a signal that came while we looked would make a verdict wrong.
        if verdicts.is_empty() || !sweep::caught_up(signals).await? || !sweep::caught_up(tasks).await? {
            return Ok(());
        }
        for (suspect, verdict) in &mut verdicts {
            if *verdict == Verdict::Gone && self.was_passed_over(suspect, &seen.handed).await? {
                *verdict = Verdict::Lost;
            }
        }
        if let Err(error) = self.watch.found(self.tenant, verdicts, now).await {
            tracing::warn!(%error, "what was found out about tasks could not be recorded");
        }
        Ok(())
    }

    /// Whether the queue passed more messages than it handed out when it passed this one: then nothing says that this
    /// one was among those which somebody had.
    async fn was_passed_over(&self, suspect: &Suspect, queues: &HashMap<AgentName, Handed>) -> Result<bool, Error> {
        let Some(passed) = queues.get(&suspect.agent).and_then(|queue| queue.stretch(suspect.sequence)) else {
            return Ok(false);
        };
        let Stretch { from, to, deliveries } = passed;
        let messages = self.watch.messages(self.tenant, &suspect.agent, suspect.epoch, from, to).await?;
        Ok(messages > deliveries)
    }

    /// What is due by the clock alone. A database that is away makes it late, no more.
    async fn keep_time(&self) {
        let now = self.clock.now();
        let kept = async {
            self.watch.end_leases(self.tenant, now).await?;
            self.watch.try_breakers(self.tenant, now).await?;
            self.watch.pause_drifted(self.tenant, now).await?;
            if let Some((seq, hash)) = self.watch.head(self.tenant, now).await? {
                let payload = witness::sign(&self.identity, self.tenant, seq, &hash, now).await?;
                self.watch.tell_head(self.tenant, seq, payload, now).await?;
            }
            // Last: nothing else waits for it.
            self.watch.part_words(self.tenant).await?;
            Ok::<_, Error>(())
        };
        if let Err(error) = kept.await {
            tracing::warn!(%error, "leases, breakers or the journal's head are late");
        }
    }
}

fn live(agent: &AgentName, info: Option<&Info>, connected: bool) -> LiveAgent {
    LiveAgent {
        agent: agent.clone(),
        connected,
        queue_depth: info.map_or(0, |info| info.num_pending),
        in_flight: info.map_or(0, |info| info.num_ack_pending as u64),
        delivered_sequence: info.map_or(0, |info| info.delivered.stream_sequence),
        max_deliver: info.map(|info| info.config.max_deliver),
        ack_wait_ms: info.and_then(|info| i64::try_from(info.config.ack_wait.as_millis()).ok()),
        paused: info.is_some_and(|info| info.paused),
    }
}
