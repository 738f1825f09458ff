// Processor time per verify of one token: C++ and both forms of C. Started by bindings_bench.py; authkit's options come from the environment.
// bindings_bench TOKEN ROUNDS MILLISECONDS prints "name<TAB>ns" lines, one a round.
#include "authkit/auth.hpp"
#include "authkit/c.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <time.h>

namespace {

double budget = 1e9;  // of one round, in nanoseconds

/// Nanoseconds of processor time: what a busy machine does beside this does not count.
double processor_time() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

void row(const char* name, auto&& verify) {
  long calls = 0;
  double spent = 0;
  for (const double begun = processor_time(); spent < budget; spent = processor_time() - begun) {
    for (int i = 0; i < 100; ++i) {
      if (!verify()) std::exit(1);
    }
    calls += 100;
  }
  std::printf("%s\t%.0f\n", name, spent / static_cast<double>(calls));
}

authkit_ctx* open_c() {
  authkit_config* config = nullptr;
  authkit_ctx* ctx = nullptr;
  const bool good = authkit_config_new(&config) == AUTHKIT_OK && authkit_config_load_env(config) == AUTHKIT_OK &&
                    authkit_open(config, &ctx) == AUTHKIT_OK && authkit_start_maintenance(ctx, 0) == AUTHKIT_OK;
  authkit_config_free(config);
  if (!good) std::fprintf(stderr, "error: %s\n", authkit_last_error());
  return good ? ctx : nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::string_view token = argv[1];
  const int rounds = std::atoi(argv[2]);
  budget = std::atoi(argv[3]) * 1e6;

  authkit::Config config;
  config.load_env().value();
  const auto auth = authkit::Auth::open(config).value();
  const authkit::Maintenance maintenance(*auth);
  authkit_ctx* ctx = open_c();
  if (ctx == nullptr) return 1;

  for (int round = 0; round < rounds; ++round) {
    row("C++ Tokens::verify", [&] { return auth->tokens().verify(token).has_value(); });
    row("C++ verify, and revocation", [&] {
      const auto claims = auth->tokens().verify(token);
      return claims && auth->revocations().check(*claims);
    });
    row("C authkit_token_verify_into", [&] {
      authkit_verified verified;
      return authkit_token_verify_into(ctx, token.data(), token.size(), &verified, nullptr, 0) == AUTHKIT_OK;
    });
    row("C authkit_token_verify", [&] {
      char* claims = nullptr;
      const bool good = authkit_token_verify(ctx, token.data(), token.size(), &claims) == AUTHKIT_OK;
      authkit_free(claims);
      return good;
    });
  }
  authkit_close(&ctx);
}
