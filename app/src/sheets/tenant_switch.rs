//! The way to the other organizations of a person.

use crate::{
    components::{eager::Erase, icon::Icon},
    view::path,
};
use leptos::prelude::*;

/// Links to all but the one named `here` in addresses; `tenants` are (name in addresses, name). Nothing where there is
/// no other.
pub fn tenant_switch(here: &str, tenants: Vec<(String, String)>) -> String {
    let links: Vec<AnyView> = tenants
        .into_iter()
        .filter(|(slug, _)| slug != here)
        // Each loads a new page: nothing of one organization stays in memory in another.
        .map(|(slug, name)| view! { <li><a href=path::of_tenant(&slug, "") rel="external">{name}</a></li> }.erased())
        .collect();
    if links.is_empty() {
        return String::new();
    }
    view! {
        <details class="switcher" data-testid="tenant-switch">
            <summary><Icon name="undo-2"/><span class="side-label">"Switch organization"</span></summary>
            <ul>{links}</ul>
        </details>
    }
    .to_html()
}

#[cfg(test)]
mod tests {
    use super::tenant_switch;

    #[test]
    fn only_whoever_has_another_organization_can_switch() {
        let acme = || ("acme".to_owned(), "Acme".to_owned());
        assert_eq!(tenant_switch("acme", vec![acme()]), "");
        let html = tenant_switch("acme", vec![acme(), ("b".to_owned(), "<B>".to_owned())]);
        assert!(html.contains("/t/b") && html.contains("&lt;B&gt;") && !html.contains("/t/acme"), "{html}");
    }
}
