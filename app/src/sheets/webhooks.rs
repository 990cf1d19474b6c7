//! Where what waits is sent.

use super::{
    form::{Entry, Form, Shape, Tick},
    settings_nav::settings_nav,
    webhook::{badge, facts},
};
use crate::{
    api::{
        revealed::Revealed,
        webhook::{make::MakeWebhook, rotate::RotateWebhook},
    },
    components::{command::Command, eager::Erase},
    view::path,
};
use countersign_domain::{notice::NoticeKind, webhook::WebhookRow};
use leptos::{prelude::*, server_fn::ServerFn};

/// What is sent, as it is chosen.
const SHAPES: &[(&str, &str)] =
    &[("signed", "Signed JSON, for a program of yours"), ("chat", "A chat message (Slack, Mattermost and the like)")];

/// `once` names the form, so that it makes one webhook however often it is sent.
pub fn webhooks(tenant: &str, (rows, may_change): (Vec<WebhookRow>, bool), once: &str) -> AnyView {
    let none = rows.is_empty().then(|| {
        view! { <p class="muted">"None yet. What waits is told by mail alone, to whoever asks for it under Notifications."</p> }
    });
    let lines = rows.into_iter().map(|row| line(tenant, &row)).collect_view();
    let form = may_change.then(|| form(tenant, once));
    view! {
        {settings_nav(tenant, "/settings/webhooks")}
        <p class="page-note">
            "A webhook tells a program of yours what waits, with the hash of it. It is sent at least once, tried for a day, and decides nothing."
        </p>
        {made()}
        <section class="panel token-panel">
            <h2>"Webhooks"</h2>
            <div data-live="none">{none}</div>
            <ul class="credentials" data-live="webhooks">{lines}</ul>
        </section>
        {form}
    }
    .erased()
}

fn line(tenant: &str, row: &WebhookRow) -> AnyView {
    let to = path::webhook(tenant, &row.id.to_string());
    view! {
        <li class="credential" data-item=row.id.to_string() data-testid="webhook-row">
            <div class="credential-head">
                {badge(row)}
                <a class="session-device" href=to>{row.name.clone()}</a>
                <code class="key">{row.host.clone()}</code>
            </div>
            {facts(row)}
        </li>
    }
    .erased()
}

/// The only sight of a new secret.
pub fn made() -> Option<AnyView> {
    let secret = Revealed::by(MakeWebhook::url()).or_else(|| Revealed::by(RotateWebhook::url()))?;
    if secret.is_empty() {
        return Some(
            view! {
                <p class="notice tone-ok" role="status" data-testid="webhook-made">
                    <span>"The webhook is made. Open it, and try its address."</span>
                </p>
            }
            .erased(),
        );
    }
    Some(
        view! {
            <section class="panel token-panel token-made" data-testid="secret-made">
                <h2 tabindex="-1" autofocus=true>"Copy the secret now"</h2>
                <p class="panel-note">"It is shown this once and kept sealed. If it is lost, change it: the one of before counts for a day."</p>
                <Command text=secret label="secret"/>
            </section>
        }
        .erased(),
    )
}

fn form(tenant: &str, once: &str) -> AnyView {
    let form = Form::new("make-webhook", MakeWebhook::url(), vec![("tenant", tenant.to_owned())]);
    let name = form.field(Entry {
        label: "Name",
        name: "name",
        hint: "What listens there, such as “on-call”",
        ..Entry::default()
    });
    let url = form.field(Entry {
        label: "Address",
        name: "url",
        hint: "https:// and public. It is kept sealed; pages show its host alone.",
        shape: Shape::Known("url", "off"),
        ..Entry::default()
    });
    let shape = form.field(Entry {
        label: "What is sent",
        name: "shape",
        value: "signed".to_owned(),
        shape: Shape::Choice(SHAPES),
        ..Entry::default()
    });
    let kind = |kind: &NoticeKind| Tick {
        value: kind.as_str(),
        label: kind.words(),
        on: !matches!(kind, NoticeKind::WebhookOff | NoticeKind::BriefSilent),
    };
    let kinds = form.ticks("kinds", "It is told when", NoticeKind::ALL.iter().map(kind).collect());
    // Not among what tells this form from others: the page that refuses it has another.
    let once = view! { <input type="hidden" name="once" value=once.to_owned()/> };
    let inside = view! {
        {once}
        {name}
        {url}
        {shape}
        {kinds}
        <button class="button primary">"Make webhook"</button>
        <p class="hint">"The secret of signed JSON is shown once, on the next page. What waits already is not sent."</p>
    };
    view! {
        <section class="panel form-panel">
            <h2>"New webhook"</h2>
            {form.draw(inside.erased())}
        </section>
    }
    .erased()
}
