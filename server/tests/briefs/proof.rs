//! Somebody changes a byte of what was decided, as whoever owns the database can: with its hash, past all triggers and
//! checks. The page says so, the receipt proves nothing, and the journal's check names the entry.

use crate::{
    harness::{Server, countersign},
    place::{Place, hash_of},
    sign::{Device, ask, ceremony},
};
use countersign_domain::{DecisionId, Role};
use countersign_service::Error;
use std::process::Output;

fn run(server: &Server, args: &[&str]) -> Output {
    countersign().args(args).arg("--data-dir").arg(&server.dir).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// What `countersign verify` says of a receipt, and whether it believes it.
fn verdict(receipt: &[u8]) -> (bool, String) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), receipt).unwrap();
    let output = countersign().arg("verify").arg(file.path()).output().unwrap();
    (output.status.success(), said(&output))
}

fn journal(place: &Place) -> (bool, String) {
    let output = run(&place.server, &["journal", "verify"]);
    (output.status.success(), said(&output))
}

/// What stands in the way of whoever owns the database, taken away; and a copy of what is kept.
const LAY_OPEN: &str = "
    do $$ declare one record; begin
        for one in select conrelid::regclass as held, conname from pg_constraint
                   where contype = 'c' and conrelid in ('brief_version'::regclass, 'decision'::regclass) loop
            execute format('alter table %s drop constraint %I', one.held, one.conname);
        end loop;
    end $$;
    create table kept_brief as select * from brief;
    create table kept_version as select * from brief_version;
    create table kept_decision as select * from decision;";

const RESTORE: &str = "
    set session_replication_role = replica;
    delete from decision; delete from brief_version; delete from brief;
    insert into brief select * from kept_brief;
    insert into brief_version select * from kept_version;
    insert into decision select * from kept_decision;
    set session_replication_role = origin;";

/// The byte and nothing else; the byte and the hashes beside it; the byte wherever it is kept, with all hashes anew.
fn hands(before: &str, after: &str, sha256: &str) -> [(&'static str, String); 3] {
    let text = format!("convert_to(replace(convert_from(text, 'utf8'), '{before}', '{after}'), 'utf8')");
    let canonical = format!(
        "convert_to(replace(replace(convert_from(canonical, 'utf8'), '{before}', '{after}'), '{sha256}',
                            (select encode(sha256, 'hex') from brief)), 'utf8')"
    );
    let words = format!("rationale = replace(rationale, '{before}', '{after}')");
    let versions = format!(
        "update brief_version set text = {text}, sha256 = sha256({text});
                            update brief set sha256 = (select sha256 from brief_version);"
    );
    let alone = format!("update brief_version set text = {text}; update decision set {words};");
    let with_hash = format!("{versions} update decision set {words}, sha256 = (select sha256 from brief);");
    let everywhere =
        format!("{with_hash} update decision set canonical = {canonical}, canonical_sha256 = sha256({canonical});");
    let past_all =
        |sql: String| format!("set session_replication_role = replica; {sql} set session_replication_role = origin;");
    [("alone", past_all(alone)), ("with its hash", past_all(with_hash)), ("everywhere", past_all(everywhere))]
}

async fn seq_of(place: &mut Place, kind: &str) -> i64 {
    place.number(&format!("select max(seq) from journal where kind = '{kind}'")).await
}

/// A brief that was decided and signed.
async fn signed() -> (Place, String, String, DecisionId) {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let row = place.open(&ceo, &ceo.payload("q")).await;
    let person = place.desk.founder.person;
    let device = Device::of(&mut place, person).await;
    let actor = place.desk.proven();
    let question = ask(&place, &actor, std::slice::from_ref(&row)).await;
    let held = place.desk.service.sign_decisions(&actor, ceremony(&question), &device.answer(&question)).await.unwrap();
    let id = held.into_iter().next().unwrap().unwrap().decision.parse().unwrap();
    place.made(&row.id).await;
    (place, row.id, row.sha256, id)
}

#[tokio::test]
async fn a_byte_of_brief_option_evidence_or_rationale_changed_in_the_database_is_found() {
    let (mut place, brief, sha256, decision) = signed().await;
    let receipt =
        async |place: &Place| place.desk.service.decision_receipt(&place.desk.founder, decision).await.unwrap();
    let good = receipt(&place).await;
    assert!(verdict(&good).0, "{}", verdict(&good).1);
    assert!(journal(&place).0, "{}", journal(&place).1);
    let evidence = hash_of(b"Error rates, seen by ceo");
    let other = format!("{}{}", &evidence[..63], if evidence.ends_with('0') { '1' } else { '0' });
    let (taken, decided) = (seq_of(&mut place, "brief.taken").await, seq_of(&mut place, "brief.decided").await);
    place.sql(LAY_OPEN).await;
    let mut tried = 0;
    for (before, after, seq, what) in [
        ("Do we roll out today?", "Do we roll out todaz?", taken, "/question"),
        ("Customers get the fix today.", "Customers get the fiy today.", taken, "/options/0/consequence"),
        (evidence.as_str(), other.as_str(), taken, "/evidence/0/sha256"),
        ("It is cheap.", "It is cheaq.", decided, "its rationale"),
    ] {
        for (hand, sql) in hands(before, after, &sha256) {
            place.sql(&sql).await;
            let (well, words) = journal(&place);
            assert!(!well && words.contains("NOT in order"), "{what} {hand}: {words}");
            assert!(words.contains(&format!("Entry {seq} ")) && words.contains(what), "{what} {hand}: {words}");
            let page = place.desk.service.read_brief(&place.desk.founder, brief.parse().unwrap(), None).await;
            match page {
                Ok(view) => assert!(view.decision.unwrap().is_damaged, "{what} {hand}"),
                Err(Error::Conflict(words)) => assert!(words.contains("not what its hash says"), "{words}"),
                Err(error) => panic!("{what} {hand}: {error:?}"),
            }
            if hand == "everywhere" {
                let (well, words) = verdict(&receipt(&place).await);
                assert!(!well && words.contains("NOT valid"), "{what}: {words}");
            }
            let checked = place.desk.service.check_journal(&place.desk.founder).await.unwrap();
            assert_eq!(checked.broken.map(|broken| (broken.from, broken.to)), Some((seq, seq)), "{what} {hand}");
            place.sql(RESTORE).await;
            tried += 1;
        }
    }
    assert_eq!(tried, 12);
    assert!(verdict(&good).0, "what the founder has kept is as good as before");
    assert!(journal(&place).0 && !place.brief(&brief).await.decision.unwrap().is_damaged, "nothing else was broken");
}

#[tokio::test]
async fn rows_of_which_no_entry_tells_and_entries_without_their_rows_are_found() {
    let (mut place, brief, _, decision) = signed().await;
    let (taken, decided) = (seq_of(&mut place, "brief.taken").await, seq_of(&mut place, "brief.decided").await);
    place
        .desk
        .service
        .set_brief_policy(&place.desk.proven(), "deploy", false, "recommended", "It can be undone")
        .await
        .unwrap();
    let policy = seq_of(&mut place, "brief.policy_set").await;
    place.member(11, "Grace", Role::Founder).await;
    assert!(journal(&place).0, "{}", journal(&place).1);
    place.sql(LAY_OPEN).await;
    place.sql("create table kept_policy as select * from brief_policy").await;
    let entry = |seq: i64| format!("Entry {seq} ");
    let no_entry = || "No entry up to ".to_owned();
    let signature = "assertion = jsonb_set(assertion, '{signature}', '\"AAAA\"')";
    for (sql, names, what) in [
        ("delete from decision".to_owned(), entry(decided), "is not kept"),
        ("delete from decision; delete from brief_version".to_owned(), entry(taken), "nothing is kept"),
        (format!("update decision set {signature}"), entry(decided), "its signature"),
        ("update decision set assertion = null".to_owned(), entry(decided), "its signature"),
        ("update decision set answer = 'A'".to_owned(), entry(decided), "its choice"),
        ("update decision set state = 'taken_back'".to_owned(), entry(decided), "whether it counts"),
        ("update decision set person_id = (select id from person where email = 'grace@example.com')".to_owned(),
         entry(decided), "who made it"),
        ("update decision set via = jsonb_set(via, '{from}', '\"10.0.0.9\"')".to_owned(), entry(decided), "by which way"),
        ("update brief set state = 'open'".to_owned(), entry(taken), "whether it is decided"),
        ("update brief set version = 2".to_owned(), entry(taken), "its newest version"),
        ("update brief_policy set silence = 'as_declared'".to_owned(), entry(policy), "what silence means in deploy"),
        ("insert into brief_policy select tenant_id, 1, 'release', reserved, silence, person_id, how, proven_ms, at_ms, reason
          from brief_policy".to_owned(), no_entry(), "the policy of number 1"),
        ("insert into brief_version select tenant_id, brief_id, 2, sha256, text, score, reading_s, at_ms from brief_version"
            .to_owned(), no_entry(), "version 2"),
        ("insert into brief select tenant_id, gen_random_uuid(), author, 'forged', version, sha256, category, opened_ms,
                 deadline_ms, snoozed_ms, lapsed_ms, state from brief".to_owned(), no_entry(), "brief "),
        ("create temporary table forged as select * from decision;
          update forged set id = '00000000-0000-7000-8000-000000000000', brief_id = gen_random_uuid();
          insert into decision select * from forged; drop table forged".to_owned(),
         no_entry(), "decision 00000000-0000-7000-8000-000000000000"),
    ] {
        place.sql(&format!("set session_replication_role = replica; {sql}; set session_replication_role = origin")).await;
        let (well, words) = journal(&place);
        assert!(!well && words.contains(&names) && words.contains(what), "{sql}: {words}");
        place.sql(RESTORE).await;
        place
            .sql("set session_replication_role = replica; delete from brief_policy;
                  insert into brief_policy select * from kept_policy; set session_replication_role = origin")
            .await;
        assert!(journal(&place).0, "{}", journal(&place).1);
    }
    let view = place.brief(&brief).await;
    assert_eq!(view.decision.unwrap().id, decision.to_string());
}

#[tokio::test]
async fn a_held_decision_that_was_changed_never_counts_is_told_of_once_and_holds_up_no_other() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let (bad, good) = (place.open(&ceo, &ceo.payload("bad")).await, place.open(&ceo, &ceo.payload("good")).await);
    let held = place.decide(&bad, "B").await.unwrap();
    let changed = format!("update decision set rationale = 'It was not said' where id = '{}'", held.decision);
    place
        .sql(&format!("set session_replication_role = replica; {changed}; set session_replication_role = origin"))
        .await;
    // So that the changed one has been due for ten seconds when this one counts.
    place.decide(&good, "B").await.unwrap();
    place.made(&good.id).await;
    let third = place.open(&ceo, &ceo.payload("third")).await;
    place.decide(&third, "A").await.unwrap();
    place.made(&third.id).await;
    let view = place.brief(&bad.id).await;
    assert!(view.row.state == countersign_domain::brief::BriefState::Held && view.decision.unwrap().is_damaged);
    let log = place.server.log();
    assert_eq!(log.matches("a held decision is not what was said").count(), 1, "{log}");
    assert_eq!(place.entries("brief.decided").await.len(), 2);
}
