-- Who approves must not be made for the occasion. A founder who came in the last three days does not count yet, and one who
-- left in the last three days counts still (docs/decisions/0019-three-days.md). And an emergency stop gives back just the time
-- that it took, of what it stopped itself.

-- When what happened at `at_ms` counts: three days later. What happened in the first three days of an organization counts at
-- once, since it has to begin somehow.
create function counts_from(of_tenant uuid, at_ms bigint) returns bigint language sql stable
    set search_path = pg_catalog, public, pg_temp as $$
    select case when at_ms <= t.created_ms + 259200000 then at_ms else at_ms + 259200000 end from tenant t where t.id = of_tenant
$$;

-- From when to when somebody was a founder, and from when on it counts. A trigger keeps it, whatever changes a membership.
create table founder_term (
    seq bigint generated always as identity primary key,
    tenant_id uuid not null references tenant,
    person_id uuid not null references person,
    from_ms bigint not null,
    counts_ms bigint not null,
    until_ms bigint
);
create unique index founder_term_now on founder_term (tenant_id, person_id) where until_ms is null;
create index founder_term_over on founder_term (tenant_id, until_ms);

create function keep_founder_term() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp as $$
declare
    now_ms bigint := extract(epoch from clock_timestamp()) * 1000;
    before founder_term;
begin
    if tg_op <> 'INSERT' and old.role = 'founder' and (tg_op = 'DELETE' or new.role <> 'founder') then
        update founder_term set until_ms = now_ms
        where tenant_id = old.tenant_id and person_id = old.person_id and until_ms is null;
    end if;
    if tg_op <> 'DELETE' and new.role = 'founder' and (tg_op = 'INSERT' or old.role <> 'founder') then
        -- Who counted, and is back within three days, has been among those who count all the time.
        select * into before from founder_term
            where tenant_id = new.tenant_id and person_id = new.person_id and counts_ms <= until_ms
              and until_ms + 259200000 > now_ms
            order by until_ms desc limit 1;
        insert into founder_term (tenant_id, person_id, from_ms, counts_ms)
        values (new.tenant_id, new.person_id, now_ms, coalesce(before.counts_ms, counts_from(new.tenant_id, now_ms)));
    end if;
    return null;
end $$;
create trigger membership_remembered after insert or update of role or delete on membership
    for each row execute function keep_founder_term();
insert into founder_term (tenant_id, person_id, from_ms, counts_ms)
    select tenant_id, person_id, since_ms, counts_from(tenant_id, since_ms) from membership where role = 'founder';

-- When somebody was linked to an account of an identity provider. It outlives the link.
create table founder_link (
    seq bigint generated always as identity primary key,
    tenant_id uuid not null references tenant,
    person_id uuid not null references person,
    at_ms bigint not null
);
create index founder_link_of on founder_link (tenant_id, person_id, at_ms desc);

create function keep_founder_link() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp as $$
begin
    insert into founder_link (tenant_id, person_id, at_ms)
    values (new.tenant_id, new.person_id, extract(epoch from clock_timestamp()) * 1000);
    return null;
end $$;
create trigger sso_identity_remembered after insert or update on sso_identity
    for each row execute function keep_founder_link();
-- For a moment the owner sees all tenants' rows.
alter table sso_identity no force row level security;
insert into founder_link (tenant_id, person_id, at_ms) select tenant_id, person_id, linked_ms from sso_identity;
alter table sso_identity force row level security;

-- Nobody but these triggers runs them. Not forced: their functions, which are the tables' owner's, write in whichever tenant.
revoke execute on function keep_founder_term(), keep_founder_link() from public;
do $$
declare one text;
begin
    foreach one in array array['founder_term', 'founder_link'] loop
        execute format('alter table %I enable row level security', one);
        execute format($policy$create policy own_tenant on %I
            using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)$policy$, one);
        execute format('grant select on %I to countersign_web', one);
    end loop;
end $$;

-- The founders who count, and until when, where they are founders no more. A term that ended before it counted never does.
create function counted_founders(of_tenant uuid) returns table (person_id uuid, until_ms bigint) language sql stable
    set search_path = pg_catalog, public, pg_temp as $$
    select f.person_id, case when bool_or(f.until_ms is null) then null else max(f.until_ms) + 259200000 end
    from founder_term f
    where f.tenant_id = of_tenant
      and f.counts_ms <= least(f.until_ms, (extract(epoch from clock_timestamp()) * 1000)::bigint)
      and (f.until_ms is null or f.until_ms + 259200000 > extract(epoch from clock_timestamp()) * 1000)
    group by f.person_id
$$;

-- From when on the approval of a founder counts; null for everybody else. Whoever is back begins anew here; and whoever was linked
-- to an account of an identity provider just now may be somebody else, whom another founder's provider vouches for.
create function approves_from(of_tenant uuid, person uuid) returns bigint language sql stable
    set search_path = pg_catalog, public, pg_temp as $$
    select greatest(counts_from(of_tenant, f.from_ms),
                    (select max(counts_from(of_tenant, l.at_ms)) from founder_link l
                     where l.tenant_id = of_tenant and l.person_id = person))
    from founder_term f where f.tenant_id = of_tenant and f.person_id = person and f.until_ms is null
$$;

-- As before, but of the founders who count. An author who has just come is no second pair of eyes.
create or replace function approvals_needed(of_tenant uuid, author uuid) returns int language sql stable
    set search_path = pg_catalog, public, pg_temp as $$
    select greatest(1, least(
        (select count(*)::int from counted_founders(of_tenant) c where c.person_id <> author),
        greatest(
            (select coalesce(max(a.approvals), 1) from approvals_asked a
             join counted_founders(of_tenant) c on c.person_id = a.person_id
             where a.tenant_id = of_tenant
               and not exists (select from approvals_asked later
                               where later.tenant_id = of_tenant and later.person_id = a.person_id and later.seq > a.seq)),
            (case when exists (select from counted_founders(of_tenant) c where c.person_id = author) then 1 else 2 end))))
$$;

create or replace function check_review_decision() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
declare
    reviewed review;
begin
    perform check_founders_word(new.tenant_id, new.person_id, new.how, new.proven_ms, new.at_ms);
    select * into reviewed from review r
        where r.tenant_id = new.tenant_id and r.id = new.review_id and r.sha256 = new.sha256;
    if not found then
        raise exception 'a decision is about the content that was reviewed' using errcode = 'check_violation';
    end if;
    if reviewed.state <> (case new.decision when 'revoked' then 'approved' else 'open' end) then
        raise exception 'what is open is approved or rejected, and what is approved is revoked'
            using errcode = 'check_violation';
    end if;
    new.needed := approvals_needed(new.tenant_id, reviewed.author);
    if new.decision = 'approved' then
        if ((reviewed.probe ->> 'wrong')::int = 0 and reviewed.probed_ms >= new.at_ms - 3600000) is not true then
            raise exception 'an approval needs a probe that went well within the hour' using errcode = 'check_violation';
        end if;
        if (approves_from(new.tenant_id, new.person_id) <= extract(epoch from clock_timestamp()) * 1000) is not true then
            raise exception 'an approval needs a founder of three days' using errcode = 'check_violation';
        end if;
        if reviewed.author = new.person_id
           and exists (select from counted_founders(new.tenant_id) c where c.person_id <> new.person_id) then
            raise exception 'author and approver are two where two may approve' using errcode = 'check_violation';
        end if;
    end if;
    return new;
end $$;

-- Whether it is part of a stop of all, and goes with it. Those that stand were made before anybody asked.
alter table emergency_stop add column of_fleet boolean not null default false;
-- For a moment the owner sees all tenants' rows.
alter table emergency_stop no force row level security;
update emergency_stop e set of_fleet = true
    where e.agent <> '' and exists (select from emergency_stop f
                                    where f.tenant_id = e.tenant_id and f.agent = '' and f.at_ms = e.at_ms);
alter table emergency_stop force row level security;
