//! How a use case says no.

use crate::ports::StoreError;
use countersign_domain::{Role, api_token::Scope};

/// Why a use case did not do what was asked. The display text is for people; causes stay inside.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("Sign in to go on.")]
    SignedOut,
    #[error("This needs the role {}.", .0.as_str())]
    Forbidden(Role),
    /// Allowed, once the actor has proven again who they are.
    #[error("Confirm that it is you.")]
    StepUp,
    /// A token asks for what it was not made for; `None` is what no token may do.
    #[error("{}", beyond(*.0))]
    OutOfScope(Option<Scope>),
    /// Absent, or not yours: the same answer.
    #[error("There is nothing here.")]
    NotFound,
    /// The state of things does not allow it (any more).
    #[error("{0}")]
    Conflict(String),
    /// What was entered in `field` cannot be used.
    #[error("{message}")]
    Invalid { field: &'static str, message: String },
    #[error("Too many tries. Try again in {retry_after_s} s.")]
    Throttled { retry_after_s: u32 },
    /// Postgres or the bus did not answer.
    #[error("{what} is not answering. Nothing was changed; try again in a moment.")]
    Unavailable {
        what: &'static str,
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    pub fn invalid(field: &'static str, message: impl ToString) -> Self {
        Self::Invalid { field, message: message.to_string() }
    }
}

fn beyond(scope: Option<Scope>) -> String {
    match scope {
        Some(scope) => format!("This token lacks the scope “{}”. Make one that has it.", scope.as_str()),
        None => "No token may do this. Sign in to the console.".to_owned(),
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Taken(what) | StoreError::Refused(what) => Self::Conflict(what),
            StoreError::Unavailable(cause) => Self::Unavailable { what: "The database", cause },
        }
    }
}
