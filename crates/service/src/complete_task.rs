//! Handing in what came of a task.

use crate::{
    AgentError, Service,
    ports::{AgentActor, Ending},
};
use countersign_domain::TaskId;
use serde::de::IgnoredAny;

/// The most bytes of a result.
pub const MAX_RESULT_BYTES: usize = 256 * 1024;
const MOST_ARTIFACTS: usize = 100;
/// No attempt costs more. Dollars.
const MOST_USD: f64 = 1_000_000.0;

/// What a worker hands in.
#[derive(Debug, Clone, Default)]
pub struct Work {
    /// JSON text.
    pub result: Option<String>,
    /// SHA-256 names, in lower-case hexadecimal.
    pub artifacts: Vec<String>,
    /// What the attempt cost, in dollars.
    pub usd: Option<f64>,
}

impl Service {
    /// Ends the task well, if `fence` is of its newest lease and that one is live. The worker acknowledges the
    /// message afterwards.
    pub async fn complete_task(
        &self,
        actor: &AgentActor,
        task: TaskId,
        fence: i64,
        work: Work,
    ) -> Result<(), AgentError> {
        let ending = completed(work)?;
        if let Ending::Completed { artifacts, .. } = &ending {
            self.may_name(actor, artifacts).await?;
        }
        let now = self.ports.clock.now();
        let ended = self.ports.claims.end(actor, task, fence, ending, now).await;
        ended.map_err(|error| AgentError::of_claim(error, now))
    }
}

impl Service {
    /// Who hands an artifact in must be able to read it: naming what somebody else made would pass it on.
    async fn may_name(&self, actor: &AgentActor, artifacts: &[String]) -> Result<(), AgentError> {
        for name in artifacts {
            let sha256 = name.parse().map_err(|_| AgentError::no_artifact(name))?;
            match self.find_artifact(actor, sha256).await {
                Ok(_) => {}
                Err(AgentError::NoArtifact) => return Err(AgentError::no_artifact(name)),
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }
}

fn completed(work: Work) -> Result<Ending, AgentError> {
    if let Some(result) = &work.result {
        if result.len() > MAX_RESULT_BYTES {
            return Err(AgentError::invalid("result", "The result is larger than 256 KiB. Hand it in as an artifact."));
        }
        if let Err(error) = serde_json::from_str::<IgnoredAny>(result) {
            return Err(AgentError::invalid("result", format!("The result is not JSON: {error}.")));
        }
    }
    if work.artifacts.len() > MOST_ARTIFACTS {
        return Err(AgentError::invalid("artifacts", "A task has at most 100 artifacts."));
    }
    let is_name = |name: &String| name.len() == 64 && name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !work.artifacts.iter().all(is_name) {
        return Err(AgentError::invalid("artifacts", "An artifact's name is 64 digits 0 to 9 and a to f."));
    }
    let micro_usd = match work.usd {
        None => None,
        Some(usd) if (0.0..=MOST_USD).contains(&usd) => {
            #[expect(clippy::cast_possible_truncation, reason = "within a million dollars")]
            let micro = (usd * 1_000_000.0).round() as i64;
            Some(micro)
        }
        Some(_) => return Err(AgentError::invalid("usd", "A cost is 0 to 1,000,000 dollars.")),
    };
    Ok(Ending::Completed { result: work.result, artifacts: work.artifacts, micro_usd })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(work: Work) -> &'static str {
        match completed(work) {
            Err(AgentError::Invalid { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_cannot_be_kept_is_refused_by_its_field() {
        let result = |text: String| Work { result: Some(text), ..Work::default() };
        assert_eq!(field(result("{".into())), "result");
        assert_eq!(field(result(format!("\"{}\"", "x".repeat(MAX_RESULT_BYTES)))), "result");
        let artifacts = |names: Vec<String>| Work { artifacts: names, ..Work::default() };
        for name in ["", "a", &"A".repeat(64), &"g".repeat(64), &"a".repeat(65)] {
            assert_eq!(field(artifacts(vec![name.to_owned()])), "artifacts", "{name}");
        }
        assert_eq!(field(artifacts(vec!["a".repeat(64); 101])), "artifacts");
        for usd in [-0.01, f64::NAN, f64::INFINITY, 1e7] {
            assert_eq!(field(Work { usd: Some(usd), ..Work::default() }), "usd", "{usd}");
        }
    }

    #[test]
    fn a_cost_is_kept_in_millionths() {
        let work = Work { result: Some("{}".into()), artifacts: vec!["0f".repeat(32)], usd: Some(0.012_345_6) };
        assert!(matches!(completed(work), Ok(Ending::Completed { micro_usd: Some(12_346), .. })));
    }
}
