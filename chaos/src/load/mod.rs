//! Work for the fleet: publishers that insist, and workers with a fate for every task.

mod fate;
mod founder;
mod publisher;
mod worker;

pub use fate::{Fate, Mix};
use founder::Founder;

use crate::{desk::Desk, ledger::Ledger, stock};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::watch,
    task::{AbortHandle, JoinSet},
};

/// Who gives tasks; not one of those who work.
const GIVER: &str = "ceo";

/// What a load consists of.
#[derive(Debug, Clone)]
pub struct Spec {
    pub tasks: u64,
    pub agents: &'static [&'static str],
    /// Connections that publish.
    pub publishers: u64,
    /// Connections that work, for each agent.
    pub workers: u64,
    pub seed: u64,
    pub mix: Mix,
    /// Every so manieth task is made by a founder and goes through the outbox; 0 for none.
    pub founders_share: u64,
    /// Bytes added to each payload.
    pub padding: usize,
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            tasks: 0,
            agents: &["cso", "backend", "devops"],
            publishers: 3,
            workers: 2,
            seed: 0,
            mix: Mix::Varied,
            founders_share: 5,
            padding: 0,
        }
    }
}

/// A load that runs until it is dropped.
pub struct Load {
    pub ledger: Arc<Ledger>,
    spec: Spec,
    workers: Vec<stock::Agent>,
    released: watch::Sender<u64>,
    pace: Option<AbortHandle>,
    working: Vec<AbortHandle>,
    breakers_closed: Arc<AtomicU64>,
    /// Their ends are the load's.
    running: JoinSet<()>,
}

impl Load {
    /// Makes the agents and starts the publishers, who publish nothing before it is released.
    pub async fn start(desk: &Desk, spec: Spec) -> anyhow::Result<Self> {
        let giver = desk.agent(GIVER, &spec.agents.join(" ")).await?;
        let mut workers = Vec::new();
        for name in spec.agents {
            workers.push(desk.agent(name, "").await?);
        }
        let ledger = Arc::new(Ledger::new(&format!("{:x}", spec.seed & 0xffff), spec.tasks));
        let released = watch::Sender::new(0);
        let mut running = JoinSet::new();
        for number in 0..spec.publishers {
            let (giver, ledger) = (giver.clone(), Arc::clone(&ledger));
            let founder = Founder::of(desk);
            running.spawn(publisher::run(giver, founder, ledger, spec.clone(), number, released.subscribe()));
        }
        let breakers_closed = Arc::default();
        if spec.mix == Mix::Varied {
            running.spawn(Founder::of(desk).close_breakers(Arc::clone(&breakers_closed)));
        }
        Ok(Self { ledger, spec, workers, released, pace: None, working: Vec::new(), breakers_closed, running })
    }

    /// Starts the workers.
    pub fn work(&mut self) {
        for agent in &self.workers {
            for _ in 0..self.spec.workers {
                let (agent, ledger) = (agent.clone(), Arc::clone(&self.ledger));
                self.working.push(self.running.spawn(worker::run(agent, ledger, self.spec.clone())));
            }
        }
    }

    /// Ends the workers. What they have in hand the bus hands out again.
    pub fn rest(&mut self) {
        for worker in self.working.drain(..) {
            worker.abort();
        }
    }

    /// Lets the publishers publish the tasks before `task`, as quickly as they can.
    pub fn release(&self, task: u64) {
        self.released.send_if_modified(|released| {
            let more = task.min(self.spec.tasks) > *released;
            *released = task.min(self.spec.tasks).max(*released);
            more
        });
    }

    /// Releases tasks at an even rate until [`Load::hold`].
    pub fn release_evenly(&mut self, per_second: u64) {
        let (released, tasks) = (self.released.clone(), self.spec.tasks);
        let pace = self.running.spawn(async move {
            let begun = Instant::now();
            let mut tick = tokio::time::interval(Duration::from_millis(1000 / per_second.max(1)));
            loop {
                tick.tick().await;
                let due = begun.elapsed().as_millis() * u128::from(per_second) / 1000;
                released.send_replace(u64::try_from(due).unwrap_or(u64::MAX).min(tasks));
            }
        });
        self.pace = Some(pace);
    }

    /// Releases no more.
    pub fn hold(&mut self) {
        if let Some(pace) = self.pace.take() {
            pace.abort();
        }
    }

    /// How often the founder had to close a breaker.
    pub fn breakers_closed(&self) -> u64 {
        self.breakers_closed.load(Ordering::Relaxed)
    }

    /// How many tasks have been released.
    pub fn released(&self) -> u64 {
        *self.released.borrow()
    }

    /// Waits until every released task is acknowledged, none is open and the outbox is empty, at most `patience`; answers how
    /// long that took. `None`: it did not come to that.
    pub async fn settles(&self, desk: &Desk, patience: Duration) -> Option<Duration> {
        let begun = Instant::now();
        loop {
            let acknowledged = self.ledger.acknowledged();
            // A question that fails is asked again: the database may be coming back.
            let ended = async || {
                let recorded = desk.recorded_tasks().await? >= acknowledged;
                anyhow::Ok(recorded && desk.open_tasks().await? == 0 && desk.unsent().await? == 0)
            };
            if acknowledged >= self.released() && ended().await.unwrap_or(false) {
                return Some(begun.elapsed());
            }
            if begun.elapsed() > patience {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}
