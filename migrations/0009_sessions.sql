-- With what and from where a session was opened, so that people can tell their own from a stranger's.
alter table session
    add column device text not null default '',
    add column address text not null default '';

-- People change their own passwords.
grant update (password_hash) on person to countersign_web;
