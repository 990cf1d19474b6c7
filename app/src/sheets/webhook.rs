//! One webhook: its switches, and what was sent to it.

use super::{form::Form, settings_nav::settings_nav, webhooks::made};
use crate::{
    api::webhook::{replay::ReplayDelivery, rotate::RotateWebhook, switch::SwitchWebhook, test::TestWebhook},
    components::{badge::Badge, eager::Erase, time_ago::TimeAgo},
    view::face::{Face, Tone},
};
use countersign_domain::{
    notice::NoticeKind,
    webhook::{DeliveryRow, DeliveryState, WebhookRow, WebhookShape},
};
use leptos::{prelude::*, server_fn::ServerFn};

pub fn webhook(tenant: &str, row: &WebhookRow, deliveries: Vec<DeliveryRow>) -> AnyView {
    let sent = if deliveries.is_empty() {
        view! { <p class="muted">"Nothing was sent yet. Try the address, or wait for something to wait."</p> }.erased()
    } else {
        let rows = deliveries.into_iter().map(|one| delivery(tenant, one)).collect_view();
        view! { <ul class="people">{rows}</ul> }.erased()
    };
    view! {
        <h1 class="webhook-name">{row.name.clone()}</h1>
        {settings_nav(tenant, "/settings/webhooks")}
        {made()}
        <section class="panel token-panel" data-testid="webhook">
            <div class="credential-head">{badge(row)}<code class="key">{row.host.clone()}</code></div>
            {facts(row)}
            {acts(tenant, row)}
        </section>
        <section class="panel" data-live="deliveries">
            <h2>"Deliveries"</h2>
            {sent}
        </section>
    }
    .erased()
}

pub fn badge(row: &WebhookRow) -> AnyView {
    let face = match (&row.off, row.failing_since) {
        (Some(_), _) => Face::new("Off", "ban", Tone::Bad),
        (None, Some(_)) => Face::new("Failing", "triangle-alert", Tone::Warn),
        (None, None) => Face::new("On", "check", Tone::Ok),
    };
    view! { <Badge face/> }.erased()
}

/// What is known of one, in small print.
pub fn facts(row: &WebhookRow) -> AnyView {
    let kinds: Vec<&str> =
        row.kinds.iter().filter_map(|word| word.parse::<NoticeKind>().ok()).map(NoticeKind::words).collect();
    let shape = match row.shape {
        WebhookShape::Signed => "signed JSON",
        WebhookShape::Chat => "chat messages",
    };
    let off = row.off.clone().map(|(at, why)| view! { " Off since "<TimeAgo at/>": "{why} });
    let failing = row.failing_since.filter(|_| row.off.is_none());
    let failing = failing.map(|at| view! { " · nothing taken since "<TimeAgo at/> });
    let taken = row.last_taken.map(|at| view! { " · last taken "<TimeAgo at/> });
    let waiting = (row.waiting > 0).then(|| format!(" · {} on the way", row.waiting));
    let old = row.old_until.map(|at| view! { " · the secret of before counts until "<TimeAgo at/> });
    view! {
        <p class="credential-facts">
            {shape}" · made "<TimeAgo at=row.made_at/>" by "{row.made_by.clone()}{taken}{failing}{waiting}{old}{off}
        </p>
        <p class="credential-facts">{kinds.join(" · ")}</p>
    }
    .erased()
}

fn acts(tenant: &str, row: &WebhookRow) -> AnyView {
    let id = row.id.to_string();
    let hidden = || vec![("tenant", tenant.to_owned()), ("id", id.clone())];
    let is_on = row.off.is_none();
    let test = is_on.then(|| {
        Form::new("test-webhook", TestWebhook::url(), hidden())
            .draw(view! { <button class="button small">"Try the address"</button> }.erased())
    });
    let rotate = (row.shape == WebhookShape::Signed).then(|| {
        Form::new("rotate-webhook", RotateWebhook::url(), hidden())
            .draw(view! { <button class="button small">"Change the secret"</button> }.erased())
    });
    let turn = vec![("tenant", tenant.to_owned()), ("id", id.clone()), ("on", (!is_on).to_string())];
    let word = if is_on { "Switch off" } else { "Switch on" };
    let class = if is_on { "button small danger" } else { "button small" };
    let switch = Form::new("switch-webhook", SwitchWebhook::url(), turn)
        .draw(view! { <button class=class>{word}</button> }.erased());
    view! {
        <div class="webhook-acts">{test}{rotate}{switch}</div>
        <p class="hint">"After a change of the secret both are valid for a day. What waits for a webhook that is off is given up, and can be sent again from here."</p>
    }
    .erased()
}

fn delivery(tenant: &str, row: DeliveryRow) -> AnyView {
    let (face, when) = match row.state {
        DeliveryState::Waiting { next_at } => (
            if row.tries == 0 {
                Face::new("Waiting", "hourglass", Tone::Info)
            } else {
                Face::new("Retrying", "rotate-cw", Tone::Warn)
            },
            view! { "next try "<TimeAgo at=next_at/> }.erased(),
        ),
        DeliveryState::Taken(at) => (Face::new("Taken", "check", Tone::Ok), view! { "taken "<TimeAgo at/> }.erased()),
        DeliveryState::GivenUp(at) => {
            (Face::new("Given up", "ban", Tone::Bad), view! { "given up "<TimeAgo at/> }.erased())
        }
    };
    let tries = match row.tries {
        0 => "not tried yet".to_owned(),
        1 => "tried once".to_owned(),
        more => format!("tried {more} times"),
    };
    let status = row.status.map(|status| format!(" · answered {status}"));
    let took = row.took_ms.map(|ms| format!(" in {ms} ms"));
    let why = row.why.map(|why| view! { <p class="hint">{why}</p> });
    let body = row.body.map(|body| {
        view! {
            <details class="person-change">
                <summary>"What was sent"</summary>
                <pre class="payload" tabindex="0" aria-label="Body">{body}</pre>
            </details>
        }
    });
    let done = !matches!(row.state, DeliveryState::Waiting { .. });
    let replay = done.then(|| {
        let hidden = vec![("tenant", tenant.to_owned()), ("id", row.id.clone())];
        let inside =
            view! { <button class="button small">"Send again"<span class="sr">" "{row.id.clone()}</span></button> };
        Form::new(format!("replay-{}", row.id), ReplayDelivery::url(), hidden).draw(inside.erased())
    });
    view! {
        <li class="person" data-item=row.id.clone() data-testid="delivery-row">
            <div class="person-head">
                <span class="person-name">{row.topic.clone()}</span>
                <Badge face/>
            </div>
            <p class="credential-facts"><code class="key">{row.id.clone()}</code></p>
            <p class="credential-facts">"Made "<TimeAgo at=row.made_at/>" · "{tries}{status}{took}" · "{when}</p>
            {why}
            {body}
            {replay}
        </li>
    }
    .erased()
}
