//! Decisions on briefs, as the database takes them: a founder's word about the newest version, once; or what a founder
//! let silence mean.

use crate::{
    database::{Row, Scene, attempt, hex, quoted},
    place::Place,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const BRIEF: Uuid = Uuid::from_u128(0xb1);
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
    let now = scene.now_ms;
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
            ("proven_ms", now.to_string()),
            ("at_ms", now.to_string()),
            ("held_ms", (now + 10_000).to_string()),
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
    let none = String::new;
    for (who, person) in [("an observer", scene.bob), ("another organization's founder", scene.eve)] {
        add(&format!("by {who}"), good.with("person_id", quoted(person)), none());
    }
    add("by nobody", good.with("person_id", "null"), none());
    for how in ["token", "operator", "link", "", "agent", "silence"] {
        add(&format!("by “{how}”"), good.with("how", quoted(how)), none());
    }
    for (column, value) in [
        ("proven_ms", (now - 300_001).to_string()),
        ("at_ms", (now - 600_001).to_string()),
        ("held_ms", (now + 9_999).to_string()),
        ("state", quoted("made")),
        ("state", quoted("taken_back")),
        ("ended_ms", now.to_string()),
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

#[tokio::test]
async fn a_decision_counts_once_its_time_is_up_and_is_taken_back_before_and_then_stays() {
    let mut scene = Scene::set().await;
    let (acme, now) = (scene.acme, scene.now_ms);
    let said = word(&scene).insert();
    let second = word(&scene).with("id", quoted(Uuid::from_u128(0xd2))).with("person_id", quoted(scene.grace)).insert();
    let owner = &mut scene.place.owner;
    let web = "countersign_web";
    let turn = |state: &str, at: i64| format!("update decision set state = '{state}', ended_ms = {at}");
    assert_eq!(attempt(owner, web, acme, &said, &second).await, Err("23505".to_owned()), "one decision of a brief");
    for (state, at, taken) in [
        ("made", now + 9_999, false),
        ("made", now + 10_000, true),
        ("taken_back", now + 9_999, true),
        ("taken_back", now + 10_000, false),
        ("voided", now, false),
        ("held", now, false),
        ("made", now + 10_000_000, false),
    ] {
        let outcome = attempt(owner, web, acme, &said, &turn(state, at)).await;
        assert_eq!(outcome, if taken { Ok(1) } else { Err("23514".to_owned()) }, "{state} {}", at - now);
    }
    for (from, at) in [("made", now + 10_000), ("taken_back", now)] {
        // The owner says it and turns it in one statement each; then nobody turns it again.
        let mut connection =
            <sqlx::PgConnection as sqlx::Connection>::connect_with(&scene.place.server.owner()).await.unwrap();
        for (state, later) in [("made", now + 10_000), ("taken_back", now), ("voided", now), ("held", now)] {
            let script = format!(
                "begin; set local app.tenant = '{acme}'; {said}; {}; set local role {web}; {}; rollback",
                turn(from, at),
                turn(state, later)
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
