//! A field that is filled by choosing from what the organization has.

use super::form::Form;
use crate::components::eager::Erase;
use leptos::prelude::*;

/// What is chosen from.
pub struct Pick<'a> {
    pub id: String,
    pub label: String,
    pub name: String,
    pub hint: &'static str,
    /// Values and their words.
    pub options: Vec<(String, String)>,
    /// What is chosen before anybody does.
    pub chosen: &'a str,
}

impl Pick<'_> {
    pub fn draw(self, form: &Form) -> AnyView {
        let Pick { id, label, name, hint, options, chosen } = self;
        let chosen = form.entered(&name).unwrap_or(chosen).to_owned();
        let hint_id = (!hint.is_empty()).then(|| format!("{id}-hint"));
        let said = hint_id.clone().map(|id| view! { <p class="hint" id=id>{hint}</p> });
        let options = options.into_iter().map(|(value, words)| {
            let on = value == chosen;
            view! { <option value=value selected=on>{words}</option> }
        });
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <select id=id name=name.clone() aria-describedby=hint_id data-testid=format!("field-{name}")>{options.collect_view()}</select>
                {said}
            </div>
        }
        .erased()
    }
}

/// Pairs of one word each.
pub fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned())).collect()
}
