-- What the console's role may change of these rows is what it changes; for whom they are stays as it was written.
revoke update on invitation, passkey, mail from countersign_web;
grant update (mail_id, sent_ms, expires_ms, invited_by, accepted_ms, revoked_ms) on invitation to countersign_web;
grant update (credential, used_ms) on passkey to countersign_web;
grant update (tries, next_ms, note, held, sealed, sent_ms, given_up_ms, shown_ms, shown_to) on mail to countersign_web;

-- What is over is deleted while strangers ask: that must not read whole tables.
create index sign_in_failure_over on sign_in_failure (at_ms);
create index ceremony_over on ceremony (expires_ms);
create index session_over on session (expires_ms);
