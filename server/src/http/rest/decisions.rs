//! What the API says of decisions. Deciding and looking back are for people: no token does it.

use super::{
    caller::Caller,
    cursor,
    question::{Asked, Named, moment, word},
    refusals::ReadRefusals,
    shape::decision::{DecisionList, WholeDecision},
};
use crate::http::{AppState, problem::Problem};
use axum::{Json, extract::State};
use countersign_domain::{
    DecisionId, PersonId,
    reading::{DecisionPlace, DecisionQuery, DecisionTurn, Who},
};
use serde::Deserialize;
use utoipa::IntoParams;

/// What to look for. What is left out does not narrow.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DecisionFilter {
    /// Stands in the question, the title, the rationale or the answer.
    text: Option<String>,
    category: Option<String>,
    /// Who asked.
    agent: Option<String>,
    /// The id of the person who decided, or `silence`.
    decided_by: Option<String>,
    /// Counts since this moment or later.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Counts since before this moment.
    #[param(format = DateTime)]
    to: Option<String>,
    /// Whether a passkey signed it. What silence decided is neither.
    signed: Option<bool>,
    /// `right`, `partly`, `wrong` or `unknown`; `due` or `ahead` where somebody is to look back; `never` where nobody is.
    outcome: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// List decisions
///
/// Those that count, newest first, 50 a page.
#[utoipa::path(
    get, path = "/decisions", tag = "Decisions", operation_id = "listDecisions",
    params(DecisionFilter), security(("token" = ["read"])),
    responses((status = 200, description = "A page of decisions", body = DecisionList), ReadRefusals)
)]
pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Asked(filter): Asked<DecisionFilter>,
) -> Result<Json<DecisionList>, Problem> {
    let who = match filter.decided_by.as_deref() {
        None => None,
        Some("silence") => Some(Who::Server),
        Some(id) => match id.parse::<PersonId>() {
            Ok(person) => Some(Who::Person(person)),
            Err(_) => return Err(Problem::invalid("decided_by", "Write a person's id, or `silence`.")),
        },
    };
    let query = DecisionQuery {
        text: filter.text,
        category: filter.category,
        agent: filter.agent,
        who,
        from: moment("from", filter.from.as_deref())?,
        to: moment("to", filter.to.as_deref())?,
        signed: filter.signed,
        outcome: word("outcome", filter.outcome.as_deref())?,
    };
    let question = format!("decisions {query:?}");
    let place = cursor::open(&question, filter.cursor.as_deref())?;
    let turn = place.and_then(|place| DecisionPlace::parse(&place)).map_or(DecisionTurn::Newest, DecisionTurn::Older);
    let page = state.service.read_decisions(&caller.actor, &query, turn).await?;
    Ok(Json(DecisionList {
        count: page.counts.all,
        decisions: page.rows.into_iter().map(Into::into).collect(),
        next: page.older.map(|place| cursor::wrap(&question, &place.to_text())),
    }))
}

/// Read a decision
///
/// With the brief as it was, what stands for the decision, what followed, and what was found looking back.
#[utoipa::path(
    get, path = "/decisions/{decision}", tag = "Decisions", operation_id = "getDecision",
    params(("decision" = String, Path, description = "The decision's id")), security(("token" = ["read"])),
    responses((status = 200, description = "The decision", body = WholeDecision), ReadRefusals)
)]
pub async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Named(decision): Named<DecisionId>,
) -> Result<Json<WholeDecision>, Problem> {
    Ok(Json(state.service.read_decision(&caller.actor, decision).await?.into()))
}
