#include "password/pbkdf2.hpp"

#include "core/digest.hpp"
#include "core/hex.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>

#include <random>
#include <string>
#include <vector>

using namespace authkit;

namespace {

std::string derived(std::string_view key, std::string_view salt, std::uint32_t rounds, const EVP_MD* digest, std::size_t size) {
  std::vector<std::uint8_t> tag(size);
  REQUIRE(password::pbkdf2(key, as_bytes(salt), rounds, digest, tag));
  return hex::encode(tag);
}

}  // namespace

TEST_CASE("PBKDF2: the vectors of RFC 6070 and RFC 7914") {
  CHECK(derived("password", "salt", 1, EVP_sha1(), 20) == "0c60c80f961f0e71f3a9b524af6012062fe037a6");
  CHECK(derived("password", "salt", 2, EVP_sha1(), 20) == "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
  CHECK(derived("password", "salt", 4096, EVP_sha1(), 20) == "4b007901b765489abead49d926f721d065a429c1");
  CHECK(derived("passwordPASSWORDpassword", "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096, EVP_sha1(), 25) ==
        "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038");
  CHECK(derived(std::string("pass\0word", 9), std::string("sa\0lt", 5), 4096, EVP_sha1(), 16) == "56fa6aa75548099dcc37d7f03425e0c3");
  CHECK(derived("passwd", "salt", 1, EVP_sha256(), 64) ==
        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
}

TEST_CASE("PBKDF2: what OpenSSL derives, for every length of key, salt and tag") {
  std::mt19937_64 random(11);
  const auto text = [&](std::size_t size) {
    std::string out(size, '\0');
    for (char& c : out) c = static_cast<char>(random());
    return out;
  };
  for (std::size_t size = 0; size < 300; ++size) {
    const std::string key = text(size), salt = text(1 + random() % 128);
    const auto rounds = static_cast<std::uint32_t>(1 + random() % 9);
    for (const EVP_MD* digest : {EVP_sha1(), EVP_sha256(), EVP_sha512()}) {
      std::vector<std::uint8_t> tag(1 + random() % 128);
      REQUIRE(PKCS5_PBKDF2_HMAC(key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(salt.data()),
                                static_cast<int>(salt.size()), static_cast<int>(rounds), digest, static_cast<int>(tag.size()), tag.data()) == 1);
      REQUIRE(derived(key, salt, rounds, digest, tag.size()) == hex::encode(tag));
    }
  }
}
