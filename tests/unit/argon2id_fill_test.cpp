#include "password/argon2id_fill.hpp"

#include "core/digest.hpp"
#include "core/hex.hpp"

#include <doctest/doctest.h>
#include <sodium/crypto_pwhash_argon2id.h>

#include <random>
#include <sys/resource.h>
#include <vector>

using namespace authkit;
using namespace authkit::password::argon2id;

namespace {

std::string filled(const Kernel& kernel, const Parameters& parameters, std::string_view password, std::string_view salt, std::size_t size) {
  std::vector<Block> memory(parameters.memory_kib);
  for (Block& block : memory) std::fill(std::begin(block.words), std::end(block.words), 0xA5A5A5A5A5A5A5A5U);  // of any content
  std::string tag(size, '\0');
  fill(parameters, password, as_bytes(salt), {reinterpret_cast<std::uint8_t*>(tag.data()), tag.size()}, memory, kernel.compress);
  return tag;
}

std::string by_libsodium(const Parameters& parameters, std::string_view password, std::string_view salt, std::size_t size) {
  std::string tag(size, '\0');
  REQUIRE(crypto_pwhash_argon2id(reinterpret_cast<unsigned char*>(tag.data()), tag.size(), password.data(), password.size(),
                                 reinterpret_cast<const unsigned char*>(salt.data()), parameters.passes, std::size_t{parameters.memory_kib} * 1024,
                                 crypto_pwhash_argon2id_ALG_ARGON2ID13) == 0);
  return tag;
}

/// The AVX2 one, but for one bit of one word of every block.
void compress_wrongly(const Block& previous, const Block& reference, Block& into, bool add) {
  kernels().back().compress(previous, reference, into, add);
  into.words[77] ^= 1;
}

}  // namespace

TEST_CASE("every kernel this processor can run fills as the reference implementation of Argon2 does") {
  struct Row {
    Parameters parameters;
    std::string_view password, salt, tag;
  };
  // From the reference implementation's own tests (one lane, version 0x13).
  const Row rows[] = {{{65536, 2}, "password", "somesalt", "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"},
                      {{256, 2}, "password", "somesalt", "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"},
                      {{65536, 1}, "password", "somesalt", "f6a5adc1ba723dddef9b5ac1d464e180fcd9dffc9d1cbf76cca2fed795d9ca98"},
                      {{65536, 4}, "password", "somesalt", "9025d48e68ef7395cca9079da4c4ec3affb3c8911fe4f86d1a2520856f63172c"},
                      {{65536, 2}, "differentpassword", "somesalt", "0b84d652cf6b0c4beaef0dfe278ba6a80df6696281d7e0d2891b817d8c458fde"},
                      {{65536, 2}, "password", "diffsalt", "bdf32b05ccc42eb15d58fd19b1f856b113da1e9a5874fdcc544308565aa8141c"}};
  for (const Kernel& kernel : kernels()) {
    CAPTURE(kernel.name);
    for (const Row& row : rows) CHECK(hex::encode(as_bytes(filled(kernel, row.parameters, row.password, row.salt, 32))) == row.tag);
  }
}

TEST_CASE("every kernel fills as libsodium does, whatever the memory, the passes, the password and the length of the tag") {
  std::mt19937 random(20260);  // NOLINT(cert-msc51-cpp): the same draws in every run
  const auto draw = [&](std::uint32_t least, std::uint32_t most) { return std::uniform_int_distribution<std::uint32_t>(least, most)(random); };
  for (int i = 0; i < 80; ++i) {
    const Parameters parameters{i < 8 ? 8 + static_cast<std::uint32_t>(i) : draw(8, 1200), draw(1, 4)};
    std::string password(draw(0, 200), '\0'), salt(salt_size, '\0');
    for (std::string* text : {&password, &salt})
      for (char& byte : *text) byte = static_cast<char>(draw(0, 255));
    const std::size_t size = draw(16, 200);
    const std::string expected = by_libsodium(parameters, password, salt, size);
    for (const Kernel& kernel : kernels()) {
      CAPTURE(kernel.name);
      CAPTURE(parameters.memory_kib);
      CAPTURE(parameters.passes);
      CHECK(filled(kernel, parameters, password, salt, size) == expected);
    }
  }
}

TEST_CASE("a kernel that computes wrong is not used") {
  if (kernels().empty()) return;  // another architecture: libsodium does it all
  const Kernel wrong{"wrong", compress_wrongly};
  const Kernel right = kernels().back();
  CHECK((choose(std::array{wrong}) == nullptr));
  CHECK((choose(std::array{wrong, right}) == right.compress));
  CHECK((choose({}) == nullptr));
}

TEST_CASE("memory that cannot be had is an error") {
  std::array<std::uint8_t, tag_size> tag{};
  const std::array<std::uint8_t, salt_size> salt{};
  REQUIRE(compute({64, 1}, "password", salt, tag));
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_AS, &before) == 0);
  const rlimit little{rlim_t{1} << 30, before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_AS, &little) == 0);
  const auto result = compute({2 << 20, 1}, "password", salt, tag);
  REQUIRE(setrlimit(RLIMIT_AS, &before) == 0);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == Errc::out_of_memory);
}
