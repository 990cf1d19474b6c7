use crate::components::eager::Erase;
use crate::{
    api::{
        agent::read::read_agent,
        credential::revoke::RevokeCredential,
        reading::{Ask, Question},
    },
    components::{
        agent_table::CredentialNote, badge::Badge, bus_notice::BusNotice, command::Command,
        credential_list::CredentialList, loaded::loaded, nav::Tenant, page_head::PageHead, task_table::TaskTable,
        time_ago::TimeAgo,
    },
    live::{Topic, follow},
    view::{command, connection, number, path},
};
use countersign_domain::reading::AgentDetail;
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(read_agent(question.tenant, question.item));

#[component]
pub fn AgentPage() -> impl IntoView {
    let tenant = Tenant::here();
    let question = Tenant::question_about("name");
    let name = Signal::derive(move || question.get().item);
    view! {
        <p class="crumb"><a href=move || path::of_tenant(&tenant.get(), "/fleet")>"Fleet"</a></p>
        <PageHead title=name/>
        {loaded(question, ASK, |first, question| view! { <Sheet first question/> }.erased())}
    }
    .erased()
}

#[component]
fn Sheet(first: AgentDetail, question: Question) -> impl IntoView {
    let tenant = question.tenant.clone();
    let name = first.row.name.clone();
    let powers = powers(&first);
    let commands = commands(&first);
    let detail = RwSignal::new(first);
    let show = move |fresh| {
        detail.try_set(fresh);
    };
    follow(Topic::All, question.clone(), ASK, show);
    let revoke = ServerAction::<RevokeCredential>::new();
    Effect::new(move || {
        // What was revoked shows at once, even while the stream is lost.
        if let Some(Ok(())) = revoke.value().get() {
            let answer = ASK(question.clone());
            leptos::task::spawn_local(async move {
                if let Ok(fresh) = answer.await.and_then(|text| text.read()) {
                    show(fresh);
                }
            });
        }
    });
    let refused = move || {
        let error = revoke.value().get()?.err()?;
        Some(view! { <p class="form-error" role="alert" data-testid="form-error">{error.to_string()}</p> })
    };
    let tasks = path::of_tenant(&tenant, &format!("/tasks?agent={name}"));
    let is_new = Memo::new(move |_| detail.with(|detail| detail.recent.is_empty()));
    // Drawn anew only when one of them changed, so that a form in use is not taken away.
    let credentials =
        Memo::new(move |_| detail.with(|detail| (detail.credentials.clone(), detail.row.credential.clone())));
    view! {
        <BusNotice bus=Signal::derive(move || detail.with(|detail| detail.bus.clone()))/>
        {move || detail.with(figures)}
        <div class="columns">
            <div>
                <section class="panel">
                    <h2>"Credentials"</h2>
                    <IssueForm name=name.clone() tenant=tenant.clone()/>
                    {refused}
                    {
                        let (tenant, agent) = (tenant.clone(), name.clone());
                        move || {
                            let (tenant, agent, (credentials, state)) = (tenant.clone(), agent.clone(), credentials.get());
                            view! { <CredentialList credentials state agent tenant revoke/> }
                        }
                    }
                </section>
                <section class="panel">
                    <h2>"First messages"</h2>
                    {commands}
                </section>
                <section>
                    <h2>"Newest tasks"</h2>
                    <Show when=move || !is_new.get() fallback=|| view! { <p class="muted">"No task yet."</p> }.erased()>
                        <TaskTable rows=Signal::derive(move || detail.with(|detail| detail.recent.clone())) caption="Newest tasks of this agent"/>
                    </Show>
                    <p class="more"><a href=tasks>"All tasks of this agent"</a></p>
                </section>
            </div>
            {powers}
        </div>
    }
    .erased()
}

fn figures(detail: &AgentDetail) -> impl IntoView + use<> {
    let row = &detail.row;
    let heartbeat = match row.last_heartbeat {
        Some(at) => view! { <TimeAgo at/> }.erased(),
        None => "none yet".erased(),
    };
    view! {
        <dl class="ledger" data-testid="agent-figures">
            <div class="figure">
                <dt>"Connection"</dt>
                <dd class="figure-state"><Badge face=connection::face(row.connection)/></dd>
                <dd class="figure-note">{connection::since(row.connection).map(|at| view! { <TimeAgo at/> })}</dd>
            </div>
            <div class="figure">
                <dt>"Credential"</dt>
                <dd class="figure-state"><CredentialNote state=row.credential.clone()/></dd>
            </div>
            <div class="figure">
                <dt>"Queue"</dt>
                <dd>{number::grouped(row.queue_depth)}</dd>
                <dd class="figure-note">{number::grouped(row.in_flight)}" in flight"</dd>
            </div>
            <div class="figure">
                <dt>"Today"</dt>
                <dd>{number::grouped(row.tasks_today)}</dd>
                <dd class="figure-note">{row.usd_today.map_or_else(|| "no cost reported".to_owned(), |usd| format!("{} reported", number::dollars(usd)))}</dd>
            </div>
            <div class="figure">
                <dt>"Uptime"</dt>
                <dd>{row.uptime.map_or_else(|| "–".to_owned(), number::percent)}</dd>
                <dd class="figure-note">"of the time since its first connection; last heartbeat "{heartbeat}</dd>
            </div>
        </dl>
    }
}

/// A plain form: its answer is the file itself.
#[component]
fn IssueForm(name: String, tenant: String) -> impl IntoView {
    let action = path::of_tenant(&tenant, &format!("/fleet/{name}/credential"));
    let choices = [("24", "24 hours", false), ("168", "7 days", true), ("720", "30 days", false)]
        .map(|(hours, words, on)| {
            view! {
                <label class="chip">
                    <input type="radio" name="hours" value=hours checked=on/>
                    {words}
                </label>
            }
        })
        .collect_view();
    view! {
        <form class="issue" method="post" action=action>
            <fieldset class="chips">
                <legend>"Expires after"</legend>
                {choices}
            </fieldset>
            <button class="button primary" data-testid="issue-credential">"Issue credential"</button>
            <p class="hint">"Downloads "<code>{format!("{name}.creds")}</code>". The file is made once and not kept here: whoever has it can connect as this agent until it expires or you revoke it."</p>
        </form>
        <p class="hint">"Revoking a credential disconnects its holder at once and cannot be undone."</p>
    }
    .erased()
}

fn powers(detail: &AgentDetail) -> impl IntoView + use<> {
    let list = |subjects: &[String]| {
        subjects.iter().map(|subject| view! { <li><code>{subject.clone()}</code></li> }).collect_view()
    };
    view! {
        <aside class="panel" aria-label="What its credential allows">
            <h2>"What it may do"</h2>
            <h3>"Publish"</h3>
            <ul class="subjects" data-testid="may-publish">{list(&detail.may_publish)}</ul>
            <h3>"Subscribe"</h3>
            <ul class="subjects" data-testid="may-subscribe">{list(&detail.may_subscribe)}</ul>
            <p class="hint">"The bus refuses everything else."</p>
        </aside>
    }
}

fn commands(detail: &AgentDetail) -> impl IntoView + use<> {
    let (connect, name) = (&detail.connect, &detail.row.name);
    view! {
        <Command text=command::examples(connect, name) label="Python commands"/>
        <details>
            <summary>"The same in Node"</summary>
            <Command text=command::node_examples(connect, name) label="Node commands"/>
        </details>
        <details>
            <summary>"Without the examples: a whole program"</summary>
            <Command text=command::program(connect, name) label="program"/>
        </details>
    }
}
