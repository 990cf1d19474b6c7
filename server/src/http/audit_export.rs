//! The journal as a download: a plain form, so that it works without JavaScript, and by POST, since an export is
//! journaled itself. It is written while it is read; its length is not known when it begins.

use super::{AppState, refused::refused, session::Session};
use axum::{
    Form,
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use countersign_app::sheets::act_filter::ActFilter;
use countersign_domain::{Via, reading::ActRow};
use countersign_service::{Error, Export, ExportForm, Service, ports::ChainLine};
use data_encoding::HEXLOWER;
use futures::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use std::io;

#[derive(Deserialize)]
pub struct Wanted {
    form: String,
    /// The filter, as the page's address says it.
    #[serde(default)]
    query: String,
}

/// Sends the acts that a filter shows, or the whole journal.
pub async fn download(
    State(state): State<AppState>,
    session: Session,
    Path(tenant): Path<String>,
    Form(wanted): Form<Wanted>,
) -> Response {
    match begin(&state, &session, &tenant, &wanted).await {
        Ok((form, export)) => send(state.service, &tenant, form, export),
        Err(Error::SignedOut) => Redirect::to("/sign-in").into_response(),
        Err(error) => refused(&error),
    }
}

async fn begin(
    state: &AppState,
    session: &Session,
    tenant: &str,
    wanted: &Wanted,
) -> Result<(ExportForm, Export), Error> {
    let actor = session.actor_in(state, tenant).await?;
    let form: ExportForm =
        wanted.form.parse().map_err(|()| Error::invalid("form", "An export is csv, jsonl or journal."))?;
    let query = ActFilter::read(&wanted.query).to_query();
    let export = state.service.export_journal(&actor, form, query, &wanted.query).await?;
    Ok((form, export))
}

fn send(service: Service, tenant: &str, form: ExportForm, export: Export) -> Response {
    let slug = tenant.to_owned();
    let first = stream::iter((form == ExportForm::Csv).then(|| Ok(csv_head())));
    let rest = stream::try_unfold(export, move |mut export| {
        let (service, slug) = (service.clone(), slug.clone());
        async move {
            let next = chunk(&service, &slug, form, &mut export).await.map_err(cut_off)?;
            Ok::<_, io::Error>(next.map(|bytes| (bytes, export)))
        }
    });
    let mut response = Body::from_stream(first.chain(rest.map_ok(Bytes::from))).into_response();
    let (kind, name) = match form {
        ExportForm::Csv => ("text/csv; charset=utf-8", "acts.csv"),
        ExportForm::Jsonl => ("application/jsonl", "acts.jsonl"),
        ExportForm::Whole => ("application/jsonl", "journal.jsonl"),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{tenant}-{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// A download that breaks off is told from a whole one: its connection ends without the last chunk.
pub fn cut_off(error: Error) -> io::Error {
    if let Error::Unavailable { what, cause } = &error {
        tracing::error!(%what, %cause, "an export broke off");
    }
    io::Error::other(error.to_string())
}

async fn chunk(
    service: &Service,
    tenant: &str,
    form: ExportForm,
    export: &mut Export,
) -> Result<Option<Vec<u8>>, Error> {
    let mut bytes = Vec::new();
    match form {
        ExportForm::Whole => {
            for line in service.export_lines(export).await? {
                write_line(&mut bytes, tenant, &line);
            }
        }
        ExportForm::Jsonl => {
            for (_, line) in service.export_acts(export).await? {
                write_line(&mut bytes, tenant, &line);
            }
        }
        ExportForm::Csv => bytes = csv_rows(&service.export_acts(export).await?),
    }
    Ok((!bytes.is_empty()).then_some(bytes))
}

/// The entry stands last and as it was hashed: what is between `"entry":` and the line's last bracket.
fn write_line(bytes: &mut Vec<u8>, tenant: &str, line: &ChainLine) {
    let (previous, hash) = (HEXLOWER.encode(&line.previous), HEXLOWER.encode(&line.hash));
    let head = format!(r#"{{"tenant":"{tenant}","seq":{},"previous":"{previous}","hash":"{hash}","entry":"#, line.seq);
    bytes.extend_from_slice(head.as_bytes());
    bytes.extend_from_slice(&line.canonical);
    bytes.extend_from_slice(b"}\n");
}

const COLUMNS: [&str; 10] = ["entry", "at", "who", "email", "kind", "what", "reason", "how", "from", "hash"];

/// With the mark by which spreadsheets know UTF-8.
fn csv_head() -> Bytes {
    let mut bytes = "\u{feff}".as_bytes().to_vec();
    bytes.extend(written(|csv| csv.write_record(COLUMNS)));
    bytes.into()
}

fn csv_rows(rows: &[(ActRow, ChainLine)]) -> Vec<u8> {
    written(|csv| {
        for (row, _) in rows {
            let email = row.by.as_ref().map(|by| by.email.as_str()).unwrap_or_default();
            let how = row.via.as_ref().map(Via::words).unwrap_or_default();
            let from = row.via.as_ref().map_or("", |via| via.from.as_str());
            let (seq, at, what) = (row.seq.to_string(), row.at.to_rfc3339(), row.sentence());
            let reason = row.reason.as_deref().unwrap_or_default();
            let fields = [&seq, &at, row.actor(), email, &row.kind, &what, reason, &how, from, &row.hash];
            csv.write_record(fields.map(inert))?;
        }
        Ok(())
    })
}

/// To a buffer, which does not fail.
pub fn written(write: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> csv::Result<()>) -> Vec<u8> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let done = write(&mut csv);
    if let Err(error) = done {
        tracing::error!(%error, "a row could not be written");
    }
    csv.into_inner().unwrap_or_default()
}

/// Spreadsheets take a cell that begins so for a formula (OWASP, CSV injection): the apostrophe says that it is text.
pub fn inert(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{inert, written};

    #[test]
    fn no_cell_is_a_formula_and_none_ends_its_row() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(inert(formula), format!("'{formula}"));
        }
        assert_eq!(inert("1-1"), "1-1");
        let row = written(|csv| csv.write_record(["a,b", "say \"it\"", "two\nlines"]));
        assert_eq!(String::from_utf8(row).unwrap(), "\"a,b\",\"say \"\"it\"\"\",\"two\nlines\"\n");
    }
}
