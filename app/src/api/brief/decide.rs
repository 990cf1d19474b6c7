#![expect(clippy::too_many_arguments, reason = "they are the fields of a form")]

use crate::api::ApiError;
use leptos::prelude::*;

/// Holds an answer to exactly this version, unsigned, and sends the browser back to the brief, where it can be taken back.
/// `choice` is an option's key, `own` (with `answer`) or `none`; `check_at` is UTC as a browser's field for date and time
/// writes it, or a date; a form of the desk, `desk`, leads to what came of it there. Twice the same `key` is one answer.
#[server(prefix = "/api", endpoint = "brief/decide")]
pub async fn decide_brief(
    tenant: String,
    brief: String,
    sha256: String,
    #[server(default)] choice: String,
    #[server(default)] answer: String,
    #[server(default)] rationale: String,
    #[server(default)] prediction: String,
    #[server(default)] check_at: String,
    #[server(default)] key: String,
    #[server(default)] desk: bool,
) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::{desk_address, moment, path},
    };
    use countersign_domain::BriefId;
    use countersign_service::{BriefWord, Error};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id::<BriefId>(&brief)?;
    let check_at = match check_at.trim() {
        "" => None,
        text => match moment::from_utc(text).or_else(|| moment::from_utc(&format!("{text}T00:00"))) {
            Some(at) => Some(at),
            None => return session.answer(Err(Error::invalid("check_at", "Enter a date, or none."))),
        },
    };
    let word = BriefWord { brief: id, sha256, choice, answer, rationale, prediction, check_at, key };
    session.answer(session.service.decide_brief(&actor, word).await)?;
    let brief = id.to_string();
    send_to(&if desk { desk_address::of_done(&tenant, 0, &[brief], &[]) } else { path::brief(&tenant, &brief) });
    Ok(())
}
