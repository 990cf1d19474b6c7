//! What only the system account may ask: the server's version and settings, account claims, who is
//! connected.

use crate::error::{Error, api};
use async_nats::{Client, Subject};
use bytes::Bytes;
use countersign_domain::AgentName;
use futures::StreamExt;
use serde::Deserialize;
use std::{collections::HashSet, time::Duration};

/// The oldest nats-server without published authorization holes (2.12.12 on its own line).
pub const MIN_VERSION: &str = "2.14.3 (or 2.12.12)";

/// Whether a nats-server of this version may be used.
pub fn check_version(version: &str) -> Result<(), Error> {
    let core = version.trim_start_matches('v').split(['-', '+']).next().unwrap_or_default();
    let mut numbers = core.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    let found = (next(), next(), next());
    let good = found >= (2, 14, 3) || (found.0 == 2 && found.1 == 12 && found.2 >= 12);
    if good { Ok(()) } else { Err(Error::TooOld { found: version.to_owned() }) }
}

#[derive(Deserialize)]
struct Reply<T> {
    data: Option<T>,
    error: Option<ReplyError>,
}

#[derive(Deserialize)]
struct ReplyError {
    description: String,
}

#[derive(Deserialize)]
struct Varz {
    version: String,
    #[serde(default)]
    jetstream: VarzJetStream,
}

#[derive(Deserialize, Default)]
struct VarzJetStream {
    #[serde(default)]
    config: Option<VarzConfig>,
}

#[derive(Deserialize)]
struct VarzConfig {
    #[serde(default)]
    sync_always: bool,
}

/// Version of the server, and whether it syncs each write.
pub(crate) async fn server(client: &Client) -> Result<(String, bool), Error> {
    let replies: Vec<Reply<Varz>> = gather(client, "$SYS.REQ.SERVER.PING.VARZ", "{}").await?;
    let mut servers = replies.into_iter().filter_map(|reply| reply.data).peekable();
    let first = servers.peek().map(|varz| varz.version.clone()).ok_or(Error::Lost)?;
    let mut synced = true;
    for server in servers {
        check_version(&server.version)?;
        synced &= server.jetstream.config.is_some_and(|config| config.sync_always);
    }
    Ok((first, synced))
}

/// Whether a server answers.
pub(crate) async fn answers(client: &Client) -> Result<(), Error> {
    client.request("$SYS.REQ.SERVER.PING.STATSZ", Bytes::new()).await.map(drop).map_err(api("answer"))
}

#[derive(Deserialize)]
struct Healthz {
    #[serde(default)]
    error: Option<String>,
}

/// Fails when a server has given up on a stream after a failed write, as on a full disk: it refuses
/// nothing then, it just never answers a publisher again, until it is restarted.
pub(crate) async fn check_writing(client: &Client) -> Result<(), Error> {
    let replies: Vec<Reply<Healthz>> = gather(client, "$SYS.REQ.SERVER.PING.HEALTHZ", "{}").await?;
    let faults = replies.into_iter().filter_map(|reply| reply.data?.error);
    // Other faults, such as a replica that lags behind, end by themselves.
    match faults.into_iter().find(|fault| fault.contains("write error")) {
        Some(cause) => Err(Error::StoppedWriting { cause }),
        None => Ok(()),
    }
}

#[derive(Deserialize)]
struct Claimed {
    #[serde(default)]
    code: u16,
    #[serde(default)]
    message: String,
}

/// Gives the server an account's claims. Whoever they revoke is cut off before this answers.
pub(crate) async fn push_account(client: &Client, jwt: String) -> Result<(), Error> {
    let what = "give the bus an account's claims";
    let message = client.request("$SYS.REQ.CLAIMS.UPDATE", jwt.into()).await.map_err(api(what))?;
    let reply: Reply<Claimed> = serde_json::from_slice(&message.payload).map_err(api(what))?;
    match (reply.data, reply.error) {
        (Some(data), None) if data.code == 200 => Ok(()),
        (_, Some(error)) => Err(api(what)(error.description)),
        (data, None) => Err(api(what)(data.map_or_else(|| "no answer".to_owned(), |data| data.message))),
    }
}

#[derive(Deserialize)]
struct Connz {
    #[serde(default)]
    connections: Vec<Connection>,
}

#[derive(Deserialize)]
struct Connection {
    /// The user's claims, whose signature the server has checked.
    #[serde(default)]
    jwt: Option<String>,
}

/// The agents of an account that are connected now: by the name in the claims that we signed, which no
/// client can choose.
pub(crate) async fn connected(client: &Client, account: &str) -> Result<HashSet<AgentName>, Error> {
    let ask = serde_json::json!({ "acc": account, "auth": true, "limit": 4096 }).to_string();
    let replies: Vec<Reply<Connz>> = gather(client, "$SYS.REQ.SERVER.PING.CONNZ", &ask).await?;
    let connections = replies.into_iter().filter_map(|reply| reply.data).flat_map(|data| data.connections);
    Ok(connections.filter_map(|connection| crate::claims::name_in(&connection.jwt?)?.parse().ok()).collect())
}

/// Asks every server of a cluster; how many will answer is not known, so waiting ends when none has
/// answered for a moment.
async fn gather<T: serde::de::DeserializeOwned>(
    client: &Client,
    subject: &'static str,
    ask: &str,
) -> Result<Vec<T>, Error> {
    const FIRST: Duration = Duration::from_secs(3);
    const NEXT: Duration = Duration::from_millis(60);
    let inbox = client.new_inbox();
    let mut replies = client.subscribe(inbox.clone()).await.map_err(api("ask the servers"))?;
    #[expect(clippy::disallowed_methods, reason = "a request of the system account; nothing that needs the outbox")]
    client
        .publish_with_reply(Subject::from_static(subject), inbox, Bytes::copy_from_slice(ask.as_bytes()))
        .await
        .map_err(api("ask the servers"))?;
    let mut found = Vec::new();
    let mut wait = FIRST;
    while let Ok(Some(message)) = tokio::time::timeout(wait, replies.next()).await {
        found.push(serde_json::from_slice(&message.payload).map_err(api("read a server's answer"))?);
        wait = NEXT;
    }
    if found.is_empty() { Err(Error::Lost) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_with_known_holes_are_refused() {
        for good in ["2.14.3", "2.15.1", "v2.15.0-beta.1", "3.0.0", "2.12.12"] {
            assert!(check_version(good).is_ok(), "{good}");
        }
        for bad in ["2.9.10", "2.12.11", "2.13.5", "2.14.2", "nonsense", ""] {
            assert!(check_version(bad).is_err(), "{bad}");
        }
    }
}
