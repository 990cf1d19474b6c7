//! One of the processes: started, stopped, killed and started again by the harness alone.

use crate::process;
use anyhow::{Context, bail};
use std::{future::Future, time::Duration};
use tokio::sync::Mutex;

/// How one kind of process is started and stopped.
pub trait Child: Sized + Send + 'static {
    const NAME: &'static str;
    /// What a start needs.
    type Recipe: Send + Sync + 'static;

    /// Returns when the process answers.
    fn start(recipe: &Self::Recipe) -> impl Future<Output = anyhow::Result<Self>> + Send;
    /// Stops it cleanly, or learns that it was killed; returns when it is gone.
    fn stop(self) -> impl Future<Output = ()> + Send;
    /// `None` when it has ended by itself.
    fn pid(&self) -> Option<u32>;
}

/// A process that may be there or not.
pub struct Unit<C: Child> {
    recipe: C::Recipe,
    child: Mutex<Option<C>>,
}

/// The proof that a process was killed and came back.
#[derive(Debug, Clone)]
pub struct Killed {
    pub name: &'static str,
    pub old: u32,
    pub new: u32,
}

impl<C: Child> Unit<C> {
    pub fn new(recipe: C::Recipe) -> Self {
        Self { recipe, child: Mutex::new(None) }
    }

    pub fn recipe(&self) -> &C::Recipe {
        &self.recipe
    }

    pub async fn start(&self) -> anyhow::Result<()> {
        let mut child = self.child.lock().await;
        if child.is_none() {
            *child = Some(C::start(&self.recipe).await.with_context(|| format!("start {}", C::NAME))?);
        }
        Ok(())
    }

    /// Stops it cleanly; it stays away until it is started.
    pub async fn stop(&self) {
        if let Some(child) = self.child.lock().await.take() {
            child.stop().await;
        }
    }

    /// The number of the running process. Errors: it is away, or has ended by itself.
    pub async fn pid(&self) -> anyhow::Result<u32> {
        self.with(|child| child.pid()).await?.with_context(|| format!("{} has ended by itself", C::NAME))
    }

    /// Asks the running child something.
    pub async fn with<T>(&self, ask: impl FnOnce(&mut C) -> T) -> anyhow::Result<T> {
        let mut child = self.child.lock().await;
        Ok(ask(child.as_mut().with_context(|| format!("{} is not running", C::NAME))?))
    }

    /// `kill -9`, and a new start after `down`. Nobody else touches the process meanwhile.
    pub async fn kill(&self, down: Duration) -> anyhow::Result<Killed> {
        let mut slot = self.child.lock().await;
        let child = slot.take().with_context(|| format!("{} is not running", C::NAME))?;
        let Some(old) = child.pid() else { bail!("{} had ended by itself before it was killed", C::NAME) };
        process::kill(old).await?;
        child.stop().await;
        tokio::time::sleep(down).await;
        let child = C::start(&self.recipe).await.with_context(|| format!("start {} again", C::NAME))?;
        let new = child.pid();
        *slot = Some(child);
        let Some(new) = new else { bail!("{} ended right after its start", C::NAME) };
        if new == old || !process::is_gone(old) {
            bail!("{} was to be killed, but {old} lives", C::NAME);
        }
        Ok(Killed { name: C::NAME, old, new })
    }
}
