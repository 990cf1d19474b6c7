//! Watching a server from outside: its `/readyz`, its memory, and whether a founder can still act.

use crate::process;
use anyhow::Context;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::{JoinHandle, JoinSet},
    time::timeout,
};

const EVERY: Duration = Duration::from_millis(100);
/// A probe that takes longer has no answer, as an orchestrator would say.
const PATIENCE: Duration = Duration::from_secs(5);

/// One answer over HTTP.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

/// One request as any program can send it.
pub async fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> anyhow::Result<Answer> {
    let mut stream = TcpStream::connect(address).await?;
    let length = body.len();
    let mut request = format!("{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: {length}\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{request}\r\n{body}").as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").context("an answer has a head")?;
    let status = head.split_whitespace().nth(1).and_then(|word| word.parse().ok()).context("a status")?;
    Ok(Answer { status, body: body.to_owned() })
}

/// What one probe learnt.
#[derive(Debug, Clone)]
pub struct Probe {
    pub asked: Instant,
    pub answered: Instant,
    /// The word that `/readyz` said; `None`: no answer in time.
    pub word: Option<String>,
}

impl Probe {
    fn is_ok(&self) -> bool {
        self.word.as_deref() == Some("ok")
    }
}

/// Asks every 100 ms until it is dropped, whether earlier probes were answered or not.
pub struct Watch {
    probes: Arc<Mutex<Vec<Probe>>>,
    memory: Arc<Mutex<Vec<(Instant, u64)>>>,
    task: JoinHandle<()>,
}

impl Watch {
    /// Watches the server `pid`, whose console is at `console`.
    pub fn start(console: SocketAddr, pid: u32) -> Self {
        let (probes, memory) = (Arc::default(), Arc::default());
        let task = tokio::spawn(watch(console, pid, Arc::clone(&probes), Arc::clone(&memory)));
        Self { probes, memory, task }
    }

    fn probes(&self) -> Vec<Probe> {
        self.probes.lock().expect("nobody panics with it").clone()
    }

    /// How long after `fault` the first probe was answered with anything but `ok`, and with what.
    pub fn flipped_after(&self, fault: Instant) -> Option<(Duration, String)> {
        let probes = self.probes();
        let flips = probes.iter().filter(|probe| probe.answered >= fault && !probe.is_ok());
        let (at, word) = flips.filter_map(|probe| Some((probe.answered, probe.word.clone()?))).min()?;
        Some((at - fault, word))
    }

    /// How long after `mended` the answers were `ok` for good.
    pub fn recovered_after(&self, mended: Instant) -> Option<Duration> {
        let mut probes = self.probes();
        probes.sort_unstable_by_key(|probe| probe.asked);
        let since = probes.iter().rposition(|probe| !probe.is_ok()).map_or(0, |last| last + 1);
        let first = probes.get(since..)?.iter().find(|probe| probe.asked >= mended)?;
        Some(first.answered - mended)
    }

    /// Probes without an answer since `fault`.
    pub fn unanswered_since(&self, fault: Instant) -> usize {
        self.probes().iter().filter(|probe| probe.asked >= fault && probe.word.is_none()).count()
    }

    /// Whether the last probes said `ok`.
    pub fn is_ok(&self) -> bool {
        self.probes().last().is_some_and(Probe::is_ok)
    }

    /// Resident memory over time, in KiB.
    pub fn memory(&self) -> Vec<(Instant, u64)> {
        self.memory.lock().expect("nobody panics with it").clone()
    }

    /// The most memory since `from`, in KiB.
    pub fn most_memory_since(&self, from: Instant) -> u64 {
        self.memory().iter().filter(|(at, _)| *at >= from).map(|(_, kib)| *kib).max().unwrap_or(0)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn watch(console: SocketAddr, pid: u32, probes: Arc<Mutex<Vec<Probe>>>, memory: Arc<Mutex<Vec<(Instant, u64)>>>) {
    let mut asking = JoinSet::new();
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tick.tick().await;
        if let Some(kib) = process::resident_kib(pid) {
            memory.lock().expect("nobody panics with it").push((Instant::now(), kib));
        }
        let probes = Arc::clone(&probes);
        asking.spawn(async move {
            let asked = Instant::now();
            let answer = timeout(PATIENCE, ask(console, "GET", "/readyz", &[], "")).await;
            let word = answer.ok().and_then(Result::ok).map(|answer| word_of(&answer));
            let probe = Probe { asked, answered: Instant::now(), word };
            probes.lock().expect("nobody panics with it").push(probe);
        });
        while asking.try_join_next().is_some() {}
    }
}

fn word_of(answer: &Answer) -> String {
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
    body["status"].as_str().map_or_else(|| format!("status {}", answer.status), str::to_owned)
}

/// Creates an agent as a browser's form does; answers the status.
pub async fn create_agent(console: SocketAddr, cookie: &str, name: &str) -> anyhow::Result<u16> {
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Accept", "application/json"),
        ("Sec-Fetch-Site", "same-origin"),
        ("Cookie", cookie),
    ];
    let form = format!("tenant=acme&name={name}&delegates_to=");
    let asked = ask(console, "POST", "/api/agent/create", &headers, &form);
    Ok(timeout(Duration::from_secs(30), asked).await.context("no answer within 30 s")??.status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_flip_is_an_answer_and_a_recovery_lasts() {
        let base = Instant::now();
        let at = |ms: u64| base + Duration::from_millis(ms);
        let probe = |asked, answered, word: Option<&str>| Probe {
            asked: at(asked),
            answered: at(answered),
            word: word.map(str::to_owned),
        };
        let watch = Watch {
            probes: Arc::new(Mutex::new(vec![
                probe(0, 5, Some("ok")),
                probe(100, 5_100, None),
                probe(200, 900, Some("degraded")),
                probe(6_000, 6_010, Some("ok")),
                probe(6_100, 6_110, Some("degraded")),
                probe(6_200, 6_210, Some("ok")),
            ])),
            memory: Arc::default(),
            task: tokio::spawn(std::future::pending()),
        };
        assert_eq!(watch.flipped_after(at(100)), Some((Duration::from_millis(800), "degraded".to_owned())));
        assert_eq!(watch.recovered_after(at(6_000)), Some(Duration::from_millis(210)));
        assert_eq!(watch.unanswered_since(at(50)), 1);
    }
}
