//! What a form was answered with: shown in its page, this once.

use leptos::prelude::use_context;

/// Provided by the server to the page that it draws in answer to a form whose server function says something,
/// such as a secret that is kept nowhere. The browser has none: it takes such a page as it is.
#[derive(Clone)]
pub struct Revealed {
    act: String,
    text: String,
    entered: Vec<(String, String)>,
}

impl Revealed {
    /// `act` is the address of the server function, `text` its answer; `entered` are the form's entries.
    pub fn new(act: String, text: String, entered: Vec<(String, String)>) -> Self {
        Self { act, text, entered }
    }

    /// What the server function `act` answered, if this page is about that.
    pub fn by(act: &str) -> Option<String> {
        Self::of(act).map(|revealed| revealed.text)
    }

    /// What was entered in the field `name` of the form that it answers.
    pub fn entered(act: &str, name: &str) -> Option<String> {
        Self::of(act)?.entered.into_iter().find(|(entry, _)| entry == name).map(|(_, value)| value)
    }

    fn of(act: &str) -> Option<Self> {
        use_context::<Self>().filter(|revealed| revealed.act == act)
    }
}

/// It may be a secret.
impl std::fmt::Debug for Revealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Revealed").field("act", &self.act).finish_non_exhaustive()
    }
}
