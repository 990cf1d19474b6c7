//! Every verb of the bus, tried with an agent's credential on what is its own, on another agent's, on that of an agent
//! of the same name in another organization, and on Countersign's. What came of it stands in matrix.txt.

use crate::{
    harness::{eventually, raw::Line, stock},
    place::{Place, mission},
};
use countersign_domain::review::ReviewDecision;
use data_encoding::BASE64URL_NOPAD;
use futures::StreamExt;
use serde_json::Value;
use std::{fmt::Write, path::Path, time::Duration};

/// What is put in for the words in braces.
struct Whose {
    agent: &'static str,
    consumer: &'static str,
    stream: &'static str,
    inbox: &'static str,
    /// Public key of the account.
    account: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Publish,
    Subscribe,
}

use Way::{Publish, Subscribe};

/// Verbs with their subjects: `{a}` an agent, `{c}` its consumer, `{s}` a stream, `{i}` an inbox, `{k}` an account.
const VERBS: [(&str, Way, &str); 66] = [
    ("give a task", Publish, "tasks.{a}.fix_bug"),
    ("hand on a decision as a task", Publish, "tasks.{a}.decision_made"),
    ("give a task of no kind", Publish, "tasks.{a}.review.approve"),
    ("send a heartbeat", Publish, "events.{a}.heartbeat"),
    ("say that a task began", Publish, "events.{a}.task.started"),
    ("say that a task is done", Publish, "events.{a}.task.completed"),
    ("say that a task failed", Publish, "events.{a}.task.failed"),
    ("report a cost", Publish, "events.{a}.usage.reported"),
    ("announce an artifact", Publish, "events.{a}.artifact.published"),
    ("raise a brief", Publish, "events.{a}.brief.prepared"),
    ("give findings", Publish, "events.{a}.review.examined"),
    ("approve a review", Publish, "events.{a}.review.approved"),
    ("reject a review", Publish, "events.{a}.review.rejected"),
    ("revoke an approval", Publish, "events.{a}.review.revoked"),
    ("override a review", Publish, "events.{a}.review.overridden"),
    ("lift a review", Publish, "events.{a}.review.lifted"),
    ("make a decision", Publish, "events.{a}.decision.made"),
    ("decide a brief", Publish, "events.{a}.brief.decided"),
    ("tell the journal's head", Publish, "events.{a}.journal.head"),
    ("write a dead letter", Publish, "dlq.{a}.fix_bug"),
    ("answer into an inbox", Publish, "{i}.probe"),
    ("look at a queue", Publish, "$JS.API.CONSUMER.INFO.TASKS.{c}"),
    ("take the next task", Publish, "$JS.API.CONSUMER.MSG.NEXT.TASKS.{c}"),
    ("acknowledge a task", Publish, "$JS.ACK.TASKS.{c}.0.0.0.0.0"),
    ("acknowledge a task, in the longer way", Publish, "$JS.ACK._.probe.TASKS.{c}.0.0.0.0.0.probe"),
    ("make a queue", Publish, "$JS.API.CONSUMER.CREATE.TASKS.{c}"),
    ("make a queue of some subjects", Publish, "$JS.API.CONSUMER.CREATE.TASKS.{c}.tasks.probe.probe"),
    ("make a durable queue", Publish, "$JS.API.CONSUMER.DURABLE.CREATE.TASKS.{c}"),
    ("delete a queue", Publish, "$JS.API.CONSUMER.DELETE.TASKS.{c}"),
    ("pause a queue", Publish, "$JS.API.CONSUMER.PAUSE.TASKS.{c}"),
    ("reset a queue", Publish, "$JS.API.CONSUMER.RESET.TASKS.{c}"),
    ("unpin a queue", Publish, "$JS.API.CONSUMER.UNPIN.TASKS.{c}"),
    ("have a queue led by another server", Publish, "$JS.API.CONSUMER.LEADER.STEPDOWN.TASKS.{c}"),
    ("stop the bridge's reader", Publish, "$JS.API.CONSUMER.DELETE.{s}.bridge"),
    ("take what the bridge is to read", Publish, "$JS.API.CONSUMER.MSG.NEXT.{s}.bridge"),
    ("acknowledge for the bridge", Publish, "$JS.ACK.{s}.bridge.0.0.0.0.0"),
    ("list queues", Publish, "$JS.API.CONSUMER.LIST.{s}"),
    ("name queues", Publish, "$JS.API.CONSUMER.NAMES.{s}"),
    ("look at a stream", Publish, "$JS.API.STREAM.INFO.{s}"),
    ("make a stream", Publish, "$JS.API.STREAM.CREATE.{s}"),
    ("change a stream", Publish, "$JS.API.STREAM.UPDATE.{s}"),
    ("delete a stream", Publish, "$JS.API.STREAM.DELETE.{s}"),
    ("empty a stream", Publish, "$JS.API.STREAM.PURGE.{s}"),
    ("copy a stream out", Publish, "$JS.API.STREAM.SNAPSHOT.{s}"),
    ("put a stream in the place of one", Publish, "$JS.API.STREAM.RESTORE.{s}"),
    ("read a message", Publish, "$JS.API.STREAM.MSG.GET.{s}"),
    ("read a message directly", Publish, "$JS.API.DIRECT.GET.{s}"),
    ("delete a message", Publish, "$JS.API.STREAM.MSG.DELETE.{s}"),
    ("have a stream led by another server", Publish, "$JS.API.STREAM.LEADER.STEPDOWN.{s}"),
    ("remove a server of a stream", Publish, "$JS.API.STREAM.PEER.REMOVE.{s}"),
    ("empty an account", Publish, "$JS.API.ACCOUNT.PURGE.{k}"),
    ("look at an account's connections", Publish, "$SYS.REQ.ACCOUNT.{k}.CONNZ"),
    ("look up an account's claims", Publish, "$SYS.REQ.ACCOUNT.{k}.CLAIMS.LOOKUP"),
    ("change an account's claims", Publish, "$SYS.ACCOUNT.{k}.CLAIMS.UPDATE"),
    ("pretend that a client went", Publish, "$SYS.ACCOUNT.{k}.DISCONNECT"),
    ("hear tasks", Subscribe, "tasks.{a}.>"),
    ("hear a kind of tasks", Subscribe, "tasks.{a}.fix_bug"),
    ("hear events", Subscribe, "events.{a}.>"),
    ("hear findings", Subscribe, "events.{a}.review.examined"),
    ("hear dead letters", Subscribe, "dlq.{a}.>"),
    ("hear answers", Subscribe, "{i}.>"),
    ("hear one answer", Subscribe, "{i}.probe"),
    ("hear who takes tasks", Subscribe, "$JS.API.CONSUMER.MSG.NEXT.TASKS.{c}"),
    ("hear acknowledgements", Subscribe, "$JS.ACK.TASKS.{c}.>"),
    ("hear what a queue tells", Subscribe, "$JS.EVENT.ADVISORY.CONSUMER.*.TASKS.{c}"),
    ("hear who connects", Subscribe, "$SYS.ACCOUNT.{k}.>"),
];

impl Whose {
    fn subject(&self, pattern: &str) -> String {
        let pattern = pattern.replace("{a}", self.agent).replace("{c}", self.consumer).replace("{s}", self.stream);
        pattern.replace("{i}", self.inbox).replace("{k}", &self.account)
    }
}

/// The account of the claims in a credentials file.
fn account_of(creds: &str) -> String {
    let jwt = creds.lines().nth(1).unwrap().trim();
    let claims = BASE64URL_NOPAD.decode(jwt.split('.').nth(1).unwrap().as_bytes()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    claims["nats"]["issuer_account"].as_str().unwrap().to_owned()
}

/// Tries it; answers whether the bus let it through.
fn is_permitted(line: &mut Line, way: Way, subject: &str, payload: &str) -> bool {
    let said = match way {
        Publish => format!("PUB {subject} {}\r\n{payload}\r\n", payload.len()),
        Subscribe => format!("SUB {subject} 1\r\n"),
    };
    let heard = line.answers(said.as_bytes());
    if way == Subscribe {
        line.answers(b"UNSUB 1\r\n");
    }
    let wanted = if way == Publish { "publish to" } else { "subscription to" };
    let refused = heard.iter().any(|line| {
        let line = line.to_lowercase();
        line.contains("permissions violation") && line.contains(wanted) && line.contains(&subject.to_lowercase())
    });
    let other: Vec<_> = heard.iter().filter(|line| line.starts_with("-ERR") && !refused).collect();
    assert!(other.is_empty(), "{subject}: {other:?}");
    !refused
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_verb_reaches_what_is_not_the_agents_own() {
    let mut place = Place::start().await;
    let own = place.desk.agent_of(&mission("backend", "Build the API.")).await;
    place.desk.agent_of(&mission("frontend", "Draw.")).await;
    // Another organization that has agents of the same names.
    let eve = place.organization(13, "other").await;
    let service = &place.desk.service;
    let mut theirs = Vec::new();
    for name in ["backend", "frontend"] {
        let review = service.propose_role(&eve, &mission(name, "Theirs.")).await.unwrap();
        eventually("the other organization's bus", async || {
            service.probe_review(&eve, review).await.map_err(|error| format!("{error:?}"))
        })
        .await;
        let sha256 = service.read_review(&eve, review).await.unwrap().row.sha256;
        service.decide_review(&eve, review, ReviewDecision::Approved, &sha256, "Ours").await.unwrap();
        let issued = service.issue_credential(&eve, &name.parse().unwrap(), 24).await.unwrap();
        let agent = stock::Agent::new(&place.desk.bus_url, name.parse().unwrap(), issued.creds);
        agent.queue_stands().await;
        theirs.push(agent);
    }
    let (acme, other) = (account_of(&own.creds), account_of(&theirs[0].creds));
    assert_ne!(acme, other);
    let settings = place.server.settings();
    let system = system_account(&place);

    // Somebody who hears all that happens in the other organization.
    let there = place.desk.account_of(&settings, eve.tenant).await;
    let mut heard = there.client().subscribe(">").await.unwrap();
    there.client().flush().await.unwrap();
    let before = streams(&there).await;

    let whose = |agent, consumer, stream, inbox, account: &str| Whose {
        agent,
        consumer,
        stream,
        inbox,
        account: account.to_owned(),
    };
    let columns = [
        whose("backend", "backend-agent", "TASKS", "_INBOX_backend", &acme),
        whose("frontend", "frontend-agent", "EVENTS", "_INBOX_frontend", &acme),
        whose("backend", "backend-agent", "TASKS", "_INBOX_backend", &other),
        whose("countersign", "bridge", "SIGNALS", "_INBOX", &system),
    ];
    let mut line = Line::of(&own);
    let mut table =
        format!("{:<40}{:<11}{:<15}{:<22}{}\n", "", "its own", "another agent", "another organization", "Countersign");
    let mut foreign = Vec::new();
    for (number, (verb, way, pattern)) in VERBS.iter().enumerate() {
        let mut cells = Vec::new();
        for (column, whose) in columns.iter().enumerate() {
            let subject = whose.subject(pattern);
            let permitted = is_permitted(&mut line, *way, &subject, &format!("crossed over {number} {column}"));
            cells.push(match (permitted, column) {
                (false, _) => "refused",
                // The same subject is its own there; that it stays in its own account is seen below.
                (true, 2) => "stays at home",
                (true, 0) => "permitted",
                (true, _) => {
                    foreign.push(format!("{verb}: {subject}"));
                    "PERMITTED"
                }
            });
        }
        let _ = writeln!(table, "{verb:<40}{:<11}{:<15}{:<22}{}", cells[0], cells[1], cells[2], cells[3]);
    }
    println!("{table}");
    assert!(foreign.is_empty(), "it reaches what is not its own: {foreign:#?}");
    assert!(VERBS.len() >= 40);

    // Nothing of it arrived there: the last word that is said there comes next.
    let last = theirs[0].connect().await;
    last.publish("events.backend.last.word", &[], "{}").await.unwrap();
    let mut messages = 0;
    loop {
        let message =
            tokio::time::timeout(Duration::from_secs(20), heard.next()).await.expect("the last word").unwrap();
        let text = String::from_utf8_lossy(&message.payload).into_owned();
        assert!(!text.contains("crossed over"), "{} arrived in another organization: {text}", message.subject);
        messages += 1;
        if message.subject.as_str() == "events.backend.last.word" {
            break;
        }
    }
    println!("{messages} messages of their own");
    let after = streams(&there).await;
    for (was, is) in before.iter().zip(&after) {
        // Events are told by the server itself too; the last word is one.
        assert!(was == is || was.0 == "EVENTS", "{was:?} {is:?}");
    }

    compare("matrix.txt", &table);
}

/// Names of the streams with how much is in them, and their consumers.
async fn streams(context: &async_nats::jetstream::Context) -> Vec<(String, u64, Vec<String>)> {
    let mut all = Vec::new();
    for name in ["TASKS", "EVENTS", "DLQ", "SIGNALS"] {
        let stream = context.get_stream(name).await.unwrap();
        let mut consumers: Vec<String> = stream.consumer_names().map(Result::unwrap).collect().await;
        consumers.sort();
        all.push((name.to_owned(), stream.get_info().await.unwrap().state.last_sequence, consumers));
    }
    all
}

/// The public key of the system account, as the bus is configured with it.
fn system_account(place: &Place) -> String {
    let config = walk(&place.server.dir).into_iter().find(|path| path.ends_with("nats.conf")).expect("a configuration");
    let text = std::fs::read_to_string(config).unwrap();
    let line = text.lines().find(|line| line.trim_start().starts_with("system_account")).expect("a system account");
    let key = line.split([':', '=']).nth(1).unwrap().trim().trim_matches('"');
    assert!(key.starts_with('A') && key.len() == 56, "{line}");
    key.to_owned()
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found
}

/// Compares with what is kept; with BLESS=1 it is kept anew.
fn compare(file: &str, fresh: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gate").join(file);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, fresh).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, fresh, "{file} is stale: look at what changed, then run again with BLESS=1");
}
