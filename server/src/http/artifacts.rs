//! Artifacts, streamed both ways: to and from agents, and to the pages of the console.

use super::{
    AppState,
    labels::label_of,
    problem::Problem,
    refused::refused,
    rest::{Asked, Named},
    session::Session,
    upload::{Chunks, Turn},
    workspace::Caller,
};
use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Query, Request, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post, put},
};
use countersign_domain::{ArtifactHash, artifact::ArtifactContent};
use countersign_service::{
    AgentError, DRAWN_BYTES, Error,
    ports::{AgentActor, ArtifactFact, FileStream, PutAs},
};
use serde::Deserialize;
use serde_json::json;
use std::ops::Range;

/// What agents ask, with its whole address: these bodies have limits of their own.
pub fn routes(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/api/v1/artifacts", post(put_unnamed))
        .route("/api/v1/artifacts/{sha256}", put(put_named).get(read))
        .method_not_allowed_fallback(async || {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", "This address does not take that method.")
        })
        .layer(from_fn_with_state(state.clone(), known_size))
}

/// What people ask.
pub fn downloads() -> Router<AppState> {
    Router::new().route("/t/{tenant}/artifacts/{sha256}/content", get(content))
}

/// What says that it is too large is refused before anybody asks whose it is.
async fn known_size(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let most = state.service.artifact_rules().most_bytes;
    if length_of(request.headers()).is_some_and(|length| length > most) {
        return Problem::from(AgentError::TooLarge { most }).into_response();
    }
    next.run(request).await
}

fn length_of(headers: &HeaderMap) -> Option<u64> {
    text_of(headers, header::CONTENT_LENGTH)?.parse().ok()
}

/// What an agent says of what it puts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    task: Option<String>,
    label: Option<String>,
}

impl About {
    fn read(self) -> Result<PutAs, Problem> {
        let task = self.task.map(|id| id.parse().map_err(|_| Problem::invalid("task", "A task is named by its id.")));
        Ok(PutAs { task: task.transpose()?, label: self.label.as_deref().map(label_of).transpose()? })
    }
}

async fn put_named(
    State(state): State<AppState>,
    Caller(actor): Caller,
    sha256: Result<Path<String>, PathRejection>,
    Asked(about): Asked<About>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let Path(sha256) = sha256.map_err(|error| Problem::invalid("sha256", error.body_text()))?;
    let sha256 = sha256.parse().map_err(|error| Problem::invalid("sha256", error))?;
    keep(&state, &actor, Some(sha256), about, &headers, body).await
}

async fn put_unnamed(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Asked(about): Asked<About>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    keep(&state, &actor, None, about, &headers, body).await
}

async fn keep(
    state: &AppState,
    actor: &AgentActor,
    announced: Option<ArtifactHash>,
    about: About,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let put = about.read()?;
    let label = put.label.clone();
    let _turn = Turn::take(actor)?;
    let mut receiving = state.service.receive_artifact(actor, announced, length_of(headers), put).await?;
    let mut chunks = Chunks::of(body);
    while let Some(chunk) = chunks.next().await? {
        receiving.take(chunk).await?;
    }
    let fact = receiving.finish().await?;
    let answer = json!({ "sha256": fact.sha256, "size": fact.size, "content": fact.content, "label": label });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Named(sha256): Named<ArtifactHash>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let fact = state.service.find_artifact(&actor, sha256).await?;
    if is_known(&headers, fact) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag(fact))]).into_response());
    }
    let (status, range) = match wanted(&headers, fact) {
        Wanted::All => (StatusCode::OK, 0..fact.size),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Nothing => {
            let title = "There is no such part of it.";
            let problem = Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, "range", title);
            return Ok(([(header::CONTENT_RANGE, format!("bytes */{}", fact.size))], problem).into_response());
        }
    };
    let bytes = state.service.read_artifact(actor.tenant, fact, range.clone()).await?;
    let mut response = send(fact, bytes, &range, false);
    *response.status_mut() = status;
    if status == StatusCode::PARTIAL_CONTENT {
        let place = format!("bytes {}-{}/{}", range.start, range.end - 1, fact.size);
        response.headers_mut().extend(HeaderValue::try_from(place).map(|value| (header::CONTENT_RANGE, value)));
    }
    Ok(response)
}

/// The bytes with the headers that they always have. A browser saves them, unless it is to draw them.
fn send(fact: ArtifactFact, bytes: FileStream, range: &Range<u64>, drawn: bool) -> Response {
    let mut response = Body::from_stream(bytes).into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static(fact.content.media_type());
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CONTENT_LENGTH, (range.end - range.start).into());
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let place = if drawn { "inline".to_owned() } else { format!("attachment; filename=\"{}\"", file_name(fact)) };
    for (name, value) in [(header::ETAG, tag(fact)), (header::CONTENT_DISPOSITION, place)] {
        headers.extend(HeaderValue::try_from(value).map(|value| (name, value)));
    }
    response
}

/// By its hash: no label of an agent's decides what a file on somebody's disk is called, or which program opens it.
fn file_name(fact: ArtifactFact) -> String {
    let ending = match fact.content {
        ArtifactContent::Text => ".txt",
        ArtifactContent::Png => ".png",
        ArtifactContent::Jpeg => ".jpg",
        ArtifactContent::Gif => ".gif",
        ArtifactContent::Webp => ".webp",
        ArtifactContent::Binary => ".bin",
    };
    format!("{}{ending}", fact.sha256)
}

/// The entity tag (RFC 9110, section 8.8.3): what is under a name never changes.
fn tag(fact: ArtifactFact) -> String {
    format!("\"{}\"", fact.sha256)
}

fn text_of(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Whether the asker has it already (RFC 9110, section 13.1.2).
fn is_known(headers: &HeaderMap, fact: ArtifactFact) -> bool {
    text_of(headers, header::IF_NONE_MATCH).is_some_and(|tags| {
        tags.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag(fact))
    })
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    All,
    Part(Range<u64>),
    /// A part that does not exist.
    Nothing,
}

/// One range of bytes (RFC 9110, section 14.2). Several, and what cannot be understood, are answered with all.
fn wanted(headers: &HeaderMap, fact: ArtifactFact) -> Wanted {
    let condition = text_of(headers, header::IF_RANGE);
    if condition.is_some_and(|condition| condition != tag(fact)) {
        return Wanted::All;
    }
    let Some(range) = text_of(headers, header::RANGE).and_then(|value| value.strip_prefix("bytes=")) else {
        return Wanted::All;
    };
    let Some((from, to)) = range.trim().split_once('-') else { return Wanted::All };
    let number =
        |text: &str| (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse::<u64>());
    let size = fact.size;
    match (number(from), number(to)) {
        // The last so many.
        (None, Some(Ok(last))) if from.is_empty() => {
            if last == 0 || size == 0 {
                Wanted::Nothing
            } else {
                Wanted::Part(size.saturating_sub(last)..size)
            }
        }
        (Some(Ok(from)), None) if to.is_empty() => {
            if from < size {
                Wanted::Part(from..size)
            } else {
                Wanted::Nothing
            }
        }
        (Some(Ok(from)), Some(Ok(to))) if from <= to => {
            if from < size {
                Wanted::Part(from..size.min(to.saturating_add(1)))
            } else {
                Wanted::Nothing
            }
        }
        _ => Wanted::All,
    }
}

/// Whether the page draws it, which it may with a picture.
#[derive(Deserialize)]
struct Use {
    #[serde(default)]
    drawn: bool,
}

/// An artifact to a person: a picture for its page, anything to be saved.
async fn content(
    State(state): State<AppState>,
    session: Session,
    Path((tenant, sha256)): Path<(String, String)>,
    Query(purpose): Query<Use>,
) -> Response {
    let found = async {
        let actor = session.actor_in(&state, &tenant).await?;
        let sha256 = sha256.parse().map_err(|_| Error::NotFound)?;
        state.service.download_artifact(&actor, sha256).await
    };
    match found.await {
        Ok((fact, bytes)) => {
            let drawn = purpose.drawn && fact.content.is_image() && fact.size <= DRAWN_BYTES;
            send(fact, bytes, &(0..fact.size), drawn)
        }
        Err(Error::SignedOut) => Redirect::to("/sign-in").into_response(),
        Err(error) => refused(&error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(size: u64) -> ArtifactFact {
        ArtifactFact { sha256: ArtifactHash([0xab; 32]), size, content: ArtifactContent::Text }
    }

    fn part(value: &str, size: u64) -> Wanted {
        wanted(&HeaderMap::from_iter([(header::RANGE, value.parse().unwrap())]), of(size))
    }

    #[test]
    fn one_range_is_answered_as_the_rfc_says() {
        for (value, is) in [
            ("bytes=0-3", Wanted::Part(0..4)),
            ("bytes=3-", Wanted::Part(3..10)),
            ("bytes=-4", Wanted::Part(6..10)),
            ("bytes=-400", Wanted::Part(0..10)),
            ("bytes=9-400", Wanted::Part(9..10)),
            ("bytes=0-18446744073709551615", Wanted::Part(0..10)),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=10-11", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=4-3", Wanted::All),
            ("bytes=0-1,4-5", Wanted::All),
            ("bytes=a-b", Wanted::All),
            ("bytes=-", Wanted::All),
            ("bytes=+1-2", Wanted::All),
            ("bytes=99999999999999999999-", Wanted::All),
            ("lines=0-3", Wanted::All),
            ("", Wanted::All),
        ] {
            assert_eq!(part(value, 10), is, "{value}");
        }
        assert_eq!(part("bytes=0-", 0), Wanted::Nothing);
        assert_eq!(part("bytes=-1", 0), Wanted::Nothing);
    }

    #[test]
    fn a_part_is_only_of_the_artifact_that_the_asker_has_begun() {
        let with = |condition: String| {
            let range = (header::RANGE, "bytes=0-3".parse().unwrap());
            wanted(&HeaderMap::from_iter([range, (header::IF_RANGE, condition.parse().unwrap())]), of(10))
        };
        assert_eq!(with(tag(of(10))), Wanted::Part(0..4));
        assert_eq!(with("\"another\"".to_owned()), Wanted::All);
    }

    #[test]
    fn what_the_asker_has_is_not_sent_again() {
        let known =
            |tags: &str| is_known(&HeaderMap::from_iter([(header::IF_NONE_MATCH, tags.parse().unwrap())]), of(1));
        let own = tag(of(1));
        for tags in ["*", &own, &format!("W/{own}"), &format!("\"x\", {own}")] {
            assert!(known(tags), "{tags}");
        }
        assert!(!known("\"x\"") && !known(""));
    }
}
