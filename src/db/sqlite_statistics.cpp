#include "db/dialect.hpp"

namespace authkit {

// What SQLite should think of the tables: a million rows, nearly all of one tenant. Without it the planner takes "tenant = ?" for ten rows, and
// then, say, lists the sessions of one user by walking every session that is alive. Each row gives the rows in the index, then how many share
// the first column, the first two, and so on. Reading sqlite_schema is how ANALYZE makes and loads the table without looking at any other.
const char sqlite_statistics[] = R"(
ANALYZE sqlite_schema;
DELETE FROM sqlite_stat1 WHERE tbl LIKE 'authkit~_%' ESCAPE '~';
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('authkit_account', 'sqlite_autoindex_authkit_account_1', '1000000 1000000 1'),
  ('authkit_account', 'authkit_account_email_key', '1000000 1000000 1'),
  ('authkit_account', 'authkit_account_username_key', '1000000 1000000 1'),
  ('authkit_account', 'authkit_account_status', '1000000 1000000 100000 1'),
  ('authkit_account_role', 'authkit_account_role', '1000000 1000000 100000 1'),
  ('authkit_account_role', 'authkit_account_role_user', '1000000 1000000 2'),
  ('authkit_session', 'sqlite_autoindex_authkit_session_1', '1000000 1000000 1'),
  ('authkit_session', 'authkit_session_user', '1000000 1000000 4 1 1'),
  ('authkit_session', 'authkit_session_expiry', '1000000 1000000 1'),
  ('authkit_revocation', 'authkit_revocation_feed', '1000000 1000000 1'),
  ('authkit_revocation', 'authkit_revocation_end', '1000000 1000000 1'),
  ('authkit_counter', 'authkit_counter', '1000000 1000000 1'),
  ('authkit_counter', 'authkit_counter_tat', '1000000 1000000 1'),
  ('authkit_key', 'sqlite_autoindex_authkit_key_1', '10 10 1'),
  ('authkit_event', 'authkit_event_id', '1000000 1000000 1'),
  ('authkit_event', 'authkit_event_sealed', '1000000 1000000 1'),
  ('authkit_event', 'authkit_event_sealed_time', '1000000 1000000 1'),
  ('authkit_event', 'authkit_event_sealed_actor', '1000000 1000000 50 1'),
  ('authkit_event', 'authkit_event_sealed_subject', '1000000 1000000 50 1'),
  ('authkit_event', 'authkit_event_sealed_action', '1000000 1000000 50000 1'),
  ('authkit_event', 'authkit_event_sealed_address', '1000000 1000000 50 1'),
  ('authkit_event', 'authkit_event_unsealed', '1000 1000 1'),
  ('authkit_ticket', 'sqlite_autoindex_authkit_ticket_1', '1000000 1000000 1'),
  ('authkit_ticket', 'authkit_ticket_user', '1000000 1000000 2 1'),
  ('authkit_ticket', 'authkit_ticket_expiry', '1000000 1000000 1'),
  ('authkit_outbox', 'authkit_outbox_event', '1000000 1000000 2 1'),
  ('authkit_outbox', 'authkit_outbox_due', '1000 1000 1 1'),
  ('authkit_outbox', 'authkit_outbox_done', '1000000 1000000 1'),
  ('authkit_factor', 'sqlite_autoindex_authkit_factor_1', '1000000 1000000 2 1'),
  ('authkit_recovery_code', 'authkit_recovery_code', '1000000 1000000 10 1');
ANALYZE sqlite_schema;
)";

}  // namespace authkit
