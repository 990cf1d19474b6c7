//! The console: every page of Countersign, written once for the server and the browser.
//!
//! [`pages`] are made of [`components`], show domain values through [`view`], ask the server through
//! [`api`] and follow changes through [`live`]. What need not run in the browser is a sheet of [`sheets`];
//! who is not signed in stands at a [`door`].

#![recursion_limit = "256"]

pub mod api;
pub mod components;
#[cfg(feature = "ssr")]
pub mod door;
pub mod live;
pub mod pages;
pub mod sheets;
#[cfg(feature = "ssr")]
mod shell;
pub mod view;

#[cfg(feature = "ssr")]
pub use shell::{DESK_SCRIPT, PASSKEY_SCRIPT, SiteFiles, door_shell, shell};

use components::frame::Frame;
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};
use pages::{
    agent::AgentPage,
    allocation::AllocationPage,
    artifact::ArtifactPage,
    artifacts::ArtifactsPage,
    audit::AuditPage,
    away::AwayPage,
    brief::BriefPage,
    briefs::BriefsPage,
    context::ContextPage,
    dead_letter::DeadLetterPage,
    dead_letters::DeadLettersPage,
    decision::DecisionPage,
    decisions::DecisionsPage,
    fleet::FleetPage,
    home::HomePage,
    inbox::InboxPage,
    journal::JournalPage,
    ledger::LedgerPage,
    mail::MailPage,
    members::MembersPage,
    morning::MorningPage,
    new_agent::NewAgentPage,
    new_brief::NewBriefPage,
    new_task::NewTaskPage,
    not_found::NotFoundPage,
    notices::NoticesPage,
    overview::OverviewPage,
    quarantine::QuarantinePage,
    review::ReviewPage,
    reviews::ReviewsPage,
    role::RolePage,
    security::SecurityPage,
    sso::SsoPage,
    task::TaskPage,
    tasks::TasksPage,
    tokens::TokensPage,
    trace::TracePage,
    webhooks::{WebhookPage, WebhooksPage},
    what_if::WhatIfPage,
};
use view::clock::Clock;

/// The whole console. Pages are sent when their data are there, so that they are whole without script.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    Clock::provide();
    let ssr = SsrMode::Async;
    view! {
        <Title formatter=|page: String| format!("{page} · Countersign")/>
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/") view=HomePage ssr=ssr.clone()/>
                <ParentRoute path=path!("/t/:tenant") view=Frame ssr=ssr.clone()>
                    <Route path=path!("") view=OverviewPage ssr=ssr.clone()/>
                    <Route path=path!("/tasks") view=TasksPage ssr=ssr.clone()/>
                    <Route path=path!("/tasks/new") view=NewTaskPage ssr=ssr.clone()/>
                    <Route path=path!("/tasks/:id") view=TaskPage ssr=ssr.clone()/>
                    <Route path=path!("/traces/:id") view=TracePage ssr=ssr.clone()/>
                    <Route path=path!("/desk") view=MorningPage ssr=ssr.clone()/>
                    <Route path=path!("/desk/:id") view=MorningPage ssr=ssr.clone()/>
                    <Route path=path!("/inbox") view=InboxPage ssr=ssr.clone()/>
                    <Route path=path!("/inbox/new") view=NewBriefPage ssr=ssr.clone()/>
                    <Route path=path!("/inbox/:id") view=BriefPage ssr=ssr.clone()/>
                    <Route path=path!("/d/:id") view=BriefPage ssr=ssr.clone()/>
                    <Route path=path!("/decisions") view=DecisionsPage ssr=ssr.clone()/>
                    <Route path=path!("/decisions/:id") view=DecisionPage ssr=ssr.clone()/>
                    <Route path=path!("/ledger") view=LedgerPage ssr=ssr.clone()/>
                    <Route path=path!("/away/:id") view=AwayPage ssr=ssr.clone()/>
                    <Route path=path!("/reviews") view=ReviewsPage ssr=ssr.clone()/>
                    <Route path=path!("/reviews/:id") view=ReviewPage ssr=ssr.clone()/>
                    <Route path=path!("/reviews/:id/what-if") view=WhatIfPage ssr=ssr.clone()/>
                    <Route path=path!("/roles/new") view=RolePage ssr=ssr.clone()/>
                    <Route path=path!("/roles/:name") view=RolePage ssr=ssr.clone()/>
                    <Route path=path!("/dead-letters") view=DeadLettersPage ssr=ssr.clone()/>
                    <Route path=path!("/dead-letters/:id") view=DeadLetterPage ssr=ssr.clone()/>
                    <Route path=path!("/fleet") view=FleetPage ssr=ssr.clone()/>
                    <Route path=path!("/fleet/new") view=NewAgentPage ssr=ssr.clone()/>
                    <Route path=path!("/fleet/allocation") view=AllocationPage ssr=ssr.clone()/>
                    <Route path=path!("/context") view=ContextPage ssr=ssr.clone()/>
                    <Route path=path!("/fleet/agents/:name") view=AgentPage ssr=ssr.clone()/>
                    <Route path=path!("/artifacts") view=ArtifactsPage ssr=ssr.clone()/>
                    <Route path=path!("/artifacts/:sha256") view=ArtifactPage ssr=ssr.clone()/>
                    <Route path=path!("/audit") view=AuditPage ssr=ssr.clone()/>
                    <Route path=path!("/journal/:seq") view=JournalPage ssr=ssr.clone()/>
                    <Route path=path!("/quarantine") view=QuarantinePage ssr=ssr.clone()/>
                    <Route path=path!("/settings/briefs") view=BriefsPage ssr=ssr.clone()/>
                    <Route path=path!("/settings/members") view=MembersPage ssr=ssr.clone()/>
                    <Route path=path!("/settings/mail") view=MailPage ssr=ssr.clone()/>
                    <Route path=path!("/settings/notifications") view=NoticesPage ssr=ssr.clone()/>
                    <Route path=path!("/settings/webhooks") view=WebhooksPage ssr=ssr.clone()/>
                    <Route path=path!("/settings/webhooks/:id") view=WebhookPage ssr=ssr.clone()/>
                    <Route path=path!("/settings/security") view=SecurityPage ssr=ssr.clone()/>
                    <Route path=path!("/settings/tokens") view=TokensPage ssr=ssr.clone()/>
                    <Route path=path!("/settings/sso") view=SsoPage ssr=ssr/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}
