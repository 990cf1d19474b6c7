//! Labels of artifacts, as agents set and find them.

use super::{AppState, body::Body, problem::Problem, rest::Asked, workspace::Caller};
use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use countersign_domain::{AgentName, ArtifactHash, artifact::Label};
use countersign_service::{AgentError, ports::LabelFact};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
pub struct Labelled {
    agent: AgentName,
    label: Label,
    /// Counted from 1.
    version: u32,
    sha256: ArtifactHash,
    size: u64,
    at: String,
}

impl From<LabelFact> for Labelled {
    fn from(fact: LabelFact) -> Self {
        let LabelFact { agent, label, version, sha256, size, at } = fact;
        Self { agent, label, version, sha256, size, at: at.to_rfc3339() }
    }
}

/// Whose label; the asker's own where nobody is named.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Whose {
    agent: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    agent: Option<String>,
    #[serde(default)]
    prefix: String,
    after: Option<String>,
}

#[derive(Deserialize)]
pub struct Setting {
    sha256: String,
}

#[derive(Serialize)]
pub struct Set {
    label: Label,
    version: u32,
    sha256: ArtifactHash,
}

#[derive(Serialize)]
pub struct Labels {
    labels: Vec<Labelled>,
    /// What to ask with as `after` for those that follow.
    next: Option<Label>,
}

/// What is no agent's name has no labels.
fn whose(caller: &Caller, name: Option<String>) -> Result<AgentName, Problem> {
    match name {
        None => Ok(caller.0.agent.clone()),
        Some(name) => Ok(name.parse().map_err(|_| AgentError::NoArtifact)?),
    }
}

/// What stands where the label does.
type InAddress = Result<Path<String>, PathRejection>;

fn label_in(address: InAddress) -> Result<Label, Problem> {
    label_of(&address.map_err(|error| Problem::invalid("label", error.body_text()))?)
}

pub fn label_of(text: &str) -> Result<Label, Problem> {
    text.parse().map_err(|error| Problem::invalid("label", error))
}

pub async fn set(
    State(state): State<AppState>,
    Caller(actor): Caller,
    label: InAddress,
    Body(body): Body<Setting>,
) -> Result<Json<Set>, Problem> {
    let label = label_in(label)?;
    let sha256 = body.sha256.parse().map_err(|error| Problem::invalid("sha256", error))?;
    let version = state.service.label_artifact(&actor, &label, sha256).await?;
    Ok(Json(Set { label, version, sha256 }))
}

pub async fn find(
    State(state): State<AppState>,
    caller: Caller,
    label: InAddress,
    Asked(query): Asked<Whose>,
) -> Result<Json<Labelled>, Problem> {
    let (agent, label) = (whose(&caller, query.agent)?, label_in(label)?);
    Ok(Json(state.service.find_label(&caller.0, &agent, &label).await?.into()))
}

pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Asked(query): Asked<Which>,
) -> Result<Json<Labels>, Problem> {
    let agent = whose(&caller, query.agent)?;
    let (labels, next) = state.service.list_labels(&caller.0, &agent, &query.prefix, query.after.as_deref()).await?;
    Ok(Json(Labels { labels: labels.into_iter().map(Labelled::from).collect(), next }))
}
