//! Whether single sign-on works, and whether it is the only way in.

use super::form::Form;
use crate::{
    api::sso::enforce::EnforceSso,
    components::{badge::Badge, command::Command, eager::Erase, time_ago::TimeAgo},
    view::{
        face::{Face, Tone},
        path,
    },
};
use countersign_domain::reading::SsoView;
use leptos::{prelude::*, server_fn::ServerFn};

/// What is known of the provider of `view`, with a test; people begin at `start_url`.
pub fn door(tenant: &str, start_url: &str, view: SsoView) -> AnyView {
    let face = match (view.enforced, view.last_sign_in) {
        (true, _) => Face::new("Required", "badge-check", Tone::Ok),
        (false, Some(_)) => Face::new("Optional", "check", Tone::Ok),
        (false, None) => Face::new("Not tested yet", "hourglass", Tone::Warn),
    };
    let signed_in = match view.last_sign_in {
        Some(at) => view! { <TimeAgo at/> }.into_any(),
        None => view! { "nobody yet" }.into_any(),
    };
    let refused = view.last_refusal.map(|(why, at)| {
        view! {
            <div>
                <dt>"Last refusal"</dt>
                <dd><TimeAgo at/>": "{why.words()}"."</dd>
            </div>
        }
    });
    let domains = view.domains.iter().map(|domain| domain.as_str().to_owned()).collect::<Vec<_>>().join(", ");
    view! {
        <section class="panel form-panel" data-testid="sso-state">
            <h2>"Sign-in"</h2>
            <div class="drawn" data-live="sso-state">
                <dl class="facts">
                    <div><dt>"State"</dt><dd><Badge face/></dd></div>
                    <div><dt>"For addresses in"</dt><dd>{domains}</dd></div>
                    <div><dt>"Last sign-in"</dt><dd>{signed_in}</dd></div>
                    {refused}
                </dl>
                <h3>"Where people begin"</h3>
                <p class="hint">"The sign-in page offers it to addresses of these domains. This address leads there at once:"</p>
                <Command text=start_url.to_owned() label="the address where people begin"/>
                {test(tenant)}
                <h3>{if view.enforced { "Single sign-on is required" } else { "Require single sign-on" }}</h3>
                {enforcement(tenant, view.enforced)}
            </div>
        </section>
    }
    .erased()
}

/// A form of its own kind: its answer leads to the provider.
fn test(tenant: &str) -> AnyView {
    let next = path::of_tenant(tenant, "/settings/sso");
    view! {
        <form class="act" method="post" action=format!("/sso/{tenant}/start") data-testid="test-sso">
            <input type="hidden" name="next" value=next/>
            <input type="hidden" name="link" value="1"/>
            <button class="button">"Test it"</button>
            <p class="hint">"Takes you to the provider, signs you in anew by what it says of you, and comes back here. You confirm by it that from now on the provider may sign in as you."</p>
        </form>
    }
    .erased()
}

fn enforcement(tenant: &str, enforced: bool) -> AnyView {
    let hidden = vec![("tenant", tenant.to_owned()), ("enforced", (!enforced).to_string())];
    let form = Form::new("enforce-sso", EnforceSso::url(), hidden);
    let inside = if enforced {
        view! {
            <button class="button">"Make single sign-on optional"</button>
            <p class="hint">"People may sign in by password and passkey again."</p>
        }
        .into_any()
    } else {
        view! {
            <p>"People of these domains then enter through the provider alone, and their other sessions end; yours here stays. Two ways stay open for the day that the provider fails:"</p>
            <ul class="bullets">
                <li>"a founder's passkey: add one at “Your security” first"</li>
                <li>"the operator's command "<code>{format!("countersign sso optional {tenant}")}</code></li>
            </ul>
            <button class="button">"Require single sign-on"</button>
        }
        .into_any()
    };
    form.draw(inside)
}
