//! The pages of settings, as links at the top of each.

use crate::{components::eager::Erase, view::path};
use leptos::prelude::*;

/// Pages by their address below the tenant's. Each says by itself whom it is not for.
const PAGES: &[(&str, &str)] = &[
    ("/settings/security", "Your security"),
    ("/settings/members", "Members"),
    ("/settings/mail", "Mail"),
    ("/settings/sso", "Single sign-on"),
    ("/settings/briefs", "Briefs"),
    ("/settings/notifications", "Notifications"),
    ("/settings/webhooks", "Webhooks"),
    ("/settings/tokens", "API tokens"),
];

/// `here` is the address of the page that it stands on.
pub fn settings_nav(tenant: &str, here: &str) -> AnyView {
    let links = PAGES.iter().map(|(rest, word)| {
        let on = *rest == here;
        view! {
            <a class="chip" class:is-on=on href=path::of_tenant(tenant, rest) aria-current=on.then_some("page")>{*word}</a>
        }
    });
    view! { <nav class="chips settings-nav" aria-label="Settings">{links.collect_view()}</nav> }.erased()
}
