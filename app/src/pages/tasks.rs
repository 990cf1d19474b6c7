use crate::components::eager::Erase;
use crate::{
    api::{
        reading::{Ask, Question},
        task::search::search_tasks,
    },
    components::{
        empty_state::EmptyState,
        icon::Icon,
        loaded::loaded,
        nav::Tenant,
        page_head::PageHead,
        task_filter_form::TaskFilterForm,
        task_pager::{TaskPager, count_words},
        task_table::TaskTable,
    },
    live::{Topic, follow},
    view::{number, path, task_filter::TaskFilter, task_merge::merge},
};
use countersign_domain::reading::TaskPage;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

const ASK: Ask = |question| Box::pin(search_tasks(question.tenant, question.filter));

#[component]
pub fn TasksPage() -> impl IntoView {
    let (tenant, query) = (Tenant::here(), use_query_map());
    let question = Memo::new(move |_| Question {
        tenant: tenant.get(),
        filter: query.with(TaskFilter::from_params),
        ..Question::default()
    });
    let show = |first: TaskPage, question: Question| {
        let (tenant, filter) = (question.tenant.clone(), question.filter.clone());
        view! {
            <TaskFilterForm filter agents=first.agents.clone() kinds=first.kinds.clone() tenant/>
            <TaskList first question/>
        }
        .patched()
    };
    view! {
        <PageHead title="Tasks">
            <a class="button primary" href=move || path::of_tenant(&tenant.get(), "/tasks/new")>
                <Icon name="plus"/>
                "Create task"
            </a>
        </PageHead>
        {loaded(question, ASK, show)}
    }
    .erased()
}

#[component]
fn TaskList(first: TaskPage, question: Question) -> impl IntoView {
    let (tenant, filter) = (question.tenant.clone(), question.filter.clone());
    let shown = RwSignal::new(first);
    // What arrived while the reader was further down.
    let fresh = RwSignal::new(None::<TaskPage>);
    let unseen = RwSignal::new(0_u64);
    let replace = move |page: TaskPage| {
        shown.try_set(page);
        fresh.try_set(None);
        unseen.try_set(0);
    };
    let is_first_page = filter.is_first_page();
    follow(Topic::Tasks, question, ASK, move |page: TaskPage| {
        if is_first_page && is_at_top() {
            return replace(page);
        }
        let news = shown.try_update(|shown| merge(shown, &page));
        unseen.try_set(news.unwrap_or_default());
        fresh.try_set(Some(page));
    });
    let first_page = format!("{}{}", path::of_tenant(&tenant, "/tasks"), filter.first_page().to_address());
    let pill = move || {
        let count = unseen.get();
        (count > 0).then(|| {
            let words = view! {
                <Icon name="arrow-up"/>
                {format!("{} new — show", number::grouped(count))}
                <kbd>"."</kbd>
            };
            if is_first_page {
                let show = move |_| {
                    if let Some(page) = fresh.get_untracked() {
                        replace(page);
                    }
                    window().scroll_to_with_x_and_y(0.0, 0.0);
                };
                view! { <button type="button" class="pill" data-testid="new-pill" data-key="." on:click=show>{words}</button> }.erased()
            } else {
                view! { <a class="pill" data-testid="new-pill" data-key="." href=first_page.clone()>{words}</a> }.erased()
            }
        })
    };
    let is_empty = Memo::new(move |_| shown.with(|page| page.rows.is_empty()));
    let tasks = path::of_tenant(&tenant, "/tasks");
    view! {
        <section class="task-list" aria-label="Tasks">
            <p class="result-count" role="status" data-testid="task-count">{move || shown.with(|page| count_words(page.count))}</p>
        <div class="pill-place" aria-live="polite">{pill}</div>
        <Show when=move || is_empty.get()>
            <Nothing any=shown.with_untracked(|page| page.any) tasks=tasks.clone()/>
        </Show>
        <Show when=move || !is_empty.get()>
            <TaskTable rows=Signal::derive(move || shown.with(|page| page.rows.clone())) caption="Tasks, newest first"/>
        </Show>
            <TaskPager page=shown.into() filter tenant/>
        </section>
    }
    .erased()
}

#[component]
fn Nothing(any: bool, tasks: String) -> impl IntoView {
    if any {
        view! {
            <EmptyState icon="search" title="No task matches">
                <p>"Take away a state or a word, or look at a longer time."</p>
                <p><a class="button" href=tasks>"Clear the filter"</a></p>
            </EmptyState>
        }
        .erased()
    } else {
        let overview = tasks.trim_end_matches("/tasks").to_owned();
        view! {
            <EmptyState icon="inbox" title="No task has arrived yet">
                <p>"A task appears here when something is published on "<code>"tasks.<agent>.<kind>"</code>"."</p>
                <p><a class="button primary" href=overview>"Show the first steps"</a></p>
            </EmptyState>
        }
        .erased()
    }
}

/// Whether the reader is at the top with no row in hand.
fn is_at_top() -> bool {
    let holds_a_row = document().active_element().is_some_and(|element| element.has_attribute("data-row-link"));
    window().scroll_y().unwrap_or_default() < 8.0 && !holds_a_row
}
