//! The Workspace API: claims of tasks, with leases and fences. Each method is one request; what keeps a lease
//! alive is in [`Task`](crate::Task).

use crate::{
    Credentials, Error,
    brief::{Fault, RefusedBrief, TakenBrief},
    http::{Http, NoAnswer, is_away, retry_after},
};
use countersign_domain::TaskId;
use countersign_wire::signature::challenge_material;
use data_encoding::BASE64URL_NOPAD;
use http::{StatusCode, Uri};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;

/// A token is not used any more so long before its end.
const SPARE: Duration = Duration::from_secs(30);
/// Where an answer does not say how long to wait.
const USUAL_WAIT: Duration = Duration::from_secs(1);

/// Why the console did not do it.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    #[error("the console's address cannot be used: {0}")]
    Address(String),
    /// Nobody answered, or nobody who could. It may have been done all the same: ask again, every request of a
    /// fence counts once.
    #[error("the console is not answering: {cause}")]
    Away { retry_after: Duration, cause: String },
    /// The credential does not count (any more).
    #[error("the console does not admit this agent: {0}")]
    Unproven(String),
    /// The message is not recorded yet.
    #[error("the task is not recorded yet")]
    NotYet { retry_after: Duration },
    #[error("there is no such task for this agent")]
    NotFound,
    /// The message is a second copy or in quarantine: acknowledge it.
    #[error("the message carries no task")]
    NoTask,
    /// The task ended, as this word says.
    #[error("the task is settled: {0}")]
    Settled(String),
    /// Another worker has the lease.
    #[error("another worker holds the task")]
    Held { retry_after: Duration },
    /// Another worker took the task over.
    #[error("another worker took the task over")]
    Stale,
    #[error("the lease is over")]
    LeaseOver,
    /// A brief that nobody could decide.
    #[error("the brief cannot be decided as it is")]
    Refused(RefusedBrief),
    /// What was handed in cannot be kept.
    #[error("{0}")]
    Invalid(String),
    #[error("the console's answer cannot be understood: {0}")]
    Odd(String),
}

impl From<NoAnswer> for WorkspaceError {
    fn from(error: NoAnswer) -> Self {
        Self::Away { retry_after: USUAL_WAIT, cause: error.to_string() }
    }
}

/// A lease on one attempt.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Claim {
    pub task: TaskId,
    /// The attempt of record; 1 for the first.
    pub attempt: u32,
    /// Proves the lease in every later word.
    pub fence: i64,
    /// How long the lease runs from the moment at which it was asked for: clocks need not agree.
    lease_ms: u64,
}

impl Claim {
    pub fn lease(&self) -> Duration {
        Duration::from_millis(self.lease_ms)
    }
}

/// What a worker hands in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Work {
    /// `Null` is no result. At most 256 KiB as text.
    pub result: Value,
    /// SHA-256 names in lower-case hexadecimal, at most 100.
    pub artifacts: Vec<String>,
    /// What the attempt cost, in dollars.
    pub usd: Option<f64>,
}

/// What is to follow an attempt that went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Another attempt after so long.
    Retry(Duration),
    /// None: no attempt can succeed.
    Nothing,
}

/// A console as one agent reaches it. Cheap to clone; clones share the token.
#[derive(Debug, Clone)]
pub struct Workspace {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    base: String,
    http: Http,
    credentials: Credentials,
    token: Mutex<Option<Token>>,
}

#[derive(Clone)]
struct Token {
    text: String,
    until: Instant,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}

/// What is read of a refusal.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Problem {
    code: String,
    title: String,
    state: Option<String>,
    faults: Vec<Fault>,
    more: usize,
    retry_after_ms: Option<u64>,
}

impl Workspace {
    /// Makes no connection yet; the first request does, and gets a token.
    pub fn new(console_url: &str, credentials: Credentials) -> Result<Self, Error> {
        let url: Uri = console_url
            .parse()
            .map_err(|error: http::uri::InvalidUri| WorkspaceError::Address(format!("{console_url}: {error}")))?;
        let http = Http::new(&url).map_err(|why| WorkspaceError::Address(format!("{console_url}: {why}")))?;
        let base = format!("{}/api/v1", console_url.trim_end_matches('/'));
        Ok(Self { inner: Arc::new(Inner { base, http, credentials, token: Mutex::default() }) })
    }

    /// Takes a lease (5 to 600 s, rounded up to whole seconds) on the task of message `sequence` as it was
    /// delivered for the `delivery`th time.
    pub async fn claim(&self, sequence: u64, delivery: u32, lease: Duration) -> Result<Claim, WorkspaceError> {
        let body = json!({ "sequence": sequence, "delivery": delivery, "lease_seconds": whole_seconds(lease) });
        self.ask("/claims", &body).await
    }

    /// Lets the lease run for `lease` from now.
    pub async fn renew(&self, claim: &Claim, lease: Duration) -> Result<(), WorkspaceError> {
        let body = json!({ "fence": claim.fence, "lease_seconds": whole_seconds(lease) });
        self.ask::<Value>(&format!("/claims/{}/renew", claim.task), &body).await.map(drop)
    }

    /// The task is done. Said twice, it counts once.
    pub async fn complete(&self, claim: &Claim, work: &Work) -> Result<(), WorkspaceError> {
        let body = json!({ "fence": claim.fence, "result": work.result, "artifacts": work.artifacts, "usd": work.usd });
        self.ask::<Value>(&format!("/claims/{}/complete", claim.task), &body).await.map(drop)
    }

    /// The attempt went wrong for `reason` (of which 2,000 characters are told). Said twice, it counts once.
    pub async fn fail(&self, claim: &Claim, reason: &str, next: Next) -> Result<(), WorkspaceError> {
        let reason: String = reason.replace('\0', " ").trim().chars().take(2000).collect();
        let reason = if reason.is_empty() { "The worker gave no reason.".to_owned() } else { reason };
        let mut body = json!({ "fence": claim.fence, "reason": reason });
        match next {
            Next::Retry(delay) => body["retry_in"] = json!(whole_seconds(delay)),
            Next::Nothing => body["final"] = json!(true),
        }
        self.ask::<Value>(&format!("/claims/{}/fail", claim.task), &body).await.map(drop)
    }

    /// Puts a brief before the founders; `payload` is that of `brief.prepared`. Sent again, it is one brief.
    pub(crate) async fn raise_brief(&self, payload: &Value) -> Result<TakenBrief, WorkspaceError> {
        self.ask("/briefs", payload).await
    }

    /// New claims (a JWT) for the key that the agent has, good for a day: only while the approval of its role file
    /// stands. They go into the credentials file in place of the old ones.
    pub async fn renew_credential(&self) -> Result<String, WorkspaceError> {
        #[derive(Deserialize)]
        struct Renewed {
            jwt: String,
        }
        Ok(self.ask::<Renewed>("/agent/credential", &json!({})).await?.jwt)
    }

    /// One request with a token; with a new one where the old one does not count any more.
    async fn ask<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, WorkspaceError> {
        let mut fresh = false;
        loop {
            let token = self.token(fresh).await?;
            match self.post(path, Some(&token.text), body).await {
                Err(WorkspaceError::Unproven(_)) if !fresh => fresh = true,
                answer => return answer,
            }
        }
    }

    /// The token in use, or a new one.
    async fn token(&self, fresh: bool) -> Result<Token, WorkspaceError> {
        #[derive(Deserialize)]
        struct Challenge {
            challenge: String,
        }
        #[derive(Deserialize)]
        struct Admitted {
            token: String,
            expires_in_ms: u64,
        }
        let mut kept = self.inner.token.lock().await;
        if let Some(token) = kept.as_ref().filter(|token| !fresh && Instant::now() < token.until) {
            return Ok(token.clone());
        }
        *kept = None;
        let asked = Instant::now();
        let Challenge { challenge } = self.post("/agent/challenge", None, &json!({})).await?;
        let bytes = BASE64URL_NOPAD
            .decode(challenge.as_bytes())
            .map_err(|_| WorkspaceError::Odd("its challenge is not base64url".to_owned()))?;
        let credentials = &self.inner.credentials;
        let signature = credentials
            .sign(&challenge_material(&bytes))
            .map_err(|error| WorkspaceError::Unproven(error.to_string()))?;
        let proof = json!({ "jwt": credentials.jwt(), "challenge": challenge, "signature": signature });
        let admitted: Admitted = self.post("/agent/token", None, &proof).await?;
        let lives = Duration::from_millis(admitted.expires_in_ms).saturating_sub(SPARE);
        let token = Token { text: admitted.token, until: asked + lives };
        *kept = Some(token.clone());
        Ok(token)
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        token: Option<&str>,
        body: &Value,
    ) -> Result<T, WorkspaceError> {
        let url = format!("{}{path}", self.inner.base);
        let (parts, bytes) = self.inner.http.post(&url, token, body.to_string()).await?;
        if parts.status.is_success() {
            return serde_json::from_slice(&bytes).map_err(|error| WorkspaceError::Odd(error.to_string()));
        }
        let problem: Problem = serde_json::from_slice(&bytes).unwrap_or_default();
        let wait = problem.retry_after_ms.map(Duration::from_millis).or_else(|| retry_after(&parts));
        Err(refusal(parts.status, problem, wait.unwrap_or(USUAL_WAIT)))
    }
}

fn refusal(status: StatusCode, problem: Problem, retry_after: Duration) -> WorkspaceError {
    match problem.code.as_str() {
        "unproven" => WorkspaceError::Unproven(problem.title),
        "not_yet" => WorkspaceError::NotYet { retry_after },
        "not_found" => WorkspaceError::NotFound,
        "no_task" => WorkspaceError::NoTask,
        "settled" => WorkspaceError::Settled(problem.state.unwrap_or_default()),
        "held" => WorkspaceError::Held { retry_after },
        "stale" => WorkspaceError::Stale,
        "lease_over" => WorkspaceError::LeaseOver,
        "refused" => WorkspaceError::Refused(RefusedBrief { brief: None, faults: problem.faults, more: problem.more }),
        "invalid" | "too_large" => WorkspaceError::Invalid(problem.title),
        _ if is_away(status) => WorkspaceError::Away { retry_after, cause: format!("it answered {status}") },
        _ => WorkspaceError::Odd(format!("{status} {}", problem.title)),
    }
}

fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nkeys::KeyPair;

    fn credentials() -> Credentials {
        let seed = KeyPair::new_user().seed().unwrap();
        Credentials::read(&format!("BEGIN NATS USER JWT\na.b.c\nBEGIN USER NKEY SEED\n{seed}")).unwrap()
    }

    #[test]
    fn an_address_that_is_none_is_refused_at_once() {
        for url in ["", "console", "ftp://console", "http://"] {
            let refused = Workspace::new(url, credentials());
            assert!(matches!(refused, Err(Error::Workspace(WorkspaceError::Address(_)))), "{url}");
        }
        assert!(Workspace::new("http://127.0.0.1:8080/", credentials()).is_ok());
    }

    #[tokio::test]
    async fn a_console_that_is_away_may_be_asked_again() {
        // Port 9 of this machine: nobody listens there.
        let workspace = Workspace::new("http://127.0.0.1:9", credentials()).unwrap();
        let answer = workspace.claim(1, 1, Duration::from_secs(60)).await;
        assert!(matches!(answer, Err(WorkspaceError::Away { .. })), "{answer:?}");
    }

    #[test]
    fn a_refusal_is_read_by_its_code() {
        let read = |status: u16, code: &str| {
            let problem = Problem { code: code.to_owned(), ..Problem::default() };
            refusal(StatusCode::from_u16(status).unwrap(), problem, USUAL_WAIT)
        };
        assert!(matches!(read(409, "stale"), WorkspaceError::Stale));
        assert!(matches!(read(410, "lease_over"), WorkspaceError::LeaseOver));
        assert!(matches!(read(503, ""), WorkspaceError::Away { .. }));
        assert!(matches!(read(418, ""), WorkspaceError::Odd(_)));
    }

    #[test]
    fn parts_of_a_second_are_rounded_up() {
        assert_eq!(whole_seconds(Duration::from_millis(1)), 1);
        assert_eq!(whole_seconds(Duration::from_secs(5)), 5);
    }
}
