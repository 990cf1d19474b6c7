-- Decision briefs by their hash, and what founders decided. Each row has its entry in the journal; what is here is
-- what triggers ask, and is not made from the journal again.

-- One question of an agent. Its newest version is what may be decided.
create table brief (
    tenant_id uuid not null references tenant,
    id uuid not null,
    author text not null,
    name text not null,
    version int not null check (version > 0),
    sha256 bytea not null check (length(sha256) = 32),
    category text not null,
    opened_ms bigint not null,
    -- Later than the text says where an emergency stop held the clock.
    deadline_ms bigint not null,
    snoozed_ms bigint,
    -- When the deadline passed without anything happening by it.
    lapsed_ms bigint,
    state text not null check (state in ('open', 'decided')),
    primary key (tenant_id, id),
    constraint brief_name unique (tenant_id, author, name)
);
create index brief_open on brief (tenant_id, deadline_ms) where state = 'open';

-- Every version as it was frozen. Never changed.
create table brief_version (
    tenant_id uuid not null references tenant,
    brief_id uuid not null,
    version int not null,
    sha256 bytea not null,
    -- Canonical JSON: what is hashed, and what a passkey signs the hash of.
    text bytea not null check (sha256(text) = sha256),
    score int not null check (score between 0 and 100),
    reading_s int not null,
    at_ms bigint not null,
    primary key (tenant_id, brief_id, version)
);

-- What became of each event by which an agent asked: counted per agent, with what was wrong. Never changed.
create table brief_intake (
    tenant_id uuid not null references tenant,
    epoch bigint not null,
    sequence bigint not null,
    agent text not null,
    name text,
    at_ms bigint not null,
    outcome text not null check (outcome in ('taken', 'same', 'refused')),
    -- All faults of one that was refused.
    faults jsonb,
    -- The task that told its author.
    task_id uuid,
    score int not null,
    reading_s int not null,
    primary key (tenant_id, epoch, sequence)
);
create index brief_intake_of_agent on brief_intake (tenant_id, agent, at_ms desc);
create index brief_intake_newest on brief_intake (tenant_id, at_ms desc);
create index event_brief on event (tenant_id, at_ms) where topic = 'brief.prepared';

-- What people asked an author. The answer is the task's. Never changed.
create table brief_question (
    tenant_id uuid not null references tenant,
    brief_id uuid not null,
    task_id uuid not null,
    question text not null check (question <> ''),
    person_id uuid not null references person,
    at_ms bigint not null,
    primary key (tenant_id, brief_id, task_id),
    foreign key (tenant_id, brief_id) references brief (tenant_id, id)
);

-- What silence means in a category, and whether only founders settle it. The newest of each counts. Never changed.
create table brief_policy (
    tenant_id uuid not null references tenant,
    seq bigint not null,
    category text not null,
    reserved boolean not null,
    silence text not null check (silence in ('hold', 'as_declared', 'recommended')),
    person_id uuid not null references person,
    how text not null,
    proven_ms bigint not null,
    at_ms bigint not null,
    reason text not null check (reason <> ''),
    primary key (tenant_id, seq),
    check (not reserved or silence = 'hold')
);
create index brief_policy_newest on brief_policy (tenant_id, category, seq desc);

-- What was said of a brief. Of a row only what became of it changes, and that once.
create table decision (
    tenant_id uuid not null references tenant,
    id uuid not null,
    brief_id uuid not null,
    version int not null,
    -- Of the brief.
    sha256 bytea not null,
    choice text not null check (choice in ('option', 'own', 'rejected')),
    -- The option's key, or the answer.
    answer text check ((answer is null) = (choice = 'rejected') and answer <> ''),
    rationale text not null,
    prediction text not null,
    check_ms bigint,
    -- Nobody where silence decided; then the policy by which it did.
    person_id uuid references person,
    policy text check ((policy is null) = (person_id is not null)),
    how text not null,
    proven_ms bigint not null,
    at_ms bigint not null,
    held_ms bigint not null,
    -- From where, and with which token's name, if with one.
    via jsonb,
    -- Whoever sends the same word again says the same.
    said_key text not null check (said_key <> ''),
    -- What was signed, or would have been, and the passkey's word for it.
    canonical bytea,
    canonical_sha256 bytea check (canonical_sha256 is not distinct from sha256(canonical)),
    assertion jsonb,
    state text not null check (state in ('held', 'made', 'taken_back', 'voided')),
    ended_ms bigint,
    primary key (tenant_id, id),
    foreign key (tenant_id, brief_id) references brief (tenant_id, id),
    foreign key (tenant_id, brief_id, version) references brief_version (tenant_id, brief_id, version),
    check (assertion is null or canonical is not null),
    check (person_id is null or canonical is not null)
);
-- One decision of a brief, whatever the code above it does.
create unique index decision_one on decision (tenant_id, brief_id) where state in ('held', 'made');
create index decision_said on decision (tenant_id, brief_id, said_key);
create index decision_held on decision (tenant_id, held_ms) where state = 'held';
create index decision_newest on decision (tenant_id, ended_ms desc) where state = 'made';
create index decision_of_check on decision (tenant_id, check_ms) where state = 'made' and check_ms is not null;

-- Whether only a founder settles the category, in every organization or in this one.
create function brief_is_reserved(of_tenant uuid, of_category text) returns boolean language sql stable
    set search_path = pg_catalog, public, pg_temp as $$
    select of_category in ('resource_allocation', 'strategy', 'budget', 'priorities')
        or coalesce((select p.reserved from brief_policy p
                     where p.tenant_id = of_tenant and p.category = of_category order by p.seq desc limit 1), false)
$$;

create function check_brief_policy() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
begin
    perform check_founders_word(new.tenant_id, new.person_id, new.how, new.proven_ms, new.at_ms);
    if new.category in ('resource_allocation', 'strategy', 'budget', 'priorities')
       and not (new.reserved and new.silence = 'hold') then
        raise exception 'what is the founders'' alone is handed away by no policy' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger brief_policy_checked before insert on brief_policy
    for each row execute function check_brief_policy();

-- No path leads around it, whatever the code above it does: a founder decides, or silence does what a founder let it
-- mean before.
create function check_decision() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
declare
    asked brief;
    said jsonb;
    allowed text;
    option jsonb;
begin
    select * into asked from brief b
        where b.tenant_id = new.tenant_id and b.id = new.brief_id and b.sha256 = new.sha256 and b.version = new.version
        for update;
    if not found then
        raise exception 'a decision is about the newest version of a brief' using errcode = 'check_violation';
    end if;
    if asked.state <> 'open' then
        raise exception 'a brief is decided once' using errcode = 'check_violation';
    end if;
    select convert_from(v.text, 'utf8')::jsonb into said from brief_version v
        where v.tenant_id = new.tenant_id and v.brief_id = new.brief_id and v.version = new.version;
    if new.choice = 'option' then
        select o into option from jsonb_array_elements(said -> 'options') o where o ->> 'key' = new.answer;
        if option is null then
            raise exception 'a decision names an option of the brief' using errcode = 'check_violation';
        end if;
    end if;
    if new.ended_ms is not null and new.person_id is not null then
        raise exception 'a decision can be taken back before it counts' using errcode = 'check_violation';
    end if;
    if new.person_id is not null then
        perform check_founders_word(new.tenant_id, new.person_id, new.how, new.proven_ms, new.at_ms);
        if new.state <> 'held' or new.held_ms < new.at_ms + 10000 then
            raise exception 'a decision can be taken back before it counts' using errcode = 'check_violation';
        end if;
        if new.assertion is not null and new.how <> 'passkey' then
            raise exception 'a passkey signs, and nothing else' using errcode = 'check_violation';
        end if;
        return new;
    end if;
    -- From here on nobody said anything.
    if abs(new.at_ms - extract(epoch from clock_timestamp()) * 1000) > 600000
       or greatest(asked.deadline_ms, (said ->> 'deadline')::bigint) > new.at_ms then
        raise exception 'silence is one once the deadline has passed' using errcode = 'check_violation';
    end if;
    if new.how <> 'silence' or new.state <> 'made' or new.choice <> 'option' or new.assertion is not null
       or new.canonical is not null then
        raise exception 'silence takes an option, and signs nothing' using errcode = 'check_violation';
    end if;
    if brief_is_reserved(new.tenant_id, asked.category) or brief_is_reserved(new.tenant_id, said ->> 'category') then
        raise exception 'only a founder settles this' using errcode = 'check_violation';
    end if;
    select p.silence into allowed from brief_policy p
        where p.tenant_id = new.tenant_id and p.category = said ->> 'category' order by p.seq desc limit 1;
    if allowed is null or allowed = 'hold' or allowed <> new.policy then
        raise exception 'silence means what a founder let it mean' using errcode = 'check_violation';
    end if;
    if said ->> 'at_deadline' is null
       or new.answer <> (case allowed when 'recommended' then said -> 'recommendation' ->> 'key'
                                      else said ->> 'at_deadline' end)
       or not (option -> 'reversible')::boolean then
        raise exception 'silence does what was said before, and nothing for good' using errcode = 'check_violation';
    end if;
    if exists (select from emergency_stop e where e.tenant_id = new.tenant_id and e.agent in ('', asked.author)) then
        raise exception 'the clock stands while agents are stopped' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger decision_checked before insert on decision for each row execute function check_decision();

-- What was decided stays so; what is held becomes a decision when its time is up, or is taken back before.
create function keep_decision() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
declare
    newest bytea;
begin
    if old.state <> 'held' then
        raise exception 'what was decided, or taken back, stays so' using errcode = 'check_violation';
    end if;
    if new.ended_ms is null or abs(new.ended_ms - extract(epoch from clock_timestamp()) * 1000) > 600000 then
        raise exception 'what becomes of a decision is dated when it does' using errcode = 'check_violation';
    end if;
    select b.sha256 into newest from brief b where b.tenant_id = old.tenant_id and b.id = old.brief_id;
    if not (new.state = 'made' and new.ended_ms >= old.held_ms and newest = old.sha256
            or new.state = 'taken_back' and new.ended_ms < old.held_ms
            or new.state = 'voided' and newest <> old.sha256) then
        raise exception 'a decision counts once its time is up, and is taken back before' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger decision_turned before update of state, ended_ms on decision
    for each row execute function keep_decision();

-- A brief is decided by a decision, and asks nothing new afterwards.
create function keep_decided_brief() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
begin
    if old.state = 'decided' then
        raise exception 'what is decided is not asked again' using errcode = 'check_violation';
    end if;
    if new.version < old.version or (new.version = old.version) <> (new.sha256 = old.sha256) then
        raise exception 'a version has one text' using errcode = 'check_violation';
    end if;
    if not exists (select from brief_version v
                   where v.tenant_id = new.tenant_id and v.brief_id = new.id and v.version = new.version
                     and v.sha256 = new.sha256) then
        raise exception 'a brief has the text of its version' using errcode = 'check_violation';
    end if;
    if new.snoozed_ms is not null and new.snoozed_ms > new.deadline_ms then
        raise exception 'nothing is put off beyond its deadline' using errcode = 'check_violation';
    end if;
    if new.state = 'decided' and not exists (select from decision d
                   where d.tenant_id = new.tenant_id and d.brief_id = new.id and d.state = 'made'
                     and d.sha256 = new.sha256) then
        raise exception 'a brief is decided by a decision' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger brief_turned before update of version, sha256, category, deadline_ms, snoozed_ms, state on brief
    for each row execute function keep_decided_brief();

do $$
declare one text;
begin
    foreach one in array array['brief', 'brief_version', 'brief_intake', 'brief_question', 'brief_policy', 'decision'] loop
        execute format('alter table %I enable row level security', one);
        execute format('alter table %I force row level security', one);
        execute format($policy$create policy own_tenant on %I
            using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
            with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)$policy$, one);
        execute format('grant select, insert on %I to countersign_web', one);
        -- Who carries messages and who answers agents may look, and decide nothing.
        execute format('grant select on %I to countersign_bridge, countersign_agent', one);
    end loop;
end $$;
grant update (version, sha256, category, deadline_ms, snoozed_ms, lapsed_ms, state) on brief to countersign_web;
grant update (state, ended_ms) on decision to countersign_web;
