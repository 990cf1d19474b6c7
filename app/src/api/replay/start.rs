use crate::{api::ApiError, view::letter_filter::LetterFilter};
use leptos::prelude::*;

/// More letters than this are replayed only when their number was typed.
pub const ASKS_TWICE: u64 = 100;

/// Does again all waiting letters that the filter chooses, at its rate, and sends the browser to the desk, which
/// shows how far it is. `expected` is how many there were in the preview.
#[server(prefix = "/api", endpoint = "replay/start")]
pub async fn start_replay(
    tenant: String,
    #[server(default)] filter: LetterFilter,
    expected: u64,
    #[server(default)] typed: String,
) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::{number, path},
    };
    use countersign_service::Error;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let meant = typed.chars().filter(char::is_ascii_digit).collect::<String>();
    if expected > ASKS_TWICE && meant != expected.to_string() {
        let message = format!("Type {} to replay them all.", number::grouped(expected));
        return session.answer(Err(Error::invalid("typed", message)));
    }
    let (query, rate) = (filter.whole().to_query(), filter.rate());
    session.answer(session.service.replay_letters(&actor, &query, rate, expected).await)?;
    send_to(&path::letters(&tenant, ""));
    Ok(())
}
