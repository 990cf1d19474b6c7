use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// The form for a brief that a person writes: a [sheet](crate::sheets). Refused, it says beside each field all that is
/// wrong with it.
#[server(prefix = "/api", endpoint = "brief/draw_form", input = GetUrl, output = JsonText)]
pub async fn draw_brief_form(tenant: String, #[server(default)] category: String) -> Result<Text, ApiError> {
    use super::write::WriteBrief;
    use crate::{
        api::{refusal::Refusal, session::Session},
        sheets::brief_form::{Entered, Known, brief_form, payload},
    };
    use countersign_domain::{allocation::CATEGORIES, reading::ShareRow};
    use leptos::server_fn::ServerFn;

    /// Names of artifacts that are suggested.
    const SUGGESTED: u32 = 100;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let service = &session.service;
    let entered = Refusal::of(WriteBrief::url(), &[]).map(|refusal| Entered::of(&refusal));
    let check = match &entered {
        Some(entered) => {
            let mut artifacts = Vec::new();
            for name in entered.artifacts() {
                artifacts.push(session.answer(service.artifact_named(&actor, name).await)?);
            }
            let name = entered.get("name").to_owned();
            let text = payload(entered, &name, &artifacts);
            Some(session.answer(service.check_brief(&actor, text).await)?)
        }
        None => None,
    };
    let about = entered.as_ref().map_or(category.as_str(), |entered| entered.get("category"));
    let shares = if CATEGORIES.contains(&about) {
        let read = session.answer(service.read_allocation(&actor).await)?;
        let line = |share: &ShareRow| {
            let micro = share.budget_micro_usd.unwrap_or_default();
            format!("{} {} {}.{:02}", share.agent, share.weight, micro / 1_000_000, micro % 1_000_000 / 10_000)
        };
        Some(read.shares.iter().map(line).collect::<Vec<_>>().join("\n"))
    } else {
        None
    };
    let inbox = session.answer(service.read_inbox(&actor).await)?;
    let mut categories: Vec<String> = inbox.rows.iter().map(|row| row.category.clone()).collect();
    categories.extend(session.answer(service.brief_policies(&actor).await)?.into_iter().map(|row| row.category));
    categories.sort_unstable();
    categories.dedup();
    let artifacts = service.artifact_names(&actor, SUGGESTED).await;
    let allowed = service.may_write_brief(&actor).and(artifacts);
    let name = service.brief_name();
    session.draw(&tenant, allowed, |artifacts| {
        let known = Known { name, category, categories, shares, artifacts, now: session.context.now };
        brief_form(&tenant, known, entered.as_ref(), check)
    })
}
