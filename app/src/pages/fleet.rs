use crate::components::eager::Erase;
use crate::{
    api::fleet::read::read_fleet,
    components::{
        agent_table::AgentTable,
        bus_notice::BusNotice,
        connect_steps::ConnectSteps,
        icon::Icon,
        loaded::Loaded,
        nav::{Counts, Tenant},
        page_head::PageHead,
    },
    live::{Topic, follow},
    view::path,
};
use countersign_domain::reading::{Connection, Fleet};
use leptos::prelude::*;

#[component]
pub fn FleetPage() -> impl IntoView {
    let tenant = Tenant::here();
    let source = Resource::new(move || tenant.get(), read_fleet);
    view! {
        <PageHead title="Fleet">
            <a class="button primary" href=move || path::of_tenant(&tenant.get(), "/fleet/new")>
                <Icon name="plus"/>
                "Create agent"
            </a>
        </PageHead>
        <Loaded source show=|first| view! { <Sheet first/> }/>
    }
    .erased()
}

#[component]
fn Sheet(first: Fleet) -> impl IntoView {
    let tenant = Tenant::here().get_untracked();
    let counts = expect_context::<Counts>();
    let fleet = RwSignal::new(first);
    let fetch = {
        let tenant = tenant.clone();
        move || read_fleet(tenant.clone())
    };
    follow(Topic::All, fetch, move |fresh| {
        fleet.try_set(fresh);
    });
    Effect::new(move || {
        let lost = fleet
            .with(|fleet| fleet.agents.iter().filter(|agent| matches!(agent.connection, Connection::Lost(_))).count());
        counts.lost_agents.set(u64::try_from(lost).ok());
    });
    let is_empty = Memo::new(move |_| fleet.with(|fleet| fleet.agents.is_empty()));
    view! {
        <BusNotice bus=Signal::derive(move || fleet.with(|fleet| fleet.bus.clone()))/>
        {move || {
            if is_empty.get() {
                let connect = fleet.with_untracked(|fleet| fleet.connect.clone());
                view! {
                    <section class="panel" data-testid="connect-steps">
                        <h2>"No agent yet"</h2>
                        <ConnectSteps connect tenant=tenant.clone() made=false agent=None/>
                    </section>
                }.erased()
            } else {
                view! {
                    {move || view! { <AgentTable agents=fleet.with(|fleet| fleet.agents.clone())/> }}
                    <p class="hint">
                        "Uptime is the share of the time since an agent's first connection in which it was connected. Today is since midnight UTC."
                    </p>
                }.erased()
            }
        }}
    }
    .erased()
}
