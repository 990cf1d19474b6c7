//! A person's own address: whether it is confirmed, and another one.

use super::form::{Entry, Form, Shape};
use crate::{
    api::account::{ask_verification::AskVerification, change_address::ChangeAddress},
    components::{badge::Badge, eager::Erase, icon::Icon, time_ago::TimeAgo},
    view::face::{Face, Tone},
};
use countersign_domain::{Millis, reading::Address};
use leptos::{prelude::*, server_fn::ServerFn};

pub fn address(tenant: &str, reading: Address) -> AnyView {
    let Address { email, verified_at, asked, held } = reading;
    let badge = if verified_at.is_some() {
        view! { <Badge face=Face::new("Confirmed", "check", Tone::Ok)/> }.erased()
    } else {
        view! { <Badge face=Face::new("Not confirmed", "triangle-alert", Tone::Warn)/> }.erased()
    };
    let pending = asked
        .filter(|(to, _)| verified_at.is_none() || *to != email)
        .map(|(to, until)| if held { waiting(&to) } else { pending(&to, &email, until) });
    let again = verified_at.is_none().then(|| ask(tenant));
    view! {
        <section class="panel form-panel" data-testid="address">
            <h2>"E-mail address"</h2>
            <p class="address-now">
                <span class="person-name">{email.clone()}</span>
                {badge}
            </p>
            {pending}
            {again}
            {other(tenant)}
        </section>
    }
    .erased()
}

fn pending(to: &str, now: &str, until: Millis) -> AnyView {
    let what = if to == now {
        "Open the link there to confirm your address."
    } else {
        "Until the link there is opened, you sign in with the address above."
    };
    view! {
        <p class="notice tone-info" data-testid="address-asked">
            <Icon name="send"/>
            <span>"A mail with a link is on its way to "<b>{to.to_owned()}</b>". "{what}" It ends "<TimeAgo at=until/>"."</span>
        </p>
    }
    .erased()
}

fn waiting(to: &str) -> AnyView {
    view! {
        <p class="notice tone-warn" data-testid="address-asked">
            <Icon name="triangle-alert"/>
            <span>"This server has no mail server, so the link to "<b>{to.to_owned()}</b>" waits. Whoever runs it can name one with "<code>"--smtp-url"</code>" and "<code>"--mail-from"</code>"; then ask for a link here."</span>
        </p>
    }
    .erased()
}

fn ask(tenant: &str) -> AnyView {
    let inside = view! {
        <button class="button small">"Send a link to confirm it"</button>
        <p class="hint">"A confirmed address is the way back in if you forget your password."</p>
    };
    Form::new("ask-verification", AskVerification::url(), vec![("tenant", tenant.to_owned())]).draw(inside.erased())
}

fn other(tenant: &str) -> AnyView {
    let form = Form::new("change-address", ChangeAddress::url(), vec![("tenant", tenant.to_owned())]);
    let open = form.is_refused();
    let email = form.field(Entry {
        label: "New address",
        name: "email",
        shape: Shape::Known("email", "email"),
        ..Entry::default()
    });
    let inside = view! {
        {email}
        <button class="button">"Change address"</button>
        <p class="hint">"It counts once you have opened the link that is sent there. The address that you have now is told."</p>
    };
    view! {
        <details class="person-change" open=open>
            <summary>"Use another address"</summary>
            {form.draw(inside.erased())}
        </details>
    }
    .erased()
}
