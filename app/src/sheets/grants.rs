//! Where a founder lets an agent act on its own recommendations, and takes that back.

use super::{
    form::{Entry, Form, Shape},
    pick::{Pick, pairs},
};
use crate::{
    api::grant::{ask_signature::AskSignature, revoke::RevokeGrant},
    components::{badge::Badge, eager::Erase, hash_tag::HashTag, icon::Icon},
    view::{
        brief as words,
        face::{Face, Tone},
        path,
    },
};
use countersign_domain::reading::{Autonomy, GrantRow, Stand};
use leptos::{prelude::*, server_fn::ServerFn};

/// What an address proposes to grant.
#[derive(Debug, Clone, Default)]
pub struct Proposed {
    pub agent: String,
    pub category: String,
    pub confidence: String,
}

pub fn grants(tenant: &str, reading: &Autonomy, proposed: &Proposed, may_change: bool) -> AnyView {
    let rows = reading.grants.iter().map(|row| one(tenant, row, may_change)).collect_view();
    let none = reading.grants.is_empty().then(|| {
        view! { <p class="muted" data-testid="never-granted">"No agent acts by itself. A grant lets one do so in one category, within what you sign: ten minutes after everybody could see it on the brief, and never again after the first decision that was otherwise than it recommended."</p> }
    });
    let give = may_change.then(|| give(tenant, reading, proposed));
    view! {
        <section class="panel rules-panel acts" id="grants" tabindex="-1" aria-labelledby="grants-title" data-testid="grants">
            <h2 id="grants-title">"What agents may do by themselves"</h2>
            <ul class="autonomy" data-live="grants">{rows}</ul>
            {none}
            {give}
        </section>
    }
    .erased()
}

fn one(tenant: &str, row: &GrantRow, may_change: bool) -> AnyView {
    let face = match (row.is_damaged, row.stand, &row.ended) {
        (true, ..) => Face::new("Does not count: not what its founder signed", "octagon-x", Tone::Bad),
        (_, Stand::On | Stand::Ahead, _) => Face::new("Counts", "badge-check", Tone::Ok),
        (_, Stand::Over, Some(_)) => Face::new("Ended", "circle-slash", Tone::Quiet),
        (_, Stand::Over, None) => Face::new("Expired", "hourglass", Tone::Quiet),
    };
    let why = row.ended.as_ref().map(|(at, why)| {
        view! { <p class="autonomy-why" data-testid="grant-why">{format!("{}: {why}", at.to_words())}</p> }
    });
    let revoke = (may_change && row.stand == Stand::On).then(|| revoke(tenant, &row.id));
    view! {
        <li class="autonomy-row" data-item=row.id.clone() data-testid="grant-row" data-stand=format!("{:?}", row.stand).to_lowercase()>
            <p class="autonomy-head">
                <Badge face/>
                <a class="agent" href=path::agent(tenant, &row.agent)>{row.agent.clone()}</a>
                <span>{words::category(&row.category)}</span>
            </p>
            {why}
            <dl class="autonomy-terms">
                <div><dt>"Confidence at least"</dt><dd class="mono">{words::confidence(row.least_confidence_micro)}</dd></div>
                <div><dt>"A decision costs at most"</dt><dd class="mono">{row.most_cost.clone()}</dd></div>
                <div><dt>"Within 24 hours"</dt><dd>{format!("{} of {} used", row.used_today, row.most_a_day)}</dd></div>
                <div><dt>"Used in all"</dt><dd>{row.used.to_string()}</dd></div>
                <div><dt>"Until"</dt><dd>{row.until.to_words()}</dd></div>
                <div><dt>"Signed by"</dt><dd>{format!("{}, {}", row.by, row.at.to_words())}</dd></div>
            </dl>
            <p class="decision-hash"><span class="sub">"What the passkey signed: SHA-256 "</span><HashTag hex=row.sha256.clone() groups=4/></p>
            {revoke}
        </li>
    }
    .erased()
}

fn revoke(tenant: &str, id: &str) -> AnyView {
    let hidden = vec![("tenant", tenant.to_owned()), ("id", id.to_owned())];
    let form = Form::new(format!("revoke-grant-{id}"), RevokeGrant::url(), hidden);
    let open = form.is_refused();
    let reason = form.field(Entry {
        label: "Why you take it back",
        name: "reason",
        hint: "Its agent will read it",
        ..Entry::default()
    });
    let inside = view! {
        {reason}
        <button class="button danger small" data-testid="revoke-grant">"Take the grant back"</button>
    };
    view! {
        <details open=open>
            <summary>"Take it back"</summary>
            {form.draw(inside.erased())}
        </details>
    }
    .erased()
}

fn give(tenant: &str, reading: &Autonomy, proposed: &Proposed) -> AnyView {
    let form = Form::new("give-grant", AskSignature::url(), vec![("tenant", tenant.to_owned())]);
    let open = form.is_refused() || !proposed.agent.is_empty();
    let agents: Vec<(String, String)> = reading.agents.iter().map(|name| (name.clone(), name.clone())).collect();
    let agent = Pick {
        id: "grant-agent".to_owned(),
        label: "Agent".to_owned(),
        name: "agent".to_owned(),
        hint: "",
        options: pairs(&[("", "Choose an agent")]).into_iter().chain(agents).collect(),
        chosen: &proposed.agent,
    };
    let agent = agent.draw(&form);
    let category = form.field(Entry {
        label: "What it decides about",
        name: "category",
        hint: "Never what founders settle alone, and nothing about security",
        value: proposed.category.clone(),
        shape: Shape::Suggested(reading.categories.clone()),
        ..Entry::default()
    });
    let or = |text: &str, usual: &str| if text.is_empty() { usual.to_owned() } else { text.to_owned() };
    let confidence = form.field(Entry {
        label: "How sure it has to be, at least",
        name: "confidence",
        hint: "From 0 to 1, as its briefs say it",
        value: or(&proposed.confidence, "0.9"),
        ..Entry::default()
    });
    let cost = form.field(Entry {
        label: "Dollars that one decision costs, at most",
        name: "most_cost",
        hint: "What is dearer waits for you",
        value: "10".to_owned(),
        ..Entry::default()
    });
    let a_day = form.field(Entry {
        label: "Decisions within 24 hours, at most",
        name: "most_a_day",
        value: "3".to_owned(),
        shape: Shape::Number(1, 100),
        ..Entry::default()
    });
    let until = form.field(Entry {
        label: "Until the end of",
        name: "until",
        hint: "UTC, within 90 days. It ends then by itself",
        shape: Shape::Known("date", "off"),
        ..Entry::default()
    });
    let done = path::of_tenant(tenant, "/settings/briefs#grants");
    let sign = reading.may_sign.then(|| {
        view! {
            <div class="needs-passkeys commit-sign">
                <button type="button" class="button primary" data-passkey="grant" data-done=done data-testid="sign-grant">
                    <Icon name="key-round"/><span>"Grant it and sign"</span>
                </button>
                <p class="form-error" role="alert" hidden data-passkey-error="" data-testid="passkey-error"></p>
                <p class="hint">"Your passkey signs exactly this. The agent acts ten minutes after its brief said so, only on what can be undone. At the first decision that is otherwise than it recommended, the grant falls."</p>
            </div>
            <p class="hint passkeys-lack">"A grant is signed, and this browser gives no passkey here: nothing can be granted."</p>
        }
    });
    let lacks = (!reading.may_sign).then(|| {
        view! {
            <p class="hint" data-testid="grant-needs-passkey">
                "A grant is signed, and you have no passkey: nothing can be granted. "
                <a href=path::of_tenant(tenant, "/settings/security")>"Add a passkey"</a>" first."
            </p>
        }
    });
    let inside = view! {
        {agent}
        {category}
        {confidence}
        {cost}
        {a_day}
        {until}
        {sign}
        {lacks}
    };
    view! {
        <details open=open data-testid="give">
            <summary>"Let an agent act on its own recommendations"</summary>
            {form.draw(inside.erased())}
        </details>
    }
    .erased()
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_domain::Millis;

    fn reading(may_sign: bool) -> Autonomy {
        let row = GrantRow {
            id: "g1".to_owned(),
            by: "Ada <x>".to_owned(),
            at: Millis(0),
            agent: "cto".to_owned(),
            category: "small_refactorings".to_owned(),
            least_confidence_micro: 900_000,
            most_cost: "$10.00".to_owned(),
            most_a_day: 3,
            until: Millis(1),
            sha256: "ab".repeat(32),
            is_damaged: false,
            stand: Stand::Over,
            ended: Some((Millis(1), "Grace <decided> otherwise".to_owned())),
            used_today: 1,
            used: 12,
        };
        let agents = vec!["cto".to_owned(), "ceo".to_owned()];
        Autonomy { grants: vec![row], agents, may_sign, ..Autonomy::default() }
    }

    fn drawn(may_sign: bool, may_change: bool) -> String {
        let proposed =
            Proposed { agent: "cto".to_owned(), category: "\"><b>".to_owned(), confidence: "0.95".to_owned() };
        Owner::new().with(|| grants("acme", &reading(may_sign), &proposed, may_change).to_html())
    }

    #[test]
    fn a_link_fills_the_form_and_whatever_it_says_stays_text() {
        let html = drawn(true, true);
        for part in
            ["data-passkey=\"grant\"", "value=\"0.95\"", "small refactorings", "1 of 3 used", "0.90", "abab abab"]
        {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(html.contains("value=\"cto\" selected") || html.contains("selected value=\"cto\""), "{html}");
        for hostile in ["<x>", "<decided>", "\"><b>"] {
            assert!(!html.contains(hostile), "{hostile}: {html}");
        }
    }

    #[test]
    fn without_a_passkey_there_is_nothing_to_press_and_without_the_role_no_form() {
        let html = drawn(false, true);
        assert!(html.contains("you have no passkey") && !html.contains("data-passkey=\"grant\""), "{html}");
        assert!(!drawn(true, false).contains("give-grant"));
    }
}
