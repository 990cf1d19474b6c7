//! How the server says no to the browser.

use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

/// The one error of all server functions. Its display text is for people and says what to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(into = "String", from = "String")]
pub enum ApiError {
    #[error("Sign in to go on.")]
    SignedOut,
    #[error("This needs the role {needs}. A founder of your tenant can grant it.")]
    Forbidden { needs: String },
    /// The person has to prove again who they are.
    #[error("Confirm that it is you.")]
    StepUp,
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
            Self::Forbidden { .. } | Self::StepUp => 403,
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

/// As it travels: a word, what it is about, a colon and the message. One string is decoded by a
/// fraction of the code that an object of many forms takes.
impl From<ApiError> for String {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::SignedOut => "signed_out".to_owned(),
            ApiError::Forbidden { needs } => format!("forbidden {needs}"),
            ApiError::StepUp => "step_up".to_owned(),
            ApiError::NotFound => "not_found".to_owned(),
            ApiError::Conflict { message } => format!("conflict: {message}"),
            ApiError::Invalid { field, message } => format!("invalid {field}: {message}"),
            ApiError::Throttled { retry_after_s } => format!("throttled {retry_after_s}"),
            ApiError::Unavailable { message } => format!("unavailable: {message}"),
            ApiError::Unreachable { message } => format!("unreachable: {message}"),
        }
    }
}

impl From<String> for ApiError {
    fn from(text: String) -> Self {
        let (head, message) = text.split_once(": ").unwrap_or((&text, ""));
        let (word, about) = head.split_once(' ').unwrap_or((head, ""));
        let (about, message) = (about.to_owned(), message.to_owned());
        match word {
            "signed_out" => Self::SignedOut,
            "forbidden" => Self::Forbidden { needs: about },
            "step_up" => Self::StepUp,
            "not_found" => Self::NotFound,
            "conflict" => Self::Conflict { message },
            "invalid" => Self::Invalid { field: about, message },
            "throttled" => Self::Throttled { retry_after_s: about.parse().unwrap_or(60) },
            "unavailable" => Self::Unavailable { message },
            _ => Self::Unreachable { message },
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
    fn every_error_survives_the_way_to_the_browser() {
        let message = || "Give it a name: any will do.".to_owned();
        let errors = [
            ApiError::SignedOut,
            ApiError::Forbidden { needs: "founder".to_owned() },
            ApiError::StepUp,
            ApiError::NotFound,
            ApiError::Conflict { message: message() },
            ApiError::Invalid { field: "name".to_owned(), message: message() },
            ApiError::Invalid { field: String::new(), message: message() },
            ApiError::Throttled { retry_after_s: 30 },
            ApiError::Unavailable { message: message() },
            ApiError::Unreachable { message: message() },
        ];
        for error in errors {
            assert_eq!(ApiError::de(error.ser()), error);
        }
    }

    #[test]
    fn an_error_speaks_of_its_own_field_only() {
        let error = ApiError::Invalid { field: "name".to_owned(), message: "Give it a name.".to_owned() };
        assert_eq!(error.about("name").as_deref(), Some("Give it a name."));
        assert_eq!(error.about("email"), None);
    }

    #[test]
    fn what_the_browser_cannot_read_is_a_failure_of_transport() {
        assert!(matches!(ApiError::de("<html>".into()), ApiError::Unreachable { .. }));
    }
}
