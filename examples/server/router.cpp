#include "authkit/limit.hpp"

#include "answer.hpp"
#include "cookie.hpp"
#include "credentials.hpp"
#include "problem.hpp"
#include "routes.hpp"

#include <algorithm>
#include <exception>

namespace authkit::server {
namespace {

constexpr std::string_view read_after_header = "AuthKit-Read-After";

bool starts_as_probe(std::string_view path) { return path.starts_with("/health") || path.starts_with("/ready") || path.starts_with("/live"); }

std::string_view without_port(std::string_view host) {
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.rfind(':');
  return colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket) ? host : host.substr(0, colon);
}

/// Host names are compared without port and case. Probes come by address.
bool is_served_host(const App& app, const Request& request) {
  const std::vector<std::string>& allowed = app.options.allowed_hosts;
  if (allowed.empty() || starts_as_probe(request.path)) return true;
  const std::string_view host = without_port(request.field("host").value_or(""));
  return std::any_of(allowed.begin(), allowed.end(), [&](std::string_view name) {
    if (!name.starts_with('.')) return same_token(host, without_port(name));
    return same_token(host, name.substr(1)) || (host.size() > name.size() && same_token(host.substr(host.size() - name.size()), name));
  });
}

Context context_of(const Request& request, const Origin& origin) {
  Context context;
  context.request_id = request_id_of(request);
  context.address = origin.address;
  context.user_agent = request.field("user-agent").value_or("").substr(0, 256);
  return context;
}

/// What the client has seen, where replicas might not show it: from the header it sent back, or the cookie that a browser did.
void take_read_after(Call& call) {
  call.context.read_after = call.app.auth.read_after(call.request.field(read_after_header).value_or(""));
  if (!call.context.read_after) return;
  const auto by_cookie = call.app.auth.read_after(read_after_cookie(call.request));
  call.context.read_after->join(by_cookie->position());
}

/// What it has seen now, where that grew; a client that keeps cookies need do nothing to send it back.
void tell_read_after(const Call& call, LogPosition before, Response& response) {
  if (!call.context.read_after || call.context.read_after->position() == before) return;
  const std::string seen = call.app.auth.sign(*call.context.read_after);
  const std::optional<std::string_view> set = response.header("Set-Cookie");
  if (call.carrier == Transport::cookie || (set && set->starts_with(session_cookie_name))) response.add("Set-Cookie", make_read_after_cookie(seen));
  response.add(read_after_header, seen);
}

Result<Response> answer(Call& call, const Match& found) {
  if (!is_served_host(call.app, call.request)) return Error{Errc::malformed_request, "This host is not served here"};
  if (found.route == nullptr) return found.allow.empty() ? Errc::not_found : Errc::method_not_allowed;
  if (found.route->access == Access::identity) {
    if (Result<void> known = authenticate(call); !known) return std::move(known).error();
    if (!found.route->permission.empty()) {
      const auto allowed = call.app.auth.accounts().authorize(call.identity, found.route->permission, call.context);
      if (!allowed) return refused(allowed.error(), call.carrier);
    }
    Result<Response> answered = found.route->handler(call);
    return answered ? std::move(answered) : refused(answered.error(), call.carrier);
  }
  return found.route->handler(call);
}

/// The core reports by value; what still arrives here is an exhausted machine or a defect, and costs one request.
Result<Response> guarded(Call& call, const Match& found) {
  try {
    return answer(call, found);
  } catch (const std::bad_alloc&) {
    return Errc::out_of_memory;
  } catch (const std::exception& defect) {
    call.app.auth.log().write(LogLevel::error, "a handler threw",
                              {{"request_id", std::string_view(call.context.request_id)}, {"error", defect.what()}});
    return Errc::internal;
  }
}

Response rendered(Call& call, const Error& error) {
  Response response = problem(error, call.request.path, call.context.request_id);
  if (!call.challenge.empty()) response.set("WWW-Authenticate", call.challenge);
  if (response.status >= 500 && error.code != Errc::overloaded) {
    call.app.auth.log().write(LogLevel::error, "a request failed",
                              {{"request_id", std::string_view(call.context.request_id)}, {"code", info(error.code).name}, {"error", error.detail}});
  }
  return response;
}

}  // namespace

Plan plan(const App& app, const Request& request) {
  const Match found = match(request.method, request.path);
  if (found.route == nullptr) return {};
  const bool by_cookie = found.route->access == Access::identity && request.field("cookie") && !request.field("authorization");
  Where where = found.route->where;
  if (where == Where::io && by_cookie) where = Where::worker;  // a cookie is looked up in the store, a token is not
  if (where == Where::io) return {};
  return {where, address_prefix(origin_of(request, app.options.trusted_proxies).address)};
}

Response dispatch(App& app, const Request& request) {
  const Match found = match(request.method, request.path);
  const Origin origin = origin_of(request, app.options.trusted_proxies);
  Call call{app, request, context_of(request, origin), origin.https, found.parameter, {}, Transport::bearer, {}};

  Response response;
  if (request.method == "OPTIONS" && !found.allow.empty() && is_served_host(app, request)) {
    response = preflight(app, request, found.allow);
  } else {
    take_read_after(call);
    const LogPosition before = call.context.read_after ? call.context.read_after->position() : LogPosition();
    Result<Response> answered = guarded(call, found);
    response = answered ? *std::move(answered) : rendered(call, answered.error());
    if (response.status == 405) response.set("Allow", found.allow);
    tell_read_after(call, before, response);
  }
  response.route = found.route != nullptr ? found.route->path : "-";
  response.omit_body = request.method == "HEAD";
  response.request_id = std::move(call.context.request_id);
  response.client = std::move(call.context.address);
  add_common_headers(app, request, origin.https, response);
  return response;
}

Response refuse(const App& app, const Request& request, const Error& error) {
  Origin origin = origin_of(request, app.options.trusted_proxies);
  std::string id = request_id_of(request);
  Response response = problem(error, request.path, id);
  response.request_id = std::move(id);
  response.client = std::move(origin.address);
  add_common_headers(app, request, origin.https, response);
  return response;
}

}  // namespace authkit::server
