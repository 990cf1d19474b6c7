//! One brief on the desk: the question, what its author recommends, the choices, and what they rest on beside them.

use super::{
    brief::head,
    brief_decide::{answer, form, is_blocked, version},
    brief_evidence::{evidence, heading},
    brief_lead::lead_words,
    brief_past::difference,
    brief_thread::thread,
    commit::sign_hint,
    deadline::deadline,
    form::{Entry, Shape},
    morning_order::progress,
};
use crate::{
    components::{eager::Erase, icon::Icon},
    view::{brief as words, number, path},
};
use countersign_domain::{
    Millis,
    brief::BriefState,
    reading::{BriefView, DeskItem, DeskView},
};
use leptos::prelude::*;

pub fn brief(tenant: &str, desk: &DeskView, brief: BriefView, now: Millis) -> AnyView {
    let id = brief.row.id.clone();
    let at = desk.items.iter().position(|item| item.row.id == id);
    let cost = at.map(|at| cost(&desk.items[at]));
    let (before, next) = match at {
        Some(at) => (at.checked_sub(1).and_then(|at| desk.items.get(at)), desk.items.get(at + 1)),
        None => (None, desk.items.first()),
    };
    let part = |name: &str| format!("{name} {}", brief.row.sha256);
    // What changes with every version, and is still about this brief alone.
    let of_it = |name: &str| format!("{name} {}", brief.row.id);
    let context = (!brief.context_html.is_empty()).then(|| {
        // Written element by element by the service: nothing of the author's is in it but text.
        view! {
            <section class="panel" data-testid="context">
                <h2>"Context"</h2>
                <div class="prose" inner_html=brief.context_html.clone()></div>
                <details data-testid="context-source">
                    <summary>"As it is written, word for word"</summary>
                    <pre class="payload" tabindex="0" aria-label="The context as it is written">{brief.context_source.clone()}</pre>
                </details>
            </section>
        }
    });
    view! {
        <div class="morning-body">
            <article class="brief" data-testid="brief" data-brief=id data-desk-title=brief.row.title.clone()>
                <div class="drawn" data-live=of_it("state")>{state(tenant, &brief, next)}</div>
                <div class="drawn" data-live=of_it("difference")>{difference(tenant, &brief)}</div>
                <div class="drawn" data-live=part("head")>{head(tenant, &brief, now)}</div>
                <div class="drawn" data-live=of_it("cost")>{cost}</div>
                <div class="drawn" data-live=part("lead")>{lead_words(&brief, None)}</div>
                <p class="notice tone-ok needs-desk" hidden data-desk-chosen="" data-testid="desk-chosen">
                    <Icon name="check"/><span data-desk-chosen-words=""></span>
                </p>
                <div class="drawn" data-desk-forms="">{decide(tenant, &brief)}</div>
                <div class="drawn" data-live=part("context")>{context}</div>
                <section class="panel acts" aria-labelledby="deadline-title">
                    <h2 id="deadline-title">"Deadline"</h2>
                    <div data-live=part("deadline")>{deadline(tenant, &brief, now)}</div>
                </section>
                <section class="panel" aria-labelledby="thread-title">
                    <h2 id="thread-title">"Questions"</h2>
                    {thread(tenant, &brief)}
                </section>
            </article>
            <aside class="morning-beside" aria-label="Evidence">
                <section class="panel" id="evidence" tabindex="-1" aria-labelledby="evidence-title" data-testid="evidence">
                    <div class="drawn" data-live=part("evidence")>
                        <h2 id="evidence-title">{heading(&brief.evidence)}</h2>
                        {evidence(tenant, &brief.evidence)}
                    </div>
                </section>
                <section class="panel morning-panel" hidden tabindex="-1" data-desk-panel="" aria-label="The evidence that is open" data-testid="desk-panel">
                    <p class="morning-panel-head">
                        <a href="" data-desk-panel-link="">"Open as a page"</a>
                        <button type="button" class="icon-button" data-desk-panel-close=""><Icon name="x"/><span class="sr">"Close the evidence"</span></button>
                    </p>
                    <div data-desk-panel-body=""></div>
                </section>
            </aside>
        </div>
        {lower_bar(tenant, desk, &brief, before, next)}
    }
    .erased()
}

/// What a day of waiting costs, and how that is counted.
fn cost(item: &DeskItem) -> AnyView {
    let cost = item.cost;
    let total = words::dollars(cost.total());
    let agents = number::counted(cost.agents.into(), "agent waits", "agents wait");
    let unknown = (cost.unknown > 0).then(|| {
        format!(
            " Of {} the cost is not known: it counts as nothing.",
            number::counted(cost.unknown.into(), "agent", "agents")
        )
    });
    let tasks = number::counted(
        cost.blocked_tasks.into(),
        "task of its trace has not ended",
        "tasks of its trace have not ended",
    );
    view! {
        <details class="morning-cost" data-testid="waiting-cost">
            <summary>"Waiting costs about "<strong class="mono">{format!("{total} a day")}</strong>{format!(": {agents}, {} between its options", words::dollars(cost.spread))}</summary>
            <div class="hint">
                <p>"How this is counted, and the order of the desk with it: "<strong>"what the agents that wait cost a day"</strong>", and "<strong>"the share of what the choice moves that a day uses up of the time left"</strong>"."</p>
                <ul>
                    <li>{format!("Agents: its author, and all with unfinished tasks in its trace. {agents}; {tasks}. Each counts with the mean of what it reported in 7 days, or else with the budget of its role: {} a day.{}", words::dollars(cost.idle), unknown.unwrap_or_default())}</li>
                    <li>{format!("Choice: its dearest option costs {} more than its cheapest. That, divided by the days left until the deadline (an hour at least): {} a day.", words::dollars(cost.spread), words::dollars(cost.stake))}</li>
                </ul>
                <p>"It compares briefs. It is no bill, and no agent is charged for it."</p>
            </div>
        </details>
    }
    .erased()
}

/// What became of it while the reader was here.
fn state(tenant: &str, brief: &BriefView, next: Option<&DeskItem>) -> Option<AnyView> {
    let row = &brief.row;
    let when = row.decided_at.map(|at| format!(" on {}", at.to_words())).unwrap_or_default();
    let what = match (row.state, &row.decided_by) {
        (BriefState::Open, _) if row.is_overdue => {
            return Some(
                view! {
                    <p class="notice tone-warn" role="status" data-testid="desk-overdue"><Icon name="hourglass"/>"Its deadline has passed, and nothing happened by it. It waits still, and can be decided."</p>
                }
                .erased(),
            );
        }
        (BriefState::Open, _) => return None,
        (BriefState::Snoozed, _) => "This brief is put off. It can be decided all the same.".to_owned(),
        (_, Some(name)) => format!("{name} decided this brief{when}: {}.", row.outcome.clone().unwrap_or_default()),
        (_, None) => format!("Nobody decided this brief in time; silence did{when}."),
    };
    let (href, word) = match next {
        Some(next) => (path::desk(tenant, &next.row.id), "Go on with the next"),
        None => (path::desk(tenant, ""), "Back to the desk"),
    };
    let receipt = path::brief(tenant, &row.id);
    Some(
        view! {
            <div class="notice tone-warn" role="status" data-testid="desk-state">
                <Icon name="circle-alert"/>
                <span>{what}" "<a href=receipt>"See its page"</a>" · "<a href=href>{word}</a></span>
            </div>
        }
        .erased(),
    )
}

fn decide(tenant: &str, brief: &BriefView) -> AnyView {
    if !brief.may_decide {
        let missed = form("decide", tenant, brief).missed();
        return view! {
            <section class="panel" aria-labelledby="decide-title">
                <h2 id="decide-title">"Options"</h2>
                {missed}
                {super::brief_options::cards(brief)}
            </section>
        }
        .erased();
    }
    let blocked = is_blocked(brief);
    let decide = form("decide", tenant, brief);
    let inside = view! {
        {version(brief)}
        {answer(&decide, brief)}
        <button class="button primary" disabled=blocked aria-describedby=blocked.then_some("blocked") data-testid="desk-commit">
            <span class="needs-desk">"Put it into the batch"</span>
            <span class="desk-lacks"><Icon name="stamp"/>"Decide, unsigned"</span>
        </button>
        <p class="hint needs-desk">"Nothing is decided yet. The batch is decided at the end, with one touch."</p>
        <p class="hint desk-lacks" data-testid="desk-lacks">"A batch needs script, which does not run here: each brief is decided by itself, unsigned. It counts after 10 seconds, in which you can take it back."</p>
    };
    let reject = form("reject", tenant, brief);
    let open = reject.is_refused();
    let reason = reject.field(Entry {
        label: "Why nothing of it is to be done",
        name: "rationale",
        hint: "Its author will read it",
        shape: Shape::Line,
        ..Entry::default()
    });
    let rejection = view! {
        <input type="hidden" name="choice" value="none"/>
        {version(brief)}
        {reason}
        <button class="button danger" data-testid="desk-reject">
            <span class="needs-desk">"Put the rejection into the batch"</span>
            <span class="desk-lacks">"Reject, unsigned"</span>
        </button>
    };
    let accept = form("accept", tenant, brief);
    let taken = view! {
        <input type="hidden" name="choice" value=brief.recommendation.key.clone()/>
        {version(brief)}
    };
    view! {
        <section class="panel acts decide" id="decide" tabindex="-1" aria-labelledby="decide-title" data-testid="decide-panel">
            <h2 id="decide-title">"Choose"</h2>
            {decide.draw(inside.erased())}
            <details open=open data-testid="reject">
                <summary data-key="r">"Reject all of it with a reason"</summary>
                {reject.draw(rejection.erased())}
            </details>
            {accept.draw(taken.erased())}
            {brief.may_sign.then(sign_hint)}
        </section>
    }
    .erased()
}

/// At the lower edge wherever one reads.
fn lower_bar(
    tenant: &str,
    desk: &DeskView,
    brief: &BriefView,
    before: Option<&DeskItem>,
    next: Option<&DeskItem>,
) -> AnyView {
    let accept = brief.may_decide.then(|| {
        let key = brief.recommendation.key.clone();
        let blocked = is_blocked(brief);
        let id = form("accept", tenant, brief).id();
        view! {
            <button class="button primary" form=id data-key="e" disabled=blocked aria-describedby=blocked.then_some("blocked") data-testid="desk-accept">
                <Icon name="stamp"/>
                <span class="needs-desk">"Take "{key.clone()}</span>
                <span class="desk-lacks">"Accept "{key}", unsigned"</span>
                <kbd aria-hidden="true">"e"</kbd>
            </button>
        }
    });
    let links = brief.may_decide.then(|| {
        [("#decide", "list-checks", "Other", None), ("#ask-question", "send", "Ask", Some("a")), ("#snooze", "clock", "Snooze", Some("h"))]
            .map(|(href, icon, word, key)| {
                let shown = key.map(|key| view! { <kbd aria-hidden="true">{key}</kbd> });
                view! { <a class="button" href=href rel="external" data-key=key><Icon name=icon/><span>{word}</span>{shown}</a> }
            })
            .collect_view()
    });
    let way = |item: Option<&DeskItem>, icon: &'static str, word: &'static str, which: &'static str| {
        item.map(|item| {
            view! {
                <a class="button" href=path::desk(tenant, &item.row.id) data-desk-go=which title=item.row.title.clone()>
                    <Icon name=icon/><span class="sr">{word}</span>
                </a>
            }
        })
    };
    view! {
        <div class="brief-bar morning-lower" role="group" aria-label="Decide" data-testid="desk-bar">
            {accept}
            {links}
            <span class="morning-ways">
                {way(before, "chevron-left", "Brief before", "before")}
                <span class="sr" data-live=format!("place {}", brief.row.id)>{progress(desk, Some(&brief.row.id))}</span>
                {way(next, "chevron-right", "Next brief", "next")}
            </span>
        </div>
    }
    .erased()
}
