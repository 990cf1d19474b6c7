-- What happens while founders are silent or away, and what an agent may do by itself: declared before, capped,
-- and to be read afterwards. Rows are added alone: what ended has a row that says so.

-- Silence may hand a category to a person.
alter table brief_policy drop constraint brief_policy_silence_check;
alter table brief_policy add constraint brief_policy_silence_check
    check (silence in ('hold', 'as_declared', 'recommended', 'delegate'));
alter table brief_policy add column delegate_id uuid references person;
alter table brief_policy add constraint brief_policy_delegate check ((silence = 'delegate') = (delegate_id is not null));

-- A time in which the founders are away, and what silence means in it. It ends by itself.
create table away (
    tenant_id uuid not null references tenant,
    id uuid not null,
    from_ms bigint not null,
    until_ms bigint not null check (until_ms > from_ms and until_ms - from_ms <= 60 * 86400000::bigint),
    reason text not null check (reason <> ''),
    -- Words of policies by category; "*" is every other one. A category without a word keeps its policy.
    choices jsonb not null check (jsonb_typeof(choices) = 'object'),
    delegate_id uuid references person,
    -- What silence may decide of one agent within 24 hours: how many, at what cost, and how much of it may be moved.
    most_decisions int not null check (most_decisions between 0 and 100),
    most_cost_micro_usd bigint not null check (most_cost_micro_usd >= 0),
    most_moved_percent int not null check (most_moved_percent between 0 and 20),
    person_id uuid not null references person,
    how text not null,
    proven_ms bigint not null,
    at_ms bigint not null,
    primary key (tenant_id, id)
);
create index away_newest on away (tenant_id, from_ms desc);

-- A founder came back before.
create table away_end (
    tenant_id uuid not null references tenant,
    away_id uuid not null,
    person_id uuid not null references person,
    how text not null,
    at_ms bigint not null,
    primary key (tenant_id, away_id),
    foreign key (tenant_id, away_id) references away (tenant_id, id)
);

-- A founder's signed word that an agent's own recommendations take effect.
create table agent_grant (
    tenant_id uuid not null references tenant,
    id uuid not null,
    agent text not null,
    category text not null,
    least_confidence_micro int not null check (least_confidence_micro between 0 and 1000000),
    most_cost_micro_usd bigint not null check (most_cost_micro_usd >= 0),
    most_a_day int not null check (most_a_day between 1 and 100),
    until_ms bigint not null,
    person_id uuid not null references person,
    how text not null,
    proven_ms bigint not null,
    at_ms bigint not null,
    -- What a passkey signed the hash of, and its word for it.
    canonical bytea not null,
    canonical_sha256 bytea not null check (canonical_sha256 = sha256(canonical)),
    assertion jsonb not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, agent) references agent (tenant_id, name)
);
create index agent_grant_newest on agent_grant (tenant_id, agent, category, at_ms desc);

-- A grant that was taken back, or fell.
create table agent_grant_end (
    tenant_id uuid not null references tenant,
    grant_id uuid not null,
    -- Nobody where it fell.
    person_id uuid references person,
    why text not null check (why <> ''),
    at_ms bigint not null,
    primary key (tenant_id, grant_id),
    foreign key (tenant_id, grant_id) references agent_grant (tenant_id, id)
);

-- Deadlines that passed without anything happening, and why. Never changed.
create table brief_lapse (
    tenant_id uuid not null references tenant,
    brief_id uuid not null,
    at_ms bigint not null,
    why text not null check (why <> ''),
    -- The cap that it would have exceeded.
    cap text check (cap in ('decisions', 'cost', 'moved')),
    away_id uuid,
    primary key (tenant_id, brief_id, at_ms),
    foreign key (tenant_id, brief_id) references brief (tenant_id, id),
    foreign key (tenant_id, away_id) references away (tenant_id, id)
);
create index brief_lapse_newest on brief_lapse (tenant_id, at_ms desc);

-- What nobody decided, and a founder wants decided anew. Its author has a task. Never changed.
create table decision_reversal (
    tenant_id uuid not null references tenant,
    decision_id uuid not null,
    task_id uuid not null,
    reason text not null check (reason <> ''),
    person_id uuid not null references person,
    at_ms bigint not null,
    primary key (tenant_id, decision_id),
    foreign key (tenant_id, decision_id) references decision (tenant_id, id)
);

-- By a grant nothing happens before. Whatever held a grant back, everybody sees for ten minutes that it does so no longer.
alter table brief add column acts_from_ms bigint not null default 0;

-- For whom a delegate decided; in which absence and by which grant nobody did; what the option costs that took effect
-- then. The trigger writes them, whatever the row says.
alter table decision add column for_id uuid references person;
alter table decision add column away_id uuid;
alter table decision add column grant_id uuid;
alter table decision add column cost_micro_usd bigint;
alter table decision add constraint decision_of_away foreign key (tenant_id, away_id) references away (tenant_id, id);
alter table decision add constraint decision_of_grant
    foreign key (tenant_id, grant_id) references agent_grant (tenant_id, id);
create index decision_by_away on decision (tenant_id, away_id) where away_id is not null;
create index decision_by_grant on decision (tenant_id, grant_id, at_ms desc) where grant_id is not null;
-- Whether a grant was journaled is asked each time before anything follows from it.
create index journal_grant_given on journal (tenant_id) where kind = 'grant.given';

-- The present, in milliseconds since 1970.
create function now_ms() returns bigint language sql volatile
    set search_path = pg_catalog, public, pg_temp as $$ select (extract(epoch from clock_timestamp()) * 1000)::bigint $$;

-- Whether somebody may be handed what founders decide.
create function may_be_delegate(of_tenant uuid, person uuid) returns boolean language sql stable
    set search_path = pg_catalog, public, pg_temp as $$
    select exists (select from membership m where m.tenant_id = of_tenant and m.person_id = person
                   and m.role in ('founder', 'reviewer'))
$$;

-- Whether somebody is a founder, and has been one ever since. Whoever left and came back gives their word anew.
create function has_been_founder(of_tenant uuid, person uuid, since_ms bigint) returns boolean language sql stable
    set search_path = pg_catalog, public, pg_temp as $$
    select exists (select from membership m where m.tenant_id = of_tenant and m.person_id = person and m.role = 'founder')
       and exists (select from founder_term f where f.tenant_id = of_tenant and f.person_id = person
                   and f.until_ms is null and f.from_ms <= since_ms)
$$;

-- When an absence is over: at its end, when a founder was back before, or when whoever declared it was a founder no more.
create function away_over(gone away) returns bigint language sql stable
    set search_path = pg_catalog, public, pg_temp as $$
    select least(
        gone.until_ms,
        (select e.at_ms from away_end e where e.tenant_id = gone.tenant_id and e.away_id = gone.id),
        coalesce((select coalesce(f.until_ms, gone.until_ms) from founder_term f
                  where f.tenant_id = gone.tenant_id and f.person_id = gone.person_id and f.from_ms <= gone.at_ms
                    and (f.until_ms is null or f.until_ms > gone.at_ms)
                  order by f.seq desc limit 1), gone.from_ms))
$$;

-- The absence that a moment lies in.
create function away_at(of_tenant uuid, at_ms bigint) returns uuid language sql stable
    set search_path = pg_catalog, public, pg_temp as $$
    select a.id from away a
    where a.tenant_id = of_tenant and a.from_ms <= away_at.at_ms and away_at.at_ms < away_over(a)
    order by a.at_ms desc limit 1
$$;

-- What silence means for briefs of a category at a moment: the word, who decides instead, which founder said so, and in
-- which absence.
create function silence_at(of_tenant uuid, of_category text, at_ms bigint,
                           out means text, out deputy uuid, out said_by uuid, out while_away uuid)
    language plpgsql stable set search_path = pg_catalog, public, pg_temp as $$
declare
    gone away;
begin
    means := 'hold';
    if brief_is_reserved(of_tenant, of_category) then
        return;
    end if;
    while_away := away_at(of_tenant, silence_at.at_ms);
    select * into gone from away a where a.tenant_id = of_tenant and a.id = while_away;
    means := coalesce(gone.choices ->> of_category, gone.choices ->> '*');
    if means is not null then
        said_by := gone.person_id;
        deputy := case when means = 'delegate' then gone.delegate_id end;
        return;
    end if;
    select p.silence, p.delegate_id, p.person_id into means, deputy, said_by from brief_policy p
        where p.tenant_id = of_tenant and p.category = of_category order by p.seq desc limit 1;
    means := coalesce(means, 'hold');
end $$;

-- Whether an agent may be granted a category at all.
create function may_be_granted(of_tenant uuid, of_category text) returns boolean language sql stable
    set search_path = pg_catalog, public, pg_temp as $$
    select not brief_is_reserved(of_tenant, of_category) and of_category not like 'security%'
$$;

-- Whether a founder said otherwise than an agent recommended, in a category since a moment. What a newer version voided was
-- said all the same; and the category is that of the text which it was said about.
create function was_overridden(of_tenant uuid, of_agent text, of_category text, since_ms bigint) returns boolean
    language sql stable set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select from decision d join brief b on b.tenant_id = d.tenant_id and b.id = d.brief_id
        join brief_version v on v.tenant_id = d.tenant_id and v.brief_id = d.brief_id and v.version = d.version
        where d.tenant_id = of_tenant and b.author = of_agent
          and convert_from(v.text, 'utf8')::jsonb ->> 'category' = of_category
          and d.person_id is not null and d.state in ('held', 'made', 'voided') and d.at_ms > since_ms
          and (d.choice <> 'option'
               or d.answer is distinct from convert_from(v.text, 'utf8')::jsonb -> 'recommendation' ->> 'key'))
      or exists (
        select from decision_reversal r
        join decision d on d.tenant_id = r.tenant_id and d.id = r.decision_id
        join brief b on b.tenant_id = d.tenant_id and b.id = d.brief_id
        join brief_version v on v.tenant_id = d.tenant_id and v.brief_id = d.brief_id and v.version = d.version
        where r.tenant_id = of_tenant and b.author = of_agent
          and convert_from(v.text, 'utf8')::jsonb ->> 'category' = of_category and r.at_ms > since_ms)
$$;

-- One at a time decides by itself for an agent: whoever counts, counts all.
create function lock_autonomy(of_tenant uuid, of_agent text) returns void language sql volatile
    set search_path = pg_catalog, public, pg_temp as $$
    select pg_advisory_xact_lock(hashtextextended('autonomy ' || of_tenant || ' ' || of_agent, 0))
$$;

-- What silence decided of an agent's briefs within the last 24 hours of absences.
create function silence_used(of_tenant uuid, of_agent text, out decisions int, out cost_micro_usd bigint)
    language sql volatile set search_path = pg_catalog, public, pg_temp as $$
    select count(*)::int, coalesce(sum(d.cost_micro_usd), 0)::bigint
    from decision d join brief b on b.tenant_id = d.tenant_id and b.id = d.brief_id
    where d.tenant_id = of_tenant and b.author = of_agent and d.away_id is not null and d.grant_id is null
      and d.person_id is null and d.at_ms > now_ms() - 86400000
$$;

-- What a grant did within the last 24 hours.
create function grant_used(of_tenant uuid, of_grant uuid) returns int language sql volatile
    set search_path = pg_catalog, public, pg_temp as $$
    select count(*)::int from decision d
    where d.tenant_id = of_tenant and d.grant_id = of_grant and d.at_ms > now_ms() - 86400000
$$;

-- From when on a grant acts that had acted as often as it may in a day: ten minutes after it may again.
create function grant_frees(of_tenant uuid, of_grant uuid, most int) returns bigint language sql volatile
    set search_path = pg_catalog, public, pg_temp as $$
    select coalesce((select d.at_ms + 86400000 + 600000 from decision d
                     where d.tenant_id = of_tenant and d.grant_id = of_grant
                     order by d.at_ms desc offset most - 1 limit 1), 0)
$$;

-- Never earlier than it was; and anew with each version, and when what was put off is put off no longer.
create function keep_acts_from() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
begin
    if tg_op = 'INSERT' then
        new.acts_from_ms := now_ms() + 600000;
        return new;
    end if;
    new.acts_from_ms := greatest(old.acts_from_ms, new.acts_from_ms);
    if new.version <> old.version
       or (old.snoozed_ms > now_ms() and coalesce(new.snoozed_ms, 0) < old.snoozed_ms) then
        new.acts_from_ms := greatest(new.acts_from_ms, now_ms() + 600000);
    end if;
    return new;
end $$;
create trigger brief_acts_from before insert or update of version, snoozed_ms, acts_from_ms on brief
    for each row execute function keep_acts_from();

-- What held grants back, and does no longer: a stop, an answer that was taken back, a founder's word about a category.
create function show_after_stop() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
begin
    update brief b set acts_from_ms = now_ms() + 600000
        where b.tenant_id = old.tenant_id and b.state = 'open' and old.agent in ('', b.author);
    return null;
end $$;
create trigger emergency_stop_lifted after delete on emergency_stop
    for each row execute function show_after_stop();

create function show_after_answer() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
begin
    update brief b set acts_from_ms = now_ms() + 600000
        where b.tenant_id = new.tenant_id and b.id = new.brief_id and b.state = 'open';
    return null;
end $$;
create trigger decision_ended after update of state on decision
    for each row when (new.state in ('taken_back', 'voided')) execute function show_after_answer();

create function show_after_policy() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
begin
    update brief b set acts_from_ms = now_ms() + 600000
        where b.tenant_id = new.tenant_id and b.category = new.category and b.state = 'open';
    return null;
end $$;
create trigger brief_policy_said after insert on brief_policy for each row execute function show_after_policy();

create or replace function check_brief_policy() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
begin
    perform check_founders_word(new.tenant_id, new.person_id, new.how, new.proven_ms, new.at_ms);
    if new.category in ('resource_allocation', 'strategy', 'budget', 'priorities')
       and not (new.reserved and new.silence = 'hold') then
        raise exception 'what is the founders'' alone is handed away by no policy' using errcode = 'check_violation';
    end if;
    if new.delegate_id is not null
       and (new.delegate_id = new.person_id or not may_be_delegate(new.tenant_id, new.delegate_id)) then
        raise exception 'a delegate is another founder, or a reviewer' using errcode = 'check_violation';
    end if;
    return new;
end $$;

create function check_away() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
declare
    chosen record;
    delegates boolean := false;
begin
    perform check_founders_word(new.tenant_id, new.person_id, new.how, new.proven_ms, new.at_ms);
    if new.from_ms < new.at_ms - 600000 then
        raise exception 'what silence means is said before' using errcode = 'check_violation';
    end if;
    if new.from_ms > new.at_ms + 60 * 86400000::bigint then
        raise exception 'an absence begins within 60 days' using errcode = 'check_violation';
    end if;
    if jsonb_typeof(new.choices) <> 'object' then
        raise exception 'choices are words by category' using errcode = 'check_violation';
    end if;
    for chosen in select * from jsonb_each(new.choices) loop
        if (chosen.value #>> '{}') not in ('hold', 'as_declared', 'recommended', 'delegate')
           or jsonb_typeof(chosen.value) <> 'string' then
            raise exception 'silence means one of four things' using errcode = 'check_violation';
        end if;
        if (chosen.value #>> '{}') <> 'hold' and brief_is_reserved(new.tenant_id, chosen.key) then
            raise exception 'what is the founders'' alone is handed away by no absence' using errcode = 'check_violation';
        end if;
        delegates := delegates or (chosen.value #>> '{}') = 'delegate';
    end loop;
    if delegates <> (new.delegate_id is not null)
       or delegates and (new.delegate_id = new.person_id or not may_be_delegate(new.tenant_id, new.delegate_id)) then
        raise exception 'a delegate is another founder, or a reviewer' using errcode = 'check_violation';
    end if;
    perform lock_autonomy(new.tenant_id, '');
    if exists (select from away a
               where a.tenant_id = new.tenant_id and a.from_ms < new.until_ms and new.from_ms < away_over(a)) then
        raise exception 'one absence at a time' using errcode = 'check_violation', constraint = 'away_once';
    end if;
    return new;
end $$;
create trigger away_checked before insert on away for each row execute function check_away();

create function check_away_end() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
begin
    -- To be back narrows what happens: that asks for a founder, and for no fresh proof.
    if not exists (select from membership m
                   where m.tenant_id = new.tenant_id and m.person_id = new.person_id and m.role = 'founder')
       or new.how not in ('password', 'password_and_code', 'recovery_code', 'passkey', 'sso', 'link', 'operator')
       or abs(new.at_ms - now_ms()) > 600000 then
        raise exception 'a founder is back, now' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger away_end_checked before insert on away_end for each row execute function check_away_end();

-- A grant is what its founder's passkey signed, word for word. That the signature is the passkey's, no function of the
-- database can tell: the console looks each time before it acts by it.
create function check_agent_grant() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
declare
    signed jsonb := convert_from(new.canonical, 'utf8')::jsonb;
    client text := translate(new.assertion ->> 'client_data_json', '-_', '+/');
    challenge text;
begin
    perform check_founders_word(new.tenant_id, new.person_id, new.how, new.proven_ms, new.at_ms);
    if new.how <> 'passkey' then
        raise exception 'a grant is signed by a passkey' using errcode = 'check_violation';
    end if;
    if not may_be_granted(new.tenant_id, new.category) then
        raise exception 'what is the founders'' alone is never granted' using errcode = 'check_violation';
    end if;
    if new.until_ms <= new.at_ms or new.until_ms - new.at_ms > 90 * 86400000::bigint then
        raise exception 'a grant ends within 90 days' using errcode = 'check_violation';
    end if;
    if (signed = jsonb_build_object(
            'agent', new.agent, 'at_ms', new.at_ms, 'category', new.category, 'founder', new.person_id, 'id', new.id,
            'journal', signed -> 'journal', 'kind', 'grant', 'least_confidence_micro', new.least_confidence_micro,
            'most_a_day', new.most_a_day, 'most_cost_micro_usd', new.most_cost_micro_usd, 'nonce', signed -> 'nonce',
            'tenant', new.tenant_id, 'until_ms', new.until_ms, 'v', 1)) is not true then
        raise exception 'a grant says what was signed' using errcode = 'check_violation';
    end if;
    challenge := convert_from(decode(rpad(client, (length(client) + 3) / 4 * 4, '='), 'base64'), 'utf8')::jsonb
                 ->> 'challenge';
    if (challenge = rtrim(translate(encode(sha256(new.canonical), 'base64'), '+/', '-_'), '=')) is not true
       or new.assertion ->> 'signature' is null or new.assertion ->> 'public_key' is null then
        raise exception 'a grant is what a passkey signed' using errcode = 'check_violation';
    end if;
    perform lock_autonomy(new.tenant_id, new.agent);
    if exists (select from agent_grant g where g.tenant_id = new.tenant_id and g.agent = new.agent
               and g.category = new.category and g.until_ms > new.at_ms
               and exists (select from membership m where m.tenant_id = g.tenant_id and m.person_id = g.person_id
                           and m.role = 'founder')
               and not exists (select from agent_grant_end e where e.tenant_id = g.tenant_id and e.grant_id = g.id)) then
        raise exception 'one grant of a category at a time' using errcode = 'check_violation', constraint = 'grant_once';
    end if;
    return new;
end $$;
create trigger agent_grant_checked before insert on agent_grant for each row execute function check_agent_grant();

create function check_agent_grant_end() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
begin
    if abs(new.at_ms - now_ms()) > 600000 then
        raise exception 'the end of a grant is dated when it is' using errcode = 'check_violation';
    end if;
    if new.person_id is not null and not exists (
        select from membership m
        where m.tenant_id = new.tenant_id and m.person_id = new.person_id and m.role = 'founder') then
        raise exception 'a founder takes a grant back' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger agent_grant_end_checked before insert on agent_grant_end
    for each row execute function check_agent_grant_end();

create function check_decision_reversal() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
begin
    if not exists (select from membership m
                   where m.tenant_id = new.tenant_id and m.person_id = new.person_id and m.role = 'founder')
       or abs(new.at_ms - now_ms()) > 600000 then
        raise exception 'a founder asks for another decision, now' using errcode = 'check_violation';
    end if;
    if not exists (select from decision d where d.tenant_id = new.tenant_id and d.id = new.decision_id
                   and d.state = 'made' and d.person_id is null) then
        raise exception 'what a person decided stays so' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger decision_reversal_checked before insert on decision_reversal
    for each row execute function check_decision_reversal();

-- A person's word: a founder's, or that of the one whom founders handed the brief to, from its deadline on or while
-- they are away. An author chooses its deadlines: founders have an hour with each version all the same. It is held first.
create function persons_decision(word decision, asked brief, said jsonb) returns decision language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
declare
    rule record;
    shown_ms bigint;
begin
    if word.state <> 'held' or word.ended_ms is not null or word.held_ms < word.at_ms + 10000 then
        raise exception 'a decision can be taken back before it counts' using errcode = 'check_violation';
    end if;
    if word.assertion is not null and word.how <> 'passkey' then
        raise exception 'a passkey signs, and nothing else' using errcode = 'check_violation';
    end if;
    select * into rule from silence_at(word.tenant_id, said ->> 'category', now_ms());
    select v.at_ms into shown_ms from brief_version v
        where v.tenant_id = word.tenant_id and v.brief_id = word.brief_id and v.version = word.version;
    if rule.means = 'delegate' and rule.deputy = word.person_id
       and not brief_is_reserved(word.tenant_id, asked.category)
       and may_be_delegate(word.tenant_id, word.person_id)
       -- A founder decides as one, in nobody's place.
       and not exists (select from membership m where m.tenant_id = word.tenant_id and m.person_id = word.person_id
                       and m.role = 'founder')
       and not exists (select from emergency_stop e
                       where e.tenant_id = word.tenant_id and e.agent in ('', asked.author))
       and (rule.while_away is not null
            or greatest(asked.deadline_ms, (said ->> 'deadline')::bigint, shown_ms + 3600000)
               <= least(word.at_ms, now_ms())) then
        word.for_id := rule.said_by;
        if word.how not in ('password', 'password_and_code', 'recovery_code', 'passkey', 'sso')
           or abs(word.at_ms - now_ms()) > 600000 or word.at_ms - word.proven_ms > 300000 then
            raise exception 'a delegate proves who they are, as a founder does' using errcode = 'check_violation';
        end if;
        return word;
    end if;
    perform check_founders_word(word.tenant_id, word.person_id, word.how, word.proven_ms, word.at_ms);
    return word;
end $$;

-- What takes effect without anybody's word has this form, can be undone, and waits while agents are stopped.
create function check_unsaid(word decision, asked brief, taken jsonb) returns void language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
begin
    if abs(word.at_ms - now_ms()) > 600000 then
        raise exception 'silence is one once the deadline has passed' using errcode = 'check_violation';
    end if;
    if word.state <> 'made' or word.choice <> 'option' or word.assertion is not null or word.canonical is not null then
        raise exception 'silence takes an option, and signs nothing' using errcode = 'check_violation';
    end if;
    if brief_is_reserved(word.tenant_id, asked.category) then
        raise exception 'only a founder settles this' using errcode = 'check_violation';
    end if;
    if ((taken -> 'reversible')::boolean) is not true then
        raise exception 'silence does what was said before, and nothing for good' using errcode = 'check_violation';
    end if;
    if exists (select from emergency_stop e where e.tenant_id = word.tenant_id and e.agent in ('', asked.author)) then
        raise exception 'the clock stands while agents are stopped' using errcode = 'check_violation';
    end if;
end $$;

-- What silence does at a deadline: what a founder let it mean before, within the caps of an absence.
create function silences_decision(word decision, asked brief, said jsonb, taken jsonb) returns decision
    language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
    rule record;
    dated record;
    caps away;
    used record;
begin
    perform check_unsaid(word, asked, taken);
    if word.how <> 'silence'
       or greatest(asked.deadline_ms, (said ->> 'deadline')::bigint) > least(word.at_ms, now_ms()) then
        raise exception 'silence is one once the deadline has passed' using errcode = 'check_violation';
    end if;
    if asked.lapsed_ms is not null
       or exists (select from brief_lapse l
                  where l.tenant_id = word.tenant_id and l.brief_id = word.brief_id and l.cap is not null) then
        raise exception 'what was held once waits for a person' using errcode = 'check_violation';
    end if;
    -- What counts is what counts now: a founder may have come back since the moment that the word is dated at.
    select * into rule from silence_at(word.tenant_id, said ->> 'category', now_ms());
    select * into dated from silence_at(word.tenant_id, said ->> 'category', word.at_ms);
    if rule.means not in ('as_declared', 'recommended') or rule.means <> word.policy
       or rule.means is distinct from dated.means or rule.while_away is distinct from dated.while_away then
        raise exception 'silence means what a founder let it mean' using errcode = 'check_violation';
    end if;
    if said ->> 'at_deadline' is null
       or word.answer <> (case rule.means when 'recommended' then said -> 'recommendation' ->> 'key'
                                          else said ->> 'at_deadline' end) then
        raise exception 'silence does what was said before, and nothing for good' using errcode = 'check_violation';
    end if;
    word.away_id := rule.while_away;
    word.cost_micro_usd := greatest(coalesce((taken ->> 'cost_micro_usd')::bigint, 0), 0);
    if word.away_id is null then
        return word;
    end if;
    perform lock_autonomy(word.tenant_id, asked.author);
    select * into caps from away a where a.tenant_id = word.tenant_id and a.id = word.away_id;
    select * into used from silence_used(word.tenant_id, asked.author);
    if used.decisions >= caps.most_decisions then
        raise exception 'as many as silence may decide in a day' using errcode = 'check_violation', constraint = 'cap_decisions';
    end if;
    if used.cost_micro_usd + word.cost_micro_usd > caps.most_cost_micro_usd then
        raise exception 'as much as silence may spend in a day' using errcode = 'check_violation', constraint = 'cap_cost';
    end if;
    return word;
end $$;

-- What an agent does by a grant: its own recommendation, ten minutes after everybody could see that it would, within
-- what was signed, and never again once somebody said otherwise.
create function grants_decision(word decision, asked brief, said jsonb, taken jsonb) returns decision
    language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
    given agent_grant;
    shown_ms bigint;
    moment_ms bigint;
begin
    perform check_unsaid(word, asked, taken);
    perform lock_autonomy(word.tenant_id, asked.author);
    select * into given from agent_grant g
        where g.tenant_id = word.tenant_id and g.id = word.grant_id and g.agent = asked.author
          and g.category = said ->> 'category' and g.category = asked.category and g.until_ms > now_ms()
          and not exists (select from agent_grant_end e where e.tenant_id = g.tenant_id and e.grant_id = g.id);
    if not found or word.how <> 'grant' or not may_be_granted(word.tenant_id, given.category) then
        raise exception 'an agent decides by a grant that counts' using errcode = 'check_violation';
    end if;
    if not has_been_founder(given.tenant_id, given.person_id, given.at_ms) then
        raise exception 'a grant counts as long as its founder is one' using errcode = 'check_violation';
    end if;
    word.cost_micro_usd := greatest(coalesce((taken ->> 'cost_micro_usd')::bigint, 0), 0);
    if word.answer <> said -> 'recommendation' ->> 'key'
       or ((said -> 'recommendation' ->> 'confidence_micro')::int >= given.least_confidence_micro) is not true
       or word.cost_micro_usd > given.most_cost_micro_usd then
        raise exception 'a grant lets an agent do what was signed' using errcode = 'check_violation';
    end if;
    select v.at_ms into shown_ms from brief_version v
        where v.tenant_id = word.tenant_id and v.brief_id = word.brief_id and v.version = word.version;
    moment_ms := least(word.at_ms, now_ms());
    if greatest(shown_ms + 600000, given.at_ms + 600000, asked.acts_from_ms) > moment_ms
       or asked.deadline_ms <= greatest(word.at_ms, now_ms()) or coalesce(asked.snoozed_ms > moment_ms, false) then
        raise exception 'everybody sees for ten minutes what a grant will do' using errcode = 'check_violation';
    end if;
    if was_overridden(word.tenant_id, given.agent, given.category, given.at_ms) then
        raise exception 'a grant falls at the first override' using errcode = 'check_violation';
    end if;
    if grant_used(word.tenant_id, given.id) >= given.most_a_day
       or grant_frees(word.tenant_id, given.id, given.most_a_day) > moment_ms then
        raise exception 'as many as a grant allows in a day' using errcode = 'check_violation', constraint = 'cap_grant';
    end if;
    return word;
end $$;

-- No path leads around it, whatever the code above it does: a person decides, or a founder let it happen before.
create or replace function check_decision() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
declare
    asked brief;
    said jsonb;
    taken jsonb;
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
        select o into taken from jsonb_array_elements(said -> 'options') o where o ->> 'key' = new.answer;
        if taken is null then
            raise exception 'a decision names an option of the brief' using errcode = 'check_violation';
        end if;
    end if;
    new.for_id := null;
    new.away_id := null;
    new.cost_micro_usd := null;
    if (new.policy = 'grant') is not true and new.grant_id is not null then
        raise exception 'a grant decides by itself' using errcode = 'check_violation';
    end if;
    if new.person_id is not null then
        new := persons_decision(new, asked, said);
    elsif new.policy = 'grant' then
        new := grants_decision(new, asked, said, taken);
    else
        new := silences_decision(new, asked, said, taken);
    end if;
    return new;
end $$;

do $$
declare one text;
begin
    foreach one in array array['away', 'away_end', 'agent_grant', 'agent_grant_end', 'brief_lapse', 'decision_reversal'] loop
        execute format('alter table %I enable row level security', one);
        execute format('alter table %I force row level security', one);
        execute format($policy$create policy own_tenant on %I
            using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
            with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)$policy$, one);
        execute format('grant select, insert on %I to countersign_web', one);
        execute format('grant select on %I to countersign_bridge, countersign_agent', one);
    end loop;
end $$;
grant update (acts_from_ms) on brief to countersign_web;

-- Whether a word still counts when its ten seconds are over: its founder is one still, or its delegate may be one.
create function word_stands(word decision) returns boolean language sql stable
    set search_path = pg_catalog, public, pg_temp as $$
    select exists (select from membership m
                   where m.tenant_id = word.tenant_id and m.person_id = word.person_id and m.role = 'founder')
        or word.for_id is not null and may_be_delegate(word.tenant_id, word.person_id)
$$;

-- As before; but a delegate's word counts as well.
create or replace function keep_decision() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
declare
    newest bytea;
    stands boolean := word_stands(old);
begin
    if old.state <> 'held' then
        raise exception 'what was decided, or taken back, stays so' using errcode = 'check_violation';
    end if;
    if new.ended_ms is null or abs(new.ended_ms - clock_ms()) > 2000 then
        raise exception 'what becomes of a decision is dated when it does' using errcode = 'check_violation';
    end if;
    select b.sha256 into newest from brief b where b.tenant_id = old.tenant_id and b.id = old.brief_id;
    if not (new.state = 'made' and new.ended_ms >= old.held_ms and newest = old.sha256 and stands
            or new.state = 'taken_back' and new.ended_ms < old.held_ms
            or new.state = 'voided' and (newest <> old.sha256 or not stands)) then
        raise exception 'a decision counts once its time is up, and is taken back before' using errcode = 'check_violation';
    end if;
    new.void_reason := (case when new.state <> 'voided' then null
                             when newest <> old.sha256 then 'newer_version'
                             else 'no_founder' end);
    return new;
end $$;
