-- What holds a decision up, whatever is done to it: the journal is compared with what is kept, the ten seconds are the
-- database's, a founder's word waits for nobody's newer version, and counts only while they are a founder.

-- Whoever checks journals compares them with what is kept of briefs. To look is enough.
grant select on brief, brief_version, brief_question, brief_policy, decision to countersign_keeper;

-- By the console's clock: how often an author was told is counted by it, and not by what an event says of itself.
alter table brief_intake add column arrived_ms bigint;
create index brief_intake_told on brief_intake (tenant_id, agent, coalesce(arrived_ms, at_ms)) where task_id is not null;

-- All events by which agents ask were dealt with up to here.
create table brief_watermark (
    tenant_id uuid primary key references tenant,
    epoch bigint not null,
    sequence bigint not null
);
create index event_brief_place on event (tenant_id, epoch, sequence) where topic = 'brief.prepared';
alter table brief_watermark enable row level security;
alter table brief_watermark force row level security;
create policy own_tenant on brief_watermark
    using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update (epoch, sequence) on brief_watermark to countersign_web;

-- Why a decision was voided: the trigger below says so, and nobody else may.
alter table decision add column void_reason text check (void_reason in ('newer_version', 'no_founder'));

-- Milliseconds since 1970 by the database's clock.
create function clock_ms() returns bigint language sql volatile
    set search_path = pg_catalog, public, pg_temp as $$
    select floor(extract(epoch from clock_timestamp()) * 1000)::bigint
$$;

-- The ten seconds of a founder's word are the database's, give or take two.
create function keep_word_in_time() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
begin
    if new.person_id is not null
       and (abs(new.at_ms - clock_ms()) > 2000 or abs(new.held_ms - clock_ms() - 10000) > 2000) then
        raise exception 'a decision is dated when it is made, and held for ten seconds' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger decision_in_time before insert on decision for each row execute function keep_word_in_time();

-- As before, but by the database's clock, give or take two seconds; and whoever is a founder no more when the ten seconds
-- are over has not decided.
create or replace function keep_decision() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
declare
    newest bytea;
    is_founder boolean;
begin
    if old.state <> 'held' then
        raise exception 'what was decided, or taken back, stays so' using errcode = 'check_violation';
    end if;
    if new.ended_ms is null or abs(new.ended_ms - clock_ms()) > 2000 then
        raise exception 'what becomes of a decision is dated when it does' using errcode = 'check_violation';
    end if;
    select b.sha256 into newest from brief b where b.tenant_id = old.tenant_id and b.id = old.brief_id;
    is_founder := exists (select from membership m
                          where m.tenant_id = old.tenant_id and m.person_id = old.person_id and m.role = 'founder');
    if not (new.state = 'made' and new.ended_ms >= old.held_ms and newest = old.sha256 and is_founder
            or new.state = 'taken_back' and new.ended_ms < old.held_ms
            or new.state = 'voided' and (newest <> old.sha256 or not is_founder)) then
        raise exception 'a decision counts once its time is up, and is taken back before' using errcode = 'check_violation';
    end if;
    new.void_reason := (case when new.state <> 'voided' then null
                             when newest <> old.sha256 then 'newer_version'
                             else 'no_founder' end);
    return new;
end $$;

-- An author that asks anew while a founder's word is held waits until that counts, or is taken back. A word that did not
-- count within a minute of its time never will: it keeps nobody waiting.
create function keep_held_word() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
begin
    if new.version <> old.version
       and exists (select from decision d
                   where d.tenant_id = old.tenant_id and d.brief_id = old.id and d.state = 'held'
                     and d.held_ms > clock_ms() - 60000) then
        raise exception 'a newer version waits while a decision is held' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger brief_waits before update of version on brief for each row execute function keep_held_word();
