//! What a form was answered with: shown in its page, this once.

use leptos::prelude::use_context;

/// Provided by the server to the page that it draws in answer to a form whose server function says something,
/// such as a secret that is kept nowhere. The browser has none: it takes such a page as it is.
#[derive(Clone)]
pub struct Revealed {
    act: String,
    text: String,
}

impl Revealed {
    /// `act` is the address of the server function, `text` its answer.
    pub fn new(act: String, text: String) -> Self {
        Self { act, text }
    }

    /// What the server function `act` answered, if this page is about that.
    pub fn by(act: &str) -> Option<String> {
        let revealed = use_context::<Self>()?;
        (revealed.act == act).then_some(revealed.text)
    }
}

/// It may be a secret.
impl std::fmt::Debug for Revealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Revealed").field("act", &self.act).finish_non_exhaustive()
    }
}
