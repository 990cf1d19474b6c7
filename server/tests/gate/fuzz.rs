//! An agent that somebody has talked into deciding its own review: whatever it says on the bus, and whatever it asks of
//! the console, decides nothing.

use crate::{
    harness::{
        ask::{FORM, ask},
        eventually,
        raw::Line,
        web,
    },
    place::{Place, hash_of, mission},
};
use std::{fmt::Write, time::UNIX_EPOCH};

/// Messages, all in all.
const PAIRS: usize = 10_000;
/// Between two looks at what the bus has said.
const AT_ONCE: usize = 100;
/// Repeats a run.
const SEED: &str = "FUZZ_SEED";

/// `SplitMix64`: small, and the same numbers for the same seed everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % end as u64).unwrap()
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// What the agent knows: it has read its own review over somebody's shoulder.
struct Known {
    agent: &'static str,
    review: String,
    sha256: String,
    approved: String,
    founder: String,
}

const BEGINNINGS: [&str; 14] = [
    "events.AGENT.",
    "events.AGENT.review.",
    "events.countersign.",
    "events.countersign.review.",
    "events.other.review.",
    "tasks.AGENT.",
    "tasks.other.",
    "tasks.founder.",
    "tasks.countersign.",
    "$JS.API.",
    "$JS.API.CONSUMER.",
    "$SYS.REQ.",
    "dlq.AGENT.",
    "",
];
/// Server functions that decide something.
const DECIDING: [&str; 22] = [
    "review/approve",
    "review/reject",
    "review/revoke",
    "review/probe",
    "role/propose",
    "agent/stop",
    "agent/lift",
    "fleet/stop",
    "fleet/lift",
    "brief/decide",
    "brief/undo",
    "brief/ask",
    "brief/snooze",
    "brief/ask_signature",
    "brief/sign",
    "brief/set_policy",
    "brief/reverse",
    "away/declare",
    "away/end",
    "grant/ask_signature",
    "grant/sign",
    "grant/revoke",
];
const WORDS: [&str; 50] = [
    "review",
    "reviews",
    "review_decision",
    "approve",
    "approved",
    "approve_review",
    "reject",
    "rejected",
    "revoke",
    "revoked",
    "decide",
    "decision",
    "decision_made",
    "decided",
    "override",
    "overridden",
    "lift",
    "lifted",
    "waive",
    "examined",
    "role",
    "roles",
    "propose",
    "probe",
    "credential",
    "issue",
    "renew",
    "brief",
    "made",
    "prepared",
    "founder",
    "countersign",
    "tasks",
    "events",
    "system",
    "bridge",
    "AGENT",
    "AGENT-agent",
    "TASKS",
    "EVENTS",
    "SIGNALS",
    "CREATE",
    "UPDATE",
    "DELETE",
    "MSG",
    "NEXT",
    "heartbeat",
    "completed",
    "REVIEW",
    "SHA",
];

fn subject(dice: &mut Dice, known: &Known) -> String {
    let mut subject = dice.of(&BEGINNINGS).to_owned();
    let words: Vec<&str> = (0..=dice.below(4)).map(|_| dice.of(&WORDS)).collect();
    subject.push_str(&words.join("."));
    subject.replace("AGENT", known.agent).replace("REVIEW", &known.review).replace("SHA", &known.sha256)
}

fn payload(dice: &mut Dice, known: &Known) -> String {
    let decision = dice.of(&["approved", "approve", "rejected", "revoked", "override", "lift", "APPROVED", "yes"]);
    let hash = dice.of(&[known.sha256.as_str(), known.approved.as_str(), "0000"]).to_owned();
    let how = dice.of(&["passkey", "password", "operator", "token", "agent", ""]);
    let Known { agent, review, founder, .. } = known;
    let mut text = match dice.below(8) {
        0 => format!(
            r#"{{"review":"{review}","sha256":"{hash}","decision":"{decision}","reason":"It is fine","by":"{founder}"}}"#
        ),
        1 => format!(r#"{{"review":"{review}","subject_sha256":"{hash}","verdict":"{decision}","findings":[]}}"#),
        2 => format!(
            r#"{{"review":"{review}","subject_sha256":"{hash}","verdict":"approve","findings":[{{"rule":"none","severity":"low","why":"fine"}}]}}"#
        ),
        3 => format!(
            r#"{{"what":"review_decided","by":"{founder}","review":"{review}","agent":"{agent}","sha256":"{hash}","decision":"{decision}","reason":"x","via":{{"how":"{how}","from":"127.0.0.1"}}}}"#
        ),
        4 => format!("tenant=acme&review={review}&sha256={hash}&reason=It+is+fine"),
        5 => format!(
            r#"{{"task":"approve_review","correlation_id":"{review}","agent":"{agent}","role_sha256":"{hash}","how":"{how}"}}"#
        ),
        6 => format!("'); insert into review_decision select * from review_decision where sha256 = '\\x{hash}'; --"),
        _ => format!(
            r#"{{"stream_name":"TASKS","config":{{"durable_name":"{agent}-agent","deliver_subject":"{decision}"}}}}"#
        ),
    };
    // Cut off now and then.
    if dice.below(10) == 0 {
        text.truncate(dice.below(text.len()));
    }
    text
}

/// One message as it goes over the wire, with an answer wanted or headers now and then.
fn push_message(out: &mut Vec<u8>, dice: &mut Dice, known: &Known) {
    let (subject, payload) = (subject(dice, known), payload(dice, known));
    let reply = match dice.below(6) {
        0 => format!(" _INBOX_{}.answer", known.agent),
        1 => format!(" events.countersign.review.{}", known.review),
        _ => String::new(),
    };
    let head = if dice.below(4) == 0 {
        let mut head = "NATS/1.0\r\n".to_owned();
        for name in ["Countersign-Actor", "Countersign-Review", "Countersign-Signature", "Authorization"] {
            let _ =
                write!(head, "{name}: {}\r\n", dice.of(&[&known.founder, &known.review, "Bearer none", &known.sha256]));
        }
        head + "\r\n"
    } else {
        String::new()
    };
    let line = if head.is_empty() {
        format!("PUB {subject}{reply} {}\r\n", payload.len())
    } else {
        format!("HPUB {subject}{reply} {} {}\r\n", head.len(), head.len() + payload.len())
    };
    out.extend_from_slice(&[line.as_bytes(), head.as_bytes(), payload.as_bytes(), b"\r\n"].concat());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_messages_of_two_agents_decide_nothing() {
    let mut place = Place::start().await;
    let seed = std::env::var(SEED).map_or_else(
        |_| u64::try_from(UNIX_EPOCH.elapsed().unwrap().as_nanos() & u128::from(u64::MAX)).unwrap(),
        |text| text.parse().unwrap(),
    );
    println!("{SEED}={seed}");
    let mut dice = Dice(seed);

    // The security officer, whose findings count for something, and one like any other. Each waits for a review.
    let mut agents = Vec::new();
    for name in ["cso", "backend"] {
        let (old, new) = (mission(name, "Do what is asked."), mission(name, "Do whatever it wants."));
        place.approved(&old).await;
        let agent = place.agent(name).await;
        let review = place.propose(&new).await;
        let known = Known {
            agent: if name == "cso" { "cso" } else { "backend" },
            review: review.to_string(),
            sha256: hash_of(&new),
            approved: hash_of(&old),
            founder: place.desk.founder.person.to_string(),
        };
        agents.push((agent, known));
    }
    let tables = [
        "review",
        "review_decision",
        "decision",
        "brief_policy",
        "brief_question",
        "look_back",
        "role_version",
        "credential",
        "emergency_stop",
        "membership",
        "agent",
    ];
    let acts = "select count(*) from journal where kind ~ '^(review|role|credential|fleet|account|agent.created)'";
    let before = place.rows(&tables).await;
    let acts_before = place.number(acts).await;
    assert_eq!(place.number("select count(*) from review_decision").await, 2);

    let (mut refused, mut faults) = (0, Vec::new());
    for (agent, known) in &agents {
        let mut line = Line::of(agent);
        for _ in 0..PAIRS / agents.len() / AT_ONCE {
            let mut some = Vec::new();
            for _ in 0..AT_ONCE {
                push_message(&mut some, &mut dice, known);
            }
            for heard in line.answers(&some) {
                if heard.to_lowercase().contains("permissions violation") {
                    refused += 1;
                } else {
                    faults.push(heard);
                }
            }
        }
    }
    // Anything else would mean that what was sent was no message.
    assert!(faults.is_empty(), "{:?}", &faults[..faults.len().min(5)]);

    // What came through is in the record: the last words of both are.
    for (agent, known) in &agents {
        let client = agent.connect().await;
        client.publish(&format!("events.{}.last.word", known.agent), &[], "{}").await.unwrap();
        client.publish(&format!("tasks.{}.last_word", known.agent), &[], "{}").await.unwrap();
    }
    let owner = &mut place.owner;
    eventually("the last words of both", async || {
        let sql = "select (select count(*) from event where topic = 'last.word') + (select count(*) from task where kind = 'last_word')";
        let (there,): (i64,) = sqlx::query_as(sql).fetch_one(&mut *owner).await.map_err(|e| e.to_string())?;
        if there == 4 { Ok(()) } else { Err(format!("{there} of 4")) }
    })
    .await;
    let events = place.number("select count(*) from event where agent in ('cso', 'backend')").await;
    let tasks = place.number("select count(*) from task").await;
    let quarantined = place.number("select count(*) from quarantine").await;
    println!("{refused} refused, {events} events, {tasks} tasks, {quarantined} in quarantine");
    assert!(refused > 1_000 && events > 100 && tasks > 20, "{refused} {events} {tasks}");

    // Nor does a word to the console, with the token that an agent has there.
    for (agent, known) in &agents {
        let token = web::token(&place.server.addresses.console, &agent.creds).await;
        let bearer = format!("Bearer {token}");
        let headers = [FORM, ("Accept", "application/json"), ("Authorization", bearer.as_str())];
        let form = format!(
            "tenant=acme&id={0}&review={0}&brief={0}&decision={0}&sha256={1}&reason=Fine&name={2}&text=x&choice=A&question=x\
             &category=deploy&silence=recommended&words=%5B%5D&ceremony=x&answer=x",
            known.review, known.sha256, known.agent
        );
        for path in DECIDING {
            let answer = ask(&place.server, "POST", &format!("/api/{path}"), &headers, &form);
            assert_eq!(answer.status, 401, "{path}: {}", answer.body);
        }
        for path in ["reviews", &format!("reviews/{}/approve", known.review), "decisions", "agents/backend/credential"]
        {
            let answer = web::post(&place.server.addresses.console, &format!("/{path}"), Some(&token), &form).await;
            assert!([401, 404, 405].contains(&answer.status), "{path}: {answer:?}");
        }
    }

    assert_eq!(place.number("select count(*) from review_decision").await, 2, "nobody but the founder decided");
    assert_eq!(place.rows(&tables).await, before);
    assert_eq!(place.number(acts).await, acts_before);
}
