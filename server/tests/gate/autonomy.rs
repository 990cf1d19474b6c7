//! What founders say before about what happens without them, as the database takes it: a founder's word with a fresh
//! proof, and of a grant what a passkey signed.

use crate::database::{Row, Scene, attempt, hex, quoted};
use countersign_domain::{
    ArtifactHash, GrantId, Millis, PersonId, TenantId,
    autonomy::{Grant, SealedGrant, Terms},
    decision::{JournalHead, Nonce},
};
use data_encoding::BASE64URL_NOPAD as BASE64URL;
use sha2::{Digest, Sha256};
use uuid::Uuid;

const AWAY: Uuid = Uuid::from_u128(0xa1);
const GRANT: Uuid = Uuid::from_u128(0xa2);
const DECISION: Uuid = Uuid::from_u128(0xa3);
const BRIEF: Uuid = Uuid::from_u128(0xa4);

/// An absence that is over, a grant, and what silence decided once, as the owner puts them there.
pub async fn before(scene: &mut Scene) {
    let (acme, ada, now_ms) = (scene.acme, scene.ada, scene.now_ms);
    let hash = hex(&Sha256::digest(b"{}"));
    for sql in [
        "set session_replication_role = replica".to_owned(),
        format!(
            "insert into away values ('{acme}', '{AWAY}', 1, 2, 'Rest', '{{}}', null, 1, 1, 1, '{ada}', 'passkey', 1, 1)"
        ),
        format!(
            "insert into agent_grant values ('{acme}', '{GRANT}', 'frontend', 'release', 1, 1, 1, {}, '{ada}', 'passkey', 1, 1,
                                             '{{}}'::bytea, sha256('{{}}'::bytea), '{{}}')",
            now_ms + 86_400_000
        ),
        format!(
            "insert into brief (tenant_id, id, author, name, version, sha256, category, opened_ms, deadline_ms, state)
             values ('{acme}', '{BRIEF}', 'legal', 'old', 1, {hash}, 'contracts', 1, 1, 'decided')"
        ),
        format!(
            "insert into brief_version (tenant_id, brief_id, version, sha256, text, score, reading_s, at_ms)
             values ('{acme}', '{BRIEF}', 1, {hash}, '{{}}'::bytea, 90, 30, 1)"
        ),
        format!(
            "insert into decision (tenant_id, id, brief_id, version, sha256, choice, answer, rationale, prediction, policy, how,
                                   proven_ms, at_ms, held_ms, said_key, state, ended_ms)
             values ('{acme}', '{DECISION}', '{BRIEF}', 1, {hash}, 'option', 'A', '', '', 'recommended', 'silence', 1, 1, 1,
                     'silence', 'made', 1)"
        ),
        "set session_replication_role = origin".to_owned(),
    ] {
        scene.place.sql(&sql).await;
    }
}

type Add<'a> = &'a mut dyn FnMut(&str, Row, String);

/// What is wrong with every founder's word alike.
fn not_a_founders_word(scene: &Scene, good: &Row, add: Add<'_>) {
    for (column, value) in [
        ("person_id", quoted(scene.bob)),
        ("person_id", quoted(scene.eve)),
        ("tenant_id", quoted(scene.other)),
        ("how", quoted("token")),
        ("how", quoted("agent")),
        ("at_ms", (scene.now_ms - 600_001).to_string()),
    ] {
        add(&format!("{column} {value}"), good.with(column, value), String::new());
    }
}

/// A good row of the table, and bad ones; none where the table is another's.
pub fn examples(scene: &Scene, table: &str, add: Add<'_>) -> Option<Row> {
    Some(match table {
        "away" => aways(scene, add),
        "away_end" => ends(scene, add),
        "agent_grant" => grants(scene, add),
        "agent_grant_end" => grant_ends(scene, add),
        "decision_reversal" => reversals(scene, add),
        _ => return None,
    })
}

fn aways(scene: &Scene, add: Add<'_>) -> Row {
    let now = scene.now_ms;
    let good = Row {
        table: "away",
        columns: vec![
            ("tenant_id", quoted(scene.acme)),
            ("id", quoted(Uuid::from_u128(0xa9))),
            ("from_ms", now.to_string()),
            ("until_ms", (now + 86_400_000).to_string()),
            ("reason", quoted("Rest")),
            ("choices", quoted(r#"{"deploy":"delegate","*":"hold"}"#)),
            ("delegate_id", quoted(scene.grace)),
            ("most_decisions", "5".to_owned()),
            ("most_cost_micro_usd", "5".to_owned()),
            ("most_moved_percent", "20".to_owned()),
            ("person_id", quoted(scene.ada)),
            ("how", quoted("passkey")),
            ("proven_ms", now.to_string()),
            ("at_ms", now.to_string()),
        ],
    };
    not_a_founders_word(scene, &good, add);
    for category in ["budget", "strategy", "priorities", "resource_allocation"] {
        for word in ["recommended", "as_declared", "delegate"] {
            let choices = quoted(format!(r#"{{"deploy":"delegate","{category}":"{word}"}}"#));
            add(&format!("{word} for {category}"), good.with("choices", choices), String::new());
        }
    }
    for (column, value) in [
        ("proven_ms", (now - 300_001).to_string()),
        ("from_ms", (now - 600_001).to_string()),
        ("until_ms", now.to_string()),
        ("until_ms", (now + 61 * 86_400_000).to_string()),
        ("reason", quoted("")),
        ("choices", quoted(r#"{"deploy":"anything"}"#)),
        ("choices", quoted(r#"{"deploy":1}"#)),
        ("choices", quoted("[]")),
        ("choices", quoted(r#"{"deploy":"hold"}"#)),
        ("delegate_id", "null".to_owned()),
        ("delegate_id", quoted(scene.ada)),
        ("delegate_id", quoted(scene.bob)),
        ("delegate_id", quoted(scene.eve)),
        ("most_decisions", "101".to_owned()),
        ("most_decisions", "-1".to_owned()),
        ("most_cost_micro_usd", "-1".to_owned()),
        ("most_moved_percent", "21".to_owned()),
    ] {
        add(&format!("{column} {value}"), good.with(column, &value), String::new());
    }
    let far = good.with("from_ms", (now + 61 * 86_400_000).to_string());
    add("in more than sixty days", far.with("until_ms", (now + 62 * 86_400_000).to_string()), String::new());
    let first = good.with("id", quoted(Uuid::from_u128(0xaa))).insert();
    add("while there is another", good.clone(), first);
    good
}

fn ends(scene: &Scene, add: Add<'_>) -> Row {
    let good = Row {
        table: "away_end",
        columns: vec![
            ("tenant_id", quoted(scene.acme)),
            ("away_id", quoted(AWAY)),
            ("person_id", quoted(scene.grace)),
            ("how", quoted("password")),
            ("at_ms", scene.now_ms.to_string()),
        ],
    };
    not_a_founders_word(scene, &good, add);
    add("of none", good.with("away_id", quoted(BRIEF)), String::new());
    good
}

fn seal(scene: &Scene, category: &str, until_ms: i64) -> SealedGrant {
    let terms = Terms {
        agent: "frontend".parse().unwrap(),
        category: category.to_owned(),
        least_confidence_micro: 900_000,
        most_cost_micro_usd: 5_000_000,
        most_a_day: 3,
        until: Millis(until_ms),
    };
    let journal = JournalHead { number: 1, sha256: ArtifactHash([1; 32]) };
    let (tenant, id, ada) = (TenantId(scene.acme), GrantId(Uuid::from_u128(0xab)), PersonId(scene.ada));
    Grant::seal(tenant, id, ada, Millis(scene.now_ms), terms, journal, Nonce([3; 16])).unwrap()
}

/// What a passkey says to a grant, as far as the database reads it.
fn assertion(challenge: &[u8]) -> String {
    let client = format!(r#"{{"type":"webauthn.get","challenge":"{}"}}"#, BASE64URL.encode(challenge));
    let client = BASE64URL.encode(client.as_bytes());
    quoted(format!(r#"{{"kind":"passkey","client_data_json":"{client}","signature":"AA","public_key":"AA"}}"#))
}

fn signed(row: &Row, sealed: &SealedGrant) -> Row {
    row.with("canonical", hex(sealed.canonical()))
        .with("canonical_sha256", hex(&sealed.sha256()))
        .with("assertion", assertion(&sealed.sha256()))
}

fn grants(scene: &Scene, add: Add<'_>) -> Row {
    let now = scene.now_ms;
    let until = now + 90 * 86_400_000;
    let sealed = seal(scene, "deploy", until);
    let good = Row {
        table: "agent_grant",
        columns: vec![
            ("tenant_id", quoted(scene.acme)),
            ("id", quoted(Uuid::from_u128(0xab))),
            ("agent", quoted("frontend")),
            ("category", quoted("deploy")),
            ("least_confidence_micro", "900000".to_owned()),
            ("most_cost_micro_usd", "5000000".to_owned()),
            ("most_a_day", "3".to_owned()),
            ("until_ms", until.to_string()),
            ("person_id", quoted(scene.ada)),
            ("how", quoted("passkey")),
            ("proven_ms", now.to_string()),
            ("at_ms", now.to_string()),
            ("canonical", hex(sealed.canonical())),
            ("canonical_sha256", hex(&sealed.sha256())),
            ("assertion", assertion(&sealed.sha256())),
        ],
    };
    not_a_founders_word(scene, &good, add);
    // Whole and signed, and yet never granted.
    for category in ["budget", "strategy", "priorities", "resource_allocation", "security", "security_approval"] {
        let row = signed(&good, &seal(scene, category, until)).with("category", quoted(category));
        add(&format!("for {category}"), row, String::new());
    }
    let long = signed(&good, &seal(scene, "deploy", until + 1)).with("until_ms", until + 1);
    add("for longer than 90 days", long, String::new());
    let over = signed(&good, &seal(scene, "deploy", now)).with("until_ms", now);
    add("that is over", over, String::new());
    let second = signed(&good, &seal(scene, "release", until)).with("category", quoted("release"));
    add("beside another one", second, String::new());
    for (column, value) in [
        ("proven_ms", (now - 300_001).to_string()),
        ("how", quoted("password")),
        ("agent", quoted("backend")),
        ("category", quoted("deploys")),
        ("least_confidence_micro", "1".to_owned()),
        ("most_cost_micro_usd", "5000001".to_owned()),
        ("most_a_day", "4".to_owned()),
        ("until_ms", (until - 1).to_string()),
        ("id", quoted(BRIEF)),
        ("person_id", quoted(scene.grace)),
        ("canonical_sha256", hex(&Sha256::digest(b"another grant"))),
        ("assertion", quoted("{}")),
        ("assertion", assertion(&Sha256::digest(b"another grant"))),
        ("assertion", "null".to_owned()),
    ] {
        add(&format!("{column} {value}"), good.with(column, &value), String::new());
    }
    good
}

fn grant_ends(scene: &Scene, add: Add<'_>) -> Row {
    let good = Row {
        table: "agent_grant_end",
        columns: vec![
            ("tenant_id", quoted(scene.acme)),
            ("grant_id", quoted(GRANT)),
            ("person_id", quoted(scene.grace)),
            ("why", quoted("Enough")),
            ("at_ms", scene.now_ms.to_string()),
        ],
    };
    for (column, value) in [
        ("person_id", quoted(scene.bob)),
        ("person_id", quoted(scene.eve)),
        ("tenant_id", quoted(scene.other)),
        ("why", quoted("")),
        ("at_ms", (scene.now_ms - 700_000).to_string()),
        ("grant_id", quoted(BRIEF)),
    ] {
        add(&format!("{column} {value}"), good.with(column, value), String::new());
    }
    good
}

fn reversals(scene: &Scene, add: Add<'_>) -> Row {
    let good = Row {
        table: "decision_reversal",
        columns: vec![
            ("tenant_id", quoted(scene.acme)),
            ("decision_id", quoted(DECISION)),
            ("task_id", quoted(Uuid::from_u128(0xad))),
            ("reason", quoted("No")),
            ("person_id", quoted(scene.grace)),
            ("at_ms", scene.now_ms.to_string()),
        ],
    };
    for (column, value) in [
        ("person_id", quoted(scene.bob)),
        ("person_id", quoted(scene.eve)),
        ("tenant_id", quoted(scene.other)),
        ("reason", quoted("")),
        ("at_ms", (scene.now_ms - 700_000).to_string()),
        ("decision_id", quoted(BRIEF)),
    ] {
        add(&format!("{column} {value}"), good.with(column, value), String::new());
    }
    good
}

/// An agent's own roles write nothing of it, and what ended does not begin again.
#[tokio::test]
async fn a_grant_that_ended_stays_so_and_nobody_lengthens_one() {
    let mut scene = Scene::set().await;
    before(&mut scene).await;
    let (roles, acme, grace, now) = (scene.roles().await, scene.acme, scene.grace, scene.now_ms);
    let owner = &mut scene.place.owner;
    let end = format!(
        "insert into agent_grant_end (tenant_id, grant_id, person_id, why, at_ms)
         values ('{acme}', '{GRANT}', '{grace}', 'Enough', {now})"
    );
    let again = attempt(owner, "countersign_web", acme, &end, &end).await;
    assert_eq!(again, Err("23505".to_owned()), "it ends once");
    for role in &roles {
        for sql in [
            "update agent_grant set until_ms = until_ms + 1",
            "update agent_grant set most_a_day = 100",
            "delete from agent_grant_end",
            "update away set until_ms = until_ms + 1",
            "delete from away_end",
            "delete from decision_reversal",
        ] {
            let outcome = attempt(owner, role, acme, &end, sql).await;
            assert_eq!(outcome, Err("42501".to_owned()), "{role}: {sql}");
        }
    }
}
