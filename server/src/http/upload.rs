//! Bodies that come over time: what is too slow ends, and nobody takes all the room.

use super::problem::Problem;
use axum::{body::Body, http::StatusCode};
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

/// Hands the chunks of a body on as they come.
pub async fn each_chunk(
    body: Body,
    mut take: impl AsyncFnMut(Bytes) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let (mut chunks, began, mut came) = (body.into_data_stream(), Instant::now(), 0_u64);
    loop {
        match timeout(STALL, chunks.next()).await {
            Err(_) => return Err(slow()),
            Ok(None) => return Ok(()),
            Ok(Some(Err(_))) => {
                return Err(Problem::new(StatusCode::BAD_REQUEST, "broken", "The request broke off. Nothing was kept."));
            }
            Ok(Some(Ok(chunk))) => {
                came += chunk.len() as u64;
                take(chunk).await?;
            }
        }
        if began.elapsed() > GRACE + Duration::from_secs(came / LEAST_BYTES_A_SECOND) {
            return Err(slow());
        }
    }
}

fn slow() -> Problem {
    let title = "The bytes came too slowly. Nothing was kept; send them again over a better line.";
    Problem::new(StatusCode::REQUEST_TIMEOUT, "too_slow", title)
}
