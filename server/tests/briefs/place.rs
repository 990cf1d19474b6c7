//! A server with a founder and agents that ask.

use crate::harness::{Desk, Server, eventually, stock, web};
use countersign_domain::{
    Actor, BriefId, Millis, PersonId, Role, TenantId,
    brief::BriefState,
    reading::{BriefRow, BriefView, DecisionHeld, Inbox},
};
use countersign_service::{BriefWord, Error};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgPoolOptions};
use std::time::{Duration, UNIX_EPOCH};
use uuid::Uuid;

pub struct Place {
    pub server: Server,
    pub desk: Desk,
    pub owner: PgConnection,
}

/// An agent that asks, with an artifact of its own.
pub struct Author {
    pub agent: stock::Agent,
    pub bus: stock::Connection,
    pub name: String,
    /// Of an artifact that it has put.
    pub sha256: String,
}

pub fn hash_of(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

pub fn now() -> Millis {
    Millis(i64::try_from(UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap())
}

pub fn in_hours(hours: i64) -> String {
    Millis(now().0 + hours * 3_600_000).to_rfc3339()
}

/// The words of a refusal that says that the state of things does not allow it.
pub fn conflict<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Conflict(words)) => words,
        other => panic!("not in conflict: {other:?}"),
    }
}

impl Author {
    /// A brief that keeps the contract.
    pub fn payload(&self, name: &str) -> Value {
        json!({
            "brief": name,
            "title": format!("Deployment {name}"),
            "question": "Do we roll out today?",
            "category": "deploy",
            "context_md": "The error rate is **0.3 %**.",
            "options": [
                {"key": "A", "title": "Roll out", "consequence": "Customers get the fix today.", "cost_usd": 40,
                 "effort": "1 agent-day", "reversible": true, "risk": "medium"},
                {"key": "B", "title": "Wait", "consequence": "Two customers wait until Monday.", "cost_usd": 0,
                 "effort": "none", "reversible": true, "risk": "low"},
                {"key": "C", "title": "Drop the old API", "consequence": "Old clients stop working for good.",
                 "cost_usd": 5.48, "effort": "3 agent-days", "reversible": false, "risk": "high"},
            ],
            "recommendation": {"key": "B", "why": "Nobody of the team is awake on Saturday.", "confidence": 0.82},
            "evidence": [{"sha256": self.sha256, "title": "Error rates"}],
            "deadline": in_hours(48),
            "at_deadline": "none",
            "input_needed": "Whether a customer was promised a date",
            "correlation_id": format!("trace-{name}"),
        })
    }

    pub async fn send(&self, payload: &Value) {
        let subject = format!("events.{}.brief.prepared", self.name);
        self.bus.publish(&subject, &[], payload.to_string()).await.unwrap();
    }

    /// The payload of the next task of this kind; others are acknowledged on the way.
    pub async fn told(&self, kind: &str) -> Value {
        loop {
            let message = self.bus.take_task().await;
            let is_it = message.subject.ends_with(kind);
            message.ack().await.unwrap();
            if is_it {
                return serde_json::from_slice(&message.payload).unwrap();
            }
        }
    }

    /// Whether a task comes within the time.
    pub async fn hears_nothing(&self, wait: Duration) -> bool {
        self.bus.next(wait).await.is_none()
    }
}

impl Place {
    pub async fn start() -> Self {
        Self::on(Server::start(&[])).await
    }

    /// On a server that nobody has set up.
    pub async fn on(server: Server) -> Self {
        let desk = server.set_up().await;
        let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
        // An owner that is no superuser sees one organization's rows.
        let tenant = desk.founder.tenant;
        sqlx::raw_sql(AssertSqlSafe(format!("set app.tenant = '{tenant}'"))).execute(&mut owner).await.unwrap();
        Self { server, desk, owner }
    }

    /// An agent with an artifact of its own.
    pub async fn author(&self, name: &str) -> Author {
        let agent = self.desk.agent(name, "").await;
        let bus = agent.connect().await;
        let text = format!("Error rates, seen by {name}");
        let sha256 = self.put(&agent, &text).await;
        Author { agent, bus, name: name.to_owned(), sha256 }
    }

    /// Puts an artifact in an agent's name.
    pub async fn put(&self, agent: &stock::Agent, text: &str) -> String {
        let console = &self.server.addresses.console;
        let bearer = format!("Bearer {}", web::token(console, &agent.creds).await);
        let sha256 = hash_of(text.as_bytes());
        let path = format!("/api/v1/artifacts/{sha256}");
        let headers = [("Authorization", bearer.as_str())];
        let put = web::ask(console, "PUT", &path, &headers, text).await;
        assert!((200..300).contains(&put.status), "{put:?}");
        sha256
    }

    pub async fn inbox(&self) -> Inbox {
        self.desk.service.read_inbox(&self.desk.founder).await.unwrap()
    }

    pub async fn brief(&self, id: &str) -> BriefView {
        self.desk.service.read_brief(&self.desk.founder, id.parse().unwrap(), None).await.unwrap()
    }

    /// Sends a brief and waits until a founder sees it in this version.
    pub async fn open(&self, author: &Author, payload: &Value) -> BriefRow {
        let before = self.inbox().await.rows;
        author.send(payload).await;
        let name = payload["brief"].as_str().unwrap().to_owned();
        eventually("the brief in the inbox", async || {
            let inbox = self.inbox().await;
            let found = inbox.rows.into_iter().find(|row| {
                row.author == author.name
                    && row.name == name
                    && !before.iter().any(|old| old.id == row.id && old.sha256 == row.sha256)
            });
            found.ok_or_else(|| "not yet".to_owned())
        })
        .await
    }

    /// The founder's answer to the version in this row.
    pub fn word(row: &BriefRow, choice: &str) -> BriefWord {
        BriefWord {
            brief: row.id.parse().unwrap(),
            sha256: row.sha256.clone(),
            choice: choice.to_owned(),
            answer: String::new(),
            rationale: "It is cheap.".to_owned(),
            prediction: String::new(),
            check_at: None,
            key: String::new(),
        }
    }

    pub async fn decide(&self, row: &BriefRow, choice: &str) -> Result<DecisionHeld, Error> {
        self.desk.service.decide_brief(&self.desk.proven(), Self::word(row, choice)).await
    }

    /// Waits until the decision counts.
    pub async fn made(&self, id: &str) -> BriefView {
        eventually("the decision counts", async || {
            let view = self.brief(id).await;
            if view.row.state == BriefState::Decided { Ok(view) } else { Err(format!("{:?}", view.row.state)) }
        })
        .await
    }

    /// That the journal is in order, and what is kept is what it says.
    pub async fn is_whole(&self) {
        let checked = self.desk.service.check_journal(&self.desk.founder).await.unwrap();
        assert_eq!((checked.broken, checked.through), (None, checked.head));
    }

    pub async fn number(&mut self, sql: &str) -> i64 {
        let (number,): (i64,) = sqlx::query_as(AssertSqlSafe(sql.to_owned())).fetch_one(&mut self.owner).await.unwrap();
        number
    }

    pub async fn sql(&mut self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.owner).await.unwrap();
    }

    /// What everybody heard last on `events.countersign.<topic>`, as the bus has it.
    pub async fn heard(&mut self, topic: &str) -> Value {
        let owner = &mut self.owner;
        eventually("the broadcast", async || {
            let sql = "select payload from event where agent = 'countersign' and topic = $1 order by at_ms desc, sequence desc limit 1";
            let row: Option<(String,)> =
                sqlx::query_as(sql).bind(topic).fetch_optional(&mut *owner).await.map_err(|error| error.to_string())?;
            row.map(|(payload,)| serde_json::from_str(&payload).unwrap()).ok_or_else(|| "not yet".to_owned())
        })
        .await
    }

    /// The journal's entries of this kind, oldest first.
    pub async fn entries(&mut self, kind: &str) -> Vec<Value> {
        let rows: Vec<(Vec<u8>,)> = sqlx::query_as("select canonical from journal where kind = $1 order by seq")
            .bind(kind)
            .fetch_all(&mut self.owner)
            .await
            .unwrap();
        rows.iter().map(|(bytes,)| serde_json::from_slice(bytes).unwrap()).collect()
    }

    /// Somebody else with a role in the founder's organization, who has just proven who they are.
    pub async fn member(&mut self, number: u128, name: &str, role: Role) -> Actor {
        let tenant = self.desk.founder.tenant;
        self.person(tenant, number, name, role).await;
        Actor { person: PersonId(Uuid::from_u128(number)), name: name.to_owned(), role, ..self.desk.proven() }
    }

    /// Another organization, with a founder who has just proven who they are.
    pub async fn organization(&mut self, number: u128, slug: &str) -> Actor {
        let tenant = TenantId(Uuid::from_u128(number));
        for sql in [
            "insert into tenant (id, slug, name, created_ms) values ($1, $2, $2, 1)",
            "insert into journal_head (tenant_id, seq, hash) select $1, 0, '' where $2 <> ''",
        ] {
            sqlx::query(sql).bind(tenant.0).bind(slug).execute(&mut self.owner).await.unwrap();
        }
        self.person(tenant, number, "Eve", Role::Founder).await;
        let person = PersonId(tenant.0);
        Actor { person, tenant, tenant_slug: slug.to_owned(), name: "Eve".to_owned(), ..self.desk.proven() }
    }

    async fn person(&mut self, tenant: TenantId, number: u128, name: &str, role: Role) {
        sqlx::query(
            "with added as (insert into person (id, email, name, password_hash, created_ms)
                            select $1, lower($2) || '@example.com', $2, password_hash, 0 from person
                            where email = 'ada@example.com')
             insert into membership (tenant_id, person_id, role) values ($3, $1, $4)",
        )
        .bind(Uuid::from_u128(number))
        .bind(name)
        .bind(tenant.0)
        .bind(role.as_str())
        .execute(&mut self.owner)
        .await
        .unwrap();
    }

    /// Lets the deadline of a brief pass, in its text too: as if it had been asked two hours ago.
    pub async fn let_pass(&mut self, id: &str) {
        let (text,): (Vec<u8>,) = sqlx::query_as(
            "select v.text from brief_version v join brief b on b.id = v.brief_id and b.version = v.version
             where b.id = $1::uuid",
        )
        .bind(id)
        .fetch_one(&mut self.owner)
        .await
        .unwrap();
        let mut brief: Value = serde_json::from_slice(&text).unwrap();
        let past = now().0 - 1_000;
        let before = brief["deadline"].take().to_string();
        let text = String::from_utf8(text).unwrap();
        let text = text.replace(&format!("\"deadline\":{before}"), &format!("\"deadline\":{past}"));
        let sha256 = hash_of(text.as_bytes());
        // The owner of the database alone can do this, and only with its triggers off.
        self.sql(&format!(
            "set session_replication_role = replica;
             update brief_version set text = convert_to($brief${text}$brief$, 'utf8'), sha256 = '\\x{sha256}',
                                      at_ms = at_ms - 7200000 where brief_id = '{id}';
             update brief set sha256 = '\\x{sha256}', deadline_ms = {past} where id = '{id}';
             set session_replication_role = origin;"
        ))
        .await;
    }

    /// Lets time pass for what founders put off looking back on.
    pub async fn hours_pass(&mut self, hours: i64) {
        let ms = hours * 3_600_000;
        self.sql(&format!("update look_back set until_ms = until_ms - {ms}, at_ms = at_ms - {ms}")).await;
    }

    /// Lets eleven minutes pass since the newest version of a brief came.
    pub async fn let_show(&mut self, id: &str) {
        self.sql(&format!(
            "set session_replication_role = replica;
             update brief_version set at_ms = at_ms - 660000 where brief_id = '{id}';
             update brief set acts_from_ms = acts_from_ms - 660000 where id = '{id}';
             set session_replication_role = origin;"
        ))
        .await;
    }

    /// So many briefs of an agent that wait beyond their deadlines, as the owner puts them there; their texts are
    /// no whole briefs, so that nobody but the test settles them. Answers their ids and hashes.
    pub async fn many(&mut self, author: &str, count: u128) -> Vec<(Uuid, String)> {
        let tenant = self.desk.founder.tenant.0;
        let (past, shown) = (now().0 - 1_000, now().0 - 700_000);
        let mut all = Vec::new();
        for number in 0..count {
            let id = Uuid::from_u128(0xbb_0000 + number);
            let text = json!({
                "at_deadline": "A", "category": "deploy", "deadline": past, "name": format!("many-{number}"),
                "options": [{"key": "A", "reversible": true, "cost_micro_usd": 1_000_000}, {"key": "B", "reversible": true}],
                "recommendation": {"key": "A", "confidence_micro": 950_000},
            })
            .to_string();
            let sha256 = hash_of(text.as_bytes());
            self.sql(&format!(
                "set session_replication_role = replica;
                 insert into brief (tenant_id, id, author, name, version, sha256, category, opened_ms, deadline_ms, state)
                 values ('{tenant}', '{id}', '{author}', 'many-{number}', 1, '\\x{sha256}', 'deploy', 1, {past}, 'open');
                 insert into brief_version (tenant_id, brief_id, version, sha256, text, score, reading_s, at_ms)
                 values ('{tenant}', '{id}', 1, '\\x{sha256}', convert_to($brief${text}$brief$, 'utf8'), 90, 30, {shown});
                 set session_replication_role = origin;"
            ))
            .await;
            all.push((id, sha256));
        }
        all
    }

    /// All of these statements at once, each in a transaction of the console's role, on so many connections as a server
    /// has; answers how many were taken.
    pub async fn at_once(&self, statements: Vec<String>) -> usize {
        let pool = PgPoolOptions::new().max_connections(25).connect_with(self.server.owner()).await.unwrap();
        let tenant = self.desk.founder.tenant.0;
        let outcomes = statements.into_iter().map(|sql| {
            let pool = pool.clone();
            tokio::spawn(async move {
                let mut tx = pool.begin().await.unwrap();
                for before in
                    ["set local role countersign_web".to_owned(), format!("set local app.tenant = '{tenant}'")]
                {
                    sqlx::query(AssertSqlSafe(before)).execute(&mut *tx).await.unwrap();
                }
                let done = sqlx::query(AssertSqlSafe(sql)).execute(&mut *tx).await;
                let taken = done.is_ok();
                if let Err(error) = done {
                    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code).unwrap_or_default();
                    assert!(["23514", "23505"].contains(&code.as_ref()), "{error}");
                    tx.rollback().await.unwrap();
                } else {
                    tx.commit().await.unwrap();
                }
                taken
            })
        });
        let outcomes = futures::future::join_all(outcomes.collect::<Vec<_>>()).await;
        outcomes.into_iter().filter(|taken| *taken.as_ref().unwrap()).count()
    }

    pub fn id(row: &BriefRow) -> BriefId {
        row.id.parse().unwrap()
    }
}
