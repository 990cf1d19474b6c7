-- Artifacts: what was put, by whom, under which labels, and what names it. The bytes are elsewhere, under their
-- SHA-256. All of it is derived from the journal alone, so that a rebuild makes it anew.

create table artifact (
    tenant_id uuid not null,
    sha256 bytea not null check (length(sha256) = 32),
    size bigint not null,
    content text not null,
    first_ms bigint not null,
    -- When it was put for the last time; retention counts from there.
    put_ms bigint not null,
    -- When retention took the bytes away.
    removed_ms bigint,
    primary key (tenant_id, sha256)
);
create index artifact_newest on artifact (tenant_id, first_ms desc, sha256 desc);
create index artifact_old on artifact (tenant_id, put_ms) where removed_ms is null;

-- Where it came from: every time that it was put.
create table artifact_source (
    tenant_id uuid not null,
    seq bigint not null,
    sha256 bytea not null,
    agent text,
    by_person uuid,
    task_id uuid,
    trace text,
    at_ms bigint not null,
    primary key (tenant_id, seq)
);
create index artifact_source_of on artifact_source (tenant_id, sha256, agent);
create index artifact_source_agent on artifact_source (tenant_id, agent);

-- The greatest version is what the label names; the others are what it named before.
create table artifact_label (
    tenant_id uuid not null,
    agent text not null,
    -- Compared byte by byte, so that a prefix finds its labels by the key.
    label text collate "C" not null,
    version int not null,
    sha256 bytea not null,
    at_ms bigint not null,
    primary key (tenant_id, agent, label, version)
);
create index artifact_label_of on artifact_label (tenant_id, sha256);

-- What names it, so that it stays.
create table artifact_pin (
    tenant_id uuid not null,
    sha256 bytea not null,
    kind text not null,
    name text not null,
    primary key (tenant_id, sha256, kind, name)
);

-- The artifacts that workers have handed in already. For a moment the owner sees all tenants' rows.
alter table task no force row level security;
insert into artifact_pin (tenant_id, sha256, kind, name)
select distinct t.tenant_id, decode(a.name, 'hex'), 'task', t.id::text
from task t cross join lateral unnest(t.artifacts) a(name)
where a.name ~ '^[0-9a-f]{64}$';
alter table task force row level security;

do $$
declare name text;
begin
    foreach name in array array['artifact', 'artifact_source', 'artifact_label', 'artifact_pin'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format($policy$create policy own_tenant on %I
            using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
            with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)$policy$, name);
        execute format('grant select, insert on %I to countersign_web, countersign_bridge, countersign_agent', name);
        execute format('grant select, insert, update, delete on %I to countersign_keeper', name);
    end loop;
end $$;
grant update on artifact to countersign_web, countersign_bridge, countersign_agent;
