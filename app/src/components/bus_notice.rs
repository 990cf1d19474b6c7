use super::eager::Erase;
use super::icon::Icon;
use countersign_domain::reading::BusHealth;
use leptos::prelude::*;

/// What is wrong with the bus, if anything; figures of the bus on the page may then be old.
#[component]
pub fn BusNotice(#[prop(into)] bus: Signal<BusHealth>) -> impl IntoView {
    let problem = move || {
        let health = bus.get();
        let fallback = (!health.connected)
            .then(|| "The bus is not answering. Figures of queues and connections are not current.".to_owned());
        health.problem.or(fallback).map(|problem| {
            view! {
                <p class="notice tone-bad" role="status" data-testid="bus-problem">
                    <Icon name="unplug"/>
                    {problem}
                </p>
            }
        })
    };
    let warning = move || {
        bus.get().warning.map(|warning| {
            view! {
                <p class="notice tone-warn">
                    <Icon name="triangle-alert"/>
                    {warning}
                </p>
            }
        })
    };
    view! {
        {problem}
        {warning}
    }
    .erased()
}
