-- Work that ends, whatever happens: messages of a task, dead letters, breakers, leases, the outbox.
--
-- Read models are written by the projection of journal entries alone, so that dropping and rebuilding
-- them gives the same bytes. What only steers the present (outbox, lease, duty …) is marked so.

-- Read models ------------------------------------------------------------------------------------

-- A task that a founder made has no message before it is on the bus; epoch and sequence are those of
-- its newest message.
alter table task
    alter column epoch drop not null,
    alter column sequence drop not null,
    add column issue int not null default 1,
    add column sender_verified boolean not null default false,
    add column unknown_agent boolean not null default false,
    add column priority smallint not null default 0,
    add column not_before_ms bigint,
    add column replay_of uuid,
    add column result text,
    add column artifacts text[] not null default '{}',
    add column reported_micro_usd bigint,
    add column cancelled_ms bigint,
    add column cancelled_by uuid,
    add column cancelled_why text;
create index task_ended on task (tenant_id, agent, ended_ms desc) where ended_ms is not null;
create index task_open on task (tenant_id, updated_ms) where ended_ms is null;
create index task_good on task (tenant_id, agent, kind, ended_ms desc) where state = 'succeeded';

-- Every message that carries a task. The first delivery of one is attempt base + 1.
create table task_message (
    tenant_id uuid not null references tenant,
    epoch bigint not null,
    sequence bigint not null,
    task_id uuid not null,
    issue int not null,
    base int not null,
    primary key (tenant_id, epoch, sequence)
);
create index task_message_task on task_message (tenant_id, task_id);
insert into task_message (tenant_id, epoch, sequence, task_id, issue, base)
    select tenant_id, epoch, sequence, id, 1, 0 from task;

create table dead_letter (
    tenant_id uuid not null references tenant,
    task_id uuid not null,
    agent text not null,
    kind text not null,
    cause text not null,
    fingerprint text not null,
    state text not null default 'waiting',
    at_ms bigint not null,
    replay_task uuid,
    closed_ms bigint,
    closed_by uuid,
    note text,
    primary key (tenant_id, task_id)
);
create index dead_letter_waiting on dead_letter (tenant_id, at_ms desc, task_id desc) where state = 'waiting';
create index dead_letter_alike on dead_letter (tenant_id, fingerprint, at_ms desc) where state = 'waiting';
create index dead_letter_replay on dead_letter (tenant_id, replay_task) where replay_task is not null;
create index dead_letter_closed on dead_letter (tenant_id, closed_ms desc) where closed_ms is not null;

-- Every time that a letter was done again, by the task that does it.
create table letter_replay (
    tenant_id uuid not null references tenant,
    task_id uuid not null,
    letter_id uuid not null,
    run uuid,
    by_person uuid not null,
    at_ms bigint not null,
    stopped_ms bigint,
    primary key (tenant_id, task_id)
);
create index letter_replay_run on letter_replay (tenant_id, run) where run is not null;

alter table quarantine
    add column state text not null default 'waiting',
    add column closed_ms bigint,
    add column closed_by uuid,
    add column note text,
    add column task_id uuid;
create index quarantine_waiting on quarantine (tenant_id, at_ms desc) where state = 'waiting';

create table breaker (
    tenant_id uuid not null references tenant,
    agent text not null,
    state text not null,
    since_ms bigint not null,
    until_ms bigint,
    cause text not null,
    by_person uuid,
    primary key (tenant_id, agent)
);

create table agent_pause (
    tenant_id uuid not null references tenant,
    agent text not null,
    by_person uuid not null,
    at_ms bigint not null,
    reason text not null,
    primary key (tenant_id, agent)
);

-- Messages that retention took before they were read.
create table gap (
    tenant_id uuid not null references tenant,
    seq bigint not null,
    stream text not null,
    epoch bigint not null,
    from_sequence bigint not null,
    to_sequence bigint not null,
    at_ms bigint not null,
    primary key (tenant_id, seq)
);

alter table event add column tasks_epoch bigint;
drop index event_of_task;
create index event_of_task on event (tenant_id, task_sequence, tasks_epoch) where task_sequence is not null;

drop view task_seen;
create view task_seen with (security_invoker = true) as
select t.tenant_id, t.id, t.epoch, t.sequence, t.agent, t.kind,
       case when t.state = 'queued' and t.sequence <= l.delivered_sequence then 'running' else t.state end as state,
       t.title, t.correlation_id, t.created_ms, t.updated_ms, t.ended_ms,
       case when t.state = 'queued' and t.sequence <= l.delivered_sequence then 1 else t.attempts end as attempts,
       t.reason, t.micro_usd, t.search
from task t
left join agent_live l on l.tenant_id = t.tenant_id and l.agent = t.agent;

-- Steering: not derived, not rebuilt ---------------------------------------------------------------

-- What is to be done on the bus, written in the transaction that decided it.
create table outbox (
    tenant_id uuid not null references tenant,
    seq bigint generated always as identity,
    -- 'publish' puts a message on `subject`; 'remove' takes message `sequence` from TASKS.
    op text not null check (op in ('publish', 'remove')),
    message_id text not null,
    subject text,
    headers jsonb not null default '[]',
    payload bytea,
    -- Set for a task's message: which, and whose queue it goes to.
    task_id uuid,
    issue int,
    base int,
    agent text,
    epoch bigint,
    sequence bigint,
    priority smallint not null default 0,
    due_ms bigint not null,
    tries int not null default 0,
    error text,
    -- In the relay's hand: it may be on the bus already.
    taken_ms bigint,
    sent_ms bigint,
    primary key (tenant_id, seq),
    constraint outbox_once unique (tenant_id, message_id)
);
create index outbox_due on outbox (tenant_id, due_ms) where sent_ms is null;
create index outbox_task on outbox (tenant_id, task_id) where task_id is not null;
create index outbox_sent on outbox (tenant_id, sent_ms) where sent_ms is not null;

-- A second copy on the bus of a message that is recorded already: workers are told to drop it.
create table task_duplicate (
    tenant_id uuid not null references tenant,
    epoch bigint not null,
    sequence bigint not null,
    primary key (tenant_id, epoch, sequence)
);

-- Who works on a task through the Workspace API. The fence is the journal's number of the claim.
create table lease (
    tenant_id uuid not null references tenant,
    task_id uuid not null,
    fence bigint not null,
    agent text not null,
    epoch bigint not null,
    sequence bigint not null,
    delivery int not null,
    claimed_ms bigint not null,
    until_ms bigint not null,
    primary key (tenant_id, task_id)
);
create index lease_until on lease (tenant_id, until_ms);

create table agent_challenge (
    nonce bytea primary key check (length(nonce) = 32),
    expires_ms bigint not null
);

create index agent_challenge_expires on agent_challenge (expires_ms);

create table agent_token (
    digest bytea primary key check (length(digest) = 32),
    tenant_id uuid not null references tenant,
    credential_id uuid not null,
    agent text not null,
    expires_ms bigint not null
);
create index agent_token_expires on agent_token (expires_ms);

-- The journal's head as it was last told to the bus, signed.
create table witness (
    tenant_id uuid primary key references tenant,
    seq bigint not null,
    at_ms bigint not null
);

-- Which serving process does which part of a tenant's work. Times are the database's own, so that
-- clocks of the processes do not matter.
create table replica (
    id uuid primary key,
    seen timestamptz not null
);
create table duty (
    tenant_id uuid not null references tenant,
    duty text not null,
    holder uuid not null,
    until timestamptz not null,
    primary key (tenant_id, duty)
);

alter table agent_live
    add column max_deliver int,
    add column ack_wait_ms bigint,
    add column paused boolean not null default false;

-- Grants and row-level security -------------------------------------------------------------------

do $$
declare name text;
begin
    foreach name in array array['task_message', 'dead_letter', 'letter_replay', 'breaker', 'agent_pause', 'gap', 'outbox',
                                'task_duplicate', 'lease', 'witness'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format($policy$create policy own_tenant on %I
            using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
            with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)$policy$, name);
    end loop;
    -- Whoever writes an entry also writes what follows from it.
    foreach name in array array['countersign_web', 'countersign_bridge', 'countersign_agent'] loop
        execute format('grant usage on schema public to %I', name);
        execute format('grant select, insert, update on task, attempt, task_message, dead_letter, letter_replay,
                        quarantine, breaker, journal_head, outbox to %I', name);
        execute format('grant select, insert on journal, task_signal, event, gap, task_duplicate to %I', name);
        execute format('grant select, insert, update, delete on agent_pause to %I', name);
        execute format('grant select on task_seen, agent, agent_live to %I', name);
        execute format('grant delete on outbox to %I', name);
        execute format('grant usage on sequence outbox_seq_seq to %I', name);
    end loop;
end $$;

grant select, delete on lease to countersign_web;
grant select on checkpoint to countersign_web, countersign_agent;
grant select, insert, update, delete on lease to countersign_bridge, countersign_agent;
grant select, insert, update on witness to countersign_bridge;
grant select, insert, update, delete on replica, duty to countersign_bridge;
grant select, insert, delete on agent_challenge, agent_token to countersign_agent;
grant delete on agent_token to countersign_web;
grant select on credential to countersign_agent;
