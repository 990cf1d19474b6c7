use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// Where the person is signed in and with what, each with its end: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "account/draw_sessions", input = GetUrl, output = JsonText)]
pub async fn draw_sessions(tenant: String) -> Result<Text, ApiError> {
    use crate::{
        api::session::Session,
        sheets::sessions::{Security, security},
    };

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let service = &session.service;
    let read = async {
        Ok(Security {
            sessions: service.list_sessions(&actor, session.context.token.as_deref()).await?,
            passkeys: service.list_passkeys(&actor).await?,
            codes: service.read_codes(&actor).await?,
            address: service.read_address(&actor).await?,
        })
    };
    session.draw(&tenant, read.await, |read| security(&tenant, read))
}
