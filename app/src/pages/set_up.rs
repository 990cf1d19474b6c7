use crate::components::eager::Erase;
use crate::{
    api::{
        ApiError,
        account::{check_set_up_link::check_set_up_link, set_up::SetUp},
        reading::{Ask, Question},
    },
    components::{empty_state::EmptyState, field::Field, icon::Icon, loaded::loaded},
};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

const ASK: Ask = |question| Box::pin(check_set_up_link(question.item));

/// The first page of a new server: makes the tenant and its founder.
#[component]
pub fn SetUpPage() -> impl IntoView {
    let params = use_params_map();
    let question = Memo::new(move |_| Question {
        item: params.with(|params| params.get("token").unwrap_or_default()),
        ..Question::default()
    });
    let show = |live: bool, question: Question| {
        if live {
            view! { <SetUpForm token=question.item/> }.erased()
        } else {
            view! {
                <EmptyState icon="hourglass" title="This link does not work any more">
                    <p>"It was used already, or a newer one was printed. The server's log has the newest; if the organization is set up, sign in."</p>
                    <p><a class="button" href="/sign-in">"Sign in"</a></p>
                </EmptyState>
            }
            .erased()
        }
    };
    view! {
        <Title text="Set up"/>
        <main class="alone">
            <div class="letter">
                <p class="letter-mark"><Icon name="mark"/>"Countersign"</p>
                <h1>"Set up your organization"</h1>
                {loaded(question, ASK, show)}
            </div>
        </main>
    }
    .erased()
}

#[component]
fn SetUpForm(token: String) -> impl IntoView {
    let set_up = ServerAction::<SetUp>::new();
    let error = Signal::derive(move || set_up.value().with(|value| value.as_ref()?.as_ref().err().cloned()));
    let about = move |field: &'static str| Signal::derive(move || error.get()?.about(field));
    let message = move || {
        let error = error.get().filter(|error| !matches!(error, ApiError::Invalid { field, .. } if !field.is_empty()));
        error.map(|error| view! { <p class="form-error" role="alert" data-testid="form-error">{error.to_string()}</p> })
    };
    let fields = view! {
        <input type="hidden" name="token" value=token/>
        <Field label="Organization" name="organization" autocomplete="organization" error=about("organization")
            hint="Shown in the console and part of its addresses."/>
        <Field label="Your name" name="name" autocomplete="name" error=about("name")/>
        <Field label="E-mail" name="email" kind="email" autocomplete="username" error=about("email")/>
        <Field label="Password" name="password" kind="password" autocomplete="new-password" error=about("password")
            hint="At least 12 characters. A short sentence is easy to remember."/>
        {message}
        <button class="button primary wide" disabled=move || set_up.pending().get()>"Create organization"</button>
        <p class="hint">"You become its founder and are signed in. The link stops working."</p>
    }
    .erased();
    view! {
        <ActionForm action=set_up>{fields}</ActionForm>
    }
    .erased()
}
