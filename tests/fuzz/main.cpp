// One binary for all fuzzers, so that the library is linked once: AUTHKIT_FUZZ names the target. With AUTHKIT_FUZZ_SEEDS it writes the
// target's seeds into that folder and ends.
#include "fuzz.hpp"

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iostream>

namespace {

using namespace authkit::fuzz;

constexpr const Target* targets[] = {&token_target,  &signed_token_target, &claims_json_target, &jwk_target,           &base64url_target,
                                     &der_target,    &config_target,       &config_file_target, &url_target,           &guard_target,
                                     &cookie_target, &phc_target,          &redis_reply_target, &session_secret_target};

const Target* chosen = nullptr;

int write_seeds(const std::string& folder) {
  int number = 0;
  for (const std::string& seed : chosen->seeds()) {
    std::ofstream file(folder + "/seed" + std::to_string(number++), std::ios::binary);
    if (!(file << seed)) return 1;
  }
  return 0;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* name = std::getenv("AUTHKIT_FUZZ");
  for (const Target* target : targets)
    if (name != nullptr && target->name == name) chosen = target;
  if (chosen == nullptr) {
    std::cerr << "AUTHKIT_FUZZ must name one of these targets:\n";
    for (const Target* target : targets) std::cout << target->name << '\n';
    std::exit(2);
  }
  if (const char* folder = std::getenv("AUTHKIT_FUZZ_SEEDS")) std::exit(write_seeds(folder));
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chosen->run({reinterpret_cast<const char*>(data), size});
  return 0;
}
