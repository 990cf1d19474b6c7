use super::eager::Erase;
use leptos::prelude::*;

/// A select of a filter: each option by its value and its word.
#[component]
pub fn Choice(
    name: &'static str,
    label: &'static str,
    options: Vec<(String, String)>,
    chosen: String,
) -> impl IntoView {
    let options = options
        .into_iter()
        .map(|(value, word)| {
            let on = value == chosen;
            view! { <option value=value selected=on prop:selected=on>{word}</option> }
        })
        .collect_view();
    view! {
        <label class="choice">
            <span class="sr">{label}</span>
            <select name=name>{options}</select>
        </label>
    }
    .patched()
}

/// Options that are their own words, after the one that does not narrow.
pub fn named(any: &str, names: &[String], chosen: &str) -> Vec<(String, String)> {
    let first = (String::new(), any.to_owned());
    let rest = names.iter().map(|name| (name.clone(), name.clone()));
    with_chosen(std::iter::once(first).chain(rest).collect(), chosen)
}

/// What the address asks for is offered even where the list does not know it.
pub fn with_chosen(mut options: Vec<(String, String)>, chosen: &str) -> Vec<(String, String)> {
    if options.iter().all(|(value, _)| value != chosen) {
        options.push((chosen.to_owned(), chosen.to_owned()));
    }
    options
}
