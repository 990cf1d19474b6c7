use super::eager::Erase;
use super::icon::Icon;
use crate::view::{number, path, task_filter::TaskFilter};
use countersign_domain::reading::TaskPage;
use leptos::prelude::*;

/// How many tasks match, in words.
pub fn count_words(count: u64) -> String {
    if count >= TaskPage::COUNT_LIMIT {
        format!("more than {} tasks", number::grouped(TaskPage::COUNT_LIMIT))
    } else {
        number::counted(count, "task", "tasks")
    }
}

/// Links to the newer and the older page.
#[component]
pub fn TaskPager(page: Signal<TaskPage>, filter: TaskFilter, tenant: String) -> impl IntoView {
    let base = path::of_tenant(&tenant, "/tasks");
    let link = move |pick: fn(&TaskPage) -> &Option<String>, turn: fn(&TaskFilter, &str) -> TaskFilter| {
        let (base, filter) = (base.clone(), filter.clone());
        move || {
            page.with(|page| pick(page).as_ref().map(|cursor| format!("{base}{}", turn(&filter, cursor).to_address())))
        }
    };
    let newer = link(|page| &page.newer, TaskFilter::newer_than);
    let older = link(|page| &page.older, TaskFilter::older_than);
    view! {
        <nav class="pager" aria-label="Pages of tasks">
            {move || newer().map(|href| view! {
                <a class="button" rel="prev" href=href><Icon name="chevron-left"/>"Newer"</a>
            })}
            {move || older().map(|href| view! {
                <a class="button" rel="next" href=href>"Older"<Icon name="chevron-right"/></a>
            })}
        </nav>
    }
    .erased()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_not_counted_to_its_end() {
        assert_eq!(count_words(1), "1 task");
        assert_eq!(count_words(9_999), "9,999 tasks");
        assert_eq!(count_words(10_000), "more than 10,000 tasks");
    }
}
