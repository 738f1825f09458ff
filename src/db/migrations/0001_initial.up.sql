-- Times are milliseconds since 1970. `tenant` is part of every key and unique index.

CREATE TABLE authkit_account (
  tenant TEXT NOT NULL,
  id @BYTES@ NOT NULL,
  email TEXT NOT NULL,
  email_key @TEXT@ NOT NULL,
  username TEXT NOT NULL,
  username_key @TEXT@,
  password_hash TEXT NOT NULL,
  status TEXT NOT NULL,
  auth_epoch @NUMBER@ NOT NULL,
  roles TEXT NOT NULL,
  profile TEXT NOT NULL,
  created_at @NUMBER@ NOT NULL,
  updated_at @NUMBER@ NOT NULL,
  password_changed_at @NUMBER@ NOT NULL,
  email_verified_at @NUMBER@,
  last_login_at @NUMBER@,
  deleted_at @NUMBER@,
  version @NUMBER@ NOT NULL,
  PRIMARY KEY (tenant, id)
) @TABLE@;
CREATE UNIQUE INDEX authkit_account_email_key ON authkit_account (tenant, email_key);
CREATE UNIQUE INDEX authkit_account_username_key ON authkit_account (tenant, username_key) WHERE username_key IS NOT NULL;
CREATE INDEX authkit_account_status ON authkit_account (tenant, status, id);

-- Who has a role: what authkit_account.roles says, the other way round.
CREATE TABLE authkit_account_role (
  tenant TEXT NOT NULL,
  role @TEXT@ NOT NULL,
  user_id @BYTES@ NOT NULL,
  PRIMARY KEY (tenant, role, user_id),
  FOREIGN KEY (tenant, user_id) REFERENCES authkit_account (tenant, id) ON DELETE CASCADE
) @KEYED_TABLE@;
CREATE INDEX authkit_account_role_user ON authkit_account_role (tenant, user_id);

CREATE TABLE authkit_session (
  tenant TEXT NOT NULL,
  id @BYTES@ NOT NULL,
  user_id @BYTES@ NOT NULL,
  transport @NUMBER@ NOT NULL,
  secret_digest @BYTES@ NOT NULL,
  generation @NUMBER@ NOT NULL,
  rotated_at @NUMBER@ NOT NULL,
  created_at @NUMBER@ NOT NULL,
  last_seen @NUMBER@ NOT NULL,
  idle_expires_at @NUMBER@ NOT NULL,
  absolute_expires_at @NUMBER@ NOT NULL,
  expires_at @NUMBER@ NOT NULL GENERATED ALWAYS AS
    (CASE WHEN idle_expires_at < absolute_expires_at THEN idle_expires_at ELSE absolute_expires_at END) STORED,
  auth_time @NUMBER@ NOT NULL,
  amr TEXT NOT NULL,
  acr TEXT NOT NULL,
  client TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  address TEXT NOT NULL,
  epoch @NUMBER@ NOT NULL,
  PRIMARY KEY (tenant, id)
) @TABLE@;
CREATE INDEX authkit_session_user ON authkit_session (tenant, user_id, created_at DESC, id);
CREATE INDEX authkit_session_expiry ON authkit_session (tenant, expires_at);

-- Append-only feed.
CREATE TABLE authkit_revocation (
  seq @SERIAL@,
  tenant TEXT NOT NULL,
  kind TEXT NOT NULL,
  id @BYTES@ NOT NULL,
  value @NUMBER@ NOT NULL,
  not_after @NUMBER@ NOT NULL@FEED_COLUMN@
) @TABLE@;
CREATE INDEX authkit_revocation_feed ON authkit_revocation (tenant, @FEED_KEY@);
CREATE INDEX authkit_revocation_end ON authkit_revocation (tenant, not_after);

-- `tat`: theoretical arrival time of the limiter, in microseconds.
CREATE TABLE authkit_counter (
  tenant TEXT NOT NULL,
  key @TEXT@ NOT NULL,
  tat @NUMBER@ NOT NULL,
  PRIMARY KEY (tenant, key)
) @KEYED_TABLE@;
CREATE INDEX authkit_counter_tat ON authkit_counter (tenant, tat);

CREATE TABLE authkit_key (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  purpose TEXT NOT NULL,
  algorithm TEXT NOT NULL,
  state TEXT NOT NULL,
  sealed TEXT NOT NULL,
  created_at @NUMBER@ NOT NULL,
  changed_at @NUMBER@ NOT NULL,
  PRIMARY KEY (tenant, id)
) @TABLE@;

CREATE TABLE authkit_event (
  seq @SERIAL@,
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  time @NUMBER@ NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  success @NUMBER@ NOT NULL,
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  request_id TEXT NOT NULL,
  data TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) @TABLE@;
CREATE UNIQUE INDEX authkit_event_id ON authkit_event (tenant, id);
CREATE INDEX authkit_event_seq ON authkit_event (tenant, seq);
CREATE INDEX authkit_event_time ON authkit_event (tenant, time);
CREATE INDEX authkit_event_actor ON authkit_event (tenant, actor, seq);
CREATE INDEX authkit_event_subject ON authkit_event (tenant, subject, seq);
CREATE INDEX authkit_event_action ON authkit_event (tenant, action, seq);
CREATE INDEX authkit_event_address ON authkit_event (tenant, address, seq);
CREATE INDEX authkit_event_unsealed ON authkit_event (tenant, seq) WHERE hash = '';

-- Reserved: one-time tickets (e-mail verification, password reset), the outbox, second factors. Nothing reads or writes them yet.
CREATE TABLE authkit_ticket (
  tenant TEXT NOT NULL,
  digest @BYTES@ NOT NULL,
  kind TEXT NOT NULL,
  user_id @BYTES@,
  payload TEXT NOT NULL,
  created_at @NUMBER@ NOT NULL,
  expires_at @NUMBER@ NOT NULL,
  PRIMARY KEY (tenant, digest)
) @TABLE@;
CREATE INDEX authkit_ticket_user ON authkit_ticket (tenant, user_id, kind);
CREATE INDEX authkit_ticket_expiry ON authkit_ticket (tenant, expires_at);

CREATE TABLE authkit_outbox (
  id @SERIAL@,
  tenant TEXT NOT NULL,
  event_id TEXT NOT NULL,
  topic TEXT NOT NULL,
  key TEXT NOT NULL,
  payload TEXT NOT NULL,
  attempts @NUMBER@ NOT NULL DEFAULT 0,
  next_at @NUMBER@ NOT NULL,
  lease_until @NUMBER@,
  owner TEXT NOT NULL DEFAULT '',
  done_at @NUMBER@,
  last_error TEXT NOT NULL DEFAULT ''
) @TABLE@;
CREATE UNIQUE INDEX authkit_outbox_event ON authkit_outbox (tenant, event_id, topic);
CREATE INDEX authkit_outbox_due ON authkit_outbox (tenant, next_at, id) WHERE done_at IS NULL;
CREATE INDEX authkit_outbox_done ON authkit_outbox (tenant, done_at) WHERE done_at IS NOT NULL;

CREATE TABLE authkit_factor (
  tenant TEXT NOT NULL,
  user_id @BYTES@ NOT NULL,
  id @BYTES@ NOT NULL,
  kind TEXT NOT NULL,
  label TEXT NOT NULL,
  sealed TEXT NOT NULL,
  last_step @NUMBER@ NOT NULL DEFAULT 0,
  created_at @NUMBER@ NOT NULL,
  confirmed_at @NUMBER@,
  PRIMARY KEY (tenant, user_id, id),
  FOREIGN KEY (tenant, user_id) REFERENCES authkit_account (tenant, id) ON DELETE CASCADE
) @TABLE@;

CREATE TABLE authkit_recovery_code (
  tenant TEXT NOT NULL,
  user_id @BYTES@ NOT NULL,
  digest @BYTES@ NOT NULL,
  created_at @NUMBER@ NOT NULL,
  used_at @NUMBER@,
  PRIMARY KEY (tenant, user_id, digest),
  FOREIGN KEY (tenant, user_id) REFERENCES authkit_account (tenant, id) ON DELETE CASCADE
) @KEYED_TABLE@;
