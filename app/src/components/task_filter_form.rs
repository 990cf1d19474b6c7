use super::eager::Erase;
use super::{
    choice::{Choice, named, with_chosen},
    icon::Icon,
    nav::Tenant,
};
use crate::view::{
    path,
    task_filter::{SPANS, TaskFilter},
    task_state,
};
use countersign_domain::task::TaskState;
use leptos::{
    ev::{Event, SubmitEvent},
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{FormData, HtmlElement, HtmlFormElement},
};
use leptos_router::hooks::use_navigate;

/// The filter of the task list: a plain form whose entries are the address. With script it applies
/// itself and leaves empty entries out of the address.
#[component]
pub fn TaskFilterForm(filter: TaskFilter, agents: Vec<String>, kinds: Vec<String>, tenant: String) -> impl IntoView {
    let base = path::of_tenant(&tenant, "/tasks");
    let navigate = use_navigate();
    let address = base.clone();
    let submit = move |event: SubmitEvent| {
        let Some(filter) = event.target().and_then(|form| entered(form.unchecked_ref())) else { return };
        event.prevent_default();
        navigate(&format!("{address}{}", filter.to_address()), leptos_router::NavigateOptions::default());
    };
    let states = TaskState::ALL.iter().map(|state| {
        let face = task_state::face(*state);
        let on = filter.state.contains(state);
        view! {
            <label class=format!("chip {}", face.tone.class())>
                <input type="checkbox" name="state" value=state.as_str() checked=on prop:checked=on/>
                <Icon name=face.icon/>
                {face.word}
            </label>
        }
    });
    let spans = SPANS.map(|(value, word)| (value.to_owned(), word.to_owned())).to_vec();
    let clear = filter.narrows().then(|| view! { <a class="button quiet" href=base.clone()>"Clear"</a> });
    let trace = (!filter.trace.is_empty()).then(|| view! { <TraceEntry filter=filter.clone() base=base.clone()/> });
    view! {
        <form class="filter" method="get" action=base.clone() role="search" on:submit=submit on:change=apply>
            <div class="filter-line">
                <label class="search">
                    <Icon name="search"/>
                    <span class="sr">"Search tasks"</span>
                    <input type="search" name="text" placeholder="Search payload, kind or reason" value=filter.text.clone()
                        prop:value=filter.text.clone() data-key="/" data-testid="task-search"/>
                </label>
                <Choice name="agent" label="Agent" options=named("Any agent", &agents, &filter.agent) chosen=filter.agent.clone()/>
                <Choice name="kind" label="Kind" options=named("Any kind", &kinds, &filter.kind) chosen=filter.kind.clone()/>
                <Choice name="from" label="Received" options=with_chosen(spans, &filter.from) chosen=filter.from.clone()/>
                <button class="button filter-go">"Filter tasks"</button>
                {clear}
            </div>
            <fieldset class="chips">
                <legend class="sr">"States"</legend>
                {states.collect_view()}
            </fieldset>
            {trace}
            {(!filter.to.is_empty()).then(|| view! { <input type="hidden" name="to" value=filter.to.clone()/> })}
        </form>
    }
    .patched()
}

/// The trace that the list is narrowed to, and the way out of it.
#[component]
fn TraceEntry(filter: TaskFilter, base: String) -> impl IntoView {
    let trace = filter.trace.clone();
    let without = TaskFilter { trace: String::new(), ..filter.first_page() };
    let tenant = Tenant::here().get_untracked();
    let (timeline, rel) = (path::trace(&tenant, &trace), path::trace_rel(&trace));
    view! {
        <p class="filter-trace">
            "Only the trace "<code>{trace.clone()}</code>
            <input type="hidden" name="trace" value=trace/>
            <a href=timeline rel=rel data-testid="to-trace">"Show it as a timeline"</a>
            " · "
            <a href=format!("{base}{}", without.to_address())>"Show all traces"</a>
        </p>
    }
    .erased()
}

/// A changed choice applies at once; text applies with Enter.
fn apply(event: Event) {
    let Some(control) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return };
    if control.get_attribute("name").as_deref() == Some("text") {
        return;
    }
    if let Ok(Some(form)) = control.closest("form") {
        let _ = form.unchecked_into::<HtmlFormElement>().request_submit();
    }
}

fn entered(form: &HtmlFormElement) -> Option<TaskFilter> {
    let data = FormData::new_with_form(form).ok()?;
    let one = |name: &str| data.get(name).as_string().unwrap_or_default().trim().to_owned();
    let states = data.get_all("state").iter().filter_map(|state| state.as_string()?.parse().ok()).collect();
    Some(TaskFilter {
        state: states,
        agent: one("agent"),
        kind: one("kind"),
        text: one("text"),
        trace: one("trace"),
        from: one("from"),
        to: one("to"),
        ..TaskFilter::default()
    })
}
