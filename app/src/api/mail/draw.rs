use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// The newest mails about the tenant and to its members, and what became of them: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "mail/draw", input = GetUrl, output = JsonText)]
pub async fn draw_mail(tenant: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::mail::mail};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let rows = session.service.list_mail(&actor).await;
    session.draw(&tenant, rows, |rows| mail(&tenant, rows))
}
