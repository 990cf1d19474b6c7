use crate::{
    api::{reading::Ask, review::draw_list::draw_reviews},
    components::{drawn::drawn, eager::Erase, icon::Icon, nav::Tenant, page_head::PageHead},
    view::path,
};
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(draw_reviews(question.tenant));

#[component]
pub fn ReviewsPage() -> impl IntoView {
    let tenant = Tenant::here();
    view! {
        <PageHead title="Reviews">
            <a class="button primary" href=move || path::of_tenant(&tenant.get(), "/roles/new")>
                <Icon name="plus"/>
                "Propose a role file"
            </a>
        </PageHead>
        {drawn(Tenant::question(), ASK)}
    }
    .erased()
}
