#include "authkit/version.h"

#include "body.hpp"
#include "etag.hpp"
#include "routes.hpp"

namespace authkit::server {
namespace {

using std::chrono::steady_clock;

/// Asks the stores, at most once a second however many ask us.
App::Readiness& probe(App& app, const Context& context) {
  App::Readiness& readiness = app.readiness;
  const auto now = steady_clock::now();
  if (readiness.known && now - readiness.probed < std::chrono::seconds{1}) return readiness;
  Context bounded = context;
  bounded.deadline = now + std::chrono::milliseconds{300};
  const Result<void> answer = app.auth.ready(bounded);
  if (!answer && (!readiness.known || readiness.ready)) {
    app.auth.log().write(LogLevel::warning, "the stores are not ready", {{"error", std::string_view(answer.error().message())}});
  }
  readiness.known = true;
  readiness.ready = answer.has_value();
  readiness.probed = steady_clock::now();
  readiness.latency_ms = std::chrono::duration_cast<std::chrono::milliseconds>(readiness.probed - now).count();
  return readiness;
}

}  // namespace

Result<Response> health(Call& call) {
  JsonObject body;
  body.text("status", "ok").text("service", call.app.auth.config().service_name);
  body.text("timestamp", to_rfc3339(call.app.auth.config().clock())).text("version", AUTHKIT_VERSION);
  return json_response(200, body.finish());
}

Result<Response> ready(Call& call) {
  const std::lock_guard lock(call.app.readiness.mutex);
  const App::Readiness& readiness = probe(call.app, call.context);
  JsonObject check;
  check.text("name", "database").text("status", readiness.ready ? "ok" : "failed").number("latency_ms", readiness.latency_ms);
  JsonObject body;
  body.text("status", readiness.ready ? "ready" : "not_ready").raw("checks", "[" + check.finish() + "]");
  return json_response(readiness.ready ? 200 : 503, body.finish());
}

Result<Response> live(Call& call) {
  const bool alive = call.app.alive();
  return json_response(alive ? 200 : 503, alive ? R"({"status":"alive"})" : R"({"status":"stalled"})");
}

Result<Response> jwks(Call& call) {
  Response response = json_response(200, call.app.auth.tokens().jwks_json());
  response.set("Content-Type", "application/jwk-set+json");
  response.add("Cache-Control", "public, max-age=300");
  return with_etag(call.request, std::move(response));
}

}  // namespace authkit::server
