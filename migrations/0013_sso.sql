-- Single sign-on: one provider a tenant. The client secret is sealed under a key that is not in the database.
create table sso_connection (
    tenant_id uuid primary key references tenant,
    issuer text not null,
    client_id text not null,
    sealed_secret bytea,
    group_claim text not null,
    rules jsonb not null,
    changed_ms bigint not null,
    last_sign_in_ms bigint,
    last_refusal text,
    last_refusal_ms bigint
);

-- Which domains belong to which tenant. No row-level security, as for people: whoever enters an address has no tenant
-- yet. `allowed` rows come from the operator alone; they let a tenant claim a domain that no founder of it has an address in.
create table sso_domain (
    domain text constraint sso_domain_taken primary key,
    tenant_id uuid not null references tenant,
    -- Whether people with an address in it enter the tenant by its provider alone; the same for all domains of a tenant.
    enforced boolean not null
);
create index sso_domain_tenant on sso_domain (tenant_id);
create table sso_allowed_domain (
    domain text primary key,
    tenant_id uuid not null references tenant
);

-- Who a provider's subject is. An issuer's word counts in the tenant that trusts it, and nowhere else.
create table sso_identity (
    tenant_id uuid not null references tenant,
    issuer text not null,
    subject text not null,
    person_id uuid not null references person,
    linked_ms bigint not null,
    primary key (tenant_id, issuer, subject)
);
create index sso_identity_person on sso_identity (person_id);

-- Sign-ins under way: digests alone. Nonce and verifier are derived from what the browser keeps. A used one stays until
-- it would have expired, so that a second use is seen as one.
create table sso_ceremony (
    state bytea primary key check (length(state) = 32),
    browser bytea not null check (length(browser) = 32),
    tenant_id uuid not null references tenant,
    next text not null,
    -- Whether the person was to prove anew who they are.
    again boolean not null,
    -- Who has said, with a proof of their own, that the provider may sign in as them.
    confirms uuid references person,
    started_ms bigint not null,
    used_ms bigint
);
create index sso_ceremony_browser on sso_ceremony (browser);
create index sso_ceremony_started on sso_ceremony (started_ms);

-- How a session was opened, whatever proof came later; and whose provider vouched for it.
alter table session
    add column opened text not null default 'password',
    add column sso_tenant uuid references tenant;

-- When an address was found to be its person's.
alter table person add column if not exists verified_ms bigint;

do $$
declare name text;
begin
    foreach name in array array['sso_connection', 'sso_identity'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format($policy$create policy own_tenant on %I
            using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
            with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)$policy$, name);
    end loop;
end $$;

grant select, insert, update, delete on sso_connection to countersign_web;
grant select, insert, update, delete on sso_domain to countersign_web;
grant select on sso_allowed_domain to countersign_web;
grant select, insert, update on sso_allowed_domain to countersign_keeper;
grant select on sso_domain to countersign_keeper;
grant select, insert, delete on sso_identity to countersign_web;
grant select, insert, update, delete on sso_ceremony to countersign_web;
grant update (role) on membership to countersign_web;
grant update (verified_ms) on person to countersign_web;
