use crate::api::ApiError;
use leptos::prelude::*;

/// More letters than this are replayed only when their number was typed.
pub const ASKS_TWICE: u64 = 100;

/// Does again all waiting letters that are chosen, `rate` a second, and sends the browser to the desk, which
/// shows how far it is. `expected` is how many there were in the preview.
#[expect(clippy::too_many_arguments, reason = "the entries of a form")]
#[server(prefix = "/api", endpoint = "replay/start")]
pub async fn start_replay(
    tenant: String,
    rate: u32,
    expected: u64,
    #[server(default)] typed: String,
    #[server(default)] agent: String,
    #[server(default)] kind: String,
    #[server(default)] cause: String,
    #[server(default)] fingerprint: String,
    #[server(default)] ids: String,
) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::{letter_filter::LetterFilter, number, path},
    };
    use countersign_service::Error;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let meant = typed.chars().filter(char::is_ascii_digit).collect::<String>();
    if expected > ASKS_TWICE && meant != expected.to_string() {
        let message = format!("Type {} to replay them all.", number::grouped(expected));
        return session.answer(Err(Error::invalid("typed", message)));
    }
    let filter = LetterFilter { agent, kind, cause, fingerprint, ids, ..LetterFilter::default() };
    session.answer(session.service.replay_letters(&actor, &filter.to_query(), rate, expected).await)?;
    send_to(&path::letters(&tenant, ""));
    Ok(())
}
