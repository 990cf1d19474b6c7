//! Keeps one child process running.

use std::future::Future;
use std::time::Duration;

use rustix::process::{Pid, kill_process};
use tokio::process::{Child, Command};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::EmbeddedError;
use super::backoff::Backoff;
use super::leash::Leash;
use super::leftovers::Ladder;
use super::log_file::LogFile;

/// Recovery after a crash may take its time; longer than this is a fault.
const READY_WITHIN: Duration = Duration::from_mins(2);
const ASK_AGAIN: Duration = Duration::from_millis(25);

/// What a child is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChildStatus {
    /// Started, or about to be, and does not answer yet.
    Starting,
    /// Answers.
    Ready { pid: u32 },
    /// Ended for this `cause`; will be started again after the delay.
    Waiting { cause: String, delay: Duration },
    /// Stopped because it was asked to, or never got ready.
    Stopped,
}

impl ChildStatus {
    /// Whether the child answers.
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Ready { .. })
    }
}

/// One kind of child: how it starts, when it is ready, how it stops.
pub(super) trait Charge: Send + Sync + 'static {
    const NAME: &'static str;
    /// What is tried, one after the other, before `SIGKILL`.
    const STOP: Ladder;

    /// Makes room (stops leftovers, writes files) and gives the command.
    fn prepare(&self) -> impl Future<Output = Result<Command, EmbeddedError>> + Send;
    /// One look whether the child answers; the error says why not.
    fn ready(&self) -> impl Future<Output = Result<(), String>> + Send;
    /// Ends what may remain after the child itself has ended.
    fn tidy(&self) -> impl Future<Output = Result<(), EmbeddedError>> + Send;
    fn log(&self) -> &LogFile;
    /// The user who runs the child, for error texts.
    fn user(&self) -> &str;
}

/// A child under supervision. Dropping it stops the child in the background.
#[derive(Debug)]
pub(super) struct Supervised {
    stop: CancellationToken,
    status: watch::Receiver<ChildStatus>,
    task: Option<JoinHandle<()>>,
}

impl Supervised {
    /// Returns when the child answers. If its first run fails there is no
    /// second: that is a fault of the installation, and its error is returned.
    pub(super) async fn start(charge: impl Charge) -> Result<Self, EmbeddedError> {
        let (status, seen) = watch::channel(ChildStatus::Starting);
        let (first, outcome) = oneshot::channel();
        let stop = CancellationToken::new();
        let supervisor = Supervisor { charge, stop: stop.clone(), status };
        let task = Some(tokio::spawn(supervisor.run(first)));
        let supervised = Self { stop, status: seen, task };
        match outcome.await {
            Ok(Ok(())) => Ok(supervised),
            Ok(Err(error)) => Err(error),
            // Only when the runtime itself is shutting down.
            Err(_) => Err(EmbeddedError::io("supervise", "child")(std::io::ErrorKind::Interrupted.into())),
        }
    }

    pub(super) fn status(&self) -> watch::Receiver<ChildStatus> {
        self.status.clone()
    }

    /// Stops the child and waits until it is gone.
    pub(super) async fn stop(mut self) {
        self.stop.cancel();
        if let Some(task) = self.task.take() {
            let _ = task.await;
        }
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

type First = Option<oneshot::Sender<Result<(), EmbeddedError>>>;

/// How one run of the child ended.
enum Run {
    Stopped,
    Died { cause: EmbeddedError, lived: Duration },
}

impl Run {
    fn failed(cause: EmbeddedError) -> Self {
        Self::Died { cause, lived: Duration::ZERO }
    }
}

struct Supervisor<C> {
    charge: C,
    stop: CancellationToken,
    status: watch::Sender<ChildStatus>,
}

impl<C: Charge> Supervisor<C> {
    async fn run(self, first: oneshot::Sender<Result<(), EmbeddedError>>) {
        let mut first = Some(first);
        let mut backoff = Backoff::default();
        match Leash::tie(C::NAME) {
            Ok(leash) => loop {
                let Run::Died { cause, lived } = self.once(&leash, &mut first).await else { break };
                if let Some(first) = first.take() {
                    let _ = first.send(Err(cause));
                    break;
                }
                let delay = backoff.after(lived);
                tracing::warn!(child = C::NAME, %cause, ?delay, "a child ended and will be started again");
                self.status.send_replace(ChildStatus::Waiting { cause: cause.to_string(), delay });
                if self.stop.run_until_cancelled(sleep(delay)).await.is_none() {
                    break;
                }
                self.status.send_replace(ChildStatus::Starting);
            },
            Err(error) => {
                let _ = first.take().map(|first| first.send(Err(self.spawn_error(error))));
            }
        }
        if let Err(error) = self.charge.tidy().await {
            tracing::warn!(child = C::NAME, %error, "something remains of a stopped child");
        }
        self.status.send_replace(ChildStatus::Stopped);
    }

    async fn once(&self, leash: &Leash, first: &mut First) -> Run {
        let command = match self.stop.run_until_cancelled(self.charge.prepare()).await {
            None => return Run::Stopped,
            Some(Err(error)) => return Run::failed(error),
            Some(Ok(command)) => command,
        };
        let mut child = match leash.spawn(command).await {
            Err(error) => return Run::failed(self.spawn_error(error)),
            Ok(child) => child,
        };
        tokio::select! {
            run = self.accompany(&mut child, first) => run,
            () = self.stop.cancelled() => {
                shut_down(&mut child, C::STOP).await;
                Run::Stopped
            }
        }
    }

    /// Waits until the child is ready, says so, and waits until it ends.
    async fn accompany(&self, child: &mut Child, first: &mut First) -> Run {
        let mut why = String::new();
        let ready = async {
            while let Err(not_yet) = self.charge.ready().await {
                why = not_yet;
                sleep(ASK_AGAIN).await;
            }
        };
        tokio::select! {
            ended = child.wait() => return Run::failed(self.exited(ended)),
            ready = timeout(READY_WITHIN, ready) => if ready.is_err() {
                shut_down(child, C::STOP).await;
                let (log, said) = self.last_words();
                return Run::failed(EmbeddedError::NotReady { name: C::NAME, within: READY_WITHIN, why, log, said });
            }
        }
        let pid = child.id().unwrap_or_default();
        tracing::info!(child = C::NAME, pid, "ready");
        self.status.send_replace(ChildStatus::Ready { pid });
        if let Some(first) = first.take() {
            let _ = first.send(Ok(()));
        }
        let since = Instant::now();
        let cause = self.exited(child.wait().await);
        Run::Died { cause, lived: since.elapsed() }
    }

    fn exited(&self, ended: std::io::Result<std::process::ExitStatus>) -> EmbeddedError {
        let (log, said) = self.last_words();
        match ended {
            Ok(status) => EmbeddedError::Exited { name: C::NAME, status, log, said },
            Err(error) => EmbeddedError::io("wait for", C::NAME)(error),
        }
    }

    fn last_words(&self) -> (std::path::PathBuf, String) {
        (self.charge.log().path().to_owned(), self.charge.log().tail())
    }

    fn spawn_error(&self, source: std::io::Error) -> EmbeddedError {
        EmbeddedError::Spawn { program: C::NAME.to_owned(), user: self.charge.user().to_owned(), source }
    }
}

/// Sends the signals one after the other until the child has ended.
async fn shut_down(child: &mut Child, ladder: Ladder) {
    for (signal, patience) in ladder {
        // The number is ours as long as the child was not waited for.
        if let Some(pid) = child.id().and_then(|pid| Pid::from_raw(pid.cast_signed())) {
            let _ = kill_process(pid, *signal);
        }
        if timeout(*patience, child.wait()).await.is_ok() {
            return;
        }
        tracing::warn!(pid = child.id(), ?signal, "a child does not stop on this signal");
    }
    let _ = child.kill().await;
}
