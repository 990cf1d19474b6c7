use crate::{
    api::{ApiError, account::find_home::find_home},
    components::loaded::Loaded,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_navigate;

/// Leads to the tenant's overview, or to sign-in. The server redirects; only a browser that came here
/// by script sees this page.
#[component]
pub fn HomePage() -> impl IntoView {
    let home: Resource<Result<String, ApiError>> = Resource::new(|| (), |()| find_home());
    view! {
        <Title text="Home"/>
        <main class="alone">
            <h1 class="sr">"Countersign"</h1>
            <Loaded source=home rows=1 show=|home| view! { <GoOn home/> }/>
        </main>
    }
}

#[component]
fn GoOn(home: String) -> impl IntoView {
    let navigate = use_navigate();
    let address = home.clone();
    Effect::new(move || navigate(&address, leptos_router::NavigateOptions::default()));
    view! { <p><a class="button primary" href=home>"Go to your overview"</a></p> }
}
