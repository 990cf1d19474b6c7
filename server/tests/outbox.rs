//! What the relay is given to do, and in which order. No server runs here: the relay's part is the test's.
#![allow(clippy::disallowed_methods, reason = "these tests are stock clients")]

mod harness;

use countersign_domain::{
    AgentName, Millis, TaskId, TenantId,
    bus_fact::{Fact, FactBody, Position, TaskReceived},
};
use countersign_server::surroundings::SystemClock;
use countersign_service::{
    TaskForm,
    ports::{Batch, Clock, Errand, ErrandKind, Ledger, Outbox, Suspect, Verdict, Watch},
};
use countersign_store::{PgLedger, PgOutbox, PgWatch};
use harness::{Desk, outside::Outside};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use uuid::Uuid;

/// A database with the agents `cso` and `ops`, beside which nothing runs.
struct Still {
    desk: Desk,
    tenant: TenantId,
    outbox: PgOutbox,
    ledger: PgLedger,
    watch: PgWatch,
    _outside: Outside,
}

impl Still {
    async fn open() -> Self {
        let outside = Outside::start().await;
        let mut server = outside.serve(&[]);
        let desk = server.set_up().await;
        desk.agent("cso", "").await;
        desk.agent("ops", "").await;
        assert!(server.stop());
        let db = desk.databases.bridge.clone();
        Self {
            tenant: desk.founder.tenant,
            outbox: PgOutbox::new(db.clone()),
            ledger: PgLedger::new(db.clone(), Arc::new(SystemClock)),
            watch: PgWatch::new(db),
            desk,
            _outside: outside,
        }
    }

    async fn create(&self, kind: &str, priority: i64) -> TaskId {
        let form = TaskForm { agent: "cso".into(), kind: kind.into(), priority, ..TaskForm::default() };
        self.desk.service.create_task(&self.desk.founder, form).await.unwrap()
    }

    async fn take(&self, at: Millis) -> Vec<Errand> {
        let mut taken = self.outbox.take(self.tenant, at, 1_000).await.unwrap();
        // The journal's signed head has nothing to do with this.
        taken.retain(|errand| !errand.message_id.starts_with("h:"));
        taken
    }

    async fn take_tasks(&self, at: Millis) -> Vec<TaskId> {
        let task = |errand: &Errand| match &errand.kind {
            ErrandKind::Publish { task, .. } => task.map(|(task, _)| task),
            ErrandKind::Remove { .. } => None,
        };
        self.take(at).await.iter().filter_map(task).collect()
    }

    /// Records so many tasks of an agent as they come from the bus.
    async fn receive(&self, agent: &str, sequences: std::ops::RangeInclusive<u64>, at: Millis) {
        let last_sequence = *sequences.end();
        let facts = sequences.map(|sequence| received(self.tenant, &agent.parse().unwrap(), sequence, at)).collect();
        let batch = Batch { stream: "TASKS", epoch: 1, last_sequence, facts };
        self.ledger.record(self.tenant, batch).await.unwrap();
    }
}

fn received(tenant: TenantId, agent: &AgentName, sequence: u64, at: Millis) -> Fact {
    let body = FactBody::TaskReceived(TaskReceived {
        task: TaskId::of_message(tenant, 1, sequence, at.0),
        agent: agent.clone(),
        kind: "scan".parse().unwrap(),
        correlation_id: None,
        title: None,
        payload: "{}".to_owned(),
        headers: Vec::new(),
        message_id: None,
        claimed_sender: None,
        sender_verified: false,
        issue: None,
        unknown_agent: false,
    });
    let mut event_id = [0; 32];
    event_id[..8].copy_from_slice(&sequence.to_be_bytes());
    Fact { position: Position { stream: "TASKS".to_owned(), epoch: 1, sequence }, at, event_id, body }
}

#[tokio::test]
async fn what_was_sent_takes_its_place_in_the_queue_before_it_is_read_there() {
    let still = Still::open().await;
    for _ in 0..130 {
        still.create("scan", 0).await;
    }
    let now = SystemClock.now();
    let first = still.take(now).await;
    assert_eq!(first.len(), 100);
    let sent: Vec<i64> = first.iter().map(|errand| errand.seq).collect();
    still.outbox.done(still.tenant, &sent, now).await.unwrap();
    assert_eq!(still.take(now).await, [], "the queue is full, though nobody has read it");
    let urgent = still.create("scan", 9).await;
    let three: Vec<Uuid> = first[..3]
        .iter()
        .filter_map(|errand| match &errand.kind {
            ErrandKind::Publish { task, .. } => task.map(|(task, _)| task.0),
            ErrandKind::Remove { .. } => None,
        })
        .collect();
    for task in three {
        still.desk.service.cancel_task(&still.desk.founder, TaskId(task), "").await.unwrap();
    }
    let next = still.take_tasks(SystemClock.now()).await;
    assert_eq!((next.len(), next[0]), (3, urgent), "room for three, and the most urgent goes first");
}

#[tokio::test]
async fn what_was_refused_is_not_passed_by_what_came_after_it() {
    let still = Still::open().await;
    let (first, second) = (still.create("scan", 0).await, still.create("scan", 0).await);
    let other = still.create("report", 0).await;
    let now = SystemClock.now();
    let taken = still.take(now).await;
    assert_eq!(taken.len(), 3);
    let later = Millis(now.0 + 60_000);
    still.outbox.put_off(still.tenant, taken[0].seq, "full", later).await.unwrap();
    assert_eq!(still.take_tasks(now).await, [other], "the second waits for the first");
    let urgent = still.create("scan", 9).await;
    assert_eq!(still.take_tasks(SystemClock.now()).await, [urgent, other], "what is more urgent may pass");
    assert_eq!(still.take_tasks(later).await, [urgent, first, second, other]);
    for _ in 0..10 {
        still.outbox.put_off(still.tenant, taken[0].seq, "full", later).await.unwrap();
    }
    let passing = still.take_tasks(SystemClock.now()).await;
    assert_eq!(passing, [urgent, second, other], "what may never be taken holds up others for a while only");
}

#[tokio::test]
async fn a_message_stays_in_its_queue_until_the_copy_of_it_is_kept() {
    let still = Still::open().await;
    let at = Millis(SystemClock.now().0 - 1_000);
    still.receive("cso", 1..=1, at).await;
    let now = SystemClock.now();
    let suspects = still.watch.suspects(still.tenant, now, &HashMap::new(), 10).await.unwrap();
    still.watch.found(still.tenant, vec![(suspects[0].clone(), Verdict::Hung)], now).await.unwrap();
    let is_letter =
        |errand: &Errand| matches!(&errand.kind, ErrandKind::Publish { subject, .. } if subject == "dlq.cso.scan");
    let letter = still.take(now).await;
    assert!(letter.len() == 1 && is_letter(&letter[0]), "{letter:?}");
    still.outbox.put_off(still.tenant, letter[0].seq, "full", Millis(now.0 + 60_000)).await.unwrap();
    assert_eq!(still.take(now).await, [], "without its copy it is not taken out");
    still.outbox.done(still.tenant, &[letter[0].seq], now).await.unwrap();
    let removal = still.take(now).await;
    assert_eq!(
        removal.iter().map(|errand| &errand.kind).collect::<Vec<_>>(),
        [&ErrandKind::Remove { epoch: 1, sequence: 1 }]
    );
}

#[tokio::test]
async fn no_agents_queue_keeps_the_tasks_of_others_from_being_looked_at() {
    let still = Still::open().await;
    let at = Millis(SystemClock.now().0 - 10_000);
    still.receive("cso", 1..=400, at).await;
    still.receive("cso", 401..=600, at).await;
    still.receive("ops", 601..=601, Millis(at.0 + 1_000)).await;
    let mut after = HashMap::new();
    let mut seen: HashSet<TaskId> = HashSet::new();
    for round in 1..=2 {
        let suspects = still.watch.suspects(still.tenant, SystemClock.now(), &after, 500).await.unwrap();
        assert_eq!(suspects.len(), 500);
        assert!(suspects.iter().any(|suspect| suspect.agent.as_str() == "ops"), "round {round}");
        for Suspect { task, agent, heard_at, .. } in suspects {
            after.insert(agent, (heard_at, task));
            seen.insert(task);
        }
    }
    assert_eq!(seen.len(), 601, "all had their turn");
}
