use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// What waits for a founder, and the brief that is open beside it, where one is: a [sheet](crate::sheets). `split` is the
/// one part of the list that is shown, if not all that waits.
#[server(prefix = "/api", endpoint = "inbox/draw", input = GetUrl, output = JsonText)]
pub async fn draw_inbox(
    tenant: String,
    #[server(default)] brief: String,
    #[server(default)] split: String,
) -> Result<Text, ApiError> {
    use crate::{
        api::{brief::decide::DecideBrief, refusal::Refusal, session::Session},
        sheets::inbox::{Desk, inbox as sheet},
    };
    use countersign_domain::{BriefId, brief::DecisionState, reading::BriefView};
    use leptos::server_fn::ServerFn;

    let session = Session::here();
    // Whoever decided on an older version hears what changed since that one.
    let seen = Refusal::of(DecideBrief::url(), &[("brief", brief.clone())]);
    let since = seen.and_then(|refusal| refusal.entered("sha256").and_then(|sha256| sha256.parse().ok()));
    let actor = session.actor_in(&tenant).await?;
    let open = match brief.as_str() {
        "" => None,
        brief => {
            let id = session.id::<BriefId>(brief)?;
            Some(session.answer(session.service.read_brief(&actor, id, since).await)?)
        }
    };
    let made = |open: &BriefView| {
        let made = open.decision.as_ref().filter(|one| one.state == DecisionState::Made && one.by.is_some());
        made.and_then(|one| one.id.parse().ok())
    };
    let receipt = match open.as_ref().and_then(made) {
        Some(decision) => session.service.decision_receipt(&actor, decision).await.ok(),
        None => None,
    };
    let receipt = receipt.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let inbox = session.service.read_inbox(&actor).await;
    let now = session.context.now;
    let reader = actor.person.to_string();
    let split = split.parse().ok();
    session.draw(&tenant, inbox, |inbox| sheet(&tenant, Desk { inbox, split, open, receipt, reader, now }))
}
