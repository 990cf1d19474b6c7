use super::eager::Erase;
use super::{empty_state::EmptyState, icon::Icon};
use crate::{api::ApiError, live::leave_for_sign_in, view::path};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// A panel that could not be read: what failed and what to do. The rest of the page lives on.
#[component]
pub fn Problem(error: ApiError, #[prop(into)] retry: Callback<()>) -> impl IntoView {
    match error {
        ApiError::SignedOut => view! { <SignedOut/> }.erased(),
        ApiError::NotFound => view! { <NothingHere/> }.erased(),
        ApiError::Forbidden { .. } => view! {
            <EmptyState icon="ban" title="Your role does not reach this">
                <p>{error.to_string()}</p>
            </EmptyState>
        }
        .erased(),
        error => view! {
            <div class="problem" role="alert">
                <Icon name="triangle-alert"/>
                <p>{error.to_string()}</p>
                <button type="button" class="button small" on:click=move |_| retry.run(())>
                    <Icon name="rotate-cw"/>
                    "Retry"
                </button>
            </div>
        }
        .erased(),
    }
}

/// What an address shows that leads nowhere, or to somebody else's.
#[component]
pub fn NothingHere() -> impl IntoView {
    view! {
        <EmptyState icon="circle-dashed" title="There is nothing here">
            <p>"The address is wrong, or what it named is gone or belongs to another tenant."</p>
            <p>
                <a class="button" href="/">"Go to your overview"</a>
            </p>
        </EmptyState>
    }
}

/// The session ended while the page was open: go and sign in, then come back.
#[component]
fn SignedOut() -> impl IntoView {
    let location = use_location();
    let address = Signal::derive(move || {
        let search = location.search.get();
        let query = if search.is_empty() { String::new() } else { format!("?{search}") };
        path::sign_in(&format!("{}{query}", location.pathname.get()))
    });
    Effect::new(leave_for_sign_in);
    view! {
        <EmptyState icon="log-out" title="You are signed out">
            <p>
                <a class="button" href=address rel="external">"Sign in"</a>
            </p>
        </EmptyState>
    }
}
