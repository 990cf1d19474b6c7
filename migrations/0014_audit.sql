-- Which entries of the journal are acts: what somebody did, or what somebody would ask about. A read model, made
-- where entries are appended, so that a page of acts, by whom or of which kind, costs the same however long the
-- journal is. `who` is all zeros for the server itself: an index cannot be in order behind a null.
create table audit_entry (
    tenant_id uuid not null,
    seq bigint not null,
    at_ms bigint not null,
    -- The first word of the kind.
    topic text not null,
    kind text not null,
    who uuid not null,
    -- The person whom it was done to, where that is somebody else.
    whom uuid,
    -- The entry without a task's payload.
    entry text not null,
    primary key (tenant_id, seq)
);
create index audit_newest on audit_entry (tenant_id, at_ms, seq);
create index audit_of_person on audit_entry (tenant_id, who, at_ms, seq);
create index audit_of_topic on audit_entry (tenant_id, topic, at_ms, seq);

-- What is there already, for a moment seen as the owner of all tenants' rows. Quotes in what somebody wrote have a
-- backslash before them, so a name with its colon is a name.
alter table journal no force row level security;
insert into audit_entry (tenant_id, seq, at_ms, topic, kind, who, whom, entry)
select tenant_id, seq, at_ms, split_part(kind, '.', 1), kind, coalesce(who, '00000000-0000-0000-0000-000000000000'),
       nullif(whom, who), regexp_replace(said, '"payload":"(?:[^"\\]|\\.)*"', '"payload":""')
from (select tenant_id, seq, at_ms, kind, convert_from(canonical, 'UTF8') as said from journal
      where kind not in ('task.received', 'task.signalled', 'event.received', 'message.quarantined', 'task.issued',
                         'attempt.reported')) j
cross join lateral (select case kind when 'founder.created' then substring(said from '"person":"([0-9a-f-]{36})"')
                                     else substring(said from '"by":"([0-9a-f-]{36})"') end::uuid as who,
                           case when kind like 'account.%' then substring(said from '"person":"([0-9a-f-]{36})"') end::uuid as whom) i;
alter table journal force row level security;

alter table audit_entry enable row level security;
alter table audit_entry force row level security;
create policy own_tenant on audit_entry
    using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert on audit_entry to countersign_web, countersign_bridge, countersign_agent;
grant select, insert, update, delete on audit_entry to countersign_keeper;
