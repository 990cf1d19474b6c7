-- What the record of each message costs.

-- The words of a task in a table of their own. A task's row is written again whenever its state changes,
-- and every index on it with it; the index of words is the dearest, and what was asked never changes.

create table task_text (
    tenant_id uuid not null,
    task_id uuid not null,
    search tsvector not null,
    primary key (tenant_id, task_id)
);
-- For a moment the owner sees all tenants' rows.
alter table task no force row level security;
insert into task_text (tenant_id, task_id, search) select tenant_id, id, search from task where search is not null;
alter table task force row level security;
create index task_text_search on task_text using gin (search);

-- The view still answers a server of the version before, until that is replaced too.
drop view task_seen;
alter table task drop column search;
create view task_seen with (security_invoker = true) as
select t.tenant_id, t.id, t.epoch, t.sequence, t.agent, t.kind,
       case when t.state = 'queued' and t.sequence <= l.delivered_sequence then 'running' else t.state end as state,
       t.title, t.correlation_id, t.created_ms, t.updated_ms, t.ended_ms,
       case when t.state = 'queued' and t.sequence <= l.delivered_sequence then 1 else t.attempts end as attempts,
       t.reason, t.micro_usd,
       (select x.search from task_text x where x.tenant_id = t.tenant_id and x.task_id = t.id) as search
from task t
left join agent_live l on l.tenant_id = t.tenant_id and l.agent = t.agent;

-- task_message finds a task by its message.
alter table task drop constraint task_tenant_id_epoch_sequence_key;

-- Whoever writes here has locked the tenant's row of journal_head, which refers to the tenant, and the policies let
-- it write that tenant's rows alone. To look the tenant up again for every row of every table made an insert half as dear
-- again.
alter table inbox drop constraint inbox_tenant_id_fkey;
alter table journal drop constraint journal_tenant_id_fkey;
alter table task drop constraint task_tenant_id_fkey;
alter table task_message drop constraint task_message_tenant_id_fkey;
alter table task_signal drop constraint task_signal_tenant_id_fkey;
alter table event drop constraint event_tenant_id_fkey;
alter table outbox drop constraint outbox_tenant_id_fkey;

alter table task_text enable row level security;
alter table task_text force row level security;
create policy own_tenant on task_text
    using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert on task_text to countersign_web, countersign_bridge, countersign_agent;
grant select on task_seen to countersign_web, countersign_bridge, countersign_agent;
