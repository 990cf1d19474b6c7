//! A founder's desk: what the console's pages call, called directly. It reads from the database past
//! every link, so that it tells the truth while a link is broken.

use crate::stock;
use anyhow::Context;
use countersign_bus::NatsBus;
use countersign_domain::{
    Actor,
    reading::{Connect, TaskQuery, TaskRow},
    review::ReviewDecision,
};
use countersign_server::{
    compose::{self, Databases},
    settings::Settings,
};
use countersign_service::{Client, Service, SetUp};
use sqlx::{Connection, PgConnection};

/// The use cases, and the founder in whose name they are called.
pub struct Desk {
    pub service: Service,
    pub founder: Actor,
    pub databases: Databases,
    /// The session cookie, as a browser would send it.
    pub cookie: String,
    bus_url: String,
}

impl Desk {
    /// Sets the organization up.
    pub async fn open(
        settings: &Settings,
        databases: Databases,
        bus: NatsBus,
        bus_url: String,
    ) -> anyhow::Result<Self> {
        let connect = Connect { console_url: String::new(), bus_url: bus_url.clone() };
        let service = compose::service(settings, &databases, bus.at(&bus_url), connect)?;
        let link = service.new_set_up_link().await?.context("a fresh database has no founder")?;
        let form = SetUp {
            organization: "Acme".into(),
            email: "ada@example.com".into(),
            name: "Ada".into(),
            password: "correct horse battery".into(),
        };
        let client = Client::new("127.0.0.1", "");
        let signed_in = service.set_up(&link, form, &client).await?;
        let founder = service.authenticate(Some(&signed_in.token), None, &client).await?;
        let cookie = format!("countersign={}", signed_in.token);
        Ok(Self { service, founder, databases, cookie, bus_url })
    }

    /// Makes an agent by a small role file, approves that and issues a credential; answers when its queue stands.
    pub async fn agent(&self, name: &str, delegates: &str) -> anyhow::Result<stock::Agent> {
        let (name, review) = self.service.create_agent(&self.founder, name, delegates).await?;
        let sha256 = self.service.read_review(&self.founder, review).await?.row.sha256;
        let (decision, why) = (ReviewDecision::Approved, "It only works through its queue");
        self.service.decide_review(&self.founder, review, decision, &sha256, why).await?;
        let issued = self.service.issue_credential(&self.founder, &name, 24).await?;
        let agent = stock::Agent { url: self.bus_url.clone(), name: name.to_string(), creds: issued.creds };
        agent.queue_stands().await?;
        Ok(agent)
    }

    /// Tasks that have not ended, as the console's first page counts them.
    pub async fn open_tasks(&self) -> anyhow::Result<u64> {
        Ok(self.service.read_overview(&self.founder).await?.open)
    }

    /// Tasks in the record, ended or not. Counted as the owner: the list's own count stops at 10,000.
    pub async fn recorded_tasks(&self) -> anyhow::Result<u64> {
        let mut connection = PgConnection::connect_with(&self.databases.owner).await?;
        let count: i64 = sqlx::query_scalar("select count(*) from task").fetch_one(&mut connection).await?;
        Ok(count.unsigned_abs())
    }

    /// What the outbox has to carry to the bus and has not, whether it is due or not.
    pub async fn unsent(&self) -> anyhow::Result<u64> {
        let mut connection = PgConnection::connect_with(&self.databases.owner).await?;
        let unsent = "select count(*) from outbox where sent_ms is null";
        let count: i64 = sqlx::query_scalar(unsent).fetch_one(&mut connection).await?;
        Ok(count.unsigned_abs())
    }

    /// Every task of the history, page by page, newest first.
    pub async fn all_tasks(&self) -> anyhow::Result<Vec<TaskRow>> {
        let mut query = TaskQuery::default();
        let mut all = Vec::new();
        loop {
            let page = self.service.search_tasks(&self.founder, &query).await?;
            all.extend(page.rows);
            query.older_than = page.older;
            if query.older_than.is_none() {
                return Ok(all);
            }
        }
    }
}
