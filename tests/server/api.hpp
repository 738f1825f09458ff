#pragma once

#include "authkit/auth.hpp"

#include "app.hpp"

#include <boost/json.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace authkit::test {

inline constexpr std::string_view password = "correct horse battery staple";

using Fields = std::vector<std::pair<std::string, std::string>>;

/// An answer of dispatch(), its body read.
struct Answer {
  server::Response response;
  boost::json::value body;  ///< null when there is none

  int status() const { return response.status; }
  std::string header(std::string_view name) const { return std::string(response.header(name).value_or("")); }
  /// A member as text; empty when it is no text. "user.email" goes into objects.
  std::string text(std::string_view path) const;
  bool has(std::string_view path) const;
  std::string code() const { return text("code"); }
};

/// The routes over memory stores, with cheap hashes and a clock that stands still until it is moved. No sockets, no threads.
class Api {
 public:
  explicit Api(const std::function<void(Config&, server::ServerOptions&)>& adjust = [](Config&, server::ServerOptions&) {});

  Answer send(std::string_view method, std::string_view path, std::string_view body = {}, const Fields& fields = {});
  Answer get(std::string_view path, const Fields& fields = {}) { return send("GET", path, {}, fields); }
  /// With Content-Type: application/json.
  Answer post(std::string_view path, std::string_view json, Fields fields = {});
  Answer get_as(const std::string& access_token, std::string_view path) { return get(path, bearer(access_token)); }

  Answer sign_up(std::string_view email = "ada@example.org");
  /// A bearer login; signs up first where `email` is new.
  Answer log_in(std::string_view email = "ada@example.org");
  /// A cookie login: the cookie's value and the CSRF token.
  std::pair<std::string, std::string> log_in_with_cookie();

  static Fields bearer(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }
  static Fields cookie(const std::string& value) { return {{"Cookie", "__Host-ak_session=" + value}}; }

  void pass(Duration time) { *now_ += time.count(); }
  Auth& auth() { return *auth_; }
  server::App& app() { return *app_; }
  /// All log lines so far.
  const std::string& log() const { return *log_; }

  std::string peer = "192.0.2.1";

 private:
  std::shared_ptr<std::int64_t> now_;
  std::shared_ptr<std::string> log_;
  std::unique_ptr<Auth> auth_;
  std::unique_ptr<server::App> app_;
};

/// What an authenticator app shows for that base32 secret (RFC 6238).
std::string totp_code(std::string_view secret, Time now);

}  // namespace authkit::test
