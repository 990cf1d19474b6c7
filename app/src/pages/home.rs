use crate::components::eager::Erase;
use crate::{
    api::{
        account::find_home::find_home,
        reading::{Ask, Question},
    },
    components::loaded::loaded,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_navigate;

const ASK: Ask = |_| Box::pin(find_home());

/// Leads to the tenant's overview, or to sign-in. The server redirects; only a browser that came here
/// by script sees this page.
#[component]
pub fn HomePage() -> impl IntoView {
    let question = Memo::new(|_| Question::default());
    view! {
        <Title text="Home"/>
        <main class="alone">
            <h1 class="sr">"Countersign"</h1>
            {loaded(question, ASK, |home: String, _| view! { <GoOn home/> }.erased())}
        </main>
    }
    .erased()
}

#[component]
fn GoOn(home: String) -> impl IntoView {
    let navigate = use_navigate();
    let address = home.clone();
    Effect::new(move || navigate(&address, leptos_router::NavigateOptions::default()));
    view! { <p><a class="button primary" href=home>"Go to your overview"</a></p> }
}
