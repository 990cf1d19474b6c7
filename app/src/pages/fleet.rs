use crate::components::eager::Erase;
use crate::{
    api::{
        fleet::read::read_fleet,
        reading::{Ask, Question},
    },
    components::{
        agent_table::AgentTable,
        bus_notice::BusNotice,
        connect_steps::ConnectSteps,
        icon::Icon,
        loaded::loaded,
        nav::{Counts, Tenant},
        page_head::PageHead,
    },
    live::{Topic, follow},
    view::path,
};
use countersign_domain::reading::{Connection, Fleet};
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(read_fleet(question.tenant));

#[component]
pub fn FleetPage() -> impl IntoView {
    let tenant = Tenant::here();
    view! {
        <PageHead title="Fleet">
            <a class="button primary" href=move || path::of_tenant(&tenant.get(), "/fleet/new")>
                <Icon name="plus"/>
                "Create agent"
            </a>
        </PageHead>
        {loaded(Tenant::question(), ASK, |first, question| view! { <Sheet first question/> }.erased())}
    }
    .erased()
}

#[component]
fn Sheet(first: Fleet, question: Question) -> impl IntoView {
    let tenant = question.tenant.clone();
    let counts = expect_context::<Counts>();
    let fleet = RwSignal::new(first);
    follow(Topic::All, question, ASK, move |fresh| {
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
                        "Uptime is the share of the time since an agent's first connection in which the bus had it connected. Today is since midnight UTC. “+3” under a queue is what was made here and is not on the bus yet."
                    </p>
                }.erased()
            }
        }}
    }
    .erased()
}
