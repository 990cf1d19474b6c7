//! How the server says no to the browser.

use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

/// The one error of all server functions. Its display text is for people and says what to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum ApiError {
    #[error("Sign in to go on.")]
    SignedOut,
    #[error("This needs the role {needs}. A founder of your tenant can grant it.")]
    Forbidden { needs: String },
    #[error("There is nothing here.")]
    NotFound,
    #[error("{message}")]
    Conflict { message: String },
    #[error("{message}")]
    Invalid { field: String, message: String },
    #[error("Too many tries. Try again in {retry_after_s} s.")]
    Throttled { retry_after_s: u32 },
    #[error("{message}")]
    Unavailable { message: String },
    /// The answer, or the question, did not arrive in a form that could be read.
    #[error("The server could not be reached. Check the connection, then try again.")]
    Unreachable { message: String },
}

impl ApiError {
    /// The HTTP status that goes with it.
    pub fn status(&self) -> u16 {
        match self {
            Self::SignedOut => 401,
            Self::Forbidden { .. } => 403,
            Self::NotFound => 404,
            Self::Conflict { .. } => 409,
            Self::Invalid { .. } => 422,
            Self::Throttled { .. } => 429,
            Self::Unavailable { .. } => 503,
            Self::Unreachable { .. } => 400,
        }
    }

    /// What is wrong with the entry in `field`, if that is what this error is about.
    pub fn about(&self, field: &str) -> Option<String> {
        match self {
            Self::Invalid { field: wrong, message } if wrong == field => Some(message.clone()),
            _ => None,
        }
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Self::Invalid {
                field: String::new(),
                message: "The request lacks something. Reload the page.".to_owned(),
            },
            other => Self::Unreachable { message: other.to_string() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_survives_the_way_to_the_browser() {
        let error = ApiError::Invalid { field: "name".to_owned(), message: "Give it a name.".to_owned() };
        assert_eq!(ApiError::de(error.ser()), error);
        assert_eq!(error.about("name").as_deref(), Some("Give it a name."));
        assert_eq!(error.about("email"), None);
    }

    #[test]
    fn what_the_browser_cannot_read_is_a_failure_of_transport() {
        assert!(matches!(ApiError::de("<html>".into()), ApiError::Unreachable { .. }));
    }
}
