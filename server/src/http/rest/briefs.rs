//! Briefs that agents and programs put before the founders. No token decides one.

use super::{
    caller::Speaker,
    refusals::{ActRefusals, ReadRefusals},
};
use crate::http::{AppState, body, problem::Problem};
use axum::{
    Json,
    extract::{FromRequest, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use countersign_service::Raised;
use serde::Serialize;
use utoipa::ToSchema;

/// The brief as it was sent: the linter reads the text itself, fields that stand twice among it.
pub struct Text(String);

impl FromRequest<AppState> for Text {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let bytes = body::take(request, state).await?;
        let text = String::from_utf8(bytes.to_vec());
        text.map(Self).map_err(|_| Problem::invalid("body", "Send JSON in UTF-8."))
    }
}

/// A brief that waits for a founder.
#[derive(Serialize, ToSchema)]
pub struct RaisedBrief {
    /// `new`, `newer` (it takes the place of an older version) or `same` (nothing was changed).
    outcome: &'static str,
    #[schema(format = "uuid")]
    brief_id: String,
    /// Its author's own name for it.
    brief: String,
    version: u32,
    /// Of the frozen brief, in hexadecimal: what a decision names.
    sha256: String,
    /// From 0 to 100.
    score: u8,
    /// In seconds.
    reading_s: u32,
    /// What would read better; no reason to refuse it.
    advice: Vec<BriefAdvice>,
}

/// One thing that would read better.
#[derive(Serialize, ToSchema)]
pub struct BriefAdvice {
    /// Where: a JSON pointer (RFC 6901).
    pointer: String,
    words: &'static str,
}

/// Put a brief before the founders
///
/// The body is that of `events.<agent>.brief.prepared` (docs/briefs.md). An agent asks with its own token, and is the
/// author; a founder's token asks in the people's name. The same brief sent again changes nothing; another text under
/// the same name is a newer version. Nobody decides a brief by a token.
#[utoipa::path(
    post, path = "/briefs", tag = "Briefs", operation_id = "raiseBrief",
    request_body(content = Object, content_type = "application/json"), security(("token" = ["briefs"])),
    responses(
        (status = 201, description = "It waits for a founder", body = RaisedBrief),
        (status = 200, description = "It waits already, in these words", body = RaisedBrief),
        ReadRefusals, ActRefusals
    )
)]
pub async fn raise(State(state): State<AppState>, speaker: Speaker, Text(text): Text) -> Result<Response, Problem> {
    let raised = match speaker {
        Speaker::Person(actor) => state.service.write_brief(&actor, text).await?,
        Speaker::Agent(agent) => state.service.raise_brief(&agent, text).await?,
    };
    match raised {
        Raised::Taken { kept, name, score, reading_s, advice } => {
            let status = if kept.outcome == "same" { StatusCode::OK } else { StatusCode::CREATED };
            let raised = RaisedBrief {
                outcome: kept.outcome,
                brief_id: kept.brief.to_string(),
                brief: name,
                version: kept.version,
                sha256: kept.sha256.to_string(),
                score,
                reading_s,
                advice: advice.into_iter().map(|(pointer, words)| BriefAdvice { pointer, words }).collect(),
            };
            Ok((status, Json(raised)).into_response())
        }
        Raised::Refused { faults, more } => Err(Problem::refused(faults, more)),
        Raised::Forbidden => {
            let title = "This agent's role file does not let it raise briefs. A founder approves one that does.";
            Err(Problem::new(StatusCode::FORBIDDEN, "forbidden_action", title))
        }
    }
}
