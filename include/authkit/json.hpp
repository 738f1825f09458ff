#pragma once

#include "authkit/account.hpp"
#include "authkit/event.hpp"
#include "authkit/session_store.hpp"

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace authkit {

/// The one wire shape: what HTTP, the C interface and the bindings show. snake_case, ids opaque text, times RFC 3339 UTC.
std::string to_json(const Account& account);
std::string to_json(const SessionRecord& session);
std::string to_json(const Event& event);
/// RFC 9457 members "code", "title", "status", "detail", "errors", "retry_after" and those of Error::members; the server adds "type", "instance",
/// "request_id".
std::string to_json(const Error& error);

/// A login or a refresh: {"access_token","token_type","expires_in","refresh_token","refresh_expires_in","session_id","user"}, of a login
/// "device_token" too; with a cookie "cookie" and "csrf_token" in place of the tokens.
std::string to_json(const Grant& grant, Time now, const Sessions& sessions);
/// {"user_id","session_id","token_id","epoch","auth_time","expires_at"}; what it has not is null.
std::string to_json(const Identity& identity);
/// {"items","next_cursor"}; the cursor is null on the last page.
std::string to_json(const AccountPage& page);
/// {"items"}; each session says whether it is the `current` one.
std::string to_json(const std::vector<SessionRecord>& sessions, const SessionId& current);

/// {"factor_id","secret","otpauth_uri","qr_svg","expires_at"}
std::string to_json(const TotpEnrolment& enrolment);
/// {"items":[{"id","label","created_at","confirmed_at"}]}
std::string to_json(const std::vector<Factor>& factors);
/// A list of texts.
std::string json_texts(const std::vector<std::string>& texts);

/// RFC 3339 in UTC with milliseconds: "2026-01-31T12:00:00.000Z".
std::string to_rfc3339(Time time);
/// A JSON string literal with its quotes; control characters and invalid UTF-8 are escaped or replaced.
std::string json_quote(std::string_view text);

/// A strict reader of one flat request object. RFC 8259 with these rules on top: UTF-8 only, no duplicate members at any depth, no trailing bytes,
/// depth at most 16, at most 256 members, no NUL in any text.
///
/// Read members with text(), flag() ...; each records what is wrong with its member, and finish() reports all of it at once.
///
/// Thread safety: one thread. Errors: parse() gives Errc::malformed_request; finish() Errc::field_invalid with one FieldError a member.
class JsonReader {
 public:
  static Result<JsonReader> parse(std::string_view json);
  JsonReader(JsonReader&&) noexcept;
  JsonReader& operator=(JsonReader&&) noexcept;
  ~JsonReader();

  /// The member as text, empty when it is missing or bad (which finish() then reports).
  std::string text(std::string_view name, std::size_t max_bytes = 1024);
  /// The same for a member that may be missing or null.
  std::optional<std::string> optional_text(std::string_view name, std::size_t max_bytes = 1024);
  std::optional<bool> optional_flag(std::string_view name);
  std::optional<std::int64_t> optional_integer(std::string_view name);
  /// The member as JSON text; it must be an object.
  std::optional<std::string> optional_object(std::string_view name);
  std::vector<std::string> optional_texts(std::string_view name);
  bool has(std::string_view name) const;
  /// The text of the first of `names` that is present (canonical name first, then aliases).
  std::optional<std::string> first_text(std::initializer_list<std::string_view> names, std::size_t max_bytes = 1024);

  /// Records every member that is none of `names`.
  void allow_only(std::initializer_list<std::string_view> names);
  /// Records a failure of the caller's own check.
  void reject(std::string_view name, std::string_view code, std::string_view detail);
  Result<void> finish();

 private:
  struct Impl;
  explicit JsonReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// RFC 7396 merge patch of two JSON objects in text form. Errors: Errc::profile_invalid.
Result<std::string> merge_patch(std::string_view target, std::string_view patch);

}  // namespace authkit
