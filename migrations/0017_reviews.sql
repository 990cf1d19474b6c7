-- Role files by their hash, the reviews of them, and who let what run. Each row has its entry in the journal; what is
-- here is what triggers ask, and is not made from the journal again.

create table role_version (
    tenant_id uuid not null references tenant,
    sha256 bytea not null check (length(sha256) = 32),
    agent text not null,
    text text not null,
    -- The first who proposed it.
    author uuid not null references person,
    at_ms bigint not null,
    primary key (tenant_id, sha256)
);
create index role_version_of_agent on role_version (tenant_id, agent, at_ms desc);

create table review (
    tenant_id uuid not null references tenant,
    id uuid not null,
    agent text not null,
    sha256 bytea not null,
    author uuid not null references person,
    requested_ms bigint not null,
    -- What the built-in rules found, and what the newest probe came to.
    findings jsonb not null,
    probe jsonb,
    probed_ms bigint,
    state text not null check (state in ('open', 'approved', 'rejected', 'replaced', 'revoked')),
    ended_ms bigint,
    primary key (tenant_id, id),
    foreign key (tenant_id, sha256) references role_version (tenant_id, sha256)
);
-- One open review of an agent at a time: new content makes a new one and replaces the one before.
create unique index review_open on review (tenant_id, agent) where state = 'open';
-- One approved hash of an agent at a time.
create unique index review_stands on review (tenant_id, agent) where state = 'approved';
create index review_newest on review (tenant_id, requested_ms desc, id desc);

-- What people decided. Never changed: a revocation is another decision.
create table review_decision (
    tenant_id uuid not null references tenant,
    review_id uuid not null,
    seq bigint not null,
    sha256 bytea not null,
    decision text not null check (decision in ('approved', 'rejected', 'revoked')),
    person_id uuid not null references person,
    how text not null,
    proven_ms bigint not null,
    at_ms bigint not null,
    reason text not null check (reason <> ''),
    self_approved boolean not null,
    -- How many people had to approve it at that time. The trigger says it, not who writes.
    needed int not null,
    primary key (tenant_id, review_id, seq),
    foreign key (tenant_id, review_id) references review (tenant_id, id)
);

-- How many founders have to approve a role file, as each of them asks for it. The newest of each counts, and of all the
-- highest: whoever asks for more care is not outvoted. Never changed.
create table approvals_asked (
    tenant_id uuid not null references tenant,
    seq bigint not null,
    person_id uuid not null references person,
    approvals int not null check (approvals between 1 and 9),
    how text not null,
    proven_ms bigint not null,
    at_ms bigint not null,
    reason text not null check (reason <> ''),
    primary key (tenant_id, seq)
);

-- All functions here name their tables' schema: a temporary table of the same name would come first.

-- What the founders of now ask for, but never more than there are beside the author: nothing waits for nobody.
create function approvals_needed(of_tenant uuid, author uuid) returns int language sql stable
    set search_path = pg_catalog, public, pg_temp as $$
    select greatest(1, least(
        (select coalesce(max(a.approvals), 1) from approvals_asked a
         join membership m on m.tenant_id = a.tenant_id and m.person_id = a.person_id and m.role = 'founder'
         where a.tenant_id = of_tenant
           and not exists (select from approvals_asked later
                           where later.tenant_id = of_tenant and later.person_id = a.person_id and later.seq > a.seq)),
        (select count(*)::int from membership m
         where m.tenant_id = of_tenant and m.role = 'founder' and m.person_id <> author)))
$$;

-- What a word needs that lets something run, or stops it: a founder of the tenant, who has just proven who they are in a
-- way of their own. A proof does not grow fresh by an earlier date: two clocks may differ a little.
create function check_founders_word(of_tenant uuid, person uuid, how text, proven_ms bigint, at_ms bigint)
    returns void language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
    if how not in ('password', 'password_and_code', 'recovery_code', 'passkey', 'sso') then
        raise exception 'a decision needs a person who proved who they are' using errcode = 'check_violation';
    end if;
    if abs(at_ms - extract(epoch from clock_timestamp()) * 1000) > 600000 then
        raise exception 'a decision is dated when it is made' using errcode = 'check_violation';
    end if;
    if at_ms - proven_ms > 300000 then
        raise exception 'a decision needs a proof that is not older than 5 minutes' using errcode = 'check_violation';
    end if;
    if not exists (select from membership m
                   where m.tenant_id = of_tenant and m.person_id = person and m.role = 'founder') then
        raise exception 'a decision needs a founder' using errcode = 'check_violation';
    end if;
end $$;

create function check_approvals_asked() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
begin
    perform check_founders_word(new.tenant_id, new.person_id, new.how, new.proven_ms, new.at_ms);
    return new;
end $$;
create trigger approvals_asked_checked before insert on approvals_asked
    for each row execute function check_approvals_asked();

-- No path leads around it, whatever the code above it does.
create function check_review_decision() returns trigger language plpgsql
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
        if reviewed.author = new.person_id
           and (select count(*) from membership m where m.tenant_id = new.tenant_id and m.role = 'founder') > 1 then
            raise exception 'author and approver are two where two may approve' using errcode = 'check_violation';
        end if;
    end if;
    return new;
end $$;
create trigger review_decision_checked before insert on review_decision
    for each row execute function check_review_decision();

-- What has ended is not taken up again: its approval would count once more.
create function keep_ended_review() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
begin
    if not (old.state = new.state or old.state = 'open' and new.state in ('approved', 'rejected', 'replaced')
            or old.state = 'approved' and new.state in ('replaced', 'revoked')) then
        raise exception 'a review that has ended stays so' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger review_turned before update of state on review for each row execute function keep_ended_review();

-- An agent, or all of them (the empty name), stopped in an emergency: no credential until it is lifted.
create table emergency_stop (
    tenant_id uuid not null references tenant,
    agent text not null,
    by_person uuid not null references person,
    at_ms bigint not null,
    reason text not null,
    -- Whether its queue was paused by it, and not before.
    paused boolean not null,
    primary key (tenant_id, agent)
);

create function check_emergency_stop() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
begin
    if not exists (select from membership m
                   where m.tenant_id = new.tenant_id and m.person_id = new.by_person and m.role = 'founder') then
        raise exception 'a founder stops agents' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger emergency_stop_checked before insert on emergency_stop
    for each row execute function check_emergency_stop();

-- A credential belongs to the content that was approved. Those from before have none, and end by themselves.
alter table credential add column role_sha256 bytea;

create function check_credential() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
begin
    -- A state alone says nothing: the last word about that very content must be a founder's approval, and as many people
    -- must have approved it as had to.
    if not exists (select from review r
                   join lateral (select d.decision, d.needed from review_decision d
                                 where d.tenant_id = r.tenant_id and d.review_id = r.id and d.sha256 = r.sha256
                                 order by d.seq desc limit 1) last on last.decision = 'approved'
                   where r.tenant_id = new.tenant_id and r.agent = new.agent and r.sha256 = new.role_sha256
                     and r.state = 'approved'
                     and last.needed <= (select count(distinct d.person_id) from review_decision d
                                         where d.tenant_id = r.tenant_id and d.review_id = r.id
                                           and d.decision = 'approved')) then
        raise exception 'no approval, no credential' using errcode = 'check_violation';
    end if;
    if exists (select from emergency_stop e where e.tenant_id = new.tenant_id and e.agent in ('', new.agent)) then
        raise exception 'stopped in an emergency' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger credential_checked before insert on credential for each row execute function check_credential();
-- A longer life is a credential too.
create trigger credential_prolonged before update of expires_ms, role_sha256, agent, public_key on credential
    for each row execute function check_credential();

create function keep_revocation() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
begin
    if old.revoked_ms is not null and new.revoked_ms is distinct from old.revoked_ms then
        raise exception 'what was revoked stays so' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger credential_revoked before update of revoked_ms on credential
    for each row execute function keep_revocation();

do $$
declare one text;
begin
    foreach one in array array['role_version', 'review', 'review_decision', 'approvals_asked', 'emergency_stop'] loop
        execute format('alter table %I enable row level security', one);
        execute format('alter table %I force row level security', one);
        execute format($policy$create policy own_tenant on %I
            using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
            with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)$policy$, one);
    end loop;
end $$;
grant select, insert on role_version, review_decision, review, approvals_asked to countersign_web;
grant update (probe, probed_ms, state, ended_ms) on review to countersign_web;
grant select, insert, delete on emergency_stop to countersign_web;
-- Who carries messages and who answers agents may look, and decide nothing.
grant select on role_version, review, review_decision, emergency_stop to countersign_bridge, countersign_agent;
grant update (delegates_to) on agent to countersign_web;
-- An agent has its own credential prolonged.
grant update (expires_ms) on credential to countersign_agent;

-- Nobody paused it where the server found it to run what was not approved.
alter table agent_pause alter column by_person drop not null;
