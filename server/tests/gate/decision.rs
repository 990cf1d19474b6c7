//! Decisions on briefs, as the database takes them: a founder's word about the newest version, once; or what a founder
//! let silence mean.

use crate::{
    database::{Row, Scene, attempt, hex, quoted},
    place::Place,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const BRIEF: Uuid = Uuid::from_u128(0xb1);
/// The database's clock when a transaction begins: a founder's word is dated by it.
const NOW: &str = "floor(extract(epoch from now()) * 1000)::bigint";
const COUNTING: Uuid = Uuid::from_u128(0xb2);
const NOTHING: &str = "'\\x7b7d'::bytea";

/// A brief of the CEO whose deadline has passed, as the owner puts it there; answers its id and hash.
pub async fn ask(place: &mut Place, now_ms: i64) -> (Uuid, Vec<u8>) {
    let acme = place.desk.founder.tenant.0;
    let text = format!(
        r#"{{"at_deadline":"B","category":"deploy","deadline":{},"options":[{{"key":"A","reversible":false}},{{"key":"B","reversible":true}}],"recommendation":{{"key":"B"}}}}"#,
        now_ms - 1_000
    );
    let sha256 = Sha256::digest(text.as_bytes()).to_vec();
    let hash = hex(&sha256);
    let deadline = now_ms - 1_000;
    place
        .sql(&format!(
            "insert into brief (tenant_id, id, author, name, version, sha256, category, opened_ms, deadline_ms, state)
             values ('{acme}', '{BRIEF}', 'ceo', 'q', 1, {hash}, 'deploy', 1, {deadline}, 'open')"
        ))
        .await;
    place
        .sql(&format!(
            "insert into brief_version (tenant_id, brief_id, version, sha256, text, score, reading_s, at_ms)
             values ('{acme}', '{BRIEF}', 1, {hash}, convert_to('{text}', 'utf8'), 90, 30, 1)"
        ))
        .await;
    (BRIEF, sha256)
}

fn word(scene: &Scene) -> Row {
    Row {
        table: "decision",
        columns: vec![
            ("tenant_id", quoted(scene.acme)),
            ("id", quoted(Uuid::from_u128(0xd1))),
            ("brief_id", quoted(scene.asked.0)),
            ("version", "1".to_owned()),
            ("sha256", hex(&scene.asked.1)),
            ("choice", quoted("option")),
            ("answer", quoted("A")),
            ("rationale", quoted("")),
            ("prediction", quoted("")),
            ("person_id", quoted(scene.ada)),
            ("policy", "null".to_owned()),
            ("how", quoted("passkey")),
            ("proven_ms", NOW.to_owned()),
            ("at_ms", NOW.to_owned()),
            ("held_ms", format!("{NOW} + 10000")),
            ("said_key", quoted("k")),
            ("canonical", NOTHING.to_owned()),
            ("canonical_sha256", format!("sha256({NOTHING})")),
            ("assertion", "null".to_owned()),
            ("state", quoted("held")),
            ("ended_ms", "null".to_owned()),
        ],
    }
}

/// What silence writes, where a founder let it.
fn silence(scene: &Scene) -> Row {
    let now = scene.now_ms;
    word(scene)
        .with("answer", quoted("B"))
        .with("person_id", "null")
        .with("policy", quoted("as_declared"))
        .with("how", quoted("silence"))
        .with("proven_ms", now)
        .with("at_ms", now)
        .with("held_ms", now)
        .with("canonical", "null")
        .with("canonical_sha256", "null")
        .with("state", quoted("made"))
        .with("ended_ms", now)
}

fn let_it(scene: &Scene, category: &str, silence: &str) -> String {
    format!(
        "insert into brief_policy (tenant_id, seq, category, reserved, silence, person_id, how, proven_ms, at_ms, reason)
         values ('{0}', 900003, '{category}', {3}, '{silence}', '{1}', 'passkey', {2}, {2}, 'Small')",
        scene.acme,
        scene.ada,
        scene.now_ms,
        silence == "hold"
    )
}

/// A founder's word, and what is no such.
pub fn examples(scene: &Scene, add: &mut impl FnMut(&str, Row, String)) -> Row {
    let good = word(scene);
    let now = scene.now_ms;
    let by = |offset: i64| format!("{NOW} + ({offset})");
    let none = String::new;
    for (who, person) in [("an observer", scene.bob), ("another organization's founder", scene.eve)] {
        add(&format!("by {who}"), good.with("person_id", quoted(person)), none());
    }
    add("by nobody", good.with("person_id", "null"), none());
    for how in ["token", "operator", "link", "", "agent", "silence"] {
        add(&format!("by “{how}”"), good.with("how", quoted(how)), none());
    }
    for (column, value) in [
        ("proven_ms", by(-300_001)),
        ("at_ms", by(-600_001)),
        ("at_ms", by(-2_001)),
        // Two seconds may lie between two clocks, and some more pass until the row is written.
        ("held_ms", by(9_999)),
        ("held_ms", by(15_000)),
        ("held_ms", by(60_000)),
        ("state", quoted("made")),
        ("state", quoted("taken_back")),
        ("ended_ms", NOW.to_owned()),
        ("policy", quoted("recommended")),
        ("answer", quoted("Z")),
        ("answer", "null".to_owned()),
        ("choice", quoted("rejected")),
        ("choice", quoted("waived")),
        ("version", "2".to_owned()),
        ("sha256", hex(&Sha256::digest(b"another text"))),
        ("brief_id", quoted(Uuid::from_u128(5))),
        ("canonical", "null".to_owned()),
        ("canonical_sha256", hex(&Sha256::digest(b"another decision"))),
        ("said_key", quoted("")),
        ("tenant_id", quoted(scene.other)),
    ] {
        add(&format!("{column} {value}"), good.with(column, &value), none());
    }
    let signed = good.with("how", quoted("password")).with("assertion", "'{}'");
    add("signed, after a proof by password", signed, none());
    let by_silence = silence(scene);
    add("by silence without a policy", by_silence.clone(), none());
    add("by silence where it means nothing", by_silence.clone(), let_it(scene, "deploy", "hold"));
    add("by silence by the policy of another category", by_silence.clone(), let_it(scene, "release", "as_declared"));
    let by_grant = by_silence.with("policy", quoted("grant")).with("how", quoted("grant"));
    add("by a grant that there is not", by_grant, none());
    let as_declared = || let_it(scene, "deploy", "as_declared");
    for (column, value) in [
        ("answer", quoted("A")),
        ("policy", quoted("recommended")),
        ("state", quoted("held")),
        ("how", quoted("passkey")),
        ("choice", quoted("own")),
        ("at_ms", (now - 2_000).to_string()),
        ("assertion", "'{}'".to_owned()),
    ] {
        add(&format!("by silence, {column} {value}"), by_silence.with(column, &value), as_declared());
    }
    good
}

/// What silence means, and what no founder can let it mean.
pub fn policies(scene: &Scene, add: &mut impl FnMut(&str, Row, String)) -> Row {
    let good = Row {
        table: "brief_policy",
        columns: vec![
            ("tenant_id", quoted(scene.acme)),
            ("seq", "900004".to_owned()),
            ("category", quoted("deploy")),
            ("reserved", "false".to_owned()),
            ("silence", quoted("recommended")),
            ("person_id", quoted(scene.ada)),
            ("how", quoted("passkey")),
            ("proven_ms", scene.now_ms.to_string()),
            ("at_ms", scene.now_ms.to_string()),
            ("reason", quoted("Small")),
        ],
    };
    for category in ["budget", "strategy", "priorities", "resource_allocation"] {
        add(&format!("for {category}"), good.with("category", quoted(category)), String::new());
    }
    for (column, value) in [
        ("person_id", quoted(scene.bob)),
        ("person_id", quoted(scene.eve)),
        ("tenant_id", quoted(scene.other)),
        ("reserved", "true".to_owned()),
        ("silence", quoted("anything")),
        ("how", quoted("token")),
        ("proven_ms", (scene.now_ms - 300_001).to_string()),
        ("at_ms", (scene.now_ms - 600_001).to_string()),
        ("reason", quoted("")),
    ] {
        add(&format!("{column} {value}"), good.with(column, &value), String::new());
    }
    good
}

/// Another brief, and a decision of it that counts and has a day to be looked back on, as the owner puts them there.
pub async fn counts(scene: &mut Scene) {
    let (acme, ada, now) = (scene.acme, scene.ada, scene.now_ms);
    let (brief, sha256) = (COUNTING, hex(&scene.asked.1));
    let sql = format!(
        "set session_replication_role = replica;
         insert into brief (tenant_id, id, author, name, version, sha256, category, opened_ms, deadline_ms, state)
         values ('{acme}', '{brief}', 'ceo', 'r', 1, {sha256}, 'deploy', 1, 1, 'decided');
         insert into brief_version select tenant_id, '{brief}', version, sha256, text, score, reading_s, at_ms
             from brief_version where brief_id = '{BRIEF}';
         insert into decision (tenant_id, id, brief_id, version, sha256, choice, answer, rationale, prediction, check_ms,
                               person_id, how, proven_ms, at_ms, held_ms, said_key, canonical, canonical_sha256, state, ended_ms)
         values ('{acme}', '{brief}', '{brief}', 1, {sha256}, 'option', 'A', '', 'Calm', {now}, '{ada}', 'passkey', 1, 1, 1, 'k',
                 {NOTHING}, sha256({NOTHING}), 'made', 1);
         set session_replication_role = origin;"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut scene.place.owner).await.unwrap();
}

/// What founders find when they look back, and what is no such.
pub fn look_backs(scene: &Scene, add: &mut impl FnMut(&str, Row, String)) -> Row {
    let now = scene.now_ms;
    let good = Row {
        table: "look_back",
        columns: vec![
            ("tenant_id", quoted(scene.acme)),
            ("id", quoted(Uuid::from_u128(0xe1))),
            ("decision_id", quoted(COUNTING)),
            ("outcome", quoted("right")),
            ("until_ms", "null".to_owned()),
            ("note", quoted("")),
            ("person_id", quoted(scene.ada)),
            ("how", quoted("passkey")),
            ("at_ms", now.to_string()),
        ],
    };
    for how in ["token", "operator", "link", "", "agent", "silence"] {
        add(&format!("by “{how}”"), good.with("how", quoted(how)), String::new());
    }
    for (column, value) in [
        ("person_id", quoted(scene.bob)),
        ("person_id", quoted(scene.eve)),
        ("tenant_id", quoted(scene.other)),
        ("decision_id", quoted(Uuid::from_u128(5))),
        ("outcome", quoted("fine")),
        ("outcome", "null".to_owned()),
        ("until_ms", (now + 60_000).to_string()),
        ("at_ms", (now - 600_001).to_string()),
        ("at_ms", (now + 660_000).to_string()),
    ] {
        add(&format!("{column} {value}"), good.with(column, &value), String::new());
    }
    let later = good.with("outcome", "null");
    for (what, until) in [("a day that is over", now), ("a day in three years", now + 3 * 365 * 86_400_000)] {
        add(&format!("put off to {what}"), later.with("until_ms", until), String::new());
    }
    let answered = good.with("id", quoted(Uuid::from_u128(0xe2))).insert();
    add("put off after an answer", later.with("until_ms", now + 60_000), answered);
    let open = word(scene).insert();
    add("about what is only held", good.with("decision_id", quoted(Uuid::from_u128(0xd1))), open);
    let dayless = format!("update decision set check_ms = null where id = '{COUNTING}'");
    add("put off without a day", later.with("until_ms", now + 60_000), dayless);
    good
}

/// A newer version of the agent's brief, and what no such is.
pub fn versions(scene: &Scene, add: &mut impl FnMut(&str, Row, String)) -> Row {
    let good = Row {
        table: "brief_version",
        columns: vec![
            ("tenant_id", quoted(scene.acme)),
            ("brief_id", quoted(scene.asked.0)),
            ("version", "2".to_owned()),
            ("sha256", format!("sha256({NOTHING})")),
            ("text", NOTHING.to_owned()),
            ("score", "90".to_owned()),
            ("reading_s", "30".to_owned()),
            ("at_ms", scene.now_ms.to_string()),
            ("person_id", "null".to_owned()),
        ],
    };
    for person in [scene.ada, scene.bob, scene.eve] {
        add("an agent's, by a person", good.with("person_id", quoted(person)), String::new());
    }
    let by_hand = format!("update brief set author = 'founder' where id = '{}'", scene.asked.0);
    add("the people's, by nobody", good.clone(), by_hand.clone());
    for person in [scene.bob, scene.eve] {
        add("the people's, by no founder", good.with("person_id", quoted(person)), by_hand.clone());
    }
    for (column, value) in [
        ("tenant_id", quoted(scene.other)),
        ("sha256", hex(&Sha256::digest(b"another text"))),
        ("score", "101".to_owned()),
    ] {
        add(&format!("{column} {value}"), good.with(column, &value), String::new());
    }
    good
}

/// A fact that a founder tells.
pub fn facts(scene: &Scene, add: &mut impl FnMut(&str, Row, String)) -> Row {
    let now = scene.now_ms;
    let good = Row {
        table: "context_fact",
        columns: vec![
            ("tenant_id", quoted(scene.acme)),
            ("id", quoted(Uuid::from_u128(0xf1))),
            ("version", "1".to_owned()),
            ("kind", quoted("freeze")),
            ("text", quoted("Nothing in Oslo")),
            ("from_ms", now.to_string()),
            ("until_ms", "null".to_owned()),
            ("withdrawn", "false".to_owned()),
            ("person_id", quoted(scene.ada)),
            ("at_ms", now.to_string()),
        ],
    };
    for (column, value) in [
        ("person_id", quoted(scene.bob)),
        ("person_id", quoted(scene.eve)),
        ("tenant_id", quoted(scene.other)),
        ("version", "2".to_owned()),
        ("withdrawn", "true".to_owned()),
        ("kind", quoted("rumour")),
        ("text", quoted("")),
        ("until_ms", now.to_string()),
        ("at_ms", (now - 600_001).to_string()),
    ] {
        add(&format!("{column} {value}"), good.with(column, &value), String::new());
    }
    good
}

#[tokio::test]
async fn silence_does_what_a_founder_let_it_mean_and_not_while_agents_are_stopped() {
    let mut scene = Scene::set().await;
    let (acme, row) = (scene.acme, silence(&scene).insert());
    let let_it = let_it(&scene, "deploy", "as_declared");
    let (ada, now) = (scene.ada, scene.now_ms);
    let owner = &mut scene.place.owner;
    let web = "countersign_web";
    assert_eq!(attempt(owner, web, acme, &let_it, &row).await, Ok(1), "the same row is taken where a founder let it");
    for (what, sql) in [
        ("a later word leaves it to founders", format!(
            "with said as ({let_it} returning 1)
             insert into brief_policy (tenant_id, seq, category, reserved, silence, person_id, how, proven_ms, at_ms, reason)
             select '{acme}', 900009, 'deploy', true, 'hold', '{ada}', 'passkey', {now}, {now}, 'Back' from said"
        )),
        ("all agents are stopped", format!(
            "with said as ({let_it} returning 1)
             insert into emergency_stop (tenant_id, agent, by_person, at_ms, reason, paused)
             select '{acme}', '', '{ada}', 1, 'Stop', false from said"
        )),
        ("its author is stopped", format!(
            "with said as ({let_it} returning 1)
             insert into emergency_stop (tenant_id, agent, by_person, at_ms, reason, paused)
             select '{acme}', 'ceo', '{ada}', 1, 'Stop', false from said"
        )),
        ("its clock stood, and has time left", format!(
            "with said as ({let_it} returning 1)
             update brief set deadline_ms = {now} + 60000 from said"
        )),
    ] {
        assert_eq!(attempt(owner, web, acme, &sql, &row).await, Err("23514".to_owned()), "{what}");
    }
}

/// As a row that was written so many milliseconds ago, by nobody's leave: only the owner can do this, with triggers off.
fn said_before(row: &Row, ago: i64) -> String {
    let row = row.with("at_ms", format!("{NOW} - {ago}")).with("held_ms", format!("{NOW} + 10000 - {ago}"));
    off(&row.insert())
}

fn off(sql: &str) -> String {
    format!(
        "do $off$ begin perform set_config('session_replication_role', 'replica', true); {sql};
         perform set_config('session_replication_role', 'origin', true); end $off$"
    )
}

fn turned(state: &str, later: i64) -> String {
    format!("update decision set state = '{state}', ended_ms = {NOW} + ({later})")
}

#[tokio::test]
async fn a_decision_counts_once_its_time_is_up_and_is_taken_back_before_and_then_stays() {
    let mut scene = Scene::set().await;
    let acme = scene.acme;
    let row = word(&scene);
    let said = row.insert();
    let second = row.with("id", quoted(Uuid::from_u128(0xd2))).with("person_id", quoted(scene.grace)).insert();
    let owner = &mut scene.place.owner;
    let web = "countersign_web";
    assert_eq!(attempt(owner, web, acme, &said, &second).await, Err("23505".to_owned()), "one decision of a brief");
    for (ago, state, later, taken) in [
        (0, "made", 0, false),
        (5_000, "made", 0, false),
        // Dated ahead: the database's clock may differ from the console's by two seconds, and no more.
        (5_000, "made", 5_000, false),
        (9_000, "made", 1_000, true),
        (10_000, "made", 0, true),
        (60_000, "made", 0, true),
        (10_000, "made", 3_000, false),
        (15_000, "made", -3_000, false),
        (0, "taken_back", 0, true),
        (9_000, "taken_back", 0, true),
        (10_000, "taken_back", 0, false),
        (15_000, "taken_back", -6_000, false),
        (10_000, "voided", 0, false),
        (10_000, "held", 0, false),
        (10_000, "made", 10_000_000, false),
    ] {
        let outcome = attempt(owner, web, acme, &said_before(&row, ago), &turned(state, later)).await;
        assert_eq!(outcome, if taken { Ok(1) } else { Err("23514".to_owned()) }, "{state} after {ago}, {later}");
    }
    for (from, ago) in [("made", 10_000), ("taken_back", 0)] {
        // The owner says it and turns it in one statement each; then nobody turns it again.
        let mut connection =
            <sqlx::PgConnection as sqlx::Connection>::connect_with(&scene.place.server.owner()).await.unwrap();
        for state in ["made", "taken_back", "voided", "held"] {
            let script = format!(
                "begin; set local app.tenant = '{acme}'; {}; {}; set local role {web}; {}; rollback",
                said_before(&row, ago),
                turned(from, 0),
                turned(state, 0)
            );
            let outcome = sqlx::raw_sql(sqlx::AssertSqlSafe(script)).execute(&mut connection).await;
            assert!(outcome.is_err(), "{from} became {state}");
            let _ = sqlx::raw_sql("rollback").execute(&mut connection).await;
        }
    }
    let decided = "update brief set state = 'decided'";
    let owner = &mut scene.place.owner;
    assert_eq!(attempt(owner, web, acme, "", decided).await, Err("23514".to_owned()), "no brief without a decision");
    assert_eq!(attempt(owner, web, acme, &said, decided).await, Err("23514".to_owned()), "nor while it is held");
}

#[tokio::test]
async fn whoever_is_no_founder_when_the_time_is_up_has_not_decided() {
    let mut scene = Scene::set().await;
    let acme = scene.acme;
    let row = word(&scene).with("person_id", quoted(scene.grace));
    let owner = &mut scene.place.owner;
    let web = "countersign_web";
    for gone in [
        format!("delete from membership where person_id = '{}'", scene.grace),
        format!("update membership set role = 'observer' where person_id = '{}'", scene.grace),
    ] {
        let now_gone =
            off(&format!("{}; {gone}", row.with("at_ms", format!("{NOW} - 10000")).with("held_ms", NOW).insert()));
        for (state, taken) in [("made", false), ("voided", true)] {
            let outcome = attempt(owner, web, acme, &now_gone, &turned(state, 0)).await;
            assert_eq!(outcome, if taken { Ok(1) } else { Err("23514".to_owned()) }, "{state}: {gone}");
        }
        let why = format!("{} where void_reason is null returning void_reason", turned("voided", 0));
        let reason = format!("with turned as ({why}) select 1 from turned where void_reason = 'no_founder'");
        assert_eq!(attempt(owner, web, acme, &now_gone, &reason).await, Ok(1), "and the row says why");
    }
    let back = off(&row.with("at_ms", format!("{NOW} - 10000")).with("held_ms", NOW).insert());
    assert_eq!(attempt(owner, web, acme, &back, &turned("made", 0)).await, Ok(1), "a founder has");
}

#[tokio::test]
async fn a_newer_version_waits_while_a_decision_is_held() {
    let mut scene = Scene::set().await;
    let (acme, row) = (scene.acme, word(&scene));
    let owner = &mut scene.place.owner;
    let web = "countersign_web";
    let next = format!(
        "insert into brief_version (tenant_id, brief_id, version, sha256, text, score, reading_s, at_ms)
         select tenant_id, brief_id, 2, sha256('{{\"v\":2}}'), '{{\"v\":2}}', 90, 30, 1 from brief_version where tenant_id = '{acme}'"
    );
    let newer = "update brief set version = 2, sha256 = sha256('{\"v\":2}')";
    for (ago, taken) in [(0, false), (9_000, false), (60_000, false), (75_000, true)] {
        let at = row.with("at_ms", format!("{NOW} - {ago}")).with("held_ms", format!("{NOW} + 10000 - {ago}"));
        let first = off(&format!("{next}; {}", at.insert()));
        let outcome = attempt(owner, web, acme, &first, newer).await;
        assert_eq!(outcome, if taken { Ok(1) } else { Err("23514".to_owned()) }, "{ago}");
    }
    assert_eq!(attempt(owner, web, acme, &off(&next), newer).await, Ok(1), "nothing is held");
}
