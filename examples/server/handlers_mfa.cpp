#include "body.hpp"
#include "credentials.hpp"
#include "grant.hpp"
#include "routes.hpp"

namespace authkit::server {

Result<Response> verify_mfa(Call& call) {
  if (Result<void> page = check_entry_request(call); !page) return std::move(page).error();
  Result<JsonReader> body = json_body(call.request);
  if (!body) return std::move(body).error();
  SecondFactor factor;
  factor.mfa_token = body->text("mfa_token");
  factor.method = body->text("method");
  factor.code = body->text("code");
  if (factor.method != "totp" && factor.method != "recovery_code") body->reject("method", "not_known", "One of totp, recovery_code");
  if (Result<void> read = body->finish(); !read) return std::move(read).error();
  Result<Grant> grant = call.app.auth.accounts().verify_mfa(factor, call.context);
  if (!grant) return std::move(grant).error();
  return granted(call, *grant);
}

Result<Response> enroll_totp(Call& call) {
  Result<JsonReader> body = optional_json_body(call.request);
  if (!body) return std::move(body).error();
  const std::string label = body->optional_text("label").value_or("");
  if (Result<void> read = body->finish(); !read) return std::move(read).error();
  Result<TotpEnrolment> enrolment = call.app.auth.accounts().enroll_totp(call.identity, label, call.context);
  if (!enrolment) return std::move(enrolment).error();
  return json_response(201, to_json(*enrolment));
}

Result<Response> confirm_totp(Call& call) {
  Result<JsonReader> body = json_body(call.request);
  if (!body) return std::move(body).error();
  const std::string factor = body->text("factor_id");
  const std::string code = body->text("code");
  if (Result<void> read = body->finish(); !read) return std::move(read).error();
  const std::optional<FactorId> id = parse_factor_id(factor);
  if (!id) return Errc::not_found;
  Result<TotpConfirmed> confirmed = call.app.auth.accounts().confirm_totp(call.identity, *id, code, call.context);
  if (!confirmed) return std::move(confirmed).error();
  return granted(call, confirmed->grant, "\"recovery_codes\":" + json_texts(confirmed->recovery_codes));
}

Result<Response> list_factors(Call& call) {
  Result<std::vector<Factor>> factors = call.app.auth.accounts().factors(call.identity.user, call.context);
  if (!factors) return std::move(factors).error();
  return json_response(200, to_json(*factors));
}

Result<Response> remove_totp(Call& call) {
  const std::optional<FactorId> id = parse_factor_id(call.parameter);
  if (!id) return Errc::not_found;
  Result<Grant> grant = call.app.auth.accounts().remove_totp(call.identity, *id, call.context);
  if (!grant) return std::move(grant).error();
  return granted(call, *grant);
}

Result<Response> renew_recovery_codes(Call& call) {
  Result<std::vector<std::string>> codes = call.app.auth.accounts().renew_recovery_codes(call.identity, call.context);
  if (!codes) return std::move(codes).error();
  return json_response(200, JsonObject().raw("recovery_codes", json_texts(*codes)).finish());
}

}  // namespace authkit::server
