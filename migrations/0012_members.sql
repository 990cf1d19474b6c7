-- Who was asked to join a tenant, what is mailed to whom, and the links in it.

-- When an address was found to be its person's.
alter table person add column verified_ms bigint;
grant update (email, verified_ms) on person to countersign_web;

alter table membership
    add column since_ms bigint not null default 0,
    -- When its person last used the tenant, to the minute.
    add column seen_ms bigint not null default 0;
grant update (role, seen_ms), delete on membership to countersign_web;

create table invitation (
    tenant_id uuid not null references tenant,
    id uuid not null,
    email text not null,
    role text not null check (role in ('founder', 'reviewer', 'observer')),
    invited_by uuid not null references person,
    mail_id uuid not null,
    sent_ms bigint not null,
    expires_ms bigint not null,
    accepted_ms bigint,
    revoked_ms bigint,
    primary key (tenant_id, id)
);
create unique index invitation_waits on invitation (tenant_id, email) where accepted_ms is null and revoked_ms is null;

alter table invitation enable row level security;
alter table invitation force row level security;
create policy own_tenant on invitation
    using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update on invitation to countersign_web;

-- Links in mails, as digests. Whoever holds one need not be signed in, so they belong to no tenant. One that was used
-- is kept for a while: using it again can then be told from guessing.
create table mail_link (
    digest bytea primary key check (length(digest) = 32),
    kind text not null check (kind in ('invitation', 'verification', 'recovery')),
    -- The address that it was sent to.
    email text not null,
    tenant_id uuid references tenant,
    invitation_id uuid,
    person_id uuid references person,
    mail_id uuid,
    made_ms bigint not null,
    expires_ms bigint not null,
    used_ms bigint,
    -- Revoked, or another took its place.
    ended_ms bigint,
    check (case kind when 'invitation' then invitation_id is not null and tenant_id is not null else person_id is not null end)
);
create index mail_link_person on mail_link (person_id) where person_id is not null;
create index mail_link_invitation on mail_link (invitation_id) where invitation_id is not null;

-- Mails, written with what caused them. Some are about a tenant, some about a person's account alone.
create table mail (
    id uuid primary key,
    kind text not null,
    recipient text not null,
    subject text not null,
    -- The text, sealed, for as long as it may be needed: there is a link in it.
    sealed bytea,
    tenant_id uuid references tenant,
    person_id uuid references person,
    made_ms bigint not null,
    -- When the link in it ends.
    expires_ms bigint not null,
    tries int not null default 0,
    next_ms bigint not null,
    -- Why the last try failed; that there is no mail server to try.
    note text,
    held boolean not null default false,
    sent_ms bigint,
    given_up_ms bigint,
    -- When somebody read it in the outbox, and who did last.
    shown_ms bigint,
    shown_to uuid references person
);
create index mail_due on mail (next_ms) where sent_ms is null and given_up_ms is null;
create index mail_tenant on mail (tenant_id, made_ms desc) where tenant_id is not null;
create index mail_person on mail (person_id, made_ms desc) where person_id is not null;

-- Who asked for a new password: whether there is such a person is found out later, so that the answer takes as long
-- for everybody.
create table recovery_request (
    id uuid primary key,
    email text not null,
    address text not null,
    at_ms bigint not null
);
create index recovery_request_oldest on recovery_request (at_ms);

grant select, insert, update, delete on mail_link, mail to countersign_web;
grant select, insert, delete on recovery_request to countersign_web;
