//! Whether an agent's queue is handed out, and by whose word not.

use super::form::{Entry, Form};
use crate::{
    api::{
        agent::{pause::PauseAgent, resume::ResumeAgent},
        breaker::{close::CloseBreaker, open::OpenBreaker},
    },
    components::{badge::Badge, eager::Erase, icon::Icon, time_ago::TimeAgo},
    view::{breaker, duration},
};
use countersign_domain::{
    breaker::{BAD_ENDS, BreakerState, OPEN_MS, WITHIN_MS},
    reading::{AgentRow, BreakerView, Closed},
};
use leptos::{prelude::*, server_fn::ServerFn};

/// What an emergency stop has paused goes on when that is lifted, and not before.
pub fn controls(tenant: &str, agent: &AgentRow, is_stopped: bool) -> AnyView {
    let form = |name: &'static str, act: &'static str| {
        Form::new(name, act, vec![("tenant", tenant.to_owned()), ("name", agent.name.clone())])
    };
    let pausing = match &agent.paused {
        Some(paused) if is_stopped => view! {
            {notice(paused)}
            <p class="hint">"It is stopped in an emergency. When the stop is lifted, its queue is as it was before."</p>
        }
        .erased(),
        Some(paused) => resume(form("resume", ResumeAgent::url()), paused),
        None => pause(form("pause", PauseAgent::url())),
    };
    let breaking = if agent.breaker.state == BreakerState::Closed {
        open(form("open-breaker", OpenBreaker::url()))
    } else {
        close(form("close-breaker", CloseBreaker::url()))
    };
    view! {
        {pausing}
        <h3>"Circuit breaker"</h3>
        {state(&agent.breaker)}
        {breaking}
    }
    .erased()
}

fn pause(form: Form) -> AnyView {
    let reason = form.field(Entry {
        label: "Reason to pause it",
        name: "reason",
        hint: "Whoever resumes it will want to know",
        ..Entry::default()
    });
    let inside = view! {
        {reason}
        <button class="button">"Pause agent"</button>
        <p class="hint">"No more tasks are handed out until you resume it. What it has it may finish; what is queued stays."</p>
    };
    form.draw(inside.erased())
}

fn resume(form: Form, paused: &Closed) -> AnyView {
    let inside = view! {
        <button class="button primary">"Resume agent"</button>
        <p class="hint">"Hands out its tasks again, the oldest first."</p>
    };
    view! {
        {notice(paused)}
        {form.draw(inside.erased())}
    }
    .erased()
}

fn notice(paused: &Closed) -> AnyView {
    let reason = paused.reason.clone().map(|reason| view! { ": "<q>{reason}</q> });
    view! {
        <p class="notice tone-warn" data-testid="paused">
            <Icon name="pause"/>
            <span>"Paused by "{paused.by.clone()}" "<TimeAgo at=paused.at/>{reason}</span>
        </p>
    }
    .erased()
}

fn state(view: &BreakerView) -> AnyView {
    let since = view.since.map(|at| view! { <span class="since"><TimeAgo at/></span> });
    let cause = view.cause.clone().map(|cause| view! { <p class="reason">{cause}</p> });
    let until = view.until.filter(|_| view.state == BreakerState::Open).map(|at| {
        view! { <p>"It lets one task through "<TimeAgo at/>"."</p> }
    });
    view! {
        <div class="breaker" data-testid="breaker" data-state=view.state.as_str()>
            <p><Badge face=breaker::face(view.state)/>{since}</p>
            <p>{breaker::meaning(view.state)}</p>
            {cause}
            {until}
        </div>
    }
    .erased()
}

fn open(form: Form) -> AnyView {
    let hint = format!(
        "Hands out no task for {}, then one at a time, as {BAD_ENDS} bad ends in a row within {} would.",
        duration::words(OPEN_MS),
        duration::words(WITHIN_MS)
    );
    let inside = view! {
        <button class="button danger">"Open breaker"</button>
        <p class="hint">{hint}</p>
    };
    form.draw(inside.erased())
}

fn close(form: Form) -> AnyView {
    let inside = view! {
        <button class="button">"Close breaker"</button>
        <p class="hint">"Hands out all its tasks again. If they end badly, it opens again."</p>
    };
    form.draw(inside.erased())
}
