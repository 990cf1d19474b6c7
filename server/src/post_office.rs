//! Sends the mails that wait. Every serving process does so; each mail is with one of them at a time.

use countersign_service::{Error, Service};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How soon a mail leaves, at the latest, when nothing is in the way.
const EVERY: Duration = Duration::from_secs(1);
/// Rounds between two of tidying up.
const TIDY_EVERY: u32 = 600;

/// Works until told to stop. Without a mail server it says in the log what waits.
pub async fn run(service: Service, stop: CancellationToken) {
    let mut rounds = tokio::time::interval(EVERY);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut is_out = false;
    let mut round = 0_u32;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = rounds.tick() => {}
        }
        let worked = work(&service, round).await;
        // Said once: the database tells of itself elsewhere.
        if let (Err(error), false) = (&worked, is_out) {
            tracing::warn!(%error, "mails wait");
        }
        is_out = worked.is_err();
        if worked.is_ok() {
            round = round.wrapping_add(1);
        }
    }
}

async fn work(service: &Service, round: u32) -> Result<(), Error> {
    if round == 0 {
        service.release_mail().await?;
    }
    if round.is_multiple_of(TIDY_EVERY) {
        service.tidy_mail().await?;
    }
    service.answer_recoveries().await?;
    service.send_due_mail().await
}
