//! The founders' context card: what they promised, what must not be touched, what comes with the season. Agents cannot
//! see it elsewhere; they read it, hear of every change, and name in a brief what it rests on.

use crate::{
    AgentError, Error, Service,
    ask_author::written,
    policy::{Action, rank},
    ports::{AgentActor, FactRecord},
};
use countersign_domain::{
    Actor, ContextFactId, Millis, TenantId,
    context::{ContextFact, FactKind, MOST_TEXT},
    reading::{ContextView, FactBefore, FactRow},
};

/// What a founder enters.
#[derive(Debug, Clone, Default)]
pub struct FactForm {
    pub kind: String,
    pub text: String,
    /// None: from now on.
    pub from: Option<Millis>,
    /// None: until further notice.
    pub until: Option<Millis>,
}

impl Service {
    pub async fn read_context(&self, actor: &Actor) -> Result<ContextView, Error> {
        self.allow(actor, Action::Read)?;
        let may_change = rank(actor.role) >= rank(Action::ChangeContext.needs());
        Ok(ContextView { may_change, ..self.context(actor.tenant).await? })
    }

    /// The same for an agent.
    pub async fn read_context_as_agent(&self, actor: &AgentActor) -> Result<ContextView, AgentError> {
        self.context(actor.tenant).await.map_err(AgentError::of)
    }

    /// Tells a fact; answers its id.
    pub async fn add_fact(&self, actor: &Actor, form: FactForm) -> Result<ContextFactId, Error> {
        self.allow(actor, Action::ChangeContext)?;
        let act = self.act(actor);
        let id = ContextFactId(self.ports.entropy.uuid(act.at));
        let fact = fact(id, 1, form, act.at)?;
        self.ports.context_facts.tell(actor.tenant, fact, act).await?;
        Ok(id)
    }

    /// Tells it otherwise: briefs that were frozen before are marked.
    pub async fn change_fact(&self, actor: &Actor, id: ContextFactId, form: FactForm) -> Result<(), Error> {
        self.allow(actor, Action::ChangeContext)?;
        let act = self.act(actor);
        let known = self.ports.context_facts.find(actor.tenant, id).await?;
        let form = FactForm { from: form.from.or(Some(known.from)), ..form };
        let fact = fact(id, known.version + 1, form, act.at)?;
        Ok(self.ports.context_facts.tell(actor.tenant, fact, act).await?)
    }

    /// Takes it back for good.
    pub async fn withdraw_fact(&self, actor: &Actor, id: ContextFactId) -> Result<(), Error> {
        self.allow(actor, Action::ChangeContext)?;
        let known = self.ports.context_facts.find(actor.tenant, id).await?;
        let fact = ContextFact { version: known.version + 1, withdrawn: true, ..known };
        Ok(self.ports.context_facts.tell(actor.tenant, fact, self.act(actor)).await?)
    }

    async fn context(&self, tenant: TenantId) -> Result<ContextView, Error> {
        let now = self.ports.clock.now();
        let rows = rows(self.ports.context_facts.all(tenant).await?, now);
        let is_past = |row: &FactRow| row.withdrawn || row.until.is_some_and(|until| until <= now);
        let (mut past, mut facts): (Vec<_>, Vec<_>) = rows.into_iter().partition(is_past);
        facts.sort_by_key(|row| (row.from, row.at));
        past.sort_by_key(|row| std::cmp::Reverse(row.at));
        Ok(ContextView { facts, past, may_change: false })
    }
}

fn fact(id: ContextFactId, version: u32, form: FactForm, now: Millis) -> Result<ContextFact, Error> {
    let choose = |_| Error::invalid("kind", "Choose what kind of fact it is.");
    let kind: FactKind = form.kind.parse().map_err(choose)?;
    let text = written("text", &form.text, MOST_TEXT)?;
    if text.is_empty() {
        return Err(Error::invalid("text", "Say what agents cannot see."));
    }
    let from = form.from.unwrap_or(now);
    if form.until.is_some_and(|until| until <= from) {
        return Err(Error::invalid("until", "It ends before it begins. Choose a later moment, or none."));
    }
    Ok(ContextFact { id, version, kind, text, from, until: form.until, withdrawn: false })
}

/// Versions come newest first, those of one fact among those of others.
pub(crate) fn rows(records: Vec<FactRecord>, now: Millis) -> Vec<FactRow> {
    let mut rows: Vec<FactRow> = Vec::new();
    for FactRecord { fact, by, at } in records {
        let id = fact.id.to_string();
        if let Some(row) = rows.iter_mut().find(|row| row.id == id) {
            row.before.push(FactBefore { version: fact.version, text: fact.text, by, at });
            continue;
        }
        let holds = !fact.withdrawn && fact.from <= now && fact.until.is_none_or(|until| until > now);
        rows.push(FactRow {
            id,
            version: fact.version,
            kind: fact.kind,
            text: fact.text,
            from: fact.from,
            until: fact.until,
            withdrawn: fact.withdrawn,
            holds,
            by,
            at,
            before: Vec::new(),
        });
    }
    rows
}
