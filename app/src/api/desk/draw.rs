use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// The desk: a [sheet](crate::sheets). `brief` is the one that is shown, else the first. `at` is `batch` or `selection`
/// for what is about to be decided together, `done.` with milliseconds and the ids of briefs, apart by dots, for what
/// was; `since` is the hash of the version of the brief that was chosen about before, or with `done.` what dropped out:
/// ids with such hashes, as in `id:hash.id:hash`.
#[server(prefix = "/api", endpoint = "desk/draw", input = GetUrl, output = JsonText)]
pub async fn draw_desk(
    tenant: String,
    #[server(default)] brief: String,
    #[server(default)] at: String,
    #[server(default)] since: String,
) -> Result<Text, ApiError> {
    use crate::{
        api::{
            brief::decide::DecideBrief,
            refusal::Refusal,
            session::{Session, renders_a_page, send_to},
        },
        sheets::morning::{Morning, Shown, morning as sheet},
        view::{desk_address, path},
    };
    use countersign_domain::BriefId;
    use leptos::server_fn::ServerFn;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let service = &session.service;
    let found = session.answer(service.read_desk(&actor).await)?;
    let first = found.items.first().map(|item| item.row.id.clone());
    let names_none = brief.is_empty();
    let shown = match (at.as_str(), desk_address::done(&at)) {
        (_, Some(done)) => {
            let dropped = desk_address::dropped(&since);
            let came = session.answer(service.read_desk_done(&actor, &done.briefs, &dropped).await)?;
            Shown::Done { came, took_ms: done.took_ms }
        }
        ("batch" | "selection", None) => Shown::Batch { is_selection: at == "selection" },
        _ => match Some(brief).filter(|brief| !brief.is_empty()).or(first) {
            Some(brief) => {
                // What the page follows is the brief that its address names: another one may be the first by then. One
                // page leads there in the browser (`app/src/desk.js`), so that its way back goes on.
                if names_none && renders_a_page() {
                    send_to(&path::desk(&tenant, &brief));
                }
                // Whoever decided on an older version hears what changed since that one.
                let seen = Refusal::of(DecideBrief::url(), &[("brief", brief.clone())]);
                let seen = seen.and_then(|refusal| refusal.entered("sha256").and_then(|sha256| sha256.parse().ok()));
                let id = session.id::<BriefId>(&brief)?;
                let since = seen.or_else(|| since.parse().ok());
                Shown::Brief(Box::new(session.answer(service.read_brief(&actor, id, since).await)?))
            }
            None => Shown::Nothing,
        },
    };
    let reader = actor.person.to_string();
    let now = session.context.now;
    session.draw(&tenant, Ok(found), |desk| sheet(&tenant, Morning { desk, shown, reader, now }))
}
