//! Keeping what Leptos makes for one request apart from every other.
//!
//! Leptos finds a request's contexts and signals by an `Owner` that it notes per thread. It leaves the note
//! behind when a page waits for something, and a request that begins or goes on there takes itself for a part of
//! that page: when the page's reader hangs up, it is cleaned up with it, and panics (`leptos_axum` 0.8.10,
//! `leptos_integration_utils` 0.8.9).

use leptos::prelude::Owner;
use std::{
    future::poll_fn,
    pin::pin,
    sync::{Arc, OnceLock},
};

/// What one request's answer belongs to: a page brings an owner of its own.
#[derive(Clone, Default)]
pub struct Own(Arc<OnceLock<Owner>>);

impl Own {
    /// Notes the owner that a page has made; called where its contexts are provided.
    pub fn page(&self) {
        if let Some(owner) = Owner::current() {
            let _ = self.0.set(owner);
        }
    }

    /// Works out the answer, each time with the request's own owner as the thread's.
    pub async fn answer<T>(&self, answer: impl Future<Output = T>) -> T {
        let first = Owner::new_root(None);
        let mut answer = pin!(answer);
        poll_fn(|context| {
            let owner = self.0.get().unwrap_or(&first);
            owner.with(|| answer.as_mut().poll(context))
        })
        .await
    }
}
