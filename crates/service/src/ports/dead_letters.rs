//! The dead-letter desk.

use super::StoreError;
use async_trait::async_trait;
use countersign_domain::{
    Act, Millis, ReplayId, TaskId, TenantId,
    reading::{DeadLetterDetail, DeadLetters as Desk, LetterQuery, ReplayPreview},
};

/// The texts of a letter's task and of the last one that went well, for comparing.
#[derive(Debug, Clone)]
pub struct LetterText {
    pub detail: DeadLetterDetail,
    pub payload: String,
    pub good_payload: Option<String>,
}

#[async_trait]
pub trait DeadLetters: Send + Sync {
    async fn desk(&self, tenant: TenantId, query: &LetterQuery, now: Millis) -> Result<Desk, StoreError>;
    /// The letter of the task `id`. `last_good`'s comparison is left empty for the caller to fill in.
    async fn letter(&self, tenant: TenantId, id: TaskId) -> Result<LetterText, StoreError>;
    /// What a replay of the waiting letters that match would touch; `seconds` is left 0.
    async fn preview(&self, tenant: TenantId, query: &LetterQuery) -> Result<ReplayPreview, StoreError>;
    /// Does one again, with another payload where one is given. [`StoreError::Refused`] where it does not
    /// wait any more.
    async fn replay(
        &self,
        tenant: TenantId,
        letter: TaskId,
        payload: Option<String>,
        act: Act,
    ) -> Result<TaskId, StoreError>;
    /// Does again all waiting letters that match, `every_ms` apart, oldest first. Answers how many.
    async fn replay_all(
        &self,
        tenant: TenantId,
        query: &LetterQuery,
        run: ReplayId,
        every_ms: i64,
        act: Act,
    ) -> Result<u64, StoreError>;
    /// Calls off what of the order has not reached the bus; those letters wait again. Answers how many.
    async fn stop(&self, tenant: TenantId, run: ReplayId, act: Act) -> Result<u64, StoreError>;
    /// [`StoreError::Refused`] where it does not wait any more.
    async fn dismiss(&self, tenant: TenantId, letter: TaskId, reason: String, act: Act) -> Result<(), StoreError>;
}
