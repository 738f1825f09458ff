#include "body.hpp"
#include "credentials.hpp"
#include "guard.hpp"
#include "routes.hpp"

namespace authkit::server {
namespace {

Response status_only(int status) {
  Response response;
  response.status = status;
  return response;
}

Response accepted() { return json_response(202, R"({"status":"accepted"})"); }

Result<Response> answer(const Result<void>& done, Response response) {
  if (!done) return done.error();
  return response;
}

/// The body of a request that nobody signed in makes.
Result<JsonReader> entry_body(Call& call) {
  if (Result<void> page = check_entry_request(call); !page) return std::move(page).error();
  return json_body(call.request);
}

/// The one text of such a body.
Result<std::string> entry_text(Call& call, std::string_view name) {
  Result<JsonReader> body = entry_body(call);
  if (!body) return std::move(body).error();
  std::string text = body->text(name);
  if (Result<void> read = body->finish(); !read) return std::move(read).error();
  return text;
}

}  // namespace

Result<Response> verify_email(Call& call) {
  Result<JsonReader> body = entry_body(call);
  if (!body) return std::move(body).error();
  const std::optional<std::string> token = body->optional_text("token");
  const std::string email = token ? std::string() : body->text("email");
  const std::string code = token ? std::string() : body->text("code");
  if (Result<void> read = body->finish(); !read) return std::move(read).error();
  const Accounts& accounts = call.app.auth.accounts();
  return answer(token ? accounts.verify_email(*token, call.context) : accounts.verify_email(email, code, call.context), status_only(204));
}

Result<Response> resend_verification(Call& call) {
  Result<std::string> email = entry_text(call, "email");
  if (!email) return std::move(email).error();
  return answer(call.app.auth.accounts().resend_verification(*email, call.context), accepted());
}

Result<Response> forgot_password(Call& call) {
  Result<std::string> email = entry_text(call, "email");
  if (!email) return std::move(email).error();
  return answer(call.app.auth.accounts().request_password_reset(*email, call.context), accepted());
}

Result<Response> reset_password(Call& call) {
  Result<JsonReader> body = entry_body(call);
  if (!body) return std::move(body).error();
  PasswordReset reset;
  reset.token = body->text("token");
  reset.new_password = body->text("new_password", max_body_bytes);
  reset.mfa_method = body->optional_text("mfa_method").value_or("totp");
  reset.mfa_code = body->optional_text("mfa_code").value_or("");
  if (Result<void> read = body->finish(); !read) return std::move(read).error();
  return answer(call.app.auth.accounts().reset_password(reset, call.context), status_only(204));
}

Result<Response> change_email(Call& call) {
  Result<JsonReader> body = json_body(call.request);
  if (!body) return std::move(body).error();
  const std::string email = body->text("email");
  if (Result<void> read = body->finish(); !read) return std::move(read).error();
  return answer(call.app.auth.accounts().request_email_change(call.identity, email, call.context), accepted());
}

Result<Response> confirm_email_change(Call& call) {
  Result<std::string> token = entry_text(call, "token");
  if (!token) return std::move(token).error();
  return answer(call.app.auth.accounts().confirm_email_change(*token, call.context), status_only(204));
}

}  // namespace authkit::server
