//! Bodies that come over time: what is too slow ends, and nobody takes all the room.

use super::problem::Problem;
use axum::{
    body::{Body, BodyDataStream},
    http::StatusCode,
};
use bytes::Bytes;
use countersign_service::ports::AgentActor;
use futures::StreamExt;
use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, timeout};

/// No byte for so long, and the sender counts as gone.
const STALL: Duration = Duration::from_secs(15);
/// After so long a body must have come at the least rate on average.
const GRACE: Duration = Duration::from_secs(15);
const LEAST_BYTES_A_SECOND: u64 = 16 * 1024;
/// Uploads at the same time, of all and of one agent. Each holds a part of its artifact in memory.
const MOST: usize = 32;
const MOST_OF_ONE: usize = 4;

static RUNNING: LazyLock<Mutex<HashMap<String, usize>>> = LazyLock::new(Mutex::default);

/// The right to send one body. It ends when this is dropped.
pub struct Turn {
    of: String,
}

impl Turn {
    pub fn take(actor: &AgentActor) -> Result<Self, Problem> {
        let of = format!("{}/{}", actor.tenant, actor.agent);
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = running.values().sum();
        let own = running.get(&of).copied().unwrap_or_default();
        if all >= MOST || own >= MOST_OF_ONE {
            let title = "Too many uploads are under way. Wait until one of yours has ended.";
            return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "busy", title).retry_after(1000));
        }
        running.insert(of.clone(), own + 1);
        Ok(Self { of })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        match running.get_mut(&self.of) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                running.remove(&self.of);
            }
        }
    }
}

/// The chunks of a body, as they come.
pub struct Chunks {
    body: BodyDataStream,
    began: Instant,
    came: u64,
}

impl Chunks {
    pub fn of(body: Body) -> Self {
        Self { body: body.into_data_stream(), began: Instant::now(), came: 0 }
    }

    /// The next one, or none at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        let late = self.began.elapsed() > GRACE + Duration::from_secs(self.came / LEAST_BYTES_A_SECOND);
        match timeout(STALL, self.body.next()).await {
            Ok(None) => Ok(None),
            Err(_) => Err(slow()),
            Ok(Some(_)) if late => Err(slow()),
            Ok(Some(Err(_))) => {
                Err(Problem::new(StatusCode::BAD_REQUEST, "broken", "The request broke off. Nothing was kept."))
            }
            Ok(Some(Ok(chunk))) => {
                self.came += chunk.len() as u64;
                Ok(Some(chunk))
            }
        }
    }
}

fn slow() -> Problem {
    let title = "The bytes came too slowly. Nothing was kept; send them again over a better line.";
    Problem::new(StatusCode::REQUEST_TIMEOUT, "too_slow", title)
}
