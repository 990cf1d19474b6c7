-- Words are parted by the server now (docs/decisions/0007), and by which of its rules is kept with them: what an
-- older server kept, or still keeps while it is replaced, is parted anew bit by bit (store::stale_words). One table a
-- migration: a server that is recording holds several, in an order of its own.
alter table task_text add column parted smallint not null default 0;
create index task_text_stale on task_text (tenant_id, task_id) where parted < 1;
grant update on task_text to countersign_bridge;
