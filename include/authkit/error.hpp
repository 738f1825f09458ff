#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace authkit {

/// Every error authkit reports, with the numbers of errors.def. The C interface uses the same numbers; 0 is success.
enum class Errc : std::int32_t {
#define AUTHKIT_ERROR(name, NAME, number, status, kind, title) name = number,
#include "authkit/errors.def"
#undef AUTHKIT_ERROR
};

/// What kind of answer helps: correct the input, authenticate, read the state again, wait, retry, report.
enum class ErrorKind : std::uint8_t { input, auth, state, limit, backend, internal };

/// One row of the error table.
struct ErrorInfo {
  Errc code;
  std::string_view name;  ///< snake_case, the `code` of RFC 9457 problem documents
  int http_status;
  ErrorKind kind;
  std::string_view title;  ///< one sentence for people
};

/// The row of `code`; an unknown number gives the row of Errc::internal. Thread safety: any. Never fails.
const ErrorInfo& info(Errc code) noexcept;

/// All rows in ascending order of number, and their count.
const ErrorInfo* error_table(std::size_t& count) noexcept;

/// One bad member of an input document.
struct FieldError {
  std::string pointer;  ///< RFC 6901, "/email"
  std::string code;     ///< snake_case: "missing", "wrong_type", "too_long", ...
  std::string detail;   ///< what to do about it
};

/// An expected failure, reported by value. Its texts never hold a secret or a bound SQL value.
struct Error {
  Errc code = Errc::internal;
  std::string detail;                        ///< what was wrong and what to do; empty where the title says all
  std::vector<FieldError> fields;            ///< with Errc::field_invalid and its neighbours
  std::chrono::milliseconds retry_after{0};  ///< with ErrorKind::limit and backend: when to try again; 0 = not known
  /// Further members of the answer, a JSON object (RFC 9457 section 3.2); empty where there are none. With Errc::mfa_required it holds the token that
  /// continues the login: it is for the caller, never for a log.
  std::string members;

  Error() = default;
  Error(Errc c) : code(c) {}  // NOLINT(google-explicit-constructor): `return Errc::not_found;` reads as meant
  Error(Errc c, std::string what) : code(c), detail(std::move(what)) {}

  /// "code: detail", for logs and exceptions.
  std::string message() const;
};

}  // namespace authkit
