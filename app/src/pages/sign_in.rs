use crate::components::eager::Erase;
use crate::{
    api::{ApiError, account::sign_in::SignIn},
    components::{field::Field, icon::Icon},
};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[component]
pub fn SignInPage() -> impl IntoView {
    let query = use_query_map();
    let next = move || query.with(|query| query.get("next").unwrap_or_default());
    let sign_in = ServerAction::<SignIn>::new();
    let error = Signal::derive(move || sign_in.value().with(|value| value.as_ref()?.as_ref().err().cloned()));
    let about = move |field: &'static str| Signal::derive(move || error.get()?.about(field));
    let message = move || {
        let error = error.get().filter(|error| !matches!(error, ApiError::Invalid { field, .. } if is_a_field(field)));
        error.map(|error| view! { <p class="form-error" role="alert" data-testid="form-error">{error.to_string()}</p> })
    };
    let fields = view! {
                    <input type="hidden" name="next" value=next/>
                    <Field label="E-mail" name="email" kind="email" autocomplete="username" error=about("email")/>
                    <Field label="Password" name="password" kind="password" autocomplete="current-password" error=about("password")/>
                    {message}
                    <button class="button primary wide" disabled=move || sign_in.pending().get()>"Sign in"</button>
                }
    .erased();
    view! {
        <Title text="Sign in"/>
        <main class="alone">
            <div class="letter">
                <p class="letter-mark"><Icon name="mark"/>"Countersign"</p>
                <h1>"Sign in"</h1>
                <ActionForm action=sign_in>{fields}</ActionForm>
            </div>
        </main>
    }
    .erased()
}

fn is_a_field(name: &str) -> bool {
    matches!(name, "email" | "password")
}
