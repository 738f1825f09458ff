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
  require(input.size() <= (input.front() == '{' ? password::max_encoded : 512) && input.find('\0') == std::string_view::npos,
          "and it is text of a hash's size");
}

std::vector<std::string> seeds() {
  return {
      "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b/dWA",
      "$argon2id$v=19$m=4294967295,t=0,p=01$$",
      "$argon2i$v=19$m=64,t=3,p=1$aG3tHUNISSllLGWMkRLCeA$G6gtClR1CEJ/vNkvZDMmlD6NYRvSiqupEMZcZMmLLJg",
      "$2b$04$V7TwCWfcjHSjn7CUgRrgVe0ieywFUpqA8M5A7kWeJlNoaPuZkW1yC",
      "pbkdf2_sha256$1000$1gdBWP1MQ08KG9Lm2xvtud$WKZJGzkEz9mf/EcY9UoXwzdAcYyWueDn9iQm+4ETyNM=",
      "scrypt$1024$saltsalt0$8$5$pQ9odHclIx8Yrywrumi0us0V95ujG4q8Za62rZHKEmB75ycZRdzbU4GAJ3oc1zbKQuxLYWWiAYAvwyqx4hejxw==",
      "bcrypt_sha256$$2b$04$V7TwCWfcjHSjn7CUgRrgVe0ieywFUpqA8M5A7kWeJlNoaPuZkW1yC",
      "pbkdf2:sha256:1000$1tKWCvJfggaIA5tQ$5f56950f6debb5c25359cf9e38458592c8f8469b37175be3edc3b418181d3858",
      "$pbkdf2-sha256$1000$fS/FeG8NAQBAKAUAAOD8Xw$2qYQAJzVeeFpFWjPMlMYO2/6/Fg/PvBIjOAoBnJnnXg",
      "$scrypt$ln=8,r=8,p=2$S4mREkLIOcc4p1Qq5fzfew$HsmPIITWnlWUccV6FfTuacg9SLdpY8J4ofbaJ4uzRB0",
      "$bcrypt-sha256$v=2,t=2b,r=4$z2zPaXeRctOhco4Gbsmir.$7UYjAtgahMvJxESruA8kdPMYyPLzNAS",
      "$6$rounds=1000$SpHVH9RBzxpeNgt9$NF0pb8hfW5ykNzDOc2HtslJYSVTxXSYE5m/akpdMbw9x/xsKDMt44di8YSie/jMeJc15GDPcLFiwfRNDeOlDe0",
      "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$y8e1eitiNDaQsFFW6d.9KbSTlk5zV3R3coZQtfcNAO5",
      "$7$6/..../....SodiumChloride$9PClfwFw4uppbTuSRy.lw9A6rEOR.Yx6LsA9aSokMN8",
      "argon2$argon2i$v=19$m=512,t=2,p=2$U2FsdE9mRGphbmdvMjAyMA$RdescudvJCsgt3ub+b/dWA",
      "$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e",
      "AAECAwQFBgcICQoLDA0ODxAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
      "{pbkdf2}96146f04d6ecf1079db2b674c754a069c131c95c53937920cac2f1ffab00efc0acba09f92a41427b",
      "{scrypt}$a0402$yK6u/FSl2LyZvTTCDHbfpA==$6mfz2g4U6q+w1vmdkx8HQlYarWUCT0DSCq3pyQzYE24=",
      R"({"secretData":"{\"value\":\"AAAAAAAAAAAAAAAAAAAAAAAA\",\"salt\":\"AAAA\"}","credentialData":"{\"hashIterations\":1,\"algorithm\":\"pbkdf2\"}"})",
      "AQAAAAEAAAPoAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      "AA$AAA",
      "4294967295x",
      "0"};
}

}  // namespace

constexpr Target phc_target{"phc", run, seeds};

}  // namespace authkit::fuzz
