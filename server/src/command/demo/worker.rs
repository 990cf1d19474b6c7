//! One agent of the demonstration: gives tasks, works on tasks, and fails as its character says.

use super::fleet::{HOPELESS, MEMBERS, Member, POISON, REASONS};
use crate::{cli::Demo, surroundings::SystemEntropy};
use countersign_agent::{Agent, Error, Task};
use countersign_domain::AgentName;
use countersign_service::ports::Entropy;
use serde_json::json;
use std::time::Duration;

/// Where a worker works, and as whom.
pub struct Place {
    pub server: String,
    /// Set where it claims its tasks at the console.
    pub console: Option<String>,
    pub name: AgentName,
    pub creds: String,
}

/// Works until dropped; a crash is followed by another start, as a process manager would do it.
pub async fn keep_working(place: Place, member: Member, args: Demo) {
    loop {
        if let Err(error) = live(&place, member, args).await {
            tracing::debug!(agent.name = %place.name, %error, "a demo agent starts again");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// One life of a worker; ends with an error or a crash.
async fn live(place: &Place, member: Member, args: Demo) -> Result<(), Error> {
    let mut agent = Agent::connect(&place.server, place.name.clone(), &place.creds).await?;
    if let Some(console) = &place.console {
        agent = agent.workspace(console)?;
    }
    let mut tasks = agent.tasks().await?;
    let giving = async {
        loop {
            // Each of the fleet gives its share; the waits are spread so that tasks come one by one.
            #[expect(clippy::cast_precision_loss, reason = "seven")]
            let mean = MEMBERS.len() as f64 / args.rate;
            tokio::time::sleep(Duration::from_secs_f64(mean * (0.3 + 1.4 * chance()))).await;
            give(&agent, member).await?;
        }
    };
    let working = async {
        while let Some(task) = tasks.next().await? {
            match work(task, member, args.work_ms).await {
                Ok(true) | Err(Error::LeaseLost(_)) => {}
                Ok(false) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    };
    tokio::select! {
        never = agent.keep_beating(Duration::from_secs(10)) => match never {},
        ended = giving => ended,
        ended = working => ended,
    }
}

/// A number from 0 up to 1.
fn chance() -> f64 {
    let bytes = SystemEntropy.bytes32();
    f64::from(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])) / (f64::from(u32::MAX) + 1.0)
}

fn happens(of_100: u8) -> bool {
    chance() * 100.0 < f64::from(of_100)
}

fn one_of<T: Copy>(list: &[T]) -> T {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index"
    )]
    let index = (chance() * list.len() as f64) as usize;
    list[index.min(list.len() - 1)]
}

async fn give(agent: &Agent, member: Member) -> Result<(), Error> {
    let (to, kind, title) = one_of(member.gives);
    let (Ok(to), Ok(kind)) = (to.parse(), kind.parse()) else { return Ok(()) };
    let id = data_encoding::HEXLOWER.encode(&SystemEntropy.bytes32()[..8]);
    let kindness = if happens(POISON) {
        "poison"
    } else if happens(HOPELESS) {
        "hopeless"
    } else {
        "plain"
    };
    let payload = json!({
        "title": title,
        "correlation_id": format!("demo-{}", &id[..6]),
        "repo": "git@example.com:acme/console.git",
        "demo": kindness,
    });
    agent.give(&to, &kind, &format!("demo-{id}"), &payload).await?;
    Ok(())
}

/// Works on one task; answers whether the worker is still alive.
async fn work(task: Task, member: Member, work_ms: u64) -> Result<bool, Error> {
    task.started().await?;
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a demonstration")]
    let seconds = work_ms as f64 / 1000.0 * member.slowness * (0.4 + 1.2 * chance());
    tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
    match task.payload()["demo"].as_str() {
        Some("poison") => {
            let reason =
                format!("Cannot read property “id” of the repository's manifest (line {})", 40 + task.attempt());
            task.give_back(&reason, Duration::from_secs(3)).await?;
        }
        Some("hopeless") => task.give_up("The repository acme/console does not exist any more").await?,
        _ if happens(member.crashes) => return Ok(false),
        _ if happens(member.stumbles) => task.give_back(one_of(REASONS), Duration::from_secs(5)).await?,
        _ => {
            let result = json!({ "did": task.payload()["title"], "attempt": task.attempt() });
            task.succeed(result, &[], Some(member.usd * (0.5 + chance()))).await?;
        }
    }
    Ok(true)
}
