//! A coordinating agent that somebody has talked into deciding its own brief: whatever it says on the bus, whatever it asks
//! of the console with its token, and whatever its role may write in the database, nothing is decided.

use crate::{
    harness::{
        ask::{FORM, ask},
        eventually,
        raw::Line,
        web,
    },
    place::Place,
};
use countersign_domain::brief::BriefState;
use sqlx::AssertSqlSafe;
use std::{fmt::Write, time::UNIX_EPOCH};

/// Messages, all in all.
const MESSAGES: usize = 6_000;
/// Between two looks at what the bus has said.
const AT_ONCE: usize = 100;
/// Requests to the console.
const REQUESTS: usize = 300;
/// Statements in each role.
const STATEMENTS: usize = 300;
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

/// What the agent knows: it has read its own brief's page over somebody's shoulder.
struct Known {
    tenant: String,
    brief: String,
    sha256: String,
    founder: String,
    decision: String,
    canonical: String,
}

const BEGINNINGS: [&str; 15] = [
    "events.ceo.",
    "events.ceo.brief.",
    "events.ceo.decision.",
    "events.countersign.",
    "events.countersign.decision.",
    "events.founder.",
    "tasks.ceo.",
    "tasks.ceo.decision_made.",
    "tasks.founder.",
    "tasks.countersign.",
    "$JS.API.STREAM.",
    "$JS.API.CONSUMER.",
    "$SYS.REQ.",
    "dlq.ceo.",
    "",
];
const WORDS: [&str; 34] = [
    "brief",
    "briefs",
    "prepared",
    "answered",
    "decide",
    "decided",
    "decision",
    "decision_made",
    "made",
    "undo",
    "taken_back",
    "voided",
    "settle",
    "policy",
    "silence",
    "countersign",
    "founder",
    "sign",
    "signed",
    "snooze",
    "approve",
    "override",
    "ceo",
    "ceo-agent",
    "TASKS",
    "EVENTS",
    "MSG",
    "GET",
    "DELETE",
    "PURGE",
    "CREATE",
    "heartbeat",
    "BRIEF",
    "SHA",
];
/// Server functions by which something is decided, taken back, or let happen.
const DECIDING: [&str; 9] = [
    "brief/decide",
    "brief/undo",
    "brief/ask",
    "brief/snooze",
    "brief/ask_signature",
    "brief/sign",
    "brief/set_policy",
    "review/approve",
    "account/prove",
];
/// What a program might try beside the pages.
const ELSEWHERE: [&str; 10] = [
    "/api/v1/briefs/BRIEF/decide",
    "/api/v1/briefs/BRIEF/decision",
    "/api/v1/briefs/BRIEF",
    "/api/v1/decisions",
    "/api/v1/decisions/DECISION",
    "/api/v1/inbox",
    "/t/acme/inbox/BRIEF",
    "/t/acme/inbox/BRIEF/decide",
    "/t/acme/d/BRIEF",
    "/t/acme/settings/briefs",
];

fn filled(text: &str, known: &Known) -> String {
    text.replace("BRIEF", &known.brief).replace("SHA", &known.sha256).replace("DECISION", &known.decision)
}

fn subject(dice: &mut Dice, known: &Known) -> String {
    let mut subject = dice.of(&BEGINNINGS).to_owned();
    let words: Vec<&str> = (0..=dice.below(3)).map(|_| dice.of(&WORDS)).collect();
    subject.push_str(&words.join("."));
    filled(&subject, known)
}

fn payload(dice: &mut Dice, known: &Known) -> String {
    let Known { brief, sha256, founder, decision, tenant, .. } = known;
    let choice = dice.of(&["A", "B", "C", "own", "none", "Z"]);
    let how = dice.of(&["passkey", "password", "silence", "operator", "agent", ""]);
    let mut text = match dice.below(8) {
        0 => format!(r#"{{"brief":"{brief}","sha256":"{sha256}","choice":"{choice}","by":"{founder}"}}"#),
        1 => format!(r#"{{"brief":"q","decision":"{choice}","decided_by":"{founder}"}}"#),
        2 => format!(
            r#"{{"v":1,"task":"Decided","author":"ceo","brief":"q","brief_id":"{brief}","version":1,"brief_sha256":"{sha256}","decision":"{decision}","choice":{{"kind":"option","key":"{choice}"}},"decided_by":"Ada","signed":true}}"#
        ),
        3 => format!(
            r#"{{"what":"brief","act":"decided","brief":"{brief}","by":"{founder}","decision":"{decision}","version":1,"sha256":"{sha256}","choice":{{"kind":"option","value":"{choice}"}},"via":{{"how":"{how}","from":"127.0.0.1"}}}}"#
        ),
        4 => format!("tenant=acme&brief={brief}&sha256={sha256}&choice={choice}&rationale=Fine"),
        5 => format!(r#"{{"category":"deploy","silence":"recommended","reserved":false,"by":"{founder}"}}"#),
        6 => format!("'); insert into decision select * from decision; -- {tenant}"),
        _ => format!(
            r#"{{"stream_name":"EVENTS","config":{{"durable_name":"x","deliver_subject":"tasks.ceo.decision_made","filter_subject":"{choice}"}}}}"#
        ),
    };
    if dice.below(10) == 0 {
        text.truncate(dice.below(text.len()));
    }
    text
}

/// One message as it goes over the wire, with an answer wanted or headers now and then.
fn push_message(out: &mut Vec<u8>, dice: &mut Dice, known: &Known) {
    let (subject, payload) = (subject(dice, known), payload(dice, known));
    let reply = match dice.below(6) {
        0 => " _INBOX_ceo.answer".to_owned(),
        1 => " events.countersign.decision.made".to_owned(),
        _ => String::new(),
    };
    let head = if dice.below(4) == 0 {
        let mut head = "NATS/1.0\r\n".to_owned();
        for name in ["Countersign-Actor", "Countersign-Decision", "Countersign-Signature", "Authorization"] {
            let said = dice.of(&[&known.founder, &known.brief, "Bearer none", &known.sha256]);
            let _ = write!(head, "{name}: {said}\r\n");
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

/// A statement by which somebody in a role would decide, whatever the row says.
fn statement(dice: &mut Dice, known: &Known) -> String {
    let Known { tenant, brief, sha256, founder, canonical, .. } = known;
    let now = "(extract(epoch from clock_timestamp()) * 1000)::bigint";
    let person = if dice.below(3) == 0 { "null".to_owned() } else { format!("'{founder}'") };
    let how = dice.of(&["passkey", "password", "silence", "sso", "agent"]);
    let state = dice.of(&["held", "made", "taken_back"]);
    let policy = dice.of(&["null", "'recommended'", "'as_declared'"]);
    let choice = dice.of(&["'option', 'B'", "'own', 'Mine'", "'rejected', null", "'option', 'A'"]);
    let ended = if state == "held" { "null" } else { now };
    match dice.below(8) {
        0..4 => format!(
            "insert into decision (tenant_id, id, brief_id, version, sha256, choice, answer, rationale, prediction, person_id,
                                   policy, how, proven_ms, at_ms, held_ms, said_key, canonical, canonical_sha256, state, ended_ms)
             values ('{tenant}', gen_random_uuid(), '{brief}', 1, '\\x{sha256}', {choice}, '', '', {person}, {policy}, '{how}',
                     {now}, {now}, {now} + 10000, 'k', '\\x{canonical}', sha256('\\x{canonical}'), '{state}', {ended})"
        ),
        4 => format!("update brief set state = 'decided' where id = '{brief}'"),
        5 => format!("update decision set state = '{state}', ended_ms = {now}"),
        6 => format!(
            "insert into brief_policy (tenant_id, seq, category, reserved, silence, person_id, how, proven_ms, at_ms, reason)
             values ('{tenant}', 900001, 'deploy', false, 'recommended', '{founder}', '{how}', {now}, {now}, 'Fine')"
        ),
        _ => format!(
            "insert into brief_version (tenant_id, brief_id, version, sha256, text, score, reading_s, at_ms)
             values ('{tenant}', '{brief}', 2, sha256('\\x7b7d'), '\\x7b7d', 90, 1, {now})"
        ),
    }
}

async fn known(place: &mut Place, brief: &str, sha256: &str) -> Known {
    let (id, canonical): (uuid::Uuid, Vec<u8>) =
        sqlx::query_as("select id, canonical from decision limit 1").fetch_one(&mut place.owner).await.unwrap();
    Known {
        tenant: place.desk.founder.tenant.to_string(),
        brief: brief.to_owned(),
        sha256: sha256.to_owned(),
        founder: place.desk.founder.person.to_string(),
        decision: id.to_string(),
        canonical: data_encoding::HEXLOWER.encode(&canonical),
    }
}

/// In the database, in every role that is not the console's own; and in the console's as another organization. Answers how
/// often.
async fn write_in_every_role(place: &mut Place, dice: &mut Dice, known: &Known) -> usize {
    let mut tried = 0;
    let other = place.organization(77, "other").await.tenant.to_string();
    for (role, tenant) in [
        ("countersign_agent", known.tenant.as_str()),
        ("countersign_bridge", &known.tenant),
        ("countersign_keeper", &known.tenant),
        ("countersign_web", &other),
    ] {
        for _ in 0..STATEMENTS {
            let sql = statement(dice, known);
            let script = format!("begin; set local role {role}; set local app.tenant = '{tenant}'; {sql}; commit");
            let outcome = sqlx::raw_sql(AssertSqlSafe(script)).execute(&mut place.owner).await;
            // Rows of others are none to whoever may change rows.
            assert!(outcome.is_err() || role == "countersign_web" && sql.starts_with("update"), "{role}: {sql}");
            if outcome.is_err() {
                sqlx::raw_sql("rollback").execute(&mut place.owner).await.unwrap();
            }
            tried += 1;
        }
    }
    tried
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_attempts_of_the_ceo_agent_decide_nothing() {
    let mut place = Place::start().await;
    let seed = std::env::var(SEED).map_or_else(
        |_| u64::try_from(UNIX_EPOCH.elapsed().unwrap().as_nanos() & u128::from(u64::MAX)).unwrap(),
        |text| text.parse().unwrap(),
    );
    println!("{SEED}={seed}");
    let mut dice = Dice(seed);
    let ceo = place.author("ceo").await;
    // A decision that a founder made, to be read over their shoulder; and the brief that waits.
    let made = place.open(&ceo, &ceo.payload("made")).await;
    place.decide(&made, "B").await.unwrap();
    place.made(&made.id).await;
    let row = place.open(&ceo, &ceo.payload("q")).await;
    let known = known(&mut place, &row.id, &row.sha256).await;
    let decided = "select count(*) from decision";
    let entries =
        "select count(*) from journal where kind ~ '^brief\\.(decided|taken_back|voided|policy_set|snoozed|asked)'";
    let before = (place.number(decided).await, place.number(entries).await);
    assert_eq!(before, (1, 1));

    // On the bus.
    let (mut refused, mut faults) = (0, Vec::new());
    let mut line = Line::of(&ceo.agent);
    for _ in 0..MESSAGES / AT_ONCE {
        let mut some = Vec::new();
        for _ in 0..AT_ONCE {
            push_message(&mut some, &mut dice, &known);
        }
        for heard in line.answers(&some) {
            if heard.to_lowercase().contains("permissions violation") {
                refused += 1;
            } else {
                faults.push(heard);
            }
        }
    }
    // Anything else would mean that what was sent was no message.
    assert!(faults.is_empty(), "{:?}", &faults[..faults.len().min(5)]);
    // What came through is in the record: its last word is.
    ceo.bus.publish("events.ceo.last.word", &[], "{}").await.unwrap();
    eventually("the last word", async || {
        let sql = "select count(*) from event where topic = 'last.word'";
        let (there,): (i64,) = sqlx::query_as(sql).fetch_one(&mut place.owner).await.map_err(|e| e.to_string())?;
        if there == 1 { Ok(()) } else { Err("not yet".to_owned()) }
    })
    .await;
    let (events, tasks) =
        (place.number("select count(*) from event").await, place.number("select count(*) from task").await);
    assert!(refused > 1_000 && events > 100, "{refused} {events}");

    // At the console, with the token that an agent has there, and without.
    let console = place.server.addresses.console.clone();
    let token = web::token(&console, &ceo.agent.creds).await;
    let bearer = format!("Bearer {token}");
    for number in 0..REQUESTS {
        let form = format!(
            "tenant=acme&brief={0}&decision={1}&sha256={2}&choice={3}&rationale=Fine&answer=x&question=x&until=1&category=deploy\
             &reserved=false&silence=recommended&reason=Fine&words=%5B%5D&ceremony=x&review={0}&key=k{number}&actor={4}&role=founder",
            known.brief,
            known.decision,
            known.sha256,
            dice.of(&["A", "B", "own", "none"]),
            known.founder
        );
        let mut headers = vec![FORM, ("Accept", "application/json")];
        if dice.below(4) > 0 {
            headers.push(("Authorization", bearer.as_str()));
        }
        if dice.below(3) == 0 {
            headers.push(("Cookie", "__Host-session=none; session=none"));
        }
        let path = if dice.below(2) == 0 {
            format!("/api/{}", dice.of(&DECIDING))
        } else {
            filled(dice.of(&ELSEWHERE), &known)
        };
        let method = dice.of(&["POST", "POST", "PUT", "PATCH", "DELETE"]);
        let answer = ask(&place.server, method, &path, &headers, &form);
        // Whoever opens a page without a session is sent to where one signs in.
        let to_the_door = answer.status == 302 && answer.head.contains("/sign-in");
        assert!(
            to_the_door || [303, 400, 401, 403, 404, 405].contains(&answer.status),
            "{method} {path}: {} {}",
            answer.raw_head,
            answer.body
        );
    }

    let tried = write_in_every_role(&mut place, &mut dice, &known).await;
    println!(
        "{refused} of {MESSAGES} messages refused, {events} events, {tasks} tasks, {REQUESTS} requests, {tried} statements"
    );

    assert_eq!((place.number(decided).await, place.number(entries).await), before, "nobody but the founder decided");
    assert_eq!(place.number("select count(*) from brief_policy").await, 0);
    let view = place.brief(&row.id).await;
    assert_eq!((view.row.state, view.row.version), (BriefState::Open, 1));
    // It can still be decided, by who may.
    place.decide(&row, "A").await.unwrap();
}
