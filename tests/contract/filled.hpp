#pragma once

#include "db/sql_database.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace authkit::contract {

/// Fills the tables that grow with `users` accounts of that tenant ("user1@example.org", ...; every tenth an admin), a session and an event each, and
/// a counter, a revocation, a ticket, a message and a second factor for every fourth; one in twenty of what expires has expired at `now`. Ids are the
/// number. Then the statistics are made.
inline void fill(SqlDatabase& database, const std::string& tenant, std::uint64_t users, std::string_view password_hash, Time now) {
  const bool sqlite = database.dialect().name == "sqlite";
  // As UUIDs of version 7, which user ids are.
  const auto bytes = [&](const std::string& number, const std::string& head = "00000000000070008") {
    return sqlite ? "'" + head + "' || printf('%015x', " + number + ")" : "decode('" + head + "' || lpad(to_hex(" + number + "), 15, '0'), 'hex')";
  };
  const auto patient = [] {
    Context context;
    context.deadline = std::chrono::steady_clock::now() + std::chrono::hours(1);
    return context;
  };
  const auto text = [](std::int64_t number) { return std::to_string(number); };
  const std::string t = "'" + tenant + "', ", at = text(now.time_since_epoch().count()),
                    end = at + " + 86400000 * (CASE WHEN i % 20 = 0 THEN -1 ELSE 1 END)";
  const auto rows = [&](const std::string& table, const std::string& columns, const std::string& values, const std::string& where = "i > 0") {
    const std::string script = "INSERT INTO authkit_" + table + " (tenant, " + columns +
                               ") WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n " + "WHERE i < " + std::to_string(users) +
                               ") SELECT " + t + values + " FROM n WHERE " + where;
    const auto tx = database.begin(patient()).value();
    database.write(*tx, [&](SqlSession& session) { session.script(script); }).value();
    tx->commit().value();
  };
  const std::string email = "'user' || i || '@example.org'", hash = "'" + std::string(password_hash) + "'";
  rows("account",
       "id, email, email_key, username, username_key, password_hash, status, auth_epoch, roles, profile, created_at, updated_at, "
       "password_changed_at, version",
       bytes("i") + ", " + email + ", " + email + ", 'user' || i, 'user' || i, " + hash + ", 'active', 1, '[\"user\"]', '{}', " + at + ", " + at +
           ", " + at + ", 1");
  rows("account_role", "role, user_id", "'user', " + bytes("i"));
  rows("account_role", "role, user_id", "'admin', " + bytes("i"), "i % 10 = 0");
  rows("session",
       "id, user_id, transport, secret_digest, generation, rotated_at, created_at, last_seen, idle_expires_at, absolute_expires_at, auth_time, amr, "
       "acr, "
       "client, user_agent, address, epoch",
       bytes("i") + ", " + bytes("i") + ", 0, " + bytes("i", std::string(49, '0')) + ", 1, 0, i, 0, " + end + ", " + at +
           " + 1000000000, 0, 'pwd', '', '', '', '', 1");
  if (sqlite) {
    rows("revocation", "kind, id, value, not_after", "'s', " + bytes("i") + ", 0, " + end, "i % 4 = 0");
  } else {  // each by a transaction of its own, as in life: that is what the feed is read by
    const std::string script = "DO $$ BEGIN FOR i IN 1.." + text(static_cast<std::int64_t>(users / 4)) +
                               " LOOP INSERT INTO authkit_revocation (tenant, kind, id, value, not_after) VALUES (" + t + "'s', " + bytes("i") +
                               ", 0, " + end + "); COMMIT; END LOOP; END $$";
    database.read(Route::write, patient(), [&](SqlSession& session) { session.script(script); }).value();
  }
  rows("counter", "key, tat", "'key' || i, (" + end + ") * 1000", "i % 4 = 0");
  rows("ticket", "digest, kind, user_id, payload, created_at, expires_at",
       bytes("i", std::string(49, '0')) + ", 'verify_email', " + bytes("i") + ", '{}', i, " + end, "i % 4 = 0");
  rows("outbox", "event_id, topic, key, payload, attempts, next_at, done_at",
       "'event' || i, 'mail', 'key', '{}', 1, " + at + ", CASE WHEN i % 20 = 0 THEN " + at + " - 10000000000 ELSE " + at + " END", "i % 4 = 0");
  rows("factor", "user_id, id, kind, label, sealed, created_at, confirmed_at",
       bytes("i") + ", " + bytes("i") + ", 'totp', '', '', " + at + " - 1000000, CASE WHEN i % 20 = 0 THEN NULL ELSE " + at + " END", "i % 4 = 0");
  rows("event", "id, time, actor, action, subject, success, address, user_agent, request_id, data, prev_hash, hash",
       "'event' || i, " + at + " - " + text(static_cast<std::int64_t>(users)) +
           " + i, 'actor' || i % 1000, 'action' || i % 500, 'subject' || i % 1000, 1, '192.0.2.' || i % 200, '', '', '{}', 'hash', 'hash'");
  database.read(Route::write, patient(), [](SqlSession& session) { session.script("ANALYZE"); }).value();
}

}  // namespace authkit::contract
