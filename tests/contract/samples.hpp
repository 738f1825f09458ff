#pragma once

#include "authkit/auth.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace authkit::contract {

inline constexpr Time t0{Duration{1'700'000'000'000}};
inline constexpr Time end_of_time{Duration{std::numeric_limits<std::int64_t>::max()}};

/// Ids that differ and sort by `n`.
template <class IdType>
IdType id(std::uint64_t n) {
  IdType out;
  for (std::size_t i = 0; i < 8; ++i) out.bytes[15 - i] = static_cast<std::uint8_t>(n >> (8 * i));
  out.bytes[0] = 1;
  return out;
}
inline UserId user(std::uint64_t n) { return id<UserId>(n); }
inline SessionId session(std::uint64_t n) { return id<SessionId>(n); }

/// Texts that a careless store mangles: quoting, placeholders, patterns, separators, Unicode in two normal forms, white space at the ends.
inline const std::vector<std::string>& hard_texts() {
  static const std::vector<std::string> texts{
      "",
      "'",
      "''; DROP TABLE users; --",
      "\"quoted\" `ticks`",
      ":name :1 ::text",
      "$1 ?1 ? @x #y",
      "% _ \\ \\% ^ [a-z]*",
      "a,b;c|d",
      "{\"a\":[1]}",
      "null",
      "0",
      " lead and trail ",
      "tab\tline\r\nbreak",
      "\x01\x1f\x7f",
      "Ünïcödé 密码 🔑",
      "e\xcc\x81 \xc3\xa9",
      "\xef\xbb\xbf"
      "bom",
      "-1e99",
      "\\x41\\000",
      "0x00",
      "' AND '%' ESCAPE '!",
  };
  return texts;
}
inline const std::string& hard_text(std::size_t i) { return hard_texts()[i % hard_texts().size()]; }

inline const std::string with_nul{"a\0b", 3};

inline Account account(std::uint64_t n) {
  Account a;
  a.id = user(n);
  a.email = "User" + std::to_string(n) + "@Example.org";
  a.email_key = "user" + std::to_string(n) + "@example.org";
  a.password_hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA";
  a.roles = {"user"};
  a.created_at = a.updated_at = a.password_changed_at = t0;
  return a;
}

inline SessionRecord record(std::uint64_t n, UserId of = user(1)) {
  SessionRecord r;
  r.id = session(n);
  r.user = of;
  r.secret_digest.fill(static_cast<std::uint8_t>(n));
  r.rotated_at = r.created_at = r.last_seen = r.auth_time = t0 + Duration{n};
  r.idle_expires_at = t0 + Duration{1'000'000};
  r.absolute_expires_at = t0 + Duration{9'000'000};
  r.amr = "pwd";
  r.address = "192.0.2.1";
  r.epoch = 1;
  return r;
}

inline Event event(std::uint64_t n) {
  Event e;
  e.id = to_text(user(n));
  e.time = t0 + Duration{n};
  e.action = "login.failed";
  e.subject = to_text(user(n % 3));
  e.address = "192.0.2.1";
  return e;
}

inline RevocationEntry entry(std::uint64_t n, Time not_after = t0 + Duration{900'000}) {
  return {RevocationKind::token, id<TokenId>(n).bytes, static_cast<std::int64_t>(n), not_after};
}

inline StoredKey key(std::uint64_t n, KeyState state = KeyState::next) {
  return {"key" + std::to_string(n), KeyPurpose::sign, "ES256", state, "sealed" + std::to_string(n), t0 + Duration{n}, t0 + Duration{n}};
}

// The comparisons live here, not in the product: no flow compares whole records.

inline bool same(const Account& a, const Account& b) {
  return a.id == b.id && a.email == b.email && a.email_key == b.email_key && a.username == b.username && a.username_key == b.username_key &&
         a.password_hash == b.password_hash && a.status == b.status && a.auth_epoch == b.auth_epoch && a.roles == b.roles && a.profile == b.profile &&
         a.created_at == b.created_at && a.updated_at == b.updated_at && a.password_changed_at == b.password_changed_at &&
         a.email_verified_at == b.email_verified_at && a.last_login_at == b.last_login_at && a.deleted_at == b.deleted_at &&
         a.password_history == b.password_history && a.totp_factors == b.totp_factors && a.recovery_codes_left == b.recovery_codes_left &&
         a.version == b.version;
}

inline bool same(const SessionRecord& a, const SessionRecord& b) {
  return a.id == b.id && a.user == b.user && a.transport == b.transport && a.secret_digest == b.secret_digest && a.generation == b.generation &&
         a.rotated_at == b.rotated_at && a.created_at == b.created_at && a.last_seen == b.last_seen && a.idle_expires_at == b.idle_expires_at &&
         a.absolute_expires_at == b.absolute_expires_at && a.auth_time == b.auth_time && a.amr == b.amr && a.acr == b.acr && a.client == b.client &&
         a.user_agent == b.user_agent && a.address == b.address && a.epoch == b.epoch;
}

inline bool same(const StoredKey& a, const StoredKey& b) {
  return a.id == b.id && a.purpose == b.purpose && a.algorithm == b.algorithm && a.state == b.state && a.sealed == b.sealed &&
         a.created_at == b.created_at && a.changed_at == b.changed_at;
}

inline bool same(const RevocationEntry& a, const RevocationEntry& b) {
  return a.kind == b.kind && a.id == b.id && a.value == b.value && a.not_after == b.not_after;
}

/// All that append() was given.
inline bool same_content(const Event& a, const Event& b) {
  return a.id == b.id && a.time == b.time && a.actor == b.actor && a.action == b.action && a.subject == b.subject && a.success == b.success &&
         a.address == b.address && a.user_agent == b.user_agent && a.request_id == b.request_id && a.data == b.data;
}

}  // namespace authkit::contract
