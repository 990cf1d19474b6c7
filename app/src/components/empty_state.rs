use super::eager::{Body, Erase};
use super::icon::Icon;
use leptos::prelude::*;

/// A page or panel with nothing in it: what that means, and the next step.
#[component]
pub fn EmptyState(icon: &'static str, title: &'static str, #[prop(optional)] children: Option<Body>) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon name=icon/>
            <p class="empty-title">{title}</p>
            {children.map(|children| view! { <div class="empty-body">{children.draw()}</div> })}
        </div>
    }
    .erased()
}
