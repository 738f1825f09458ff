#include "authkit/version.h"

#include "body.hpp"
#include "etag.hpp"
#include "routes.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace authkit::server {
namespace {

/// Schemas of bodies and answers; the route table names them.
constexpr std::string_view schemas = R"({
"Object":{"type":"object"},
"Status":{"type":"object","required":["status"],"properties":{"status":{"type":"string"}}},
"Registration":{"type":"object","required":["email","password"],"properties":{"email":{"type":"string","format":"email"},
"password":{"type":"string","format":"password"},"username":{"type":"string"},"profile":{"type":"object"}}},
"Registered":{"type":"object","required":["user"],"properties":{"user":{"$ref":"#/components/schemas/User"}}},
"Login":{"type":"object","required":["password"],"description":"One of email, username and login names the account",
"properties":{"login":{"type":"string"},"email":{"type":"string"},"username":{"type":"string"},"password":{"type":"string","format":"password"},
"transport":{"enum":["bearer","cookie"],"default":"bearer"},"device_name":{"type":"string"},"device_token":{"type":"string"}}},
"Address":{"type":"object","required":["email"],"properties":{"email":{"type":"string","format":"email"}}},
"Token":{"type":"object","required":["token"],"properties":{"token":{"type":"string"}}},
"Verification":{"type":"object","description":"token, or email and code","properties":{"token":{"type":"string"},"email":{"type":"string"},
"code":{"type":"string"}}},
"Reset":{"type":"object","required":["token","new_password"],"properties":{"token":{"type":"string"},"new_password":{"type":"string","format":"password"},
"mfa_method":{"enum":["totp","recovery_code"],"default":"totp"},"mfa_code":{"type":"string"}}},
"PasswordChange":{"type":"object","required":["current_password","new_password"],"properties":{"current_password":{"type":"string","format":"password"},
"new_password":{"type":"string","format":"password"},"revoke_other_sessions":{"type":"boolean","default":true}}},
"ProfileChange":{"type":"object","required":["profile"],"properties":{"profile":{"type":"object"}}},
"Closing":{"type":"object","description":"password in place of a recent login","properties":{"password":{"type":"string","format":"password"}}},
"SecondFactor":{"type":"object","required":["mfa_token","method","code"],"properties":{"mfa_token":{"type":"string"},
"method":{"enum":["totp","recovery_code"]},"code":{"type":"string"}}},
"Enrolment":{"type":"object","properties":{"label":{"type":"string"}}},
"TotpSecret":{"type":"object","required":["factor_id","secret","otpauth_uri"],"properties":{"factor_id":{"type":"string"},"secret":{"type":"string"},
"otpauth_uri":{"type":"string"},"qr_svg":{"type":"string"},"expires_at":{"type":"string","format":"date-time"}}},
"TotpCode":{"type":"object","required":["factor_id","code"],"properties":{"factor_id":{"type":"string"},"code":{"type":"string"}}},
"TotpConfirmed":{"type":"object","required":["recovery_codes"],"description":"A Grant, with the recovery codes once",
"properties":{"recovery_codes":{"type":"array","items":{"type":"string"}},"access_token":{"type":"string"},"refresh_token":{"type":"string"}}},
"RecoveryCodes":{"type":"object","required":["recovery_codes"],"properties":{"recovery_codes":{"type":"array","items":{"type":"string"}}}},
"Factors":{"type":"object","required":["items"],"properties":{"items":{"type":"array","items":{"type":"object","properties":{"id":{"type":"string"},
"label":{"type":"string"},"created_at":{"type":"string","format":"date-time"}}}}}},
"NewUser":{"type":"object","required":["email"],"properties":{"email":{"type":"string","format":"email"},"username":{"type":"string"},
"password":{"type":"string","format":"password"},"password_hash":{"type":"string"},"profile":{"type":"object"},
"roles":{"type":"array","items":{"type":"string"}},"email_verified":{"type":"boolean"}}},
"UserChange":{"type":"object","properties":{"status":{"enum":["active","disabled"]},"roles":{"type":"array","items":{"type":"string"}}}},
"Users":{"type":"object","required":["items"],"properties":{"items":{"type":"array","items":{"$ref":"#/components/schemas/User"}},
"next_cursor":{"type":["string","null"]},"page":{"type":"integer"},"page_size":{"type":"integer"}}},
"Events":{"type":"object","required":["items"],"properties":{"items":{"type":"array","items":{"type":"object"}},
"next_cursor":{"type":["string","null"]}}},
"Refresh":{"type":"object","required":["refresh_token"],"properties":{"refresh_token":{"type":"string"}}},
"Logout":{"type":"object","properties":{"refresh_token":{"type":"string"},"scope":{"enum":["current","others","all"],"default":"current"}}},
"Grant":{"type":"object","required":["session_id","user"],"description":"With transport=cookie csrf_token in place of the tokens",
"properties":{"access_token":{"type":"string"},"token_type":{"const":"Bearer"},"expires_in":{"type":"integer"},"refresh_token":{"type":"string"},
"refresh_expires_in":{"type":"integer"},"device_token":{"type":"string"},"csrf_token":{"type":"string"},"session_id":{"type":"string"},"user":{"$ref":"#/components/schemas/User"}}},
"User":{"type":"object","required":["id","email"],"properties":{"id":{"type":"string"},"email":{"type":"string"},"email_verified":{"type":"boolean"},
"username":{"type":["string","null"]},"status":{"enum":["pending","active","disabled","deleted"]},"profile":{"type":"object"},
"roles":{"type":"array","items":{"type":"string"}},"mfa":{"type":"object","properties":{"totp":{"type":"boolean"},
"recovery_codes_left":{"type":"integer"}}},"created_at":{"type":"string","format":"date-time"},"csrf_token":{"type":"string"}}},
"Session":{"type":"object","required":["id","current"],"properties":{"id":{"type":"string"},"current":{"type":"boolean"}}},
"Sessions":{"type":"object","required":["items"],"properties":{"items":{"type":"array","items":{"$ref":"#/components/schemas/Session"}}}},
"Health":{"type":"object","required":["status"],"properties":{"status":{"type":"string"},"service":{"type":"string"},
"timestamp":{"type":"string","format":"date-time"},"version":{"type":"string"}}},
"Readiness":{"type":"object","required":["status","checks"],"properties":{"status":{"enum":["ready","not_ready"]},"checks":{"type":"array",
"items":{"type":"object","properties":{"name":{"type":"string"},"status":{"type":"string"},"latency_ms":{"type":"integer"}}}}}},
"KeySet":{"type":"object","required":["keys"],"properties":{"keys":{"type":"array","items":{"type":"object"}}}},
"Problem":{"type":"object","required":["type","title","status","code","request_id"],"properties":{"type":{"type":"string","format":"uri"},
"title":{"type":"string"},"status":{"type":"integer"},"detail":{"type":"string"},"instance":{"type":"string"},"code":{"type":"string"},
"request_id":{"type":"string"},"retry_after":{"type":"integer"},"errors":{"type":"array","items":{"type":"object",
"properties":{"pointer":{"type":"string"},"code":{"type":"string"},"detail":{"type":"string"}}}}}}})";

std::string content(std::string_view media_type, std::string_view schema) {
  const std::string reference = "#/components/schemas/" + std::string(schema);
  return JsonObject().raw(media_type, JsonObject().raw("schema", JsonObject().text("$ref", reference).finish()).finish()).finish();
}

std::string responses(const Route& route) {
  JsonObject success;
  success.text("description", route.summary);
  if (!route.response.empty()) success.raw("content", content("application/json", route.response));
  JsonObject failure;
  failure.text("description", "What went wrong").raw("content", content("application/problem+json", "Problem"));
  return JsonObject().raw(std::to_string(route.status), success.finish()).raw("default", failure.finish()).finish();
}

std::string operation(const Route& route) {
  JsonObject object;
  object.text("summary", route.summary);
  if (route.path.find("{id}") != std::string_view::npos)
    object.raw("parameters", R"([{"name":"id","in":"path","required":true,"schema":{"type":"string"}}])");
  if (!route.request.empty()) object.raw("requestBody", JsonObject().raw("content", content("application/json", route.request)).finish());
  if (route.access == Access::identity) object.raw("security", R"([{"bearer":[]},{"cookie":[]}])");
  return object.raw("responses", responses(route)).finish();
}

std::string_view method_name(std::string_view method) {
  constexpr std::pair<std::string_view, std::string_view> names[] = {{"GET", "get"}, {"POST", "post"}, {"PUT", "put"}, {"PATCH", "patch"}};
  const auto* known = std::find_if(std::begin(names), std::end(names), [&](const auto& name) { return name.first == method; });
  return known == std::end(names) ? "delete" : known->second;
}

std::string document() {
  std::map<std::string_view, JsonObject> paths;
  for (const Route& route : routes()) paths[route.path].raw(method_name(route.method), operation(route));
  JsonObject all;
  for (auto& [path, object] : paths) all.raw(path, object.finish());
  JsonObject components;
  components.raw("schemas", schemas);
  components.raw("securitySchemes", R"({"bearer":{"type":"http","scheme":"bearer","bearerFormat":"JWT"},)"
                                    R"("cookie":{"type":"apiKey","in":"cookie","name":"__Host-ak_session"}})");
  JsonObject top;
  top.text("openapi", "3.1.0").raw("info", JsonObject().text("title", "authkit").text("version", AUTHKIT_VERSION).finish());
  return top.raw("paths", all.finish()).raw("components", components.finish()).finish();
}

}  // namespace

Result<Response> openapi(Call& call) {
  static const std::string made = document();
  Response response = json_response(200, made);
  response.add("Cache-Control", "public, max-age=300");
  return with_etag(call.request, std::move(response));
}

}  // namespace authkit::server
