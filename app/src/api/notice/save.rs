#![expect(clippy::too_many_arguments, reason = "they are the fields of a form")]

use crate::api::ApiError;
use leptos::prelude::*;

/// Says how whoever asks hears of each kind of thing that waits, `now`, `digest` or `none`, and when.
#[server(prefix = "/api", endpoint = "notice/save")]
pub async fn save_notices(
    tenant: String,
    #[server(default)] brief_opened: String,
    #[server(default)] brief_due: String,
    #[server(default)] brief_lapsed: String,
    #[server(default)] brief_silent: String,
    #[server(default)] review_waiting: String,
    #[server(default)] letter_waiting: String,
    #[server(default)] agent_lost: String,
    #[server(default)] webhook_off: String,
    #[server(default)] offset: String,
    #[server(default)] digest: String,
    #[server(default)] quiet_from: String,
    #[server(default)] quiet_to: String,
    #[server(default)] breaks_quiet: bool,
    #[server(default)] raise_after: String,
    #[server(default)] founders: bool,
) -> Result<(), ApiError> {
    use crate::api::session::Session;
    use countersign_service::NoticeForm;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let cells = vec![
        ("brief_opened", brief_opened),
        ("brief_due", brief_due),
        ("brief_lapsed", brief_lapsed),
        ("brief_silent", brief_silent),
        ("review_waiting", review_waiting),
        ("letter_waiting", letter_waiting),
        ("agent_lost", agent_lost),
        ("webhook_off", webhook_off),
    ];
    let form = NoticeForm { cells, offset, quiet_from, quiet_to, digest, breaks_quiet, raise_after, founders };
    session.answer(session.service.keep_notice_settings(&actor, form).await)
}
