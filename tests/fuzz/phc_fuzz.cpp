#include "authkit/password.hpp"

#include "fuzz.hpp"
#include "password/phc.hpp"
#include "password/scheme.hpp"

namespace authkit::fuzz {
namespace {

namespace phc = password::phc;

constexpr std::uint64_t mebibyte = 1024 * 1024;

/// The pieces that hashes are read with.
void check_pieces(std::string_view input) {
  std::string_view rest = input;
  if (const auto number = phc::take_number(rest))
    require(std::to_string(*number).append(rest) == input, "a number has one spelling");
  else
    require(rest == input, "a piece that is not there takes nothing");

  rest = input;
  if (const auto bytes = phc::take_base64(rest))
    require(phc::base64(*bytes).append(rest) == input && (rest.empty() || rest.front() == '$'), "base64 has one spelling");
  else
    require(rest == input, "a piece that is not there takes nothing");
}

void run(std::string_view input) {
  check_pieces(input);
  const PasswordOptions options;
  const password::Scheme* scheme = password::find_scheme(input);
  if (scheme == nullptr) return;
  const auto cost = scheme->cost(input, options);
  if (!cost) {
    require(cost.error().code == Errc::password_hash_invalid, "a refusal is password_hash_invalid");
    return;
  }
  require(cost->memory <= 256 * mebibyte, "no stored hash costs more memory than the ceiling");
  require(cost->work <= std::uint64_t{256} * 1024 * 16, "nor more work");
  require(input.size() <= 512 && input.find('\0') == std::string_view::npos, "and it is text of a hash's size");
}

std::vector<std::string> seeds() {
  return {"$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
          "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b/dWA",
          "$argon2id$v=19$m=4294967295,t=0,p=01$$",
          "AA$AAA",
          "4294967295x",
          "0"};
}

}  // namespace

constexpr Target phc_target{"phc", run, seeds};

}  // namespace authkit::fuzz
