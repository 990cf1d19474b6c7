-- A state is looked up where few tasks are in it. Most tasks end well: they need no place here.
drop index task_in_state;
create index task_in_state on task (tenant_id, state, created_ms desc, id desc) where state <> 'succeeded';
