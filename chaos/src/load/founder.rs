//! The founder of a load: gives tasks, which go through the outbox, and closes the breakers that bad ends
//! open.

use crate::desk::Desk;
use countersign_domain::Actor;
use countersign_service::{Service, TaskForm};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

const EVERY: Duration = Duration::from_secs(1);
/// After a refusal, or while the database is away.
const PAUSE: Duration = Duration::from_millis(200);

pub(super) struct Founder {
    service: Service,
    actor: Actor,
    owner: PgConnectOptions,
}

impl Founder {
    pub fn of(desk: &Desk) -> Self {
        Self { service: desk.service.clone(), actor: desk.founder.clone(), owner: desk.databases.owner.clone() }
    }

    /// Gives a task once, for all that may happen meanwhile: after an answer that says nothing, it looks
    /// whether the task is there, as a person would.
    pub async fn give(&self, agent: &str, title: &str, payload: &[u8]) {
        let form = TaskForm {
            agent: agent.to_owned(),
            kind: "flow".to_owned(),
            payload: String::from_utf8_lossy(payload).into_owned(),
            ..TaskForm::default()
        };
        while self.service.create_task(&self.actor, form.clone()).await.is_err() {
            loop {
                tokio::time::sleep(PAUSE).await;
                match self.is_there(title).await {
                    Ok(true) => return,
                    Ok(false) => break,
                    Err(_) => {}
                }
            }
        }
    }

    async fn is_there(&self, title: &str) -> anyhow::Result<bool> {
        let mut connection = PgConnection::connect_with(&self.owner).await?;
        let found = sqlx::query_scalar("select exists (select from task where title = $1)");
        Ok(found.bind(title).fetch_one(&mut connection).await?)
    }

    /// After an outage, tasks that were given back all along may die one after the other, and the load is to
    /// go on.
    pub async fn close_breakers(self, closed: Arc<AtomicU64>) {
        loop {
            tokio::time::sleep(EVERY).await;
            // While the database is away there is nothing to see; the next look will.
            let Ok(overview) = self.service.read_overview(&self.actor).await else { continue };
            for agent in overview.open_breakers {
                let Ok(agent) = agent.parse() else { continue };
                if self.service.close_breaker(&self.actor, &agent).await.is_ok() {
                    closed.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }
}
