#![expect(clippy::too_many_arguments, reason = "they are the fields of a form")]

use crate::api::ApiError;
use leptos::prelude::*;

/// Replaces what is agreed with the identity provider.
#[server(prefix = "/api", endpoint = "sso/save")]
pub async fn save_sso(
    tenant: String,
    issuer: String,
    client_id: String,
    #[server(default)] client_secret: String,
    domains: String,
    #[server(default)] group_claim: String,
    #[server(default)] founders: String,
    #[server(default)] reviewers: String,
    #[server(default)] observers: String,
    #[server(default)] otherwise: String,
) -> Result<(), ApiError> {
    use crate::api::session::Session;
    use countersign_service::SsoForm;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let form =
        SsoForm { issuer, client_id, client_secret, domains, group_claim, founders, reviewers, observers, otherwise };
    session.answer(session.service.save_sso(&actor, form).await)
}
