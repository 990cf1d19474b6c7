//! What an agent does by itself: what a founder's passkey signed, ten minutes after everybody could see it, and never again
//! after the first decision that was otherwise than it recommended.

use crate::{
    harness::{
        ask::{FORM, ask},
        eventually,
    },
    place::{Author, Place, conflict, now},
    sign::Device,
};
use countersign_domain::{
    ArtifactHash, DecisionId, GrantId, Millis, Role,
    autonomy::{Grant, SealedGrant, Terms},
    brief::BriefState,
    decision::{JournalHead, Nonce},
    reading::{BriefRow, GrantRow, Stand},
};
use countersign_receipt::{Assertion, PublicKey, seal_text};
use countersign_service::{Error, GrantForm};
use data_encoding::BASE64URL_NOPAD as BASE64URL;
use serde_json::{Value, json};
use uuid::Uuid;

fn form(category: &str) -> GrantForm {
    GrantForm {
        agent: "cto".to_owned(),
        category: category.to_owned(),
        confidence: "0.8".to_owned(),
        most_cost: "5".to_owned(),
        most_a_day: 3,
        until: Some(Millis(now().0 + 30 * 86_400_000)),
    }
}

async fn give(place: &Place, device: &Device, form: GrantForm) -> Result<GrantId, Error> {
    let service = &place.desk.service;
    let question = serde_json::to_value(service.ask_for_grant(&place.desk.founder, form).await?).unwrap();
    let answer = device.answer(&question);
    service.sign_grant(&place.desk.founder, question["ceremony"].as_str().unwrap(), &answer).await
}

/// A grant that was signed an hour ago: by the same key, in the same form.
async fn given_before(place: &mut Place, device: &Device, most_a_day: u32) -> GrantId {
    let (at, id) = (Millis(now().0 - 3_600_000), GrantId(Uuid::from_u128(0x9a)));
    let founder = place.desk.founder.clone();
    let terms = Terms {
        agent: "cto".parse().unwrap(),
        category: "deploy".to_owned(),
        least_confidence_micro: 800_000,
        most_cost_micro_usd: 5_000_000,
        most_a_day,
        until: Millis(now().0 + 86_400_000),
    };
    let journal = JournalHead { number: 1, sha256: ArtifactHash([1; 32]) };
    let sealed = Grant::seal(founder.tenant, id, founder.person, at, terms, journal, Nonce([7; 16])).unwrap();
    keep(place, device, &sealed).await;
    id
}

/// As the owner of the database alone can put it there.
async fn keep(place: &mut Place, device: &Device, sealed: &SealedGrant) {
    let question = json!({"publicKey": {"challenge": BASE64URL.encode(&sealed.sha256())}});
    let said: Value = serde_json::from_str(&device.answer(&question)).unwrap();
    let part = |name: &str| BASE64URL.decode(said["response"][name].as_str().unwrap().as_bytes()).unwrap();
    let (x, y) = device.point();
    let assertion = Assertion {
        key: PublicKey::es256(&x, &y).unwrap(),
        rp_id: "localhost".to_owned(),
        origin: device.origin.clone(),
        authenticator_data: part("authenticatorData"),
        client_data_json: part("clientDataJSON"),
        signature: part("signature"),
    };
    let grant = sealed.grant();
    sqlx::query(
        "insert into agent_grant (tenant_id, id, agent, category, least_confidence_micro, most_cost_micro_usd, most_a_day,
                                  until_ms, person_id, how, proven_ms, at_ms, canonical, canonical_sha256, assertion)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'passkey', $10, $10, $11, sha256($11), $12::jsonb)",
    )
    .bind(grant.tenant.0)
    .bind(grant.id.0)
    .bind(grant.agent.as_str())
    .bind(&grant.category)
    .bind(i32::try_from(grant.least_confidence_micro).unwrap())
    .bind(grant.most_cost_micro_usd)
    .bind(i32::try_from(grant.most_a_day).unwrap())
    .bind(grant.until_ms.0)
    .bind(grant.founder.0)
    .bind(grant.at_ms.0)
    .bind(sealed.canonical())
    .bind(seal_text(&assertion).unwrap())
    .execute(&mut place.owner)
    .await
    .unwrap();
    let told = json!({"grant": grant.id.to_string(), "sha256": ArtifactHash(sealed.sha256()).to_string()}).to_string();
    let tenant = grant.tenant;
    // Its founder was one then, and the journal has it.
    place.sql("update founder_term set from_ms = from_ms - 86400000").await;
    place
        .sql(&format!(
            "insert into journal (tenant_id, seq, at_ms, kind, canonical, hash)
             select '{tenant}', least(min(seq), 0) - 1, 1, 'grant.given', convert_to('{told}', 'utf8'), sha256('')
             from journal where tenant_id = '{tenant}'"
        ))
        .await;
}

async fn without_triggers(place: &mut Place) {
    place.sql("set session_replication_role = replica").await;
}

async fn with_triggers(place: &mut Place) {
    place.sql("set session_replication_role = origin").await;
}

async fn granted_before(place: &mut Place, most_a_day: u32) -> (Author, GrantId) {
    let cto = place.author("cto").await;
    let person = place.desk.founder.person;
    let device = Device::of(place, person).await;
    without_triggers(place).await;
    let id = given_before(place, &device, most_a_day).await;
    with_triggers(place).await;
    (cto, id)
}

async fn grants(place: &Place) -> Vec<GrantRow> {
    place.desk.service.read_autonomy(&place.desk.founder).await.unwrap().grants
}

#[tokio::test]
async fn a_grant_is_signed_by_a_passkey_or_there_is_none() {
    let mut place = Place::start().await;
    let cto = place.author("cto").await;
    let lacking = place.desk.service.ask_for_grant(&place.desk.founder, form("deploy")).await.map(drop);
    assert!(conflict(lacking).contains("no passkey"));
    let person = place.desk.founder.person;
    let device = Device::of(&mut place, person).await;
    for category in ["budget", "strategy", "priorities", "resource_allocation", "security", "security_review"] {
        let refused = give(&place, &device, form(category)).await;
        assert!(conflict(refused).contains("never granted"), "{category}");
    }
    let service = &place.desk.service;
    service.set_brief_policy(&place.desk.proven(), "hiring", true, "hold", "Ours").await.unwrap();
    assert!(conflict(give(&place, &device, form("hiring")).await).contains("never granted"));
    let unknown = GrantForm { agent: "nobody".to_owned(), ..form("deploy") };
    let unknown = give(&place, &device, unknown).await;
    assert!(matches!(unknown, Err(Error::Invalid { field: "agent", .. })), "{unknown:?}");
    // Another key's signature is none.
    let bob = place.member(12, "Bob", countersign_domain::Role::Founder).await;
    let other = Device::of(&mut place, bob.person).await;
    let wrong = give(&place, &other, form("deploy")).await;
    assert!(matches!(wrong, Err(Error::Invalid { field: "passkey", .. })), "{wrong:?}");
    assert_eq!(place.number("select count(*) from agent_grant").await, 0);

    let id = give(&place, &device, form("deploy")).await.unwrap();
    let told = cto.told("grant_given").await;
    assert_eq!((&told["grant"], &told["category"]), (&json!(id.to_string()), &json!("deploy")));
    assert_eq!(place.entries("grant.given").await.len(), 1);
    let row = &grants(&place).await[0];
    assert_eq!((row.stand, row.is_damaged, row.by.as_str()), (Stand::On, false, "Ada"));
    assert!(conflict(give(&place, &device, form("deploy")).await).contains("has a grant"));
    // Taken back over HTTP, with a reason that its agent hears.
    let cookie = place.desk.cookie().await;
    let headers = [FORM, ("Cookie", cookie.as_str()), ("Accept", "application/json")];
    let body = format!("tenant=acme&id={id}&reason=Enough");
    let back = ask(&place.server, "POST", "/api/grant/revoke", &headers, &body);
    assert!((200..400).contains(&back.status), "{} {}", back.status, back.body);
    assert_eq!(cto.told("grant_ended").await["why"], json!("Enough"));
    assert_eq!(grants(&place).await[0].stand, Stand::Over);
    give(&place, &device, form("deploy")).await.unwrap();
}

#[tokio::test]
async fn an_agent_acts_ten_minutes_after_everybody_could_see_that_it_would() {
    let mut place = Place::start().await;
    let (cto, id) = granted_before(&mut place, 3).await;
    let row = place.open(&cto, &cto.payload("q")).await;
    let view = place.brief(&row.id).await;
    let words = view.by_grant.unwrap();
    assert!(words.starts_with("By grant of Ada of ") && words.contains("option B: Wait takes effect"), "{words}");
    let wait = view.row.acts_at.unwrap().0 - now().0;
    assert!((590_000..=600_000).contains(&wait), "{wait}");
    // Whoever writes into the database cannot hurry it.
    for at in [now(), Millis(now().0 + 599_900)] {
        let early = by_grant(&place, (id, at), &row.id, &row.sha256, 1, "B");
        assert_eq!(place.at_once(vec![early]).await, 0, "{at:?}");
    }
    place.let_show(&row.id).await;
    let decided = place.made(&row.id).await;
    let decision = decided.decision.unwrap();
    assert_eq!((decision.by.as_deref(), decision.words.as_str()), (None, "B: Wait"));
    assert!(decision.how.starts_with("grant of Ada of "), "{}", decision.how);
    assert!(decided.row.decided_by.unwrap().starts_with("cto, by grant of Ada of "));
    let told = cto.told("decision_made").await;
    assert_eq!((&told["policy"], &told["grant"]), (&json!("grant"), &json!(id.to_string())));
    assert!(told["decided_by"].is_null(), "{told}");
    let entry = &place.entries("brief.decided_by_grant").await[0];
    assert!(entry.get("by").is_none() && entry["grant"] == json!(id.to_string()), "{entry}");
    assert_eq!((grants(&place).await[0].used, grants(&place).await[0].used_today), (1, 1));
}

#[tokio::test]
async fn a_grant_covers_what_was_signed_and_nothing_beside_it() {
    let mut place = Place::start().await;
    let (cto, _) = granted_before(&mut place, 3).await;
    let ceo = place.author("ceo").await;
    let changed = |name: &str, pointer: &str, value: Value| {
        let mut payload = cto.payload(name);
        *payload.pointer_mut(pointer).unwrap() = value;
        payload
    };
    for payload in [
        changed("unsure", "/recommendation/confidence", json!(0.79)),
        changed("dear", "/options/1/cost_usd", json!(5.01)),
        changed("for-good", "/options/1/reversible", json!(false)),
        changed("other", "/category", json!("release")),
        changed("reserved", "/category", json!("budget")),
        changed("soon", "/deadline", json!(Millis(now().0 + 300_000).to_rfc3339())),
    ] {
        let row = place.open(&cto, &payload).await;
        assert_eq!(place.brief(&row.id).await.row.acts_at, None, "{}", payload["brief"]);
        // With eleven minutes more behind it, the last one would have had its ten.
        if payload["brief"] != json!("soon") {
            place.let_show(&row.id).await;
        }
    }
    let theirs = place.open(&ceo, &ceo.payload("theirs")).await;
    assert_eq!(place.brief(&theirs.id).await.row.acts_at, None, "it is another agent's");
    place.let_show(&theirs.id).await;
    // What a founder put off waits as long as they said; what agents are stopped for, until that is over.
    let later = place.open(&cto, &cto.payload("later")).await;
    let until = Millis(now().0 + 7_200_000);
    place.desk.service.snooze_brief(&place.desk.founder, Place::id(&later), Some(until)).await.unwrap();
    assert_eq!(place.brief(&later.id).await.row.acts_at, Some(until));
    place.let_show(&later.id).await;
    let good = place.open(&cto, &cto.payload("good")).await;
    place.let_show(&good.id).await;
    place.made(&good.id).await;
    // The server looked at the others before that one.
    assert_eq!(place.number("select count(*) from decision").await, 1);
}

#[tokio::test]
async fn a_grant_falls_at_the_first_override_and_its_agent_hears_why() {
    let mut place = Place::start().await;
    let (cto, id) = granted_before(&mut place, 3).await;
    let agreed = place.open(&cto, &cto.payload("agreed")).await;
    place.decide(&agreed, "B").await.unwrap();
    place.made(&agreed.id).await;
    assert_eq!(grants(&place).await[0].stand, Stand::On, "who agrees ends nothing");
    let (other, waiting) =
        (place.open(&cto, &cto.payload("other")).await, place.open(&cto, &cto.payload("waiting")).await);
    place.decide(&other, "A").await.unwrap();
    // While that is held nothing happens by the grant either.
    place.let_show(&waiting.id).await;
    place.made(&other.id).await;
    let ended = eventually("the grant falls", async || {
        let row = grants(&place).await.remove(0);
        if row.stand == Stand::Over { Ok(row) } else { Err(format!("{row:?}")) }
    })
    .await;
    assert!(ended.ended.unwrap().1.contains("Ada decided otherwise"));
    let told = cto.told("grant_ended").await;
    assert!(told["grant"] == json!(id.to_string()) && told["why"].as_str().unwrap().contains("Ada"), "{told}");
    assert_eq!(place.entries("grant.ended").await.len(), 1);
    let view = place.brief(&waiting.id).await;
    assert_eq!((view.row.state, view.row.acts_at), (BriefState::Open, None));
}

#[tokio::test]
async fn a_rejection_and_a_reversal_end_a_grant_too() {
    let mut place = Place::start().await;
    let (cto, _) = granted_before(&mut place, 3).await;
    let row = place.open(&cto, &cto.payload("q")).await;
    place.let_show(&row.id).await;
    let decision = place.made(&row.id).await.decision.unwrap();
    let service = &place.desk.service;
    service.reverse_decision(&place.desk.founder, decision.id.parse().unwrap(), "No.").await.unwrap();
    assert_eq!(grants(&place).await[0].stand, Stand::Over);
    assert!(cto.told("grant_ended").await["why"].as_str().unwrap().contains("No."));
}

#[tokio::test]
async fn a_grant_falls_where_what_was_recommended_and_done_turned_out_wrong() {
    let mut place = Place::start().await;
    let (cto, _) = granted_before(&mut place, 3).await;
    let row = place.open(&cto, &cto.payload("q")).await;
    place.let_show(&row.id).await;
    let decision: DecisionId = place.made(&row.id).await.decision.unwrap().id.parse().unwrap();
    let (service, ada) = (place.desk.service.clone(), place.desk.proven());
    service.look_back(&ada, decision, "partly", "").await.unwrap();
    assert_eq!(grants(&place).await[0].stand, Stand::On, "half of it was right");
    service.look_back(&ada, decision, "wrong", "Oslo left").await.unwrap();
    assert_eq!(grants(&place).await[0].stand, Stand::Over);
    assert!(cto.told("grant_ended").await["why"].as_str().unwrap().contains("turned out wrong"));
    assert_eq!(place.entries("grant.ended").await.len(), 1);
}

#[tokio::test]
async fn of_a_grant_that_somebody_changed_in_the_database_nothing_follows() {
    let mut place = Place::start().await;
    let (cto, _) = granted_before(&mut place, 3).await;
    without_triggers(&mut place).await;
    place.sql("update agent_grant set most_cost_micro_usd = 50000000").await;
    with_triggers(&mut place).await;
    assert!(grants(&place).await[0].is_damaged);
    let row = place.open(&cto, &cto.payload("q")).await;
    place.let_show(&row.id).await;
    // Before the server takes the next brief, it does what is due.
    place.open(&cto, &cto.payload("next")).await;
    let view = place.brief(&row.id).await;
    assert_eq!((view.row.state, view.row.acts_at), (BriefState::Open, None));
}

/// That the brief waits, will be acted on in about ten minutes, and not by whoever writes into the database before.
async fn is_shown_anew(place: &Place, id: GrantId, row: &BriefRow, why: &str) {
    let view = place.brief(&row.id).await;
    let wait = view.row.acts_at.unwrap_or_else(|| panic!("{why}: nothing acts on it")).0 - now().0;
    assert!((590_000..=600_000).contains(&wait), "{why}: {wait}");
    let at_once = by_grant(place, (id, now()), &row.id, &view.row.sha256, 1, "B");
    assert_eq!(place.at_once(vec![at_once]).await, 0, "{why}");
    assert_eq!(place.brief(&row.id).await.row.state, BriefState::Open, "{why}");
}

#[tokio::test]
async fn what_was_held_back_is_shown_for_ten_minutes_once_it_is_no_longer() {
    let mut place = Place::start().await;
    let (cto, id) = granted_before(&mut place, 3).await;
    let row = place.open(&cto, &cto.payload("q")).await;
    // An answer that was held meanwhile, and taken back.
    let held = place.decide(&row, "B").await.unwrap();
    place.let_show(&row.id).await;
    place.desk.service.undo_decision(&place.desk.founder, held.decision.parse().unwrap()).await.unwrap();
    is_shown_anew(&place, id, &row, "an answer was taken back").await;
    // A category that was the founders' alone.
    place.desk.service.set_brief_policy(&place.desk.proven(), "deploy", true, "hold", "Ours").await.unwrap();
    place.let_show(&row.id).await;
    place.desk.service.set_brief_policy(&place.desk.proven(), "deploy", false, "hold", "Theirs").await.unwrap();
    is_shown_anew(&place, id, &row, "the category is open again").await;
    // What was put off, and is no longer.
    let until = Millis(now().0 + 7_200_000);
    place.desk.service.snooze_brief(&place.desk.founder, Place::id(&row), Some(until)).await.unwrap();
    place.let_show(&row.id).await;
    place.desk.service.snooze_brief(&place.desk.founder, Place::id(&row), None).await.unwrap();
    is_shown_anew(&place, id, &row, "it is put off no longer").await;
    // An emergency stop. This desk has no line to the bus, and may say so.
    let _ = place.desk.service.stop_all(&place.desk.proven(), "Something is wrong").await;
    place.let_show(&row.id).await;
    place.desk.service.lift_stop(&place.desk.proven(), None).await.unwrap();
    is_shown_anew(&place, id, &row, "the stop was lifted").await;
}

#[tokio::test]
async fn what_a_full_cap_held_is_shown_for_ten_minutes_once_there_is_room() {
    let mut place = Place::start().await;
    let (cto, id) = granted_before(&mut place, 1).await;
    let first = place.open(&cto, &cto.payload("first")).await;
    place.let_show(&first.id).await;
    place.made(&first.id).await;
    let second = place.open(&cto, &cto.payload("second")).await;
    place.let_show(&second.id).await;
    assert_eq!(place.brief(&second.id).await.row.acts_at, None, "the cap is full");
    // A day and a second later.
    without_triggers(&mut place).await;
    let before = now().0 - 86_401_000;
    place.sql(&format!("update decision set at_ms = {before}")).await;
    with_triggers(&mut place).await;
    is_shown_anew(&place, id, &second, "there is room").await;
}

#[tokio::test]
async fn a_grant_that_another_key_signed_or_that_no_journal_has_does_nothing() {
    let mut place = Place::start().await;
    let (cto, _) = granted_before(&mut place, 3).await;
    let row = place.open(&cto, &cto.payload("q")).await;
    assert!(place.brief(&row.id).await.row.acts_at.is_some());
    // The same words in Ada's name, signed by somebody else's key.
    let eve = place.member(13, "Eve", Role::Observer).await;
    let foreign = Device::of(&mut place, eve.person).await;
    without_triggers(&mut place).await;
    place.sql("delete from agent_grant").await;
    given_before(&mut place, &foreign, 3).await;
    with_triggers(&mut place).await;
    assert!(grants(&place).await[0].is_damaged);
    place.let_show(&row.id).await;
    // Before the server takes the next brief, it does what is due.
    place.open(&cto, &cto.payload("next")).await;
    let view = place.brief(&row.id).await;
    assert_eq!((view.row.state, view.row.acts_at), (BriefState::Open, None));
    // Her own key, and no entry that says so.
    let ada = place.desk.founder.person;
    let own = Device::of(&mut place, ada).await;
    without_triggers(&mut place).await;
    place.sql("delete from agent_grant; delete from journal where kind = 'grant.given'").await;
    given_before(&mut place, &own, 3).await;
    assert!(!grants(&place).await[0].is_damaged);
    place.sql("delete from journal where kind = 'grant.given'").await;
    with_triggers(&mut place).await;
    assert!(grants(&place).await[0].is_damaged);
}

#[tokio::test]
async fn whoever_asks_anew_takes_back_neither_a_founders_delay_nor_their_answer() {
    let mut place = Place::start().await;
    let (cto, _) = granted_before(&mut place, 3).await;
    let newer = |name: &str| {
        let mut payload = cto.payload(name);
        payload["question"] = json!("Do we roll out today, after all?");
        payload
    };
    let row = place.open(&cto, &cto.payload("later")).await;
    let until = Millis(now().0 + 7_200_000);
    place.desk.service.snooze_brief(&place.desk.founder, Place::id(&row), Some(until)).await.unwrap();
    let second = place.open(&cto, &newer("later")).await;
    assert_eq!((second.version, second.snoozed_until, second.acts_at), (2, Some(until), Some(until)));
    // An answer otherwise than recommended, which the author hurries to void, in another category even: it waits.
    let row = place.open(&cto, &cto.payload("other")).await;
    place.decide(&row, "A").await.unwrap();
    let mut hurried = newer("other");
    hurried["category"] = json!("release");
    cto.send(&hurried).await;
    let ended = eventually("the grant falls", async || {
        let row = grants(&place).await.remove(0);
        if row.stand == Stand::Over { Ok(row) } else { Err(format!("{row:?}")) }
    })
    .await;
    assert!(ended.ended.is_some());
    assert_eq!(place.entries("grant.ended").await.len(), 1);
    cto.told("grant_ended").await;
}

#[tokio::test]
async fn a_grant_ends_with_its_founder_and_does_not_come_back_with_them() {
    let mut place = Place::start().await;
    let (cto, id) = granted_before(&mut place, 3).await;
    let grace = place.member(14, "Grace", Role::Founder).await;
    let ada = place.desk.founder.person;
    place.desk.service.change_role(&grace, ada, "observer").await.unwrap();
    assert!(cto.told("grant_ended").await["why"].as_str().unwrap().contains("no founder any more"));
    assert_eq!(place.entries("grant.ended").await.len(), 1);
    place.desk.service.change_role(&grace, ada, "founder").await.unwrap();
    assert_eq!(grants(&place).await[0].stand, Stand::Over);
    // Even without its end, the database does not count it.
    without_triggers(&mut place).await;
    place.sql("delete from agent_grant_end").await;
    with_triggers(&mut place).await;
    assert_eq!(grants(&place).await[0].stand, Stand::Over);
    let row = place.open(&cto, &cto.payload("q")).await;
    place.let_show(&row.id).await;
    let act = by_grant(&place, (id, now()), &row.id, &row.sha256, 1, "B");
    assert_eq!(place.at_once(vec![act]).await, 0);
}

/// What an agent's act by a grant looks like as a row.
fn by_grant(
    place: &Place,
    (grant, at): (GrantId, Millis),
    brief: &str,
    sha256: &str,
    number: u128,
    option: &str,
) -> String {
    let (tenant, id, at) = (place.desk.founder.tenant, Uuid::from_u128(0xee_0000 + number), at.0);
    format!(
        "insert into decision (tenant_id, id, brief_id, version, sha256, choice, answer, rationale, prediction, policy, how,
                               grant_id, proven_ms, at_ms, held_ms, said_key, state, ended_ms)
         values ('{tenant}', '{id}', '{brief}', 1, '\\x{sha256}', 'option', '{option}', '', '', 'grant', 'grant', '{grant}', {at}, {at},
                 {at}, 'grant', 'made', {at})"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_acts_at_once_a_grant_allows_as_many_as_were_signed() {
    let mut place = Place::start().await;
    let (_, id) = granted_before(&mut place, 4).await;
    let briefs = place.many("cto", 100).await;
    // Their deadlines lie ahead.
    without_triggers(&mut place).await;
    place.sql("update brief set deadline_ms = deadline_ms + 86400000 where name like 'many-%'").await;
    // The server does not know that they are there: nothing of theirs can be read by it.
    with_triggers(&mut place).await;
    let statements = briefs.iter().enumerate().map(|(number, (brief, sha256))| {
        by_grant(&place, (id, now()), &brief.to_string(), sha256, number as u128, "A")
    });
    assert_eq!(place.at_once(statements.collect()).await, 4);
    assert_eq!(place.number("select count(*) from decision where grant_id is not null").await, 4);
}
