//! What is recorded of many messages at once, handed to the record as its readers do.
#![allow(clippy::disallowed_methods, reason = "these tests are stock clients")]

mod harness;

use countersign_domain::{
    Act, AgentName, Millis, ReplayId, TaskId, TenantId,
    bus_fact::{Fact, FactBody, Issue, Position, SignalKind, TaskReceived, TaskSignal},
    reading::{LetterQuery, TaskQuery},
    task::TaskState,
};
use countersign_server::{compose, surroundings::SystemClock};
use countersign_service::ports::{Batch, Clock, DeadLetters, Ledger};
use countersign_store::{JournalKeeper, PgDeadLetters};
use harness::{Desk, Server, eventually};
use sqlx::{Connection, PgConnection};
use std::sync::Arc;
use uuid::Uuid;

/// A stream that the bus has not: nobody else writes of it.
const EPOCH: i64 = 7;

struct Record {
    ledger: Arc<dyn Ledger>,
    tenant: TenantId,
    start: i64,
}

impl Record {
    fn of(desk: &Desk) -> Self {
        let ledger = compose::record(&desk.databases).ledger;
        Self { ledger, tenant: desk.founder.tenant, start: SystemClock.now().0 - 60_000 }
    }

    fn fact(&self, stream: &str, sequence: u64, body: FactBody) -> Fact {
        let mut event_id = [0; 32];
        event_id[..8].copy_from_slice(&sequence.to_be_bytes());
        event_id[8] = stream.as_bytes()[0];
        let position = Position { stream: stream.to_owned(), epoch: EPOCH, sequence };
        let at = Millis(self.start + i64::try_from(sequence).unwrap());
        Fact { position, at, event_id, body }
    }

    /// Message `sequence`, which carries task number `task` for the agent.
    fn task(&self, sequence: u64, task: u128, agent: &str, issue: Option<Issue>) -> Fact {
        let received = TaskReceived {
            task: TaskId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + task)),
            agent: agent.parse().unwrap(),
            kind: "scan".parse().unwrap(),
            correlation_id: None,
            title: Some(format!("task {task}")),
            payload: format!(r#"{{"n":{task}}}"#),
            headers: vec![("Message".to_owned(), sequence.to_string())],
            message_id: Some(format!("m-{sequence}")),
            claimed_sender: None,
            sender_verified: false,
            issue,
            unknown_agent: false,
        };
        self.fact("TASKS", sequence, FactBody::TaskReceived(received))
    }

    /// Signal `sequence`: something happened to an attempt at message `of`.
    fn signal(&self, sequence: u64, of: u64, agent: &str, attempt: u32, kind: SignalKind) -> Fact {
        let signal = TaskSignal {
            tasks_epoch: EPOCH,
            sequence: of,
            agent: agent.parse().unwrap(),
            attempt,
            kind,
            at: Millis(self.start + i64::try_from(sequence).unwrap()),
            worked_ms: None,
            reason: Some(format!("as message {sequence} says")),
            event: None,
        };
        self.fact("SIGNALS", sequence, FactBody::TaskSignalled(signal))
    }

    async fn keep(&self, stream: &'static str, facts: Vec<Fact>) -> u32 {
        let last_sequence = facts.iter().map(|fact| fact.position.sequence).max().unwrap_or(0);
        self.ledger.record(self.tenant, Batch { stream, epoch: EPOCH, last_sequence, facts }).await.unwrap().new
    }
}

#[tokio::test]
async fn a_message_that_was_read_twice_into_one_batch_is_no_copy_of_itself() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    desk.agent("cso", "").await;
    let record = Record::of(&desk);
    let message = || record.task(1, 1, "cso", None);
    // Another message with the same id, which the bus kept because it had forgotten the first in a crash.
    let mut copy = record.task(2, 1, "cso", None);
    copy.event_id = message().event_id;
    assert_eq!(record.keep("TASKS", vec![message(), message(), copy]).await, 1);
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    let removed: Vec<(i64,)> =
        sqlx::query_as("select sequence from outbox where op = 'remove'").fetch_all(&mut owner).await.unwrap();
    assert_eq!(removed, [(2,)], "the copy alone leaves the queue");
    assert_eq!(desk.tasks(TaskQuery::default()).await.count, 1);
}

#[tokio::test]
async fn a_message_that_the_bus_will_not_hand_out_again_leaves_the_queue_though_its_task_was_done() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    desk.agent("cso", "").await;
    let record = Record::of(&desk);
    record.keep("TASKS", vec![record.task(1, 1, "cso", None), record.task(2, 2, "cso", None)]).await;
    record.keep("SIGNALS", [1, 2].map(|n| record.signal(n, n, "cso", 1, SignalKind::Completed)).to_vec()).await;
    desk.await_tasks(&[TaskState::Succeeded], 2).await;
    // Its worker was killed before it could acknowledge the last delivery.
    record.keep("SIGNALS", vec![record.signal(3, 2, "cso", 5, SignalKind::Exhausted)]).await;
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    let removed: Vec<(i64,)> =
        sqlx::query_as("select sequence from outbox where op = 'remove'").fetch_all(&mut owner).await.unwrap();
    assert_eq!(removed, [(2,)]);
    desk.await_tasks(&[TaskState::Succeeded], 2).await;
}

#[tokio::test]
async fn however_the_journal_is_cut_the_views_are_the_same() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    desk.agent("cso", "").await;
    let record = Record::of(&desk);
    let again = |number, base| Some(Issue { number, base });
    // Put on the bus again, with other headers, in the same batch and in a later one; signals before tasks.
    record.keep("SIGNALS", vec![record.signal(1, 1, "cso", 1, SignalKind::Naked)]).await;
    let first = vec![record.task(1, 1, "cso", None), record.task(2, 1, "cso", again(2, 1))];
    record.keep("TASKS", [first, vec![record.task(3, 2, "cso", None)]].concat()).await;
    record.keep("TASKS", vec![record.task(4, 2, "cso", again(2, 1)), record.task(5, 3, "ghost", None)]).await;
    let signals = [
        record.signal(2, 2, "cso", 1, SignalKind::Acked),
        record.signal(3, 3, "cso", 1, SignalKind::LeaseEnded),
        record.signal(4, 4, "cso", 1, SignalKind::Terminated),
        record.signal(5, 4, "nobody", 1, SignalKind::Acked),
    ];
    record.keep("SIGNALS", signals.to_vec()).await;
    // A letter that is replayed, called off, replayed again, and one whose worker answers late meanwhile.
    let letters = desk.service.read_dead_letters(&desk.founder, &LetterQuery::default()).await.unwrap();
    assert_eq!(letters.waiting, 2, "{:?}", letters.letters);
    let given_up = letters.letters.iter().find(|letter| letter.agent == "cso").unwrap().id.clone();
    let only = LetterQuery { ids: vec![given_up], ..LetterQuery::default() };
    let desks = PgDeadLetters::new(desk.databases.web.clone());
    // Due tomorrow, so that nothing reaches the bus and comes back from it meanwhile.
    let (by, via) = (desk.founder.person, desk.founder.via.clone());
    let act = Act { by, at: Millis(SystemClock.now().0 + 86_400_000), via };
    for run in [1, 2, 3].map(|run| ReplayId(Uuid::from_u128(run))) {
        assert_eq!(desks.replay_all(record.tenant, &only, run, 10, act.clone()).await.unwrap(), 1);
        if run.0.as_u128() < 3 {
            assert_eq!(desks.stop(record.tenant, run, act.clone()).await.unwrap(), 1);
        }
    }
    record.keep("SIGNALS", vec![record.signal(6, 4, "cso", 2, SignalKind::Acked)]).await;

    let tenant = desk.founder.tenant;
    let keeper = JournalKeeper::new(server.owner());
    for chunk in [1, 2, 3, 5, 2_000] {
        let (before, after) = loop {
            let length = keeper.verify(tenant, None).await.unwrap().entries;
            let before = keeper.read_models(tenant).await.unwrap();
            let read = keeper.clone().in_chunks_of(chunk).rebuild(tenant, |_| {}).await.unwrap();
            // The server may have written meanwhile, such as its own head.
            if read == length {
                break (before, keeper.read_models(tenant).await.unwrap());
            }
        };
        for (old, new) in before.lines().zip(after.lines()) {
            assert_eq!(old, new, "in chunks of {chunk}");
        }
        assert_eq!(before.lines().count(), after.lines().count(), "in chunks of {chunk}");
    }
}

#[tokio::test]
async fn ten_thousand_dead_letters_at_once_are_shown_replayed_and_called_off() {
    const ALL: u64 = 10_000;
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let record = Record::of(&desk);
    for batch in 0..20 {
        let facts = (1..=500).map(|n| batch * 500 + n).map(|n| record.task(n, u128::from(n), "ghost", None)).collect();
        assert_eq!(record.keep("TASKS", facts).await, 500);
    }
    let desk_page = async || desk.service.read_dead_letters(&desk.founder, &LetterQuery::default()).await.unwrap();
    let letters = desk_page().await;
    assert_eq!((letters.groups.len(), letters.groups[0].count, letters.waiting), (1, ALL, ALL));
    let copies = desk.account(&server.settings()).await;
    eventually("a copy of each on the bus", async || {
        let stream = copies.get_stream("DLQ").await.map_err(|e| e.to_string())?;
        let kept = stream.cached_info().state.messages;
        if kept == ALL { Ok(()) } else { Err(format!("{kept} are")) }
    })
    .await;

    let ghost: AgentName = "ghost".parse().unwrap();
    desk.agent("ghost", "").await;
    desk.service.pause_agent(&desk.founder, &ghost, "it is to wait").await.unwrap();
    let query = LetterQuery { fingerprint: Some(letters.groups[0].fingerprint.clone()), ..LetterQuery::default() };
    let preview = desk.service.preview_replay(&desk.founder, &query, 1).await.unwrap();
    assert_eq!((preview.count, preview.seconds), (ALL, ALL - 1));
    let (run, count) = desk.service.replay_letters(&desk.founder, &query, 1, ALL).await.unwrap();
    assert_eq!((count, desk_page().await.waiting), (ALL, 0));
    let stopped = desk.service.stop_replay(&desk.founder, run).await.unwrap();
    let letters = desk_page().await;
    assert_eq!((letters.waiting, letters.runs[0].stopped), (stopped, stopped));
    assert!(stopped > ALL / 2, "most had not gone out: {stopped}");

    // Pressed twice: once counts.
    let again = desk.service.preview_replay(&desk.founder, &query, 100).await.unwrap().count;
    let (first, second) = tokio::join!(
        desk.service.replay_letters(&desk.founder, &query, 100, again),
        desk.service.replay_letters(&desk.founder, &query, 100, again),
    );
    let replayed: u64 = [first, second].into_iter().filter_map(Result::ok).map(|(_, count)| count).sum();
    assert_eq!((replayed, desk_page().await.waiting), (again, 0));
    let originals = TaskQuery { state: vec![TaskState::Replayed], ..TaskQuery::default() };
    assert_eq!(desk.tasks(originals).await.count, ALL);
}

#[tokio::test]
async fn a_batch_that_was_begun_and_given_up_never_happened() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    desk.agent("cso", "").await;
    let record = Record::of(&desk);
    let batch = |sequences: std::ops::RangeInclusive<u64>| Batch {
        stream: "TASKS",
        epoch: EPOCH,
        last_sequence: *sequences.end(),
        facts: sequences.map(|n| record.task(n, u128::from(n), "cso", None)).collect(),
    };
    drop(record.ledger.begin(record.tenant, batch(1..=3)).await.unwrap());
    assert_eq!(desk.tasks(TaskQuery::default()).await.count, 0);
    assert_eq!(desk.tasks(TaskQuery { text: Some("cso".to_owned()), ..TaskQuery::default() }).await.count, 0);

    // Two under way; the second has messages of the first and waits for it, so none counts twice.
    let first = record.ledger.begin(record.tenant, batch(1..=3)).await.unwrap();
    let second = record.ledger.begin(record.tenant, batch(2..=5));
    let (first, second) = tokio::join!(first.finish(), second);
    let (first, second) = (first.unwrap(), second.unwrap().finish().await.unwrap());
    assert_eq!((first.new, second.new, second.journal_seq - first.journal_seq), (3, 2, 2));
    assert_eq!(desk.tasks(TaskQuery { text: Some("cso".to_owned()), ..TaskQuery::default() }).await.count, 5);

    // A founder's act takes its turn between a batch's two halves.
    let third = record.ledger.begin(record.tenant, batch(6..=6)).await.unwrap();
    desk.service.pause_agent(&desk.founder, &"cso".parse().unwrap(), "Between").await.unwrap();
    assert_eq!(third.finish().await.unwrap().new, 1);
    JournalKeeper::new(server.owner()).verify(record.tenant, None).await.unwrap();
}

#[tokio::test]
async fn what_was_said_of_a_task_before_it_came_counts_when_it_comes() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    desk.agent("cso", "").await;
    let record = Record::of(&desk);
    record.keep("SIGNALS", vec![record.signal(1, 2, "cso", 1, SignalKind::Acked)]).await;
    record.keep("TASKS", (1..=3).map(|n| record.task(n, u128::from(n), "cso", None)).collect()).await;
    let of = async |state| desk.tasks(TaskQuery { state: vec![state], ..TaskQuery::default() }).await.count;
    assert_eq!((of(TaskState::Succeeded).await, of(TaskState::Queued).await), (1, 2));
}

/// The embedded database's owner is a superuser, whom no row-level policy binds.
#[tokio::test]
async fn checking_and_rebuilding_one_tenant_leaves_another_alone() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let ours = Record::of(&desk);
    let theirs = Record { ledger: Arc::clone(&ours.ledger), tenant: TenantId(Uuid::from_u128(2)), start: ours.start };
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    for sql in [
        "insert into tenant (id, slug, name, created_ms) values ($1, 'other', 'Other', 0)",
        "insert into journal_head (tenant_id, seq, hash) values ($1, 0, '')",
    ] {
        sqlx::query(sql).bind(theirs.tenant.0).execute(&mut owner).await.unwrap();
    }
    ours.keep("TASKS", (1..=2).map(|n| ours.task(n, u128::from(n), "cso", None)).collect()).await;
    theirs.keep("TASKS", (1..=3).map(|n| theirs.task(n, 10 + u128::from(n), "cso", None)).collect()).await;

    let keeper = JournalKeeper::new(server.owner());
    let tasks = async |tenant| {
        let rows = keeper.read_models(tenant).await.unwrap();
        rows.lines().filter(|row| row.starts_with("task(")).map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    let before = (tasks(ours.tenant).await, tasks(theirs.tenant).await);
    assert_eq!((before.0.len(), before.1.len()), (2, 3));
    for tenant in [ours.tenant, theirs.tenant] {
        keeper.verify(tenant, None).await.unwrap();
        keeper.rebuild(tenant, |_| {}).await.unwrap();
        assert_eq!((tasks(ours.tenant).await, tasks(theirs.tenant).await), before);
    }
}
