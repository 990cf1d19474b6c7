//! The list of decisions as a download, narrowed as the page is, page after page: a spreadsheet or lines of JSON. To read
//! them all is no more than to read them one by one.

use super::{
    AppState,
    audit_export::{cut_off, inert, written},
    refused::refused,
    rest::shape::decision::Decision,
    session::Session,
};
use axum::{
    body::{Body, Bytes},
    extract::{Path, RawQuery, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use countersign_app::{sheets::decision_filter::DecisionFilter, view::path};
use countersign_domain::{
    Actor, Millis,
    reading::{DecisionLogRow, DecisionQuery, DecisionTurn},
};
use countersign_service::{Error, Service};
use futures::{StreamExt, TryStreamExt, stream};
use std::io;

/// What a download writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    Jsonl,
}

pub async fn csv(
    State(state): State<AppState>,
    session: Session,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    download(state, session, &tenant, query, Form::Csv).await
}

pub async fn jsonl(
    State(state): State<AppState>,
    session: Session,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    download(state, session, &tenant, query, Form::Jsonl).await
}

async fn download(state: AppState, session: Session, tenant: &str, query: Option<String>, form: Form) -> Response {
    let query = DecisionFilter::read(&query.unwrap_or_default()).to_query();
    let begun = async {
        let actor = session.actor_in(&state, tenant).await?;
        // The first page is read before anything is sent: what is refused is refused with its status.
        let first = page(&state.service, &actor, &query, Some(DecisionTurn::Newest)).await?;
        Ok((actor, first))
    };
    match begun.await {
        Ok((actor, first)) => send(state.service, tenant, actor, query, first, form),
        Err(Error::SignedOut) => Redirect::to(&path::sign_in(&path::of_tenant(tenant, "/decisions"))).into_response(),
        Err(error) => refused(&error),
    }
}

/// The rows of a page, and where the next one begins.
type Page = (Vec<DecisionLogRow>, Option<DecisionTurn>);

async fn page(
    service: &Service,
    actor: &Actor,
    query: &DecisionQuery,
    turn: Option<DecisionTurn>,
) -> Result<Option<Page>, Error> {
    let Some(turn) = turn else { return Ok(None) };
    let page = service.read_decision_page(actor, query, turn).await?;
    Ok(Some((page.rows, page.older.map(DecisionTurn::Older))))
}

fn send(
    service: Service,
    tenant: &str,
    actor: Actor,
    query: DecisionQuery,
    first: Option<Page>,
    form: Form,
) -> Response {
    let (rows, next) = first.unwrap_or_default();
    let head = if form == Form::Csv { csv_head() } else { Vec::new() };
    let begin = stream::iter([Ok(Bytes::from([head, lines(form, rows)].concat()))]);
    let rest = stream::try_unfold(next, move |turn| {
        let (service, actor, query) = (service.clone(), actor.clone(), query.clone());
        async move {
            let found = page(&service, &actor, &query, turn).await.map_err(cut_off)?;
            Ok::<_, io::Error>(found.map(|(rows, next)| (Bytes::from(lines(form, rows)), next)))
        }
    });
    let mut response = Body::from_stream(begin.chain(rest.map_ok(Bytes::from))).into_response();
    let (kind, ending) = match form {
        Form::Csv => ("text/csv; charset=utf-8", "csv"),
        Form::Jsonl => ("application/jsonl", "jsonl"),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{tenant}-decisions.{ending}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

fn lines(form: Form, rows: Vec<DecisionLogRow>) -> Vec<u8> {
    match form {
        Form::Csv => csv_rows(&rows),
        Form::Jsonl => {
            let line = |row: DecisionLogRow| {
                let mut line = serde_json::to_vec(&Decision::from(row)).unwrap_or_default();
                line.push(b'\n');
                line
            };
            rows.into_iter().flat_map(line).collect()
        }
    }
}

const COLUMNS: [&str; 14] = [
    "decision",
    "at",
    "question",
    "choice",
    "rationale",
    "by",
    "signed",
    "as_recommended",
    "confidence",
    "agent",
    "category",
    "look_back",
    "outcome",
    "damaged",
];

/// With the mark by which spreadsheets know UTF-8.
fn csv_head() -> Vec<u8> {
    let mut bytes = "\u{feff}".as_bytes().to_vec();
    bytes.extend(written(|csv| csv.write_record(COLUMNS)));
    bytes
}

fn csv_rows(rows: &[DecisionLogRow]) -> Vec<u8> {
    let yes = |yes: bool| if yes { "yes" } else { "no" };
    written(|csv| {
        for row in rows {
            let (at, look) = (row.at.to_rfc3339(), row.check_at.map(Millis::to_rfc3339).unwrap_or_default());
            // Of what cannot be read nothing is said of a recommendation.
            let known = |words: String| if row.is_damaged { String::new() } else { words };
            let sure = known(format!("{:.2}", f64::from(row.confidence_micro) / 1_000_000.0));
            let followed = known(yes(row.followed).to_owned());
            let by = row.by.as_deref().unwrap_or("silence");
            let outcome = row.outcome.map_or("", |outcome| outcome.as_str());
            let fields = [
                row.id.as_str(),
                &at,
                &row.question,
                &row.words,
                &row.rationale,
                by,
                yes(row.is_signed),
                &followed,
                &sure,
                &row.agent,
                &row.category,
                &look,
                outcome,
                yes(row.is_damaged),
            ];
            csv.write_record(fields.map(inert))?;
        }
        Ok(())
    })
}
