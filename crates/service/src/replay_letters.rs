//! Doing dead letters again.

use crate::{Error, Service, policy::Action, task_payload};
use countersign_domain::{
    Actor, ReplayId, TaskId,
    reading::{LetterQuery, ReplayPreview},
};

/// Letters a second that may be put on the bus.
const RATES: std::ops::RangeInclusive<u32> = 1..=100;

impl Service {
    /// What replaying the letters that match would do, without doing it.
    pub async fn preview_replay(&self, actor: &Actor, query: &LetterQuery, rate: u32) -> Result<ReplayPreview, Error> {
        self.allow(actor, Action::Read)?;
        let rate = check_rate(rate)?;
        let mut preview = self.ports.dead_letters.preview(actor.tenant, query).await?;
        preview.seconds = preview.count.saturating_sub(1).div_ceil(u64::from(rate));
        Ok(preview)
    }

    /// Does one letter again, with another payload where one is given. Answers the task that does it.
    pub async fn replay_letter(&self, actor: &Actor, letter: TaskId, payload: Option<&str>) -> Result<TaskId, Error> {
        self.allow(actor, Action::ReplayLetter)?;
        let payload = match payload {
            Some(text) => Some(task_payload::check(text, None, || format!("replay-{letter}"))?.text),
            None => None,
        };
        let act = self.act(actor);
        Ok(self.ports.dead_letters.replay(actor.tenant, letter, payload, act).await?)
    }

    /// Does again all waiting letters that match, `rate` a second. `expected` is how many the founder was
    /// shown: where others have come or gone since, nothing happens. Answers the order and its size.
    pub async fn replay_letters(
        &self,
        actor: &Actor,
        query: &LetterQuery,
        rate: u32,
        expected: u64,
    ) -> Result<(ReplayId, u64), Error> {
        self.allow(actor, Action::ReplayLetter)?;
        let rate = check_rate(rate)?;
        let count = self.ports.dead_letters.preview(actor.tenant, query).await?.count;
        if count == 0 {
            return Err(Error::Conflict("No waiting letter matches. Nothing was replayed.".to_owned()));
        }
        if count != expected {
            return Err(Error::Conflict(format!(
                "{count} letters match now, not {expected}. Nothing was replayed; look at the preview again."
            )));
        }
        let now = self.ports.clock.now();
        let run = ReplayId(self.ports.entropy.uuid(now));
        let act = self.act(actor);
        let every_ms = i64::from(1000 / rate);
        let done = self.ports.dead_letters.replay_all(actor.tenant, query, run, every_ms, act).await?;
        Ok((run, done))
    }

    /// Calls off what of the order has not reached the bus. Answers how many letters wait again.
    pub async fn stop_replay(&self, actor: &Actor, run: ReplayId) -> Result<u64, Error> {
        self.allow(actor, Action::ReplayLetter)?;
        let act = self.act(actor);
        Ok(self.ports.dead_letters.stop(actor.tenant, run, act).await?)
    }
}

fn check_rate(rate: u32) -> Result<u32, Error> {
    if RATES.contains(&rate) { Ok(rate) } else { Err(Error::invalid("rate", "Choose 1 to 100 letters a second.")) }
}
