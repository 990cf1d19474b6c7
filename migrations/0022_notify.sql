-- What waits, told outside the console: what was told to whom, and what is sent to addresses of the organization.

-- Something of which people are told, from when it begins to wait until it does not any more.
create table notice (
    tenant_id uuid not null references tenant,
    id uuid not null,
    kind text not null,
    about text not null,
    -- Which version, or which time, of it.
    mark text not null,
    title text not null,
    sha256 bytea,
    due_ms bigint,
    at_ms bigint not null,
    settled_ms bigint,
    primary key (tenant_id, id)
);
-- What waits again after it had settled is the same notice, and nobody is told of it twice.
create unique index notice_one on notice (tenant_id, kind, about, mark);
create index notice_waits on notice (tenant_id) where settled_ms is null;
create index notice_newest on notice (tenant_id, at_ms desc);

-- What a person wants to hear, where they said so, and up to when they got the mail of the day.
create table notice_person (
    tenant_id uuid not null references tenant,
    person_id uuid not null references person,
    prefs jsonb,
    since_ms bigint not null,
    digested_ms bigint,
    tested_ms bigint,
    -- When the newest mail was made that was not the mail of the day, and how many there were in the hour that began then.
    mailed_ms bigint,
    hour_ms bigint not null default 0,
    hour_mails int not null default 0,
    primary key (tenant_id, person_id)
);
-- Whoever belongs to an organization already hears from now on: their first mail of the day comes at its hour.
insert into notice_person (tenant_id, person_id, since_ms)
select tenant_id, person_id, extract(epoch from clock_timestamp()) * 1000 from membership;

-- Who was told of what, by which way: once.
create table notice_told (
    tenant_id uuid not null references tenant,
    notice_id uuid not null,
    person_id uuid not null references person,
    step text not null check (step in ('mail', 'digest', 'raised')),
    mail_id uuid not null,
    at_ms bigint not null,
    primary key (tenant_id, notice_id, person_id, step),
    foreign key (tenant_id, notice_id) references notice (tenant_id, id) on delete cascade
);
create index notice_told_mail on notice_told (tenant_id, mail_id);

create table webhook (
    tenant_id uuid not null references tenant,
    id uuid not null,
    name text not null,
    shape text not null check (shape in ('signed', 'chat')),
    host text not null,
    -- The whole address: there may be a secret in it.
    sealed_url bytea not null,
    kinds text[] not null,
    sealed_secret bytea,
    -- The secret of before, and until when it counts.
    sealed_old bytea,
    old_until_ms bigint,
    made_ms bigint not null,
    made_by uuid not null references person,
    off_ms bigint,
    off_why text,
    failing_ms bigint,
    taken_ms bigint,
    primary key (tenant_id, id),
    check ((shape = 'signed') = (sealed_secret is not null)),
    check ((off_ms is null) = (off_why is null))
);

-- One thing that is sent to one address. Tried again it keeps its id.
create table webhook_delivery (
    tenant_id uuid not null references tenant,
    id uuid not null,
    webhook_id uuid not null,
    -- None where somebody tries the address.
    notice_id uuid,
    topic text not null,
    -- As it was first sent; the same at every try.
    body text,
    made_ms bigint not null,
    -- After that it is tried no more.
    until_ms bigint not null,
    next_ms bigint not null,
    tries int not null default 0,
    status int,
    took_ms int,
    why text,
    taken_ms bigint,
    given_up_ms bigint,
    primary key (tenant_id, id),
    foreign key (tenant_id, webhook_id) references webhook (tenant_id, id),
    foreign key (tenant_id, notice_id) references notice (tenant_id, id) on delete cascade
);
create index webhook_delivery_newest on webhook_delivery (tenant_id, webhook_id, made_ms desc);

-- Whose turn it is, of all organizations. It says nothing but ids.
create table webhook_due (
    tenant_id uuid not null references tenant,
    delivery_id uuid not null,
    webhook_id uuid not null,
    next_ms bigint not null,
    primary key (tenant_id, delivery_id)
);
create index webhook_due_next on webhook_due (next_ms);
create index webhook_due_webhook on webhook_due (tenant_id, webhook_id);

-- The way to each webhook, on which one delivery is at a time. It says nothing but ids.
create table webhook_lane (
    tenant_id uuid not null references tenant,
    webhook_id uuid not null,
    -- Until when the delivery that is on its way has it, at most.
    busy_ms bigint not null default 0,
    -- Whoever did not take the last one is left alone until then.
    free_ms bigint not null default 0,
    -- So many in a row were not taken.
    fails int not null default 0,
    primary key (tenant_id, webhook_id)
);

do $$
declare one text;
begin
    foreach one in array array['notice', 'notice_person', 'notice_told', 'webhook', 'webhook_delivery'] loop
        execute format('alter table %I enable row level security', one);
        execute format('alter table %I force row level security', one);
        execute format($policy$create policy own_tenant on %I
            using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
            with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)$policy$, one);
        execute format('grant select, insert, update on %I to countersign_web', one);
    end loop;
end $$;
grant delete on notice, notice_told, webhook_delivery to countersign_web;
grant select, insert, update, delete on webhook_due to countersign_web;
grant select, insert, update on webhook_lane to countersign_web;
