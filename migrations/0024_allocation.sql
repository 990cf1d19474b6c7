-- Briefs that people write, allocations that only decisions set, and facts that agents cannot see. Each row has its
-- entry in the journal.

-- Who wrote a version, where its author are the organization's people.
alter table brief_version add column person_id uuid references person;

-- An agent's text is no person's, and a person writes in nobody's name but the people's own.
create function check_brief_writer() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
declare
    asks text;
begin
    select b.author into asks from brief b where b.tenant_id = new.tenant_id and b.id = new.brief_id;
    if (asks is not distinct from 'founder') <> (new.person_id is not null) then
        raise exception 'a brief is written by whom it says' using errcode = 'check_violation';
    end if;
    if new.person_id is not null and not exists (
        select from membership m
        where m.tenant_id = new.tenant_id and m.person_id = new.person_id and m.role = 'founder') then
        raise exception 'a brief in the people''s name is a founder''s' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger brief_version_written before insert on brief_version
    for each row execute function check_brief_writer();

-- What each agent gets, by the decision that said so. The newest decision's rows count. Never changed.
create table allocation (
    tenant_id uuid not null references tenant,
    decision_id uuid not null,
    agent text not null,
    -- Per mille of the organization's capacity.
    weight int not null check (weight between 0 and 1000),
    -- In millionths of a dollar.
    budget_micro_usd bigint not null check (budget_micro_usd >= 0),
    at_ms bigint not null,
    primary key (tenant_id, decision_id, agent),
    foreign key (tenant_id, decision_id) references decision (tenant_id, id)
);
create index allocation_newest on allocation (tenant_id, at_ms desc, decision_id);

-- What the option that a person chose says about the shares; null where it says nothing.
create function decided_shares(of_tenant uuid, of_decision uuid) returns jsonb language sql stable
    set search_path = pg_catalog, public, pg_temp as $$
    select o -> 'allocation'
    from decision d
    join brief_version v on v.tenant_id = d.tenant_id and v.brief_id = d.brief_id and v.version = d.version
        and v.sha256 = d.sha256
    cross join lateral (select convert_from(v.text, 'utf8')::jsonb as said) s
    cross join lateral jsonb_array_elements(s.said -> 'options') o
    where d.tenant_id = of_tenant and d.id = of_decision and d.state = 'made' and d.choice = 'option'
        and d.person_id is not null and o ->> 'key' = d.answer
        and s.said ->> 'category' in ('resource_allocation', 'budget')
$$;

-- A row says what a decision says that was made, and nothing else; whoever writes it.
create function keep_allocation() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
declare
    share jsonb := decided_shares(new.tenant_id, new.decision_id) -> new.agent;
begin
    if share is null or (share ->> 'weight')::int <> new.weight
       or (share ->> 'budget_micro_usd')::bigint <> new.budget_micro_usd
       or new.at_ms is distinct from (select d.ended_ms from decision d
                                      where d.tenant_id = new.tenant_id and d.id = new.decision_id) then
        raise exception 'shares are what a founder decided' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger allocation_decided before insert or update on allocation
    for each row execute function keep_allocation();

-- All of it, or nothing.
create function keep_whole_allocation() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
begin
    if exists (select from (select distinct tenant_id, decision_id from added) one
               where (select coalesce(sum(a.weight), 0) from allocation a
                      where a.tenant_id = one.tenant_id and a.decision_id = one.decision_id) <> 1000
                  or (select count(*) from allocation a
                      where a.tenant_id = one.tenant_id and a.decision_id = one.decision_id)
                     <> (select count(*) from jsonb_each(decided_shares(one.tenant_id, one.decision_id)))) then
        raise exception 'an allocation is whole' using errcode = 'check_violation';
    end if;
    return null;
end $$;
create trigger allocation_whole after insert on allocation referencing new table as added
    for each statement execute function keep_whole_allocation();

-- The allocation changes with the decision, in its transaction, whatever the code above it does. No role may write it:
-- this function does, in the name of the tables' owner.
create function follow_decision() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp as $$
begin
    insert into allocation (tenant_id, decision_id, agent, weight, budget_micro_usd, at_ms)
    select new.tenant_id, new.id, e.key, (e.value ->> 'weight')::int, (e.value ->> 'budget_micro_usd')::bigint, new.ended_ms
    from jsonb_each(decided_shares(new.tenant_id, new.id)) e;
    return null;
end $$;
create trigger decision_followed after update of state on decision
    for each row when (new.state = 'made' and old.state <> 'made') execute function follow_decision();
create trigger decision_followed_at_once after insert on decision
    for each row when (new.state = 'made') execute function follow_decision();

-- What founders know and agents cannot see. The newest version of each counts. Never changed.
create table context_fact (
    tenant_id uuid not null references tenant,
    id uuid not null,
    version int not null check (version > 0),
    kind text not null check (kind in ('commitment', 'freeze', 'seasonality')),
    text text not null check (text <> ''),
    from_ms bigint not null,
    until_ms bigint check (until_ms > from_ms),
    withdrawn boolean not null,
    person_id uuid not null references person,
    at_ms bigint not null,
    primary key (tenant_id, id, version)
);

create function check_context_fact() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
declare
    newest context_fact;
begin
    if not exists (select from membership m
                   where m.tenant_id = new.tenant_id and m.person_id = new.person_id and m.role = 'founder') then
        raise exception 'only founders tell facts' using errcode = 'check_violation';
    end if;
    if abs(new.at_ms - extract(epoch from clock_timestamp()) * 1000) > 600000 then
        raise exception 'a fact is dated when it is told' using errcode = 'check_violation';
    end if;
    select * into newest from context_fact f
        where f.tenant_id = new.tenant_id and f.id = new.id order by f.version desc limit 1;
    if new.version <> coalesce(newest.version, 0) + 1 or coalesce(newest.withdrawn, new.withdrawn) then
        raise exception 'a fact has one version after the other, until it is taken back' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger context_fact_checked before insert on context_fact
    for each row execute function check_context_fact();

do $$
declare one text;
begin
    foreach one in array array['allocation', 'context_fact'] loop
        execute format('alter table %I enable row level security', one);
        execute format('alter table %I force row level security', one);
        execute format($policy$create policy own_tenant on %I
            using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
            with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)$policy$, one);
        execute format('grant select on %I to countersign_web, countersign_bridge, countersign_agent', one);
    end loop;
end $$;
grant insert on context_fact to countersign_web;
