-- Times are milliseconds since the epoch (bigint): the same numbers travel to the browser, and a
-- rebuilt read model is equal byte for byte.
--
-- Roles (made by the store before migrations run): the owner runs migrations; countersign_web serves
-- people; countersign_bridge writes what the bus brings. Neither owns a table, and row-level security
-- is forced, so a statement without a tenant sees no tenant's rows.

-- People and sign-in ---------------------------------------------------------------------------

create table tenant (
    id uuid primary key,
    slug text not null constraint tenant_slug_taken unique,
    name text not null,
    created_ms bigint not null
);

create table person (
    id uuid primary key,
    email text not null constraint person_email_taken unique,
    name text not null,
    password_hash text not null,
    created_ms bigint not null
);

create table membership (
    tenant_id uuid not null references tenant,
    person_id uuid not null references person,
    role text not null check (role in ('founder', 'reviewer', 'observer')),
    primary key (person_id, tenant_id)
);

create table session (
    id bytea primary key check (length(id) = 32),
    person_id uuid not null references person,
    created_ms bigint not null,
    used_ms bigint not null,
    expires_ms bigint not null
);
create index session_person on session (person_id);

-- One live link at most.
create table set_up_link (
    only_one boolean primary key default true check (only_one),
    digest bytea not null check (length(digest) = 32),
    expires_ms bigint not null
);

create table sign_in_failure (
    key text not null,
    at_ms bigint not null
);
create index sign_in_failure_key on sign_in_failure (key, at_ms);

-- Bus identity: seeds, sealed under a key that is not in the database ---------------------------

create table bus_key (
    name text primary key,
    sealed bytea not null
);

-- Fleet -----------------------------------------------------------------------------------------

create table agent (
    tenant_id uuid not null references tenant,
    id uuid not null,
    name text not null,
    delegates_to text[] not null,
    max_deliver int not null default 5,
    created_ms bigint not null,
    primary key (tenant_id, id),
    constraint agent_name_taken unique (tenant_id, name)
);

create table credential (
    tenant_id uuid not null,
    id uuid not null,
    agent text not null,
    public_key text not null,
    issued_ms bigint not null,
    issued_by uuid not null references person,
    expires_ms bigint not null,
    revoked_ms bigint,
    primary key (tenant_id, id),
    constraint credential_key_taken unique (tenant_id, public_key),
    foreign key (tenant_id, agent) references agent (tenant_id, name)
);
create index credential_agent on credential (tenant_id, agent, issued_ms desc);

-- What the bus says of an agent right now: telemetry, not history. The two sums give uptime.
create table agent_live (
    tenant_id uuid not null,
    agent text not null,
    connected boolean not null,
    ever_connected boolean not null,
    changed_ms bigint not null,
    observed_ms bigint not null,
    connected_sum_ms bigint not null,
    observed_sum_ms bigint not null,
    queue_depth bigint not null,
    in_flight bigint not null,
    delivered_sequence bigint not null,
    primary key (tenant_id, agent)
);

-- Record ----------------------------------------------------------------------------------------

create table journal_head (
    tenant_id uuid primary key references tenant,
    seq bigint not null,
    hash bytea not null
);

create table journal (
    tenant_id uuid not null references tenant,
    seq bigint not null,
    at_ms bigint not null,
    kind text not null,
    canonical bytea not null,
    hash bytea not null check (length(hash) = 32),
    primary key (tenant_id, seq)
);

-- How far each stream has been read.
create table checkpoint (
    tenant_id uuid not null references tenant,
    stream text not null,
    epoch bigint not null,
    sequence bigint not null,
    primary key (tenant_id, stream, epoch)
);

-- The dedupe of record: Nats-Msg-Id alone forgets over a crash.
create table inbox (
    tenant_id uuid not null references tenant,
    event_id bytea not null,
    at_ms bigint not null,
    primary key (tenant_id, event_id)
);

-- Read models, derived from the journal -----------------------------------------------------------

create table task (
    tenant_id uuid not null references tenant,
    id uuid not null,
    epoch bigint not null,
    sequence bigint not null,
    agent text not null,
    kind text not null,
    state text not null,
    title text,
    correlation_id text,
    payload text not null,
    headers jsonb not null,
    message_id text,
    claimed_sender text,
    created_ms bigint not null,
    updated_ms bigint not null,
    ended_ms bigint,
    attempts int not null default 0,
    reason text,
    micro_usd bigint,
    -- Cut, so that no payload can exceed what a tsvector holds.
    search tsvector generated always as (
        to_tsvector('simple', agent || ' ' || kind || ' ' || coalesce(correlation_id, '') || ' ' || left(payload, 20000))
    ) stored,
    primary key (tenant_id, id),
    unique (tenant_id, epoch, sequence)
);
create index task_newest on task (tenant_id, created_ms desc, id desc);
create index task_of_agent on task (tenant_id, agent, created_ms desc, id desc);
create index task_in_state on task (tenant_id, state, created_ms desc, id desc);
create index task_of_trace on task (tenant_id, correlation_id, created_ms) where correlation_id is not null;
create index task_search on task using gin (search);

create table task_signal (
    tenant_id uuid not null references tenant,
    source_stream text not null,
    source_epoch bigint not null,
    source_sequence bigint not null,
    epoch bigint not null,
    sequence bigint not null,
    agent text not null,
    attempt int not null,
    kind text not null,
    at_ms bigint not null,
    worked_ms bigint,
    reason text,
    primary key (tenant_id, source_stream, source_epoch, source_sequence)
);
create index task_signal_task on task_signal (tenant_id, epoch, sequence);

create table attempt (
    tenant_id uuid not null,
    task_id uuid not null,
    number int not null,
    outcome text not null,
    started_ms bigint,
    ended_ms bigint,
    reason text,
    primary key (tenant_id, task_id, number)
);

create table event (
    tenant_id uuid not null references tenant,
    epoch bigint not null,
    sequence bigint not null,
    agent text not null,
    topic text not null,
    correlation_id text,
    payload text not null,
    micro_usd bigint,
    task_sequence bigint,
    at_ms bigint not null,
    primary key (tenant_id, epoch, sequence)
);
create index event_of_trace on event (tenant_id, correlation_id, at_ms) where correlation_id is not null;
create index event_of_task on event (tenant_id, task_sequence) where task_sequence is not null;
create index event_of_agent on event (tenant_id, agent, topic, at_ms desc);
create index event_cost on event (tenant_id, at_ms) where micro_usd is not null;

create table quarantine (
    tenant_id uuid not null references tenant,
    id uuid not null,
    subject text not null,
    reason text not null,
    headers jsonb not null,
    payload bytea not null,
    at_ms bigint not null,
    primary key (tenant_id, id)
);
create index quarantine_newest on quarantine (tenant_id, at_ms desc);

-- A task as people see it: what the bus has handed out, and nobody answered, is running.
create view task_seen with (security_invoker = true) as
select t.tenant_id, t.id, t.epoch, t.sequence, t.agent, t.kind,
       case when t.state = 'queued' and t.sequence <= l.delivered_sequence then 'running' else t.state end as state,
       t.title, t.correlation_id, t.created_ms, t.updated_ms, t.ended_ms,
       case when t.state = 'queued' and t.sequence <= l.delivered_sequence then 1 else t.attempts end as attempts,
       t.reason, t.micro_usd, t.search
from task t
left join agent_live l on l.tenant_id = t.tenant_id and l.agent = t.agent;

-- Grants and row-level security -------------------------------------------------------------------

do $$
declare name text;
begin
    foreach name in array array['agent', 'credential', 'agent_live', 'journal_head', 'journal', 'checkpoint', 'inbox',
                                'task', 'task_signal', 'attempt', 'event', 'quarantine'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format($policy$create policy own_tenant on %I
            using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
            with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)$policy$, name);
    end loop;
end $$;

grant usage on schema public to countersign_web, countersign_bridge;

grant select, insert on tenant, person, membership to countersign_web;
grant select, insert, update, delete on session to countersign_web;
grant select, insert, update, delete on set_up_link, sign_in_failure to countersign_web;
grant select, insert on agent to countersign_web;
grant select, insert on credential to countersign_web;
grant update (revoked_ms) on credential to countersign_web;
grant select, insert, update on journal_head to countersign_web;
grant select, insert on journal to countersign_web;
grant select on inbox, agent_live, task, task_seen, task_signal, attempt, event, quarantine to countersign_web;

grant select (id, slug) on tenant to countersign_bridge;
grant select, insert on bus_key to countersign_bridge;
grant select on agent, credential to countersign_bridge;
grant select, insert, update on agent_live, journal_head, checkpoint, task, attempt to countersign_bridge;
grant select, insert on journal, inbox, task_signal, event, quarantine to countersign_bridge;
