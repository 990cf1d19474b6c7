//! The database itself: whoever writes there, in whatever role, gets nothing past it. Tables and roles are read from
//! the catalogue, so that a new one without an example here fails.

use crate::{
    autonomy, decision,
    harness::eventually,
    place::{Place, hash_of, mission},
};
use countersign_domain::{Role, review::ReviewDecision};
use data_encoding::HEXLOWER;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::fmt::Write;
use uuid::Uuid;

/// What the database says: SQLSTATE 42501 is a lack of rights or a policy, 23514 a trigger or a check.
const REFUSALS: [&str; 2] = ["42501", "23514"];

/// What stands there: two founders, a review in each state, and a brief that waits.
pub struct Scene {
    pub place: Place,
    pub acme: Uuid,
    pub other: Uuid,
    pub ada: Uuid,
    pub grace: Uuid,
    pub bob: Uuid,
    pub eve: Uuid,
    /// Of backend, by Ada, open, probed.
    open: (Uuid, Vec<u8>),
    /// Of frontend.
    approved: (Uuid, Vec<u8>),
    /// Of frontend, before.
    replaced: (Uuid, Vec<u8>),
    /// Of legal, and of marketing.
    rejected: (Uuid, Vec<u8>),
    revoked: (Uuid, Vec<u8>),
    /// Of the other organization's backend, open, probed.
    theirs: (Uuid, Vec<u8>),
    /// A brief of the CEO that waits, and its hash; its deadline has passed.
    pub asked: (Uuid, Vec<u8>),
    pub now_ms: i64,
}

fn bytes(text: &str) -> Vec<u8> {
    HEXLOWER.decode(hash_of(text).as_bytes()).unwrap()
}

impl Scene {
    pub async fn set() -> Self {
        let mut place = Place::start().await;
        let grace = place.member(11, "Grace", Role::Founder).await;
        let bob = place.member(12, "Bob", Role::Observer).await;
        let eve = place.organization(13, "other").await;
        let text = |agent: &str, words: &str| mission(agent, words);
        let decide = async |place: &Place, text: &str, decision: ReviewDecision| {
            let review = place.propose(text).await;
            let yes = if decision == ReviewDecision::Rejected { decision } else { ReviewDecision::Approved };
            place.decide_as(&grace, review, yes, &hash_of(text)).await.unwrap();
            if decision == ReviewDecision::Revoked {
                place.issue(&place.review(review).await.row.agent).await.unwrap();
                // This desk has no line to the bus, and says so.
                let _ = place.decide_as(&grace, review, decision, &hash_of(text)).await;
            }
            (review.0, bytes(text))
        };
        let replaced = decide(&place, &text("frontend", "Draw."), ReviewDecision::Approved).await;
        let approved = decide(&place, &text("frontend", "Draw well."), ReviewDecision::Approved).await;
        place.issue("frontend").await.unwrap();
        let rejected = decide(&place, &text("legal", "Advise."), ReviewDecision::Rejected).await;
        let revoked = decide(&place, &text("marketing", "Write."), ReviewDecision::Revoked).await;
        let open = (place.propose(&text("backend", "Build.")).await.0, bytes(&text("backend", "Build.")));
        let theirs_text = text("backend", "Theirs.");
        let theirs = place.desk.service.propose_role(&eve, &theirs_text).await.unwrap();
        eventually("the other organization's bus", async || {
            place.desk.service.probe_review(&eve, theirs).await.map_err(|error| format!("{error:?}"))
        })
        .await;
        let now_ms = place.desk.proven().proven_at.0;
        let asked = decision::ask(&mut place, now_ms).await;
        Self {
            acme: place.desk.founder.tenant.0,
            other: eve.tenant.0,
            ada: place.desk.founder.person.0,
            grace: grace.person.0,
            bob: bob.person.0,
            eve: eve.person.0,
            open,
            approved,
            replaced,
            rejected,
            revoked,
            theirs: (theirs.0, bytes(&theirs_text)),
            asked,
            now_ms,
            place,
        }
    }

    /// The roles that the server and its commands take on, whatever they are called.
    pub async fn roles(&mut self) -> Vec<String> {
        let roles: Vec<(String,)> = sqlx::query_as(
            "select rolname::text from pg_roles where rolname like 'countersign\\_%' and rolname <> session_user order by 1",
        )
        .fetch_all(&mut self.place.owner)
        .await
        .unwrap();
        let roles: Vec<String> = roles.into_iter().map(|(role,)| role).collect();
        for known in ["web", "bridge", "agent", "keeper"] {
            assert!(roles.contains(&format!("countersign_{known}")), "{known}: {roles:?}");
        }
        roles
    }
}

/// Runs a statement in a role and for a tenant, and takes it back; answers how many rows it concerned, or the code of
/// the refusal. `first` is done before as the owner.
pub async fn attempt(
    owner: &mut PgConnection,
    role: &str,
    tenant: Uuid,
    first: &str,
    sql: &str,
) -> Result<u64, String> {
    let run = async |owner: &mut PgConnection, sql: String| sqlx::query(AssertSqlSafe(sql)).execute(owner).await;
    run(owner, "begin".to_owned()).await.unwrap();
    if !first.is_empty() {
        run(owner, first.to_owned()).await.unwrap_or_else(|error| panic!("{first}: {error}"));
    }
    run(owner, format!("set local role {role}")).await.unwrap();
    run(owner, format!("set local app.tenant = '{tenant}'")).await.unwrap();
    let outcome = run(owner, sql.to_owned()).await;
    run(owner, "rollback".to_owned()).await.unwrap();
    outcome.map(|done| done.rows_affected()).map_err(|error| {
        error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .unwrap_or_else(|| panic!("{sql}: {error}"))
            .into_owned()
    })
}

/// A row to write, by column, as SQL has the values.
#[derive(Clone)]
pub struct Row {
    pub table: &'static str,
    pub columns: Vec<(&'static str, String)>,
}

impl Row {
    pub fn with(&self, column: &str, value: impl ToString) -> Self {
        let mut row = self.clone();
        row.columns.iter_mut().find(|(name, _)| *name == column).expect(column).1 = value.to_string();
        row
    }

    pub fn insert(&self) -> String {
        let (names, values): (Vec<_>, Vec<_>) =
            self.columns.iter().map(|(name, value)| (*name, value.as_str())).unzip();
        format!("insert into {} ({}) values ({})", self.table, names.join(", "), values.join(", "))
    }
}

pub fn quoted(value: impl std::fmt::Display) -> String {
    format!("'{value}'")
}

pub fn hex(hash: &[u8]) -> String {
    format!("'\\x{}'::bytea", HEXLOWER.encode(hash))
}

/// A good row of the table as the console writes it, and what is wrong with others: in words, the row, what the owner
/// does before.
#[expect(clippy::too_many_lines, reason = "a list of rows")]
fn examples(scene: &Scene, table: &str) -> (Row, Vec<(String, Row, String)>) {
    let mut bad = Vec::new();
    let mut add = |words: &str, row: Row, first: String| bad.push((words.to_owned(), row, first));
    let good = match table {
        "review_decision" => {
            let good = Row {
                table: "review_decision",
                columns: vec![
                    ("tenant_id", quoted(scene.acme)),
                    ("review_id", quoted(scene.open.0)),
                    ("seq", "900001".to_owned()),
                    ("sha256", hex(&scene.open.1)),
                    ("decision", quoted("approved")),
                    ("person_id", quoted(scene.grace)),
                    ("how", quoted("passkey")),
                    ("proven_ms", scene.now_ms.to_string()),
                    ("at_ms", scene.now_ms.to_string()),
                    ("reason", quoted("Fits")),
                    ("self_approved", "false".to_owned()),
                ],
            };
            let none = String::new;
            for decision in ["approved", "rejected", "revoked"] {
                let good = good.with("decision", quoted(decision));
                for (who, person) in [("an observer", scene.bob), ("another organization's founder", scene.eve)] {
                    add(&format!("{decision} by {who}"), good.with("person_id", quoted(person)), none());
                }
                for how in ["token", "operator", "link", "", "agent"] {
                    add(&format!("{decision} by “{how}”"), good.with("how", quoted(how)), none());
                }
                let stale = scene.now_ms - 300_001;
                add(&format!("{decision} with an old proof"), good.with("proven_ms", stale), none());
                for (what, hash) in [("the approved", &scene.approved.1), ("nobody's", &bytes("nothing"))] {
                    add(&format!("{decision} with {what} hash"), good.with("sha256", hex(hash)), none());
                }
                add(&format!("{decision} of nothing"), good.with("review_id", quoted(Uuid::from_u128(5))), none());
                add(&format!("{decision} without a reason"), good.with("reason", "''"), none());
                let theirs = good.with("review_id", quoted(scene.theirs.0)).with("sha256", hex(&scene.theirs.1));
                add(&format!("{decision} of another organization's review"), theirs.clone(), none());
                let there = theirs.with("tenant_id", quoted(scene.other)).with("person_id", quoted(scene.eve));
                add(&format!("{decision} in another organization"), there, none());
            }
            add("approved by the author", good.with("person_id", quoted(scene.ada)), none());
            add("another word", good.with("decision", quoted("waived")), none());
            for (state, (review, hash)) in [
                ("approved", &scene.approved),
                ("replaced", &scene.replaced),
                ("rejected", &scene.rejected),
                ("revoked", &scene.revoked),
            ] {
                let row = good.with("review_id", quoted(review)).with("sha256", hex(hash));
                add(&format!("approved what is {state}"), row, none());
            }
            for (what, set) in [
                ("no probe", "probe = null, probed_ms = null"),
                ("a probe that failed", "probe = jsonb_set(probe, '{wrong}', '1')"),
                ("a probe of no result", "probe = '{}'"),
                ("an old probe", "probed_ms = probed_ms - 3700000"),
            ] {
                let first = format!("update review set {set} where id = '{}'", scene.open.0);
                add(&format!("approved after {what}"), good.clone(), first);
            }
            good
        }
        "credential" => {
            let good = Row {
                table: "credential",
                columns: vec![
                    ("tenant_id", quoted(scene.acme)),
                    ("id", quoted(Uuid::from_u128(77))),
                    ("agent", quoted("frontend")),
                    ("public_key", quoted("UNEW")),
                    ("issued_ms", scene.now_ms.to_string()),
                    ("issued_by", quoted(scene.ada)),
                    ("expires_ms", (scene.now_ms + 3_600_000).to_string()),
                    ("role_sha256", hex(&scene.approved.1)),
                ],
            };
            let none = String::new;
            add("of no content", good.with("role_sha256", "null"), none());
            add("of nobody's content", good.with("role_sha256", hex(&bytes("nothing"))), none());
            add("of what was replaced", good.with("role_sha256", hex(&scene.replaced.1)), none());
            for (agent, state, hash) in [
                ("backend", "waits", &scene.open.1),
                ("legal", "was rejected", &scene.rejected.1),
                ("marketing", "was revoked", &scene.revoked.1),
                ("backend", "is another agent's", &scene.approved.1),
            ] {
                let row = good.with("agent", quoted(agent)).with("role_sha256", hex(hash));
                add(&format!("of {agent}, of what {state}"), row, none());
            }
            let theirs = good.with("agent", quoted("backend")).with("role_sha256", hex(&scene.theirs.1));
            add("of another organization's content", theirs.clone(), none());
            add("in another organization", theirs.with("tenant_id", quoted(scene.other)), none());
            for stopped in ["frontend", ""] {
                let first = format!(
                    "insert into emergency_stop (tenant_id, agent, by_person, at_ms, reason, paused)
                     values ('{}', '{stopped}', '{}', 1, 'Stop', false)",
                    scene.acme, scene.ada
                );
                add(&format!("while “{stopped}” is stopped"), good.clone(), first);
            }
            good
        }
        "emergency_stop" => {
            let good = Row {
                table: "emergency_stop",
                columns: vec![
                    ("tenant_id", quoted(scene.acme)),
                    ("agent", quoted("frontend")),
                    ("by_person", quoted(scene.ada)),
                    ("at_ms", scene.now_ms.to_string()),
                    ("reason", quoted("Stop")),
                    ("paused", "false".to_owned()),
                ],
            };
            add("in another organization", good.with("tenant_id", quoted(scene.other)), String::new());
            for (who, person) in [("an observer", scene.bob), ("another organization's founder", scene.eve)] {
                add(&format!("by {who}"), good.with("by_person", quoted(person)), String::new());
            }
            good
        }
        "approvals_asked" => {
            let good = Row {
                table: "approvals_asked",
                columns: vec![
                    ("tenant_id", quoted(scene.acme)),
                    ("seq", "900002".to_owned()),
                    ("person_id", quoted(scene.grace)),
                    ("approvals", "2".to_owned()),
                    ("how", quoted("passkey")),
                    ("proven_ms", scene.now_ms.to_string()),
                    ("at_ms", scene.now_ms.to_string()),
                    ("reason", quoted("Four eyes")),
                ],
            };
            for (column, value) in [
                ("person_id", quoted(scene.bob)),
                ("person_id", quoted(scene.eve)),
                ("tenant_id", quoted(scene.other)),
                ("approvals", "0".to_owned()),
                ("approvals", "-1".to_owned()),
                ("approvals", "10".to_owned()),
                ("how", quoted("token")),
                ("proven_ms", (scene.now_ms - 300_001).to_string()),
                ("at_ms", (scene.now_ms - 600_001).to_string()),
                ("reason", quoted("")),
            ] {
                add(&format!("{column} {value}"), good.with(column, value), String::new());
            }
            good
        }
        "decision" => decision::examples(scene, &mut add),
        "brief_policy" => decision::policies(scene, &mut add),
        "look_back" => decision::look_backs(scene, &mut add),
        "brief_version" => decision::versions(scene, &mut add),
        "context_fact" => decision::facts(scene, &mut add),
        other => autonomy::examples(scene, other, &mut add)
            .unwrap_or_else(|| panic!("{other} is guarded, and has no example here: add one")),
    };
    (good, bad)
}

/// The tables that a trigger of the gate guards, and the stops.
async fn guarded(owner: &mut PgConnection) -> Vec<String> {
    let tables: Vec<(String,)> = sqlx::query_as(
        "select distinct c.relname::text from pg_trigger t
         join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid
         where not t.tgisinternal and t.tgenabled <> 'D' and p.proname like 'check\\_%'
         union select relname::text from pg_class
         where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
           and (relname like '%\\_decision' or relname in ('emergency_stop', 'decision'))
         order by 1",
    )
    .fetch_all(owner)
    .await
    .unwrap();
    let tables: Vec<String> = tables.into_iter().map(|(table,)| table).collect();
    for known in [
        "agent_grant",
        "approvals_asked",
        "away",
        "brief_policy",
        "credential",
        "decision",
        "emergency_stop",
        "look_back",
        "review_decision",
    ] {
        assert!(tables.iter().any(|table| table == known), "{known} is not guarded: {tables:?}");
    }
    tables
}

#[tokio::test]
async fn every_role_is_refused_what_is_not_a_founders_word_about_what_was_reviewed() {
    let mut scene = Scene::set().await;
    decision::counts(&mut scene).await;
    let (roles, acme, other) = (scene.roles().await, scene.acme, scene.other);
    autonomy::before(&mut scene).await;
    let tables = guarded(&mut scene.place.owner).await;
    let all = [
        "review",
        "review_decision",
        "approvals_asked",
        "credential",
        "emergency_stop",
        "decision",
        "brief_policy",
        "brief",
        "look_back",
        "away",
        "away_end",
        "agent_grant",
        "agent_grant_end",
        "decision_reversal",
    ];
    let before = scene.place.rows(&all).await;
    let mut tried = 0;
    for table in &tables {
        let (good, bad) = examples(&scene, table);
        let owner = &mut scene.place.owner;
        // What is refused below is refused for what is wrong with it: the same row without that is taken.
        assert_eq!(attempt(owner, "countersign_web", acme, "", &good.insert()).await, Ok(1), "{table}");
        for role in &roles {
            let mut rows: Vec<_> =
                bad.iter().map(|(words, row, first)| (words.as_str(), row, first.as_str())).collect();
            if role != "countersign_web" {
                rows.push(("the good one", &good, ""));
            }
            for (words, row, first) in rows {
                let outcome = attempt(owner, role, acme, first, &row.insert()).await;
                let code = outcome.expect_err(&format!("{role} wrote to {table}: {words}"));
                // What is not there cannot be referred to either.
                assert!(REFUSALS.contains(&code.as_str()) || code == "23503", "{role} {table} {words}: {code}");
                tried += 1;
            }
            let elsewhere = attempt(owner, role, other, "", &good.insert()).await;
            assert!(elsewhere.is_err(), "{role} wrote to {table} of another organization");
            tried += 1;
        }
    }
    println!("{tried} rows refused");
    assert!(tried > 200, "{tried}");
    assert_eq!(scene.place.rows(&all).await, before);
}

#[tokio::test]
async fn what_was_decided_is_changed_and_removed_by_nobody() {
    let mut scene = Scene::set().await;
    let (roles, acme) = (scene.roles().await, scene.acme);
    let tables = guarded(&mut scene.place.owner).await;
    let owner = &mut scene.place.owner;
    // To end a credential, to prolong one's own, and to lift a stop are no decisions about content.
    let may = [
        ("countersign_web", "credential", "revoked_ms"),
        ("countersign_agent", "credential", "expires_ms"),
        ("countersign_web", "emergency_stop", "delete"),
        // What became of a decision that was held; the triggers say what may.
        ("countersign_web", "decision", "state"),
        ("countersign_web", "decision", "ended_ms"),
    ];
    let mut tried = 0;
    for table in &tables {
        let columns: Vec<(String,)> =
            sqlx::query_as("select column_name::text from information_schema.columns where table_name = $1 order by 1")
                .bind(table)
                .fetch_all(&mut *owner)
                .await
                .unwrap();
        assert!(columns.len() > 4, "{table}: {columns:?}");
        for role in &roles {
            let columns =
                columns.iter().map(|(column,)| (column.as_str(), format!("update {table} set {column} = {column}")));
            let whole = [("delete", format!("delete from {table}")), ("truncate", format!("truncate {table}"))];
            for (what, sql) in columns.chain(whole) {
                let outcome = attempt(owner, role, acme, "", &sql).await;
                if may.contains(&(role.as_str(), table.as_str(), what)) {
                    continue;
                }
                assert_eq!(outcome, Err("42501".to_owned()), "{role}: {sql}");
                tried += 1;
            }
        }
    }
    println!("{tried} changes refused");
    // The exceptions are real ones.
    let ended = "update credential set revoked_ms = 1 where revoked_ms is null";
    assert_eq!(attempt(owner, "countersign_web", acme, "", ended).await, Ok(1), "frontend's");
    for back in ["null", "1", "revoked_ms + 1"] {
        let sql = format!("update credential set revoked_ms = {back} where revoked_ms is not null");
        assert_eq!(attempt(owner, "countersign_web", acme, "", &sql).await, Err("23514".to_owned()), "{back}");
    }
    for (review, state) in [(&scene.replaced, "approved"), (&scene.rejected, "open"), (&scene.revoked, "approved")] {
        let sql = format!("update review set state = '{state}' where id = '{}'", review.0);
        assert_eq!(attempt(owner, "countersign_web", acme, "", &sql).await, Err("23514".to_owned()), "{sql}");
    }
}

#[tokio::test]
async fn a_credentials_life_grows_only_while_its_content_is_approved() {
    let mut scene = Scene::set().await;
    let (roles, acme, other) = (scene.roles().await, scene.acme, scene.other);
    let stop = format!(
        "insert into emergency_stop (tenant_id, agent, by_person, at_ms, reason, paused)
         values ('{acme}', '', '{}', 1, 'Stop', false)",
        scene.ada
    );
    let owner = &mut scene.place.owner;
    let longer = |agent: &str| format!("update credential set expires_ms = expires_ms + 1 where agent = '{agent}'");
    for role in &roles {
        let is_agents = role == "countersign_agent";
        let own = attempt(owner, role, acme, "", &longer("frontend")).await;
        assert_eq!(own, if is_agents { Ok(1) } else { Err("42501".to_owned()) }, "{role}");
        let revoked = attempt(owner, role, acme, "", &longer("marketing")).await.unwrap_err();
        assert_eq!(revoked, if is_agents { "23514" } else { "42501" }, "{role}");
        let stopped = attempt(owner, role, acme, &stop, &longer("frontend")).await.unwrap_err();
        assert_eq!(stopped, if is_agents { "23514" } else { "42501" }, "{role}");
        let replaced = "update review set state = 'replaced' where agent = 'frontend' and state = 'approved'";
        let late = attempt(owner, role, acme, replaced, &longer("frontend")).await.unwrap_err();
        assert_eq!(late, if is_agents { "23514" } else { "42501" }, "{role}");
        // Another organization's rows are none.
        let theirs = attempt(owner, role, other, "", &longer("frontend")).await;
        assert_eq!(theirs, if is_agents { Ok(0) } else { Err("42501".to_owned()) }, "{role}");
    }
}

/// The console's role may write what became of a review. That alone must not let anything run: the word of a person
/// that stands for good does.
#[tokio::test]
async fn a_state_without_a_decision_lets_nothing_run() {
    let mut scene = Scene::set().await;
    let (good, _) = examples(&scene, "credential");
    let roles = scene.roles().await;
    for (agent, (review, hash)) in
        [("backend", scene.open.clone()), ("legal", scene.rejected.clone()), ("marketing", scene.revoked.clone())]
    {
        let row = good.with("agent", quoted(agent)).with("role_sha256", hex(&hash));
        let mut sql = format!("update review set state = 'approved' where id = '{review}';");
        let _ = write!(sql, " {}", row.insert());
        for role in &roles {
            let mut connection = PgConnection::connect_with(&scene.place.server.owner()).await.unwrap();
            let script =
                format!("begin; set local role {role}; set local app.tenant = '{}'; {sql}; commit", scene.acme);
            let outcome = sqlx::raw_sql(AssertSqlSafe(script)).execute(&mut connection).await;
            assert!(outcome.is_err(), "{role} had {agent} run without a decision");
        }
    }
    assert_eq!(scene.place.number("select count(*) from credential where public_key = 'UNEW'").await, 0);
}
