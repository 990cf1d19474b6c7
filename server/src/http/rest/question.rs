//! What stands in the address of a request.

use super::super::AppState;
use crate::http::problem::Problem;
use axum::{
    extract::{FromRequestParts, Path, Query},
    http::request::Parts,
};
use countersign_domain::Millis;
use serde::de::DeserializeOwned;
use std::str::FromStr;

/// The query, of which every entry is known: a filter with a typing error would let everything through.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(error) => Err(Problem::invalid("query", format!("{}.", error.body_text()))),
        }
    }
}

/// The name or id in the address. What cannot be one names nothing.
pub struct Named<T>(pub T);

impl<T: FromStr> FromRequestParts<AppState> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let path: Result<Path<String>, _> = Path::from_request_parts(parts, state).await;
        let named = path.ok().and_then(|Path(text)| text.parse().ok());
        named.map(Self).ok_or_else(Problem::nothing_here)
    }
}

/// A moment as RFC 3339 writes it.
pub fn moment(field: &'static str, text: Option<&str>) -> Result<Option<Millis>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let moment = text.parse::<jiff::Timestamp>().map(|at| Some(Millis(at.as_millisecond())));
    moment.map_err(|_| Problem::invalid(field, "Write a moment like 2026-11-26T09:30:00Z."))
}

/// One of the words of a kind.
pub fn word<T>(field: &'static str, text: Option<&str>) -> Result<Option<T>, Problem>
where
    T: FromStr,
    T::Err: ToString,
{
    text.map(|text| text.parse().map_err(|error: T::Err| Problem::invalid(field, error))).transpose()
}
