use crate::api::ApiError;
use leptos::prelude::*;

/// Makes a token; answers its text, which is kept nowhere. `scopes` are words of
/// [`Scope`](countersign_domain::api_token::Scope).
#[server(prefix = "/api", endpoint = "token/make")]
pub async fn make_token(
    tenant: String,
    once: String,
    name: String,
    #[server(default)] scopes: Vec<String>,
    days: String,
) -> Result<String, ApiError> {
    use crate::api::session::Session;
    use countersign_service::{Error, ExposeSecret, TokenForm};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let Ok(scopes) = scopes.iter().map(|word| word.parse()).collect() else {
        return session.answer(Err(Error::invalid("scopes", "Choose from what is there.")));
    };
    let form = TokenForm { once, name, scopes, days: days.trim().parse().unwrap_or(0) };
    let token = session.answer(session.service.make_token(&actor, form).await)?;
    Ok(token.expose_secret().to_owned())
}
