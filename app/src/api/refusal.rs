//! A form that was refused: its page comes back with the error and with all that was entered.

use super::ApiError;
use countersign_domain::reading::Provable;
use leptos::prelude::use_context;

/// Provided by the server to the page that it draws in answer to a form that it refused. The browser has
/// none: it takes such a page as it is.
#[derive(Debug, Clone)]
pub struct Refusal {
    act: String,
    error: ApiError,
    entered: Vec<(String, String)>,
    proof: Option<Provable>,
}

impl Refusal {
    /// `act` is the address of the server function that refused; `entered` are the form's entries.
    pub fn new(act: String, error: ApiError, entered: Vec<(String, String)>) -> Self {
        Self { act, error, entered, proof: None }
    }

    /// The form is to ask who sends it, by one of these ways.
    pub fn asking(self, proof: Option<Provable>) -> Self {
        Self { proof, ..self }
    }

    pub fn proof(&self) -> Option<Provable> {
        self.proof
    }

    /// That of the form which asks for `act` with these entries hidden in it, if it was that one.
    pub fn of(act: &str, with: &[(&'static str, String)]) -> Option<Self> {
        let refusal = use_context::<Self>()?;
        let same = |(name, value): &(&'static str, String)| refusal.entered(name) == Some(value);
        (refusal.act == act && with.iter().all(same)).then_some(refusal)
    }

    pub fn error(&self) -> &ApiError {
        &self.error
    }

    /// Whether `value` was among what was chosen as `name`.
    pub fn has_entered(&self, name: &str, value: &str) -> bool {
        self.entered.iter().any(|(entry, chosen)| entry == name && chosen == value)
    }

    /// All that was entered, by the names of the fields.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entered.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// What was entered in the field `name`.
    pub fn entered(&self, name: &str) -> Option<&str> {
        self.entered.iter().find(|(entry, _)| entry == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leptos::prelude::{Owner, provide_context};

    #[test]
    fn of_two_forms_that_look_alike_only_the_refused_one_comes_back() {
        Owner::new().with(|| {
            let entered = [("id", "b"), ("reason", "")].map(|(name, value)| (name.to_owned(), value.to_owned()));
            provide_context(Refusal::new("/api/letter/dismiss".to_owned(), ApiError::NotFound, entered.into()));
            let of = |act, id: &str| Refusal::of(act, &[("id", id.to_owned())]).is_some();
            assert!(of("/api/letter/dismiss", "b"));
            assert!(!of("/api/letter/dismiss", "a"));
            assert!(!of("/api/letter/replay", "b"));
        });
    }
}
