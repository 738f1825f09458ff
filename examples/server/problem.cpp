#include "problem.hpp"

#include "authkit/json.hpp"

#include <algorithm>

namespace authkit::server {
namespace {

/// Members that an error is about by its name.
std::string_view pointer_of(Errc code) noexcept {
  switch (code) {
    case Errc::email_invalid:
    case Errc::email_taken:
      return "/email";
    case Errc::username_invalid:
    case Errc::username_taken:
      return "/username";
    case Errc::weak_password:
    case Errc::password_breached:
    case Errc::password_reused:
      return "/password";
    case Errc::profile_invalid:
      return "/profile";
    default:
      return {};
  }
}

/// What a client is told: no inside of a failing server, and the member that is meant.
Error for_clients(const Error& error) {
  Error told = error;
  const ErrorInfo& row = info(error.code);
  if (row.http_status >= 500) told.detail.clear();
  if (row.http_status == 503 || row.http_status == 429) told.retry_after = std::max(error.retry_after, std::chrono::milliseconds{1000});
  const std::string_view pointer = pointer_of(error.code);
  if (!pointer.empty() && told.fields.empty()) {
    told.fields.push_back({std::string(pointer), std::string(row.name), std::string(error.detail.empty() ? row.title : error.detail)});
  }
  return told;
}

/// The text of a quoted-string (RFC 9110 section 5.6.4) of our own sentences.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c >= ' ' && c < 0x7f && c != '"' && c != '\\') out.push_back(c);
  }
  return out + '"';
}

std::string challenge_of(const Error& error) {
  std::string challenge(bare_challenge);
  if (error.code == Errc::invalid_token) {
    challenge.append(R"(, error="invalid_token", error_description=)").append(quoted(error.detail.empty() ? info(error.code).title : error.detail));
  }
  if (error.code == Errc::insufficient_scope) challenge.append(R"(, error="insufficient_scope", scope=)").append(quoted(error.detail));
  return challenge;
}

}  // namespace

Response problem(const Error& error, std::string_view instance, std::string_view request_id) {
  const ErrorInfo& row = info(error.code);
  const Error told = for_clients(error);
  Response response;
  response.headers.reserve(16);
  response.status = row.http_status;
  response.code = row.name;
  response.add("Content-Type", "application/problem+json");
  if (row.http_status == 401 || error.code == Errc::insufficient_scope) response.add("WWW-Authenticate", challenge_of(error));
  if (told.retry_after.count() > 0) response.add("Retry-After", std::to_string((told.retry_after.count() + 999) / 1000));

  std::string& body = response.body;
  body.append(R"({"type":"urn:authkit:problem:)").append(row.name).append(R"(",)");
  const std::string members = to_json(told);
  body.append(members, 1, members.size() - 2);
  if (!instance.empty()) body.append(R"(,"instance":)").append(json_quote(instance));
  body.append(R"(,"request_id":)").append(json_quote(request_id)).append("}");
  return response;
}

}  // namespace authkit::server
