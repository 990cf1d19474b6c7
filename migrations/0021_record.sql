-- Whether what was decided proved right: said by founders, kept beside the decision, which stays as it is.

-- What a founder said when they looked back on a decision, or until when they put that off. The newest counts. Never
-- changed.
create table look_back (
    tenant_id uuid not null references tenant,
    id uuid not null,
    decision_id uuid not null,
    outcome text check (outcome in ('right', 'partly', 'wrong', 'unknown')),
    until_ms bigint check ((until_ms is null) <> (outcome is null)),
    note text not null,
    person_id uuid not null references person,
    how text not null,
    at_ms bigint not null,
    -- From where.
    via jsonb,
    primary key (tenant_id, id),
    foreign key (tenant_id, decision_id) references decision (tenant_id, id)
);
create index look_back_newest on look_back (tenant_id, decision_id, at_ms desc, id desc);

-- A founder's word, as the decision itself was one; about a decision that counts.
create function check_look_back() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
declare
    made decision;
begin
    if new.how not in ('password', 'password_and_code', 'recovery_code', 'passkey', 'sso') then
        raise exception 'a person looks back on a decision' using errcode = 'check_violation';
    end if;
    if abs(new.at_ms - extract(epoch from clock_timestamp()) * 1000) > 600000 then
        raise exception 'what is said is dated when it is said' using errcode = 'check_violation';
    end if;
    if not exists (select from membership m
                   where m.tenant_id = new.tenant_id and m.person_id = new.person_id and m.role = 'founder') then
        raise exception 'a founder looks back on a decision' using errcode = 'check_violation';
    end if;
    select * into made from decision d
        where d.tenant_id = new.tenant_id and d.id = new.decision_id and d.state = 'made';
    if not found then
        raise exception 'what counts is looked back on' using errcode = 'check_violation';
    end if;
    if new.until_ms is not null then
        if made.check_ms is null or new.until_ms <= new.at_ms or new.until_ms - new.at_ms > 63072000000 then
            raise exception 'what has a day is put off to a later one, within two years' using errcode = 'check_violation';
        end if;
        if exists (select from look_back l where l.tenant_id = new.tenant_id and l.decision_id = new.decision_id
                   and l.outcome is not null) then
            raise exception 'what was answered is not put off' using errcode = 'check_violation';
        end if;
    end if;
    return new;
end $$;
create trigger look_back_checked before insert on look_back
    for each row execute function check_look_back();

alter table look_back enable row level security;
alter table look_back force row level security;
create policy own_tenant on look_back
    using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert on look_back to countersign_web;
grant select on look_back to countersign_bridge, countersign_agent;
