//! Requests that carry a key: said again, they are answered again and not done again.

use crate::{
    Error, Service,
    ports::{KeptAnswer, Once, RequestKey},
};
use countersign_domain::{Actor, Millis};

/// An answer is kept for so long. Milliseconds.
const KEPT_MS: i64 = 24 * 60 * 60 * 1000;
/// Whoever has not answered by then never will: the server ends every request before. Milliseconds.
const STALE_MS: i64 = 30 * 1000;

impl Service {
    /// What is to be done about a request with this key.
    pub async fn begin_once(&self, actor: &Actor, asked: &RequestKey) -> Result<Once, Error> {
        let now = self.ports.clock.now();
        let fresh = self.ports.entropy.uuid(now);
        let (stale, forget) = (Millis(now.0 - STALE_MS), Millis(now.0 - KEPT_MS));
        Ok(self.ports.kept_answers.begin(actor.tenant, asked, fresh, now, (stale, forget)).await?)
    }

    /// Keeps the answer for whoever asks again.
    pub async fn keep_answer(&self, actor: &Actor, asked: &RequestKey, answer: KeptAnswer) -> Result<(), Error> {
        Ok(self.ports.kept_answers.keep(actor.tenant, asked, answer).await?)
    }

    /// The request was not answered well. `refused`: it changed nothing, and may come mended with the same key.
    /// Else nobody knows, and said again it is done with the same id.
    pub async fn return_key(&self, actor: &Actor, asked: &RequestKey, refused: bool) -> Result<(), Error> {
        let answers = &self.ports.kept_answers;
        let done =
            if refused { answers.free(actor.tenant, asked).await } else { answers.put_back(actor.tenant, asked).await };
        Ok(done?)
    }
}
