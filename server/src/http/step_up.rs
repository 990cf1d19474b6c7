//! Who sends a form: the proof that may come with it, and the question after it.

use super::{AppState, session::Session};
use axum::http::HeaderValue;
use countersign_app::{
    api::{
        ApiError,
        session::{SESSION, cookie},
    },
    sheets::proof::{CEREMONY, CODE, PASSKEY, PASSWORD},
};
use countersign_domain::{Actor, reading::Provable};
use countersign_service::{Error, Proof};

/// The proof among a form's entries. A passkey goes before what may stand in the other fields.
fn among(entered: &[(String, String)]) -> Option<Proof> {
    let entry = |name: &str| {
        let (_, value) = entered.iter().find(|(entry, _)| entry == name)?;
        (!value.is_empty()).then(|| value.clone())
    };
    match (entry(PASSKEY), entry(CODE), entry(PASSWORD)) {
        (Some(answer), _, _) => Some(Proof::Passkey { ceremony: entry(CEREMONY).unwrap_or_default(), answer }),
        (None, Some(code), _) => Some(Proof::Code(code)),
        (None, None, Some(password)) => Some(Proof::Password(password)),
        (None, None, None) => None,
    }
}

/// Checks the proof that came with a form, if one did: the session goes on under another name, which the cookie says.
pub async fn take(
    state: &AppState,
    session: &mut Session,
    entered: &[(String, String)],
) -> Result<Option<HeaderValue>, Error> {
    let Some(proof) = among(entered) else { return Ok(None) };
    let actor = actor(state, session).await?;
    let token = session.0.token.clone().unwrap_or_default();
    let renewed = state.service.prove_again(&actor, &token, proof, &session.0.client).await?;
    let cookie = HeaderValue::try_from(cookie(state.secure, SESSION, &renewed, "")).ok();
    session.0.token = Some(renewed);
    Ok(cookie)
}

/// With what the person can prove who they are, where that is what `error` asks for.
pub async fn asked(
    state: &AppState,
    session: &Session,
    error: &ApiError,
    entered: &[(String, String)],
) -> Option<Provable> {
    let again = [PASSWORD, CODE, PASSKEY].iter().any(|name| error.about(name).is_some());
    let throttled = matches!(error, ApiError::Throttled { .. }) && among(entered).is_some();
    if *error != ApiError::StepUp && !again && !throttled {
        return None;
    }
    state.service.provable(&actor(state, session).await.ok()?).await.ok()
}

async fn actor(state: &AppState, session: &Session) -> Result<Actor, Error> {
    state.service.authenticate(session.0.token.as_deref(), None, &session.0.client).await
}
