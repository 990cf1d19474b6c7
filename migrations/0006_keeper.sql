-- Whoever checks journals and rebuilds read models does it in a role of its own. The owner may be a superuser,
-- whom no row-level policy binds: it saw all tenants' rows as one.
do $$
declare name text;
begin
    foreach name in array array['attempt', 'task_signal', 'task_message', 'dead_letter', 'letter_replay', 'event', 'quarantine',
                                'breaker', 'agent_pause', 'gap', 'task_text', 'journal_act', 'task'] loop
        execute format('grant select, insert, update, delete on %I to countersign_keeper', name);
    end loop;
end $$;
grant usage on schema public to countersign_keeper;
grant select (id, slug) on tenant to countersign_keeper;
grant select on journal to countersign_keeper;
-- To lock a head is to be allowed to change it.
grant select, update on journal_head to countersign_keeper;
