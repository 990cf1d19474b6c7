//! What silence means in each category of briefs, and how well agents ask.

use super::{
    away::{away, meaning, person},
    form::{Entry, Form, Shape},
    grants::{Proposed, grants},
    settings_nav::settings_nav,
};
use crate::{
    api::brief::set_policy::SetPolicy,
    components::{eager::Erase, icon::Icon},
    view::{brief as words, number, path},
};
use countersign_domain::reading::{Autonomy, BriefAuthorRow, BriefPolicyRow};
use leptos::{prelude::*, server_fn::ServerFn};

/// What silence may mean, as it is chosen.
const SILENCES: &[(&str, &str)] = &[
    ("hold", "Nothing: the brief keeps waiting"),
    ("as_declared", "What its author proposes takes effect, if it can be undone"),
    ("recommended", "The recommendation takes effect, if it can be undone"),
    ("delegate", "The person below decides from then on"),
];
/// Who settles a category, as it is chosen.
const SETTLERS: &[(&str, &str)] = &[("false", "A founder, or silence as said above"), ("true", "Founders alone")];

pub fn brief_rules(
    tenant: &str,
    reading: &Autonomy,
    authors: &[BriefAuthorRow],
    proposed: &Proposed,
    may_change: bool,
) -> AnyView {
    let rows = reading.policies.iter().map(policy).collect_view();
    let change = may_change.then(|| change(tenant, reading));
    view! {
        {settings_nav(tenant, "/settings/briefs")}
        <p class="page-note">
            "A brief says what happens if nobody decides by its deadline. It happens only where a founder let silence answer for its category, and only if it can be undone."
        </p>
        <section class="panel rules-panel" data-testid="policies">
            <h2>"What silence means"</h2>
            <table class="table narrow-words">
                <caption class="sr">"What silence means, by category"</caption>
                <thead><tr><th scope="col">"Category"</th><th scope="col">"If nobody decides"</th></tr></thead>
                <tbody data-live="policies">{rows}</tbody>
            </table>
            <p class="hint">"In every other category nothing happens: the brief keeps waiting."</p>
        </section>
        {change}
        {away(tenant, reading, may_change)}
        {grants(tenant, reading, proposed, may_change)}
        <section class="panel rules-panel" data-testid="authors">
            <h2>"How well agents ask"</h2>
            <div data-live="authors">{asking(tenant, authors)}</div>
        </section>
    }
    .erased()
}

fn policy(row: &BriefPolicyRow) -> AnyView {
    let words = match (row.is_fixed, row.is_reserved, &row.delegate) {
        (true, ..) => "Founders alone settle it, in every organization".to_owned(),
        (false, true, _) => "Founders alone settle it".to_owned(),
        (false, false, Some(name)) => format!("{name} decides it from then on, or while the founders are away"),
        (false, false, None) => meaning(&row.silence).to_owned(),
    };
    let icon = if row.is_reserved { "stamp" } else { "hourglass" };
    view! {
        <tr data-item=row.category.clone() data-testid="policy-row" data-category=row.category.clone()>
            <th scope="row">{words::category(&row.category)}</th>
            <td><span class="silence-words"><Icon name=icon/>{words}</span></td>
        </tr>
    }
    .erased()
}

fn change(tenant: &str, reading: &Autonomy) -> AnyView {
    let known = reading.policies.iter().filter(|row| !row.is_fixed).map(|row| row.category.clone()).collect();
    let form = Form::new("set-policy", SetPolicy::url(), vec![("tenant", tenant.to_owned())]);
    let category = form.field(Entry {
        label: "Category",
        name: "category",
        hint: "As briefs write it: small letters, digits and _",
        shape: Shape::Suggested(known),
        ..Entry::default()
    });
    let silence = form.field(Entry {
        label: "If nobody decides by the deadline",
        name: "silence",
        value: "hold".to_owned(),
        shape: Shape::Choice(SILENCES),
        ..Entry::default()
    });
    let delegate = person(&form, "policy-delegate", reading, "Who decides where a person does");
    let reserved = form.field(Entry {
        label: "Who settles it",
        name: "reserved",
        value: "false".to_owned(),
        hint: "Where founders alone do, silence never answers",
        shape: Shape::Choice(SETTLERS),
        ..Entry::default()
    });
    let reason = form.field(Entry { label: "Reason", name: "reason", hint: "Kept in the journal", ..Entry::default() });
    let inside = view! {
        {category}
        {silence}
        {delegate}
        {reserved}
        {reason}
        <button class="button primary">"Set what silence means"</button>
        <p class="hint">"Counts for briefs that wait already, too: each shows at once what will happen."</p>
    };
    view! {
        <section class="panel form-panel rules-panel">
            <h2>"Change it"</h2>
            {form.draw(inside.erased())}
        </section>
    }
    .erased()
}

fn asker(tenant: &str, author: &str) -> AnyView {
    if author == countersign_domain::name::FOUNDER {
        return view! { "By hand" }.erased();
    }
    view! { <a class="agent" href=path::agent(tenant, author)>{author.to_owned()}</a> }.erased()
}

/// How well each agent asks, as a table.
pub fn asking(tenant: &str, authors: &[BriefAuthorRow]) -> AnyView {
    if authors.is_empty() {
        return view! {
            <p class="muted">"No agent has asked yet. Each brief is read by rules first; one that a founder could not decide goes back to its author with all reasons."</p>
        }
        .erased();
    }
    let rows = authors.iter().map(|row| {
        view! {
            <tr data-testid="author-row">
                <th scope="row">{asker(tenant, &row.author)}</th>
                <td class="col-number">{number::grouped(row.taken.into())}</td>
                <td class="col-number">{number::grouped(row.refused.into())}</td>
                <td class="col-number">{format!("{} of 100", row.lint_score)}</td>
                <td class="col-time">{words::reading_time(row.reading_s)}</td>
            </tr>
        }
    });
    view! {
        <div class="scroll">
            <table class="table">
                <caption class="sr">"How well agents ask"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Agent"</th>
                        <th scope="col" class="col-number">"Taken"</th>
                        <th scope="col" class="col-number">"Sent back"</th>
                        <th scope="col" class="col-number">"Score"</th>
                        <th scope="col" class="col-time">"To read"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
        <p class="hint">"Score and time are means over all briefs of an agent that were taken."</p>
    }
    .erased()
}
