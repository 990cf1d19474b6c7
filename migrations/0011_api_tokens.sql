-- Tokens with which programs of an organization ask the REST API, and answers that are kept for whoever asks
-- the same twice.

create table api_token (
    tenant_id uuid not null references tenant,
    id uuid not null,
    person_id uuid not null references person,
    -- SHA-256 of the token: what it says is kept nowhere.
    digest bytea not null check (length(digest) = 32),
    tail text not null,
    name text not null,
    scopes text[] not null,
    made_ms bigint not null,
    expires_ms bigint not null,
    revoked_ms bigint,
    used_ms bigint,
    used_from text,
    constraint api_token_made primary key (tenant_id, id),
    unique (tenant_id, digest)
);
create index api_token_of_person on api_token (tenant_id, person_id);

create table api_answer (
    tenant_id uuid not null,
    token_id uuid not null,
    key text not null,
    -- SHA-256 of all that was asked.
    request bytea not null check (length(request) = 32),
    -- The id of what the request makes.
    makes uuid not null,
    asked_ms bigint not null,
    -- When somebody took it in hand.
    taken_ms bigint not null,
    -- Null until it is answered.
    status int,
    location text,
    body text,
    primary key (tenant_id, token_id, key),
    foreign key (tenant_id, token_id) references api_token (tenant_id, id)
);
create index api_answer_old on api_answer (tenant_id, asked_ms);

do $$
declare name text;
begin
    foreach name in array array['api_token', 'api_answer'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format($policy$create policy own_tenant on %I
            using (tenant_id = (select nullif(current_setting('app.tenant', true), '')::uuid))
            with check (tenant_id = (select nullif(current_setting('app.tenant', true), '')::uuid))$policy$, name);
    end loop;
end $$;

grant select, insert on api_token to countersign_web;
grant update (revoked_ms, used_ms, used_from) on api_token to countersign_web;
grant select, insert, update, delete on api_answer to countersign_web;
