-- Which entries of the journal are a founder's acts on a task, by the task they are about, so that a trace
-- shows them without reading the journal. A read model, as the tasks are. Under row-level security an index
-- over an expression of `canonical` would not be used.
create table journal_act (
    tenant_id uuid not null references tenant,
    -- The task, or the letter's task.
    about uuid not null,
    seq bigint not null,
    at_ms bigint not null,
    kind text not null,
    by_person uuid not null,
    primary key (tenant_id, about, seq)
);

-- What is there already, for a moment seen as the owner of all tenants' rows. The ids stand at the head of an
-- entry, before anything that somebody wrote; quotes in what somebody wrote have a backslash before them.
alter table journal no force row level security;
insert into journal_act (tenant_id, about, seq, at_ms, kind, by_person)
select tenant_id, about, seq, at_ms, kind, by_person
from (select tenant_id, seq, at_ms, kind, encode(substring(canonical from 1 for 300), 'escape') as head from journal
      where kind in ('task.created', 'task.cancelled', 'task.reprioritised', 'letter.replayed', 'replay.stopped',
                     'letter.dismissed', 'quarantine.requeued')) j
cross join lateral (select substring(head from '"(?:letter|task)":"([0-9a-f-]{36})"')::uuid as about,
                           substring(head from '"by":"([0-9a-f-]{36})"')::uuid as by_person) i
where about is not null and by_person is not null;
alter table journal force row level security;

-- Breakers that a trace opened are found by when it ran.
create index journal_breaker on journal (tenant_id, at_ms) where kind = 'breaker.moved';
create index quarantine_task on quarantine (tenant_id, task_id) where task_id is not null;
-- Costs that came with results, by the day on which their tasks ended.
create index task_reported on task (tenant_id, ended_ms) where reported_micro_usd is not null;

alter table journal_act enable row level security;
alter table journal_act force row level security;
create policy own_tenant on journal_act
    using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert on journal_act to countersign_web, countersign_bridge, countersign_agent;
