#pragma once

#include "authkit/auth.hpp"

#include "http.hpp"
#include "options.hpp"

#include <chrono>
#include <functional>
#include <mutex>
#include <string>

namespace authkit::server {

/// What every request is answered from. Thread safety: any number of threads. Ownership: `auth` is the caller's and outlives it.
struct App {
  App(Auth& opened, ServerOptions given) : auth(opened), options(std::move(given)) {}

  Auth& auth;
  ServerOptions options;
  /// Whether every I/O thread still turns; the listener knows.
  std::function<bool()> alive = [] { return true; };

  /// One probe of the stores, shared by everybody who asks within a second.
  struct Readiness {
    std::mutex mutex;
    std::chrono::steady_clock::time_point probed;
    bool known = false;
    bool ready = false;
    std::int64_t latency_ms = 0;
  };
  Readiness readiness;
};

/// Who may call a route.
enum class Access : std::uint8_t { none, identity };
/// Where a handler runs: on the I/O thread (microseconds, never waits), on a worker (may wait for a store), on a hashing thread.
enum class Where : std::uint8_t { io, worker, hashing };

/// One request on its way through a handler.
struct Call {
  App& app;
  const Request& request;
  Context context;                        ///< request id, client address, user agent
  bool https = false;                     ///< as far as is known
  std::string_view parameter;             ///< the path's {id}
  Identity identity;                      ///< with Access::identity
  Transport carrier = Transport::bearer;  ///< what carried the identity
  std::string challenge;                  ///< WWW-Authenticate instead of what the error implies
};

using Handler = Result<Response> (*)(Call&);

/// One row of the route table.
struct Route {
  std::string_view method;
  std::string_view path;  ///< may hold "{id}": one segment
  Handler handler;
  Access access;
  Where where;
  std::string_view summary;          ///< for /openapi.json
  std::string_view request;          ///< schema of the body, or empty
  std::string_view response;         ///< schema of the answer, or empty
  int status = 200;                  ///< of success
  std::string_view permission = {};  ///< that the account's roles must grant; empty = none
};

/// Where a request will run, and for whom it waits there.
struct Plan {
  Where where = Where::io;
  std::string client;  ///< address prefix that shares a place in the queues; only set where it may wait
};

Plan plan(const App& app, const Request& request);

/// The whole server as a function. Never throws.
Response dispatch(App& app, const Request& request);

/// The answer to what is not dispatched: refused by the guard (then only the peer of `request` is known), or no room in a queue.
Response refuse(const App& app, const Request& request, const Error& error);

}  // namespace authkit::server
