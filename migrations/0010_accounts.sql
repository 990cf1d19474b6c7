-- How a session was opened, and when its person last proved who they are (0: long ago).
alter table session
    add column how text not null default 'password',
    add column proven_ms bigint not null default 0;

-- Somebody with a passkey, or of an identity provider, needs no password.
alter table person alter column password_hash drop not null;

create table passkey (
    id bytea primary key,
    person_id uuid not null references person,
    name text not null,
    -- The public key with its counter, as the library keeps it.
    credential text not null,
    created_ms bigint not null,
    used_ms bigint
);
create index passkey_person on passkey (person_id);

-- The secret that an authenticator app shares, sealed. It counts once a code of it was seen.
create table code_secret (
    person_id uuid primary key references person,
    sealed bytea not null,
    confirmed_ms bigint,
    -- The last 30 s whose code was used: none counts twice.
    last_step bigint not null default 0
);

create table recovery_code (
    person_id uuid not null references person,
    digest bytea not null check (length(digest) = 32),
    primary key (person_id, digest)
);

-- What a browser was asked to prove, until it answers: once, and soon.
create table ceremony (
    id bytea primary key check (length(id) = 32),
    purpose text not null,
    person_id uuid references person,
    state text not null,
    expires_ms bigint not null
);

-- Browsers that a person has signed in with: strangers' tries elsewhere do not lock them out.
create table known_browser (
    person_id uuid not null references person,
    digest bytea not null check (length(digest) = 32),
    used_ms bigint not null,
    primary key (person_id, digest)
);

grant select, insert, update, delete on passkey, code_secret to countersign_web;
grant select, insert, delete on recovery_code, ceremony to countersign_web;
grant select, insert, update, delete on known_browser to countersign_web;
