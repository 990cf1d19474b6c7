//! A TCP link that can break: a small proxy that stands between two of the processes.

use anyhow::{Context, bail};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream, UnixStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
};

/// What a link does with connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Pass,
    /// Half-open: connections stand and new ones are accepted, every byte is taken and none arrives,
    /// and neither side is told. Connections that lost bytes are reset when the mode ends.
    BlackHole,
    /// Nobody listens: standing connections are reset, new ones refused.
    Refuse,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upstream {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// A listening address of its own that leads to an upstream. Dropping it ends all its connections.
#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    upstream: Mutex<Option<Upstream>>,
    mode: watch::Sender<Mode>,
    /// What the accepting task has carried out.
    done: watch::Sender<Mode>,
    cuts: watch::Sender<u64>,
    passed: AtomicU64,
    swallowed: AtomicU64,
    open: AtomicU64,
}

impl Link {
    /// Listens on a port that the operating system chooses.
    pub async fn open(upstream: Option<Upstream>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("a port for a link")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            upstream: Mutex::new(upstream),
            mode: watch::Sender::new(Mode::Pass),
            done: watch::Sender::new(Mode::Pass),
            cuts: watch::Sender::new(0),
            passed: AtomicU64::new(0),
            swallowed: AtomicU64::new(0),
            open: AtomicU64::new(0),
        });
        let task = tokio::spawn(serve(listener, address, Arc::clone(&shared)));
        Ok(Self { address, shared, task })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// For connections from now on: a restarted process may listen elsewhere.
    pub fn lead_to(&self, upstream: Upstream) {
        *self.shared.upstream.lock().expect("nobody panics with it") = Some(upstream);
    }

    /// Returns when the mode is in force.
    pub async fn set(&self, mode: Mode) -> anyhow::Result<()> {
        let mut done = self.shared.done.subscribe();
        self.shared.mode.send_replace(mode);
        if done.wait_for(|done| *done == mode).await.is_err() {
            bail!("the link at {} has ended", self.address);
        }
        Ok(())
    }

    /// Resets the standing connections, once; answers how many there were.
    pub fn cut(&self) -> u64 {
        let open = self.shared.open.load(Ordering::Relaxed);
        self.shared.cuts.send_modify(|cuts| *cuts += 1);
        open
    }

    /// Bytes that were taken and never delivered, so far.
    pub fn swallowed(&self) -> u64 {
        self.shared.swallowed.load(Ordering::Relaxed)
    }

    /// Bytes that were delivered, so far.
    pub fn passed(&self) -> u64 {
        self.shared.passed.load(Ordering::Relaxed)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, address: SocketAddr, shared: Arc<Shared>) {
    let mut modes = shared.mode.subscribe();
    let mut connections = JoinSet::new();
    let mut door = Door::Open(listener);
    loop {
        let mode = *modes.borrow_and_update();
        door = match (mode, door) {
            (Mode::Refuse, Door::Open(listener)) => {
                drop(listener);
                connections.shutdown().await;
                match reserve(address) {
                    Ok(socket) => Door::Shut(socket),
                    Err(_) => return,
                }
            }
            (Mode::Pass | Mode::BlackHole, Door::Shut(socket)) => match open(socket) {
                Ok(listener) => Door::Open(listener),
                Err(_) => return,
            },
            (_, door) => door,
        };
        shared.done.send_replace(mode);
        loop {
            let accept = async {
                match &door {
                    Door::Open(listener) => listener.accept().await,
                    Door::Shut(_) => std::future::pending().await,
                }
            };
            tokio::select! {
                changed = modes.changed() => match changed {
                    Ok(()) => break,
                    Err(_) => return,
                },
                accepted = accept => {
                    if let Ok((client, _)) = accepted {
                        connections.spawn(carry(client, Arc::clone(&shared)));
                    }
                }
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

/// Where connections arrive, or are refused while the port stays ours.
enum Door {
    Open(TcpListener),
    /// Bound but not listening.
    Shut(TcpSocket),
}

/// Takes the port although connections of its last listener are still there, and then lets nobody else
/// do the same.
fn reserve(address: SocketAddr) -> std::io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.set_reuseaddr(false)?;
    Ok(socket)
}

/// Its connections inherit the option, and must not stand in the way of the next [`reserve`].
fn open(socket: TcpSocket) -> std::io::Result<TcpListener> {
    socket.set_reuseaddr(true)?;
    socket.listen(1024)
}

/// Counts itself among the open connections for as long as it lives.
struct Open<'a>(&'a Shared);

impl<'a> Open<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.open.fetch_add(1, Ordering::Relaxed);
        Self(shared)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One connection, until a side ends it, a cut, or the end of a mode that made it lose bytes.
async fn carry(mut client: TcpStream, shared: Arc<Shared>) {
    let _open = Open::new(&shared);
    // A reset, not an orderly end, whatever the reason: so does a process that was killed.
    let _ = client.set_zero_linger();
    let _ = client.set_nodelay(true);
    if *shared.mode.borrow() == Mode::BlackHole {
        let mut nothing = Vec::new();
        let swallowing = swallow(&mut client, &mut nothing, &shared);
        return until_mode_ends(&shared, swallowing).await;
    }
    let upstream = shared.upstream.lock().expect("nobody panics with it").clone();
    match upstream {
        Some(Upstream::Tcp(address)) => {
            if let Ok(mut server) = TcpStream::connect(address).await {
                let _ = server.set_nodelay(true);
                let _ = server.set_zero_linger();
                let (from, to) = (client.split(), server.split());
                both_ways(from, to, &shared).await;
            }
        }
        Some(Upstream::Unix(path)) => {
            if let Ok(mut server) = UnixStream::connect(path).await {
                let (from, to) = (client.split(), server.split());
                both_ways(from, to, &shared).await;
            }
        }
        None => {}
    }
}

async fn both_ways<A, B, C, D>((mut a, mut b): (A, B), (mut c, mut d): (C, D), shared: &Shared)
where
    A: AsyncRead + Unpin,
    B: AsyncWrite + Unpin,
    C: AsyncRead + Unpin,
    D: AsyncWrite + Unpin,
{
    let mut cuts = shared.cuts.subscribe();
    tokio::select! {
        () = pump(&mut a, &mut d, shared) => {}
        () = pump(&mut c, &mut b, shared) => {}
        _ = cuts.changed() => {}
    }
}

/// Carries bytes one way; ends with the reader, the writer, or the mode that swallowed some.
async fn pump(from: &mut (impl AsyncRead + Unpin), to: &mut (impl AsyncWrite + Unpin), shared: &Shared) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut buffer).await.unwrap_or(0);
        if *shared.mode.borrow() == Mode::BlackHole {
            shared.swallowed.fetch_add(read as u64, Ordering::Relaxed);
            // The other side is not told of an end either.
            let swallowing = swallow(from, &mut buffer, shared);
            return until_mode_ends(shared, swallowing).await;
        }
        if read == 0 || to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
        shared.passed.fetch_add(read as u64, Ordering::Relaxed);
    }
}

async fn swallow(from: &mut (impl AsyncRead + Unpin), buffer: &mut Vec<u8>, shared: &Shared) {
    buffer.resize(16 * 1024, 0);
    loop {
        match from.read(buffer).await {
            Ok(0) | Err(_) => return std::future::pending().await,
            Ok(read) => shared.swallowed.fetch_add(read as u64, Ordering::Relaxed),
        };
    }
}

async fn until_mode_ends(shared: &Shared, swallowing: impl Future<Output = ()>) {
    let mut modes = shared.mode.subscribe();
    tokio::select! {
        () = swallowing => {}
        _ = modes.wait_for(|mode| *mode != Mode::BlackHole) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// A server that says back what it hears.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.split();
                    let _ = tokio::io::copy(&mut read, &mut write).await;
                });
            }
        });
        address
    }

    async fn said_back(stream: &mut TcpStream, text: &[u8]) -> bool {
        let mut heard = vec![0; text.len()];
        stream.write_all(text).await.is_ok() && stream.read_exact(&mut heard).await.is_ok() && heard == text
    }

    #[tokio::test]
    async fn a_black_hole_takes_every_byte_tells_nobody_and_resets_at_its_end() {
        let link = Link::open(Some(Upstream::Tcp(echo().await))).await.unwrap();
        let mut before = TcpStream::connect(link.address()).await.unwrap();
        assert!(said_back(&mut before, b"hello").await);

        link.set(Mode::BlackHole).await.unwrap();
        let mut during = TcpStream::connect(link.address()).await.unwrap();
        for stream in [&mut before, &mut during] {
            stream.write_all(b"into the dark").await.unwrap();
            let heard = tokio::time::timeout(Duration::from_millis(200), stream.read_u8()).await;
            assert!(heard.is_err(), "neither an answer nor an end: {heard:?}");
        }
        assert_eq!(link.swallowed(), 26);

        link.set(Mode::Pass).await.unwrap();
        for stream in [&mut before, &mut during] {
            assert!(stream.read_u8().await.is_err(), "reset");
        }
        assert!(said_back(&mut TcpStream::connect(link.address()).await.unwrap(), b"again").await);
    }

    #[tokio::test]
    async fn a_refusing_link_keeps_its_port_and_comes_back_on_it() {
        let link = Link::open(Some(Upstream::Tcp(echo().await))).await.unwrap();
        let mut before = TcpStream::connect(link.address()).await.unwrap();
        assert!(said_back(&mut before, b"hello").await);
        for _ in 0..3 {
            link.set(Mode::Refuse).await.unwrap();
            assert!(TcpStream::connect(link.address()).await.is_err());
            assert!(std::net::TcpListener::bind(link.address()).is_err(), "nobody else gets the port");
            link.set(Mode::Pass).await.unwrap();
            assert!(said_back(&mut TcpStream::connect(link.address()).await.unwrap(), b"again").await);
        }
        assert!(before.read_u8().await.is_err(), "standing connections were reset");
    }

    #[tokio::test]
    async fn a_cut_ends_what_stands_and_nothing_after() {
        let link = Link::open(Some(Upstream::Tcp(echo().await))).await.unwrap();
        let mut before = TcpStream::connect(link.address()).await.unwrap();
        assert!(said_back(&mut before, b"hello").await);
        assert_eq!(link.cut(), 1);
        assert!(before.read_u8().await.is_err());
        assert!(said_back(&mut TcpStream::connect(link.address()).await.unwrap(), b"again").await);
    }
}
