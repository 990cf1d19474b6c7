-- What the record of each message costs, once more.

-- Words are parted by the server now, at everything that is no letter and no digit (docs/decisions/0007). Those that
-- are kept already are parted in the same way; for a moment the owner sees all tenants' rows.
alter table task no force row level security;
alter table task_text no force row level security;
update task_text x
set search = to_tsvector('simple', regexp_replace(concat_ws(' ', t.agent, t.kind, t.correlation_id, left(t.payload, 20000)),
                                                  '[^[:alnum:]]+', ' ', 'g'))
from task t
where t.tenant_id = x.tenant_id and t.id = x.task_id;
alter table task force row level security;
alter table task_text force row level security;

-- A state is looked up where few tasks are in it. Most tasks end well: they need no place here.
drop index task_in_state;
create index task_in_state on task (tenant_id, state, created_ms desc, id desc) where state <> 'succeeded';
