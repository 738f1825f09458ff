#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace authkit::fuzz {

/// One fuzzer: `run` demands what must hold for any input; `seeds` are inputs to begin with.
struct Target {
  std::string_view name;
  void (*run)(std::string_view input);
  std::vector<std::string> (*seeds)();
};

extern const Target base64url_target, claims_json_target, config_target, config_file_target, cookie_target, der_target, guard_target, jwk_target,
    phc_target, redis_reply_target, session_secret_target, signed_token_target, token_target, url_target;

/// Ends the run with a finding unless it holds. libFuzzer keeps the input.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "violated: %s\n", what);
  std::abort();
}

}  // namespace authkit::fuzz
