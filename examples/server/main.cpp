#include "authkit/version.h"

#include "cli.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace {

constexpr const char* epilogue = R"(
First steps:
  authkit serve                                  on http://127.0.0.1:8000, accounts in ./auth.db
  authkit users create ada@example.org           asks for a password
  authkit serve --set http.listen=0.0.0.0:8000   any option of the README by its name

Options come from --config FILE (lines of name = value), then the environment (DATABASE_URL, AUTHKIT_HTTP_LISTEN, ...), then --set; later ones win.
Exit codes: 0 done; 1 the answer is no; 2 wrong usage or configuration; 3 a store is not available; 4 a defect.)";

}  // namespace

int main(int count, char** words) try {
  using namespace authkit::server;
  CLI::App app("authkit: accounts, tokens and sessions over HTTP, and what an operator needs.", "authkit");
  Common common;
  app.footer(epilogue);
  app.set_version_flag("--version", "authkit " AUTHKIT_VERSION);
  app.add_option("--config", common.config_file, "File of name = value lines")->type_name("FILE");
  app.add_option("--database", common.database, "Where everything lives; default sqlite:auth.db")->type_name("URL");
  app.add_option("--set", common.set, "An option by its name; may be repeated")->type_name("NAME=VALUE")->allow_extra_args(false);
  app.add_flag("--json", common.json, "Answer in JSON where there is something to answer");
  app.fallthrough();
  app.require_subcommand(1);
  for (const auto add : {add_serve, add_users, add_database, add_check, add_tokens, add_audit, add_operate, add_completion}) add(app, common);

  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::fprintf(stderr, "authkit: %s; see authkit --help\n", error.what());
    return exit_usage;
  }
  return common.exit;
} catch (const std::exception& defect) {
  std::fprintf(stderr, "authkit: %s\n", defect.what());
  return authkit::server::exit_defect;
}
