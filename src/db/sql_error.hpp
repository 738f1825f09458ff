#pragma once

#include "authkit/result.hpp"

#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>

namespace authkit {

/// Thrown below sql_guard() for a failure that is known already.
class SqlFailure : public std::exception {
 public:
  explicit SqlFailure(Error error) : error_(std::move(error)) {}
  const char* what() const noexcept override { return "authkit: SQL failure"; }
  const Error& error() const noexcept { return error_; }

 private:
  Error error_;
};

/// The exception in flight as an Error; call it in a catch block. The texts are ours or the database's own words for a result code, never
/// what(): SOCI appends every bound value to that.
Error current_sql_error();

/// What PostgreSQL's SQLSTATE means here. `message` is only searched for the name of one of our constraints. Empty: the connection was lost.
Error error_of_sqlstate(std::string_view state, std::string_view message);

/// Whether `error` is that the connection was lost or the server turns everybody away, or that the server takes no writes any more.
bool means_lost(const Error& error) noexcept;
bool means_read_only(const Error& error) noexcept;

/// Runs `body` and reports what it throws. std::bad_alloc passes through.
template <class Body>
auto sql_guard(Body&& body) -> Result<std::invoke_result_t<Body&>> {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Body&>>) {
      body();
      return {};
    } else {
      return body();
    }
  } catch (const std::bad_alloc&) {
    throw;
  } catch (...) {
    return current_sql_error();
  }
}

/// Whether `error` says that a unique index over `column` ("authkit_account.email_key") refused the row; such an error is Errc::conflict.
bool refused_by(const Error& error, std::string_view column) noexcept;

}  // namespace authkit
