//! A server with its founder's desk, and what these tests ask of both.

use crate::harness::{Desk, Server, stock};
use countersign_agent::Credentials;
use countersign_domain::{
    Actor, PersonId, ReviewId, Role, TenantId,
    reading::{Connect, IssuedCredential, ReviewDetail},
    review::ReviewDecision,
};
use countersign_server::compose::{self, Databases};
use countersign_service::{Decided, Error, Service};
use countersign_store::{Db, DbRole};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

/// The name of the connections of [`Place::service`].
const OWN_CONNECTIONS: &str = "gate";

/// A role file of `agent` with these lines under `spec`, and with what every role must forbid.
pub fn role(agent: &str, lines: &[&str]) -> String {
    let mut text = format!("apiVersion: countersign/v1\nkind: AgentRole\nmetadata: {{ name: {agent} }}\nspec:\n");
    for line in lines {
        text.push_str(&format!("  {line}\n"));
    }
    text.push_str("  forbidden_actions:\n");
    for ban in ["approve_security_review", "decide_brief", "read_volume", "read_secrets"] {
        text.push_str(&format!("    - {{ action: {ban} }}\n"));
    }
    text
}

/// Another file each time: the smallest one with this mission.
pub fn mission(agent: &str, words: &str) -> String {
    role(agent, &[&format!("mission: {words}")])
}

pub fn hash_of(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}

/// The words of a refusal that says that the state of things does not allow it.
pub fn conflict<T>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Conflict(words)) => words,
        Err(other) => panic!("refused in another way: {other:?}"),
        Ok(_) => panic!("it was done"),
    }
}

pub struct Place {
    pub server: Server,
    pub desk: Desk,
    pub owner: PgConnection,
}

impl Place {
    pub async fn start() -> Self {
        let server = Server::start(&[]);
        let desk = server.set_up().await;
        let owner = PgConnection::connect_with(&server.owner()).await.unwrap();
        Self { server, desk, owner }
    }

    /// Proposes a role file that can be read.
    pub async fn propose(&self, text: &str) -> ReviewId {
        self.desk.service.propose_role(&self.desk.proven(), text).await.unwrap()
    }

    pub async fn review(&self, review: ReviewId) -> ReviewDetail {
        self.desk.service.read_review(&self.desk.proven(), review).await.unwrap()
    }

    /// The founder's word about the content with this hash.
    pub async fn decide(&self, review: ReviewId, decision: ReviewDecision, sha256: &str) -> Result<Decided, Error> {
        self.decide_as(&self.desk.proven(), review, decision, sha256).await
    }

    pub async fn decide_as(
        &self,
        actor: &Actor,
        review: ReviewId,
        decision: ReviewDecision,
        sha256: &str,
    ) -> Result<Decided, Error> {
        self.desk.service.decide_review(actor, review, decision, sha256, "It was looked at").await
    }

    /// An approved role file of the agent; answers its review.
    pub async fn approved(&self, text: &str) -> ReviewId {
        let review = self.propose(text).await;
        self.desk.approve(review).await;
        review
    }

    pub async fn issue(&self, agent: &str) -> Result<IssuedCredential, Error> {
        self.desk.service.issue_credential(&self.desk.proven(), &agent.parse().unwrap(), 24).await
    }

    /// A stock client that holds a new credential, when its queue stands.
    pub async fn agent(&self, name: &str) -> stock::Agent {
        let issued = self.issue(name).await.unwrap_or_else(|error| panic!("a credential for {name}: {error}"));
        let agent = stock::Agent::new(&self.desk.bus_url, name.parse().unwrap(), issued.creds);
        agent.queue_stands().await;
        agent
    }

    /// The hash that a credential was compiled from, as the database has it.
    pub async fn role_of(&mut self, creds: &str) -> String {
        let key = Credentials::read(creds).unwrap().public_key();
        let (hash,): (Vec<u8>,) = sqlx::query_as("select role_sha256 from credential where public_key = $1")
            .bind(key)
            .fetch_one(&mut self.owner)
            .await
            .unwrap();
        HEXLOWER.encode(&hash)
    }

    pub async fn number(&mut self, sql: &str) -> i64 {
        let (number,): (i64,) = sqlx::query_as(AssertSqlSafe(sql.to_owned())).fetch_one(&mut self.owner).await.unwrap();
        number
    }

    pub async fn sql(&mut self, sql: &str) {
        sqlx::query(AssertSqlSafe(sql.to_owned())).execute(&mut self.owner).await.unwrap();
    }

    /// Runs it as the console's role, and takes it back.
    pub async fn as_web(&mut self, sql: &str) -> Result<(), String> {
        let tenant = self.desk.founder.tenant;
        let script =
            format!("begin; set local role countersign_web; set local app.tenant = '{tenant}'; {sql}; rollback;");
        let outcome = sqlx::raw_sql(AssertSqlSafe(script)).execute(&mut self.owner).await;
        if outcome.is_err() {
            sqlx::query("rollback").execute(&mut self.owner).await.unwrap();
        }
        outcome.map(drop).map_err(|error| error.to_string())
    }

    /// Every row of these tables, as text.
    pub async fn rows(&mut self, tables: &[&str]) -> Vec<String> {
        let mut all = Vec::new();
        for table in tables {
            let sql = format!("select '{table}: ' || t::text from {table} t order by 1");
            let rows: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&mut self.owner).await.unwrap();
            all.extend(rows.into_iter().map(|(row,)| row));
        }
        all
    }

    /// Somebody else with a role in the founder's organization, who has just proven who they are.
    pub async fn member(&mut self, number: u128, name: &str, role: Role) -> Actor {
        let tenant = self.desk.founder.tenant;
        self.person(tenant, number, name, role).await;
        Actor { person: PersonId(Uuid::from_u128(number)), name: name.to_owned(), role, ..self.desk.proven() }
    }

    /// As if so many hours had passed since the organization began, and since people became or stopped to be founders.
    pub async fn hours_pass(&mut self, hours: i64) {
        let ms = hours * 3_600_000;
        for sql in [
            format!(
                "update founder_term set from_ms = from_ms - {ms}, counts_ms = counts_ms - {ms}, until_ms = until_ms - {ms}"
            ),
            format!("update founder_link set at_ms = at_ms - {ms}"),
            format!("update tenant set created_ms = created_ms - {ms}"),
        ] {
            self.sql(&sql).await;
        }
    }

    /// Another organization, with a founder who has just proven who they are.
    pub async fn organization(&mut self, number: u128, slug: &str) -> Actor {
        let tenant = TenantId(Uuid::from_u128(number));
        for sql in [
            "insert into tenant (id, slug, name, created_ms)
             values ($1, $2, $2, (extract(epoch from clock_timestamp()) * 1000)::bigint)",
            "insert into journal_head (tenant_id, seq, hash) select $1, 0, '' where $2 <> ''",
        ] {
            sqlx::query(sql).bind(tenant.0).bind(slug).execute(&mut self.owner).await.unwrap();
        }
        self.person(tenant, number, "Eve", Role::Founder).await;
        Actor {
            person: PersonId(tenant.0),
            tenant,
            tenant_slug: slug.to_owned(),
            tenant_name: slug.to_owned(),
            name: "Eve".to_owned(),
            ..self.desk.proven()
        }
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

    /// The use cases over connections of their own, that [`Place::await_queue`] knows from those of the server.
    pub async fn service(&self) -> Service {
        let settings = self.server.settings();
        let options = self.server.owner().application_name(OWN_CONNECTIONS);
        let databases = Databases {
            web: Db::new(options.clone(), DbRole::Web, 8),
            bridge: self.desk.databases.bridge.clone(),
            agent: self.desk.databases.agent.clone(),
            owner: options,
        };
        let identity = compose::identity(&settings, &databases).await.unwrap();
        let (bus, _) = compose::bus(&settings, identity);
        let connect =
            Connect { console_url: self.server.addresses.console.clone(), bus_url: self.server.addresses.bus.clone() };
        compose::service(&settings, &databases, bus.at(&self.server.addresses.bus), connect).unwrap()
    }

    /// Holds the founder's journal, so that whoever wants to write there stands in line until [`Held::go`].
    pub async fn hold_journal(&self) -> Held {
        let mut connection = PgConnection::connect_with(&self.server.owner()).await.unwrap();
        sqlx::query("begin").execute(&mut connection).await.unwrap();
        sqlx::query("select seq from journal_head where tenant_id = $1 for update")
            .bind(self.desk.founder.tenant.0)
            .execute(&mut connection)
            .await
            .unwrap();
        Held { connection }
    }

    /// Waits until so many of [`Place::service`]'s connections stand in line.
    pub async fn await_queue(&self, wanted: i64) {
        let mut owner = PgConnection::connect_with(&self.server.owner()).await.unwrap();
        crate::harness::eventually(&format!("{wanted} in line"), async || {
            let (waiting,): (i64,) = sqlx::query_as(
                "select count(*) from pg_stat_activity where application_name = $1 and wait_event_type = 'Lock'",
            )
            .bind(OWN_CONNECTIONS)
            .fetch_one(&mut owner)
            .await
            .map_err(|e| e.to_string())?;
            if waiting == wanted { Ok(()) } else { Err(format!("{waiting} are")) }
        })
        .await;
    }
}

/// The journal in somebody's hand.
pub struct Held {
    connection: PgConnection,
}

impl Held {
    pub async fn go(mut self) {
        sqlx::query("commit").execute(&mut self.connection).await.unwrap();
    }
}
