#include "authkit/json.hpp"
#include "authkit/version.h"

#include "app.hpp"
#include "cli.hpp"
#include "listener.hpp"
#include "service.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <sys/resource.h>
#include <thread>

namespace authkit::server {
namespace {

/// Every connection is a descriptor, and the soft limit is often 1024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/// What is fine here and would not be on the internet, in one line; empty when nothing is.
std::string not_for_production(const Settings& settings) {
  const ServerOptions& server = settings.server;
  std::string text;
  const auto add = [&](bool missing, const char* what) {
    if (missing) text.append(text.empty() ? "" : "; ").append(what);
  };
  add(!server.public_url.starts_with("https://"), "no TLS: put a proxy in front and set http.public_url and http.trusted_proxies");
  add(server.allowed_hosts.empty(), "any Host is answered: set http.allowed_hosts");
  add(settings.config.database.url.starts_with("memory"), "memory: forgets everything at exit");
  return text;
}

std::string option_help() {
  std::string text =
      "\nOptions of the server, as --set NAME=VALUE, in a file, or as environment variables; those of accounts and tokens are in the README:";
  for (const Option& option : server_options()) {
    text.append("\n  ").append(option.name).append(std::string(24 - std::min<std::size_t>(option.name.size(), 23), ' '));
    text.append(option.help).append(" (").append(option.takes).append(")");
  }
  return text;
}

int serve(Settings settings, bool json) {
  raise_descriptor_limit();
  std::signal(SIGPIPE, SIG_IGN);
  ServerOptions& server = settings.server;
  if (server.hashing_threads == 0) server.hashing_threads = std::max(1U, std::thread::hardware_concurrency());
  if (settings.config.password.slots == 0) settings.config.password.slots = server.hashing_threads;

  const std::string unready = not_for_production(settings);
  Result<std::unique_ptr<Auth>> auth = Auth::open(std::move(settings.config));
  if (!auth) return fail(auth.error());
  App app(**auth, server);
  AppService service(app);
  Result<std::unique_ptr<Listener>> listener = Listener::open(server, service);
  if (!listener) return fail(listener.error());
  app.alive = [&] { return (*listener)->alive(); };
  (*listener)->stop_on_signals();
  const Maintenance maintenance(**auth);

  if (!unready.empty()) std::fprintf(stderr, "authkit: not ready for production: %s\n", unready.c_str());
  const std::string url = (*listener)->url();
  const Database* database = (*auth)->database();
  const std::string where = database != nullptr ? database->redacted_url() : "memory:";
  if (json) {
    std::printf("{\"url\":%s,\"database\":%s}\n", json_quote(url).c_str(), json_quote(where).c_str());
  } else {
    std::printf("authkit %s listening on %s (database %s)\n", AUTHKIT_VERSION, url.c_str(), where.c_str());
  }
  std::fflush(stdout);
  (*listener)->run();
  return exit_ok;
}

}  // namespace

void add_serve(CLI::App& app, Common& common) {
  CLI::App* command = app.add_subcommand("serve", "Answer HTTP until SIGTERM or Ctrl-C, then finish what was accepted");
  command->footer(option_help());
  auto listen = std::make_shared<std::string>();
  command->add_option("--listen", *listen, "Address and port; default 127.0.0.1:8000")->type_name("ADDRESS:PORT");
  command->callback([&common, listen] {
    if (!listen->empty()) common.set.push_back("http.listen=" + *listen);
    Result<Settings> settings = common.settings(LogLevel::info);
    common.exit = settings ? serve(*std::move(settings), common.json) : fail(settings.error());
  });
}

}  // namespace authkit::server
