-- Which entries of the journal are a founder's acts on a task: an index of the journal by the task they are
-- about, so that a trace shows them without reading the journal. It is made from the entries themselves as
-- they are written. Under row-level security an index over an expression of `canonical` would not be used.
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

-- The ids stand at the head of an entry, before anything that somebody wrote; quotes in what somebody wrote
-- have a backslash before them.
create function keep_act() returns trigger language plpgsql as $$
declare
    head constant text := encode(substring(new.canonical from 1 for 300), 'escape');
    about constant uuid := substring(head from '"(?:letter|task)":"([0-9a-f-]{36})"');
    by_person constant uuid := substring(head from '"by":"([0-9a-f-]{36})"');
begin
    if about is not null and by_person is not null then
        insert into journal_act values (new.tenant_id, about, new.seq, new.at_ms, new.kind, by_person)
        on conflict do nothing;
    end if;
    return null;
end $$;

create trigger keep_act after insert on journal for each row
when (new.kind in ('task.created', 'task.cancelled', 'task.reprioritised', 'letter.replayed', 'replay.stopped',
                   'letter.dismissed', 'quarantine.requeued'))
execute function keep_act();

-- What is there already. For a moment the owner sees all tenants.
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
