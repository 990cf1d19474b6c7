//! How the organization's means are shared out, as people and agents read it.

use crate::Millis;
use serde::{Deserialize, Serialize};

/// The allocation that counts, and how it came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllocationView {
    /// By the agents' names.
    pub shares: Vec<ShareRow>,
    /// What was decided, newest first; the first of them counts. Empty: each weighs the same.
    pub decided: Vec<AllocationChange>,
    /// Whether the reader may write a brief about it.
    pub may_write: bool,
}

/// What one agent gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareRow {
    pub agent: String,
    /// Per mille.
    pub weight: u32,
    /// In millionths of a dollar, a day; `None`: nobody decided it, and its role file says none.
    pub budget_micro_usd: Option<i64>,
    /// The budget is its role file's: nobody decided it.
    pub is_of_role: bool,
}

/// An allocation that was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllocationChange {
    pub decision: String,
    pub brief: String,
    /// Of the brief.
    pub title: String,
    pub by: String,
    pub at: Millis,
    /// The shares in words.
    pub words: String,
}
