use super::{eager::Erase, nav::Tenant};
use crate::view::path;
use leptos::prelude::*;

/// Leads to all that shares a `correlation_id`.
#[component]
pub fn TraceLink(trace: String) -> impl IntoView {
    let tenant = Tenant::here().get_untracked();
    let (href, rel) = (path::trace(&tenant, &trace), path::trace_rel(&trace));
    view! { <a href=href rel=rel data-testid="trace-link">{trace}</a> }.erased()
}
