// The numbers of keys: what is weak, not on the curve, or does not belong together is refused when it is loaded.
#include "authkit/key.hpp"

#include "unit/key_samples.hpp"

#include <doctest/doctest.h>

using namespace authkit;
using namespace authkit::test;

namespace {

bool refused(const Result<Key>& key) { return !key && key.error().code == Errc::key_invalid && !key.error().detail.empty(); }

Result<Key> rsa(std::string_view n, std::string_view e) {
  return Key::from_jwk(R"({"kty":"RSA","n":)" + quoted(n) + R"(,"e":)" + quoted(e) + "}", Algorithm::RS256);
}

constexpr std::string_view f4("\x01\x00\x01", 3);

/// A big-endian number times a small one.
std::string times(std::string number, unsigned factor) {
  unsigned carry = 0;
  for (std::size_t i = number.size(); i-- > 0;) {
    carry += static_cast<unsigned char>(number[i]) * factor;
    number[i] = static_cast<char>(carry & 0xff);
    carry >>= 8;
  }
  while (carry != 0) {
    number.insert(number.begin(), static_cast<char>(carry & 0xff));
    carry >>= 8;
  }
  return number;
}

std::string changed(std::string bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  return bytes;
}

}  // namespace

TEST_CASE("weak and odd RSA moduli and exponents are refused") {
  const std::string n = bytes_of(sample_key(Algorithm::RS256).public_jwk(), "n");
  REQUIRE(rsa(n, f4));
  CHECK(rsa(n, "\x03"));
  CHECK(rsa(n, "\xff\xff\xff\xff"));
  CHECK(refused(rsa(n, "\x01")));
  CHECK(refused(rsa(n, "\x02")));
  CHECK(refused(rsa(n, std::string_view("\x01\x00\x00", 3))));
  CHECK(refused(rsa(n, "\x01\xff\xff\xff\xff")));
  CHECK(refused(rsa(n, std::string_view("\x00", 1))));
  CHECK(refused(rsa(n, std::string_view("\x00\x01\x00\x01", 4))));
  CHECK(refused(rsa(std::string(1, '\0') + n, f4)));
  CHECK(refused(rsa(times(n, 2), f4)));
  CHECK(refused(rsa(n.substr(1), f4)));  // 2040 bits
  std::string bits2047 = n;
  bits2047[0] = static_cast<char>((bits2047[0] & 0x3f) | 0x40);
  bits2047.back() = n.back();
  CHECK(refused(rsa(bits2047, f4)));
  for (const unsigned factor : {3U, 5U, 7U, 13U, 499U, 997U}) CHECK(refused(rsa(times(n, factor), f4)));
  CHECK(rsa(times(n, 1009), f4));  // the bound that the header tells
  CHECK(rsa(times(times(n, 1009), 1013), f4));
  std::string huge = n;
  while (huge.size() <= 1024) huge = times(times(huge, 65521), 65519);
  CHECK(refused(rsa(huge, f4)));
  std::string largest = n;
  while (largest.size() < 1023) largest = times(largest, 251 * 241);
  CHECK(refused(rsa(largest, f4)));  // 251 is a small factor
  for (const char* missing : {"n", "e"})
    CHECK(refused(Key::from_jwk(edited(sample_key(Algorithm::RS256).public_jwk(), {{missing, ""}}), Algorithm::RS256)));
  for (const char* bad : {"\"\"", "\"AQAB=\"", "\"AQA+\"", "\"AQAC \"", "65537", "null"})
    CHECK(refused(Key::from_jwk(edited(sample_key(Algorithm::RS256).public_jwk(), {{"e", bad}}), Algorithm::RS256)));
}

TEST_CASE("private RSA numbers that do not belong together are refused") {
  const std::string jwk = sample_key(Algorithm::PS256).private_jwk();
  REQUIRE(Key::from_jwk(jwk, Algorithm::PS256));
  for (const char* member : {"d", "p", "q", "dp", "dq", "qi"}) {
    CAPTURE(member);
    const std::string bytes = bytes_of(jwk, member);
    CHECK(refused(Key::from_jwk(edited(jwk, {{member, quoted(changed(bytes, bytes.size() - 1))}}), Algorithm::PS256)));
    CHECK(refused(Key::from_jwk(edited(jwk, {{member, quoted(changed(bytes, 3))}}), Algorithm::PS256)));
    CHECK(refused(Key::from_jwk(edited(jwk, {{member, ""}}), Algorithm::PS256)));
    CHECK(refused(Key::from_jwk(edited(jwk, {{member, quoted(std::string(1, '\0') + bytes)}}), Algorithm::PS256)));
    CHECK(refused(Key::from_jwk(edited(jwk, {{member, quoted("\x01")}}), Algorithm::PS256)));
    CHECK(refused(Key::from_jwk(edited(jwk, {{member, "\"\""}}), Algorithm::PS256)));
    CHECK(refused(Key::from_jwk(edited(jwk, {{member, quoted(std::string(257, '\x7f'))}}), Algorithm::PS256)));
  }
  const auto swap = [&](const char* a, const char* b) { return edited(jwk, {{a, quoted(bytes_of(jwk, b))}, {b, quoted(bytes_of(jwk, a))}}); };
  CHECK(refused(Key::from_jwk(swap("p", "q"), Algorithm::PS256)));
  CHECK(refused(Key::from_jwk(swap("dp", "dq"), Algorithm::PS256)));
  // n = n * 1, d too large, and the numbers of another public key
  CHECK(refused(Key::from_jwk(edited(jwk, {{"p", quoted(bytes_of(jwk, "n"))}, {"q", quoted("\x01")}}), Algorithm::PS256)));
  CHECK(refused(Key::from_jwk(edited(jwk, {{"e", quoted("\x03")}}), Algorithm::PS256)));
  CHECK(refused(Key::from_jwk(edited(jwk, {{"n", quoted(times(bytes_of(jwk, "n"), 1009))}}), Algorithm::PS256)));
}

TEST_CASE("points that are not on the curve, of another length or not of d are refused") {
  for (const Algorithm algorithm : {Algorithm::ES256, Algorithm::ES384, Algorithm::ES512}) {
    CAPTURE(to_text(algorithm));
    const std::string open = sample_key(algorithm).public_jwk(), whole = sample_key(algorithm).private_jwk();
    for (const char* member : {"x", "y"}) {
      const std::string bytes = bytes_of(open, member);
      CHECK(refused(Key::from_jwk(edited(open, {{member, quoted(changed(bytes, bytes.size() - 1))}}), algorithm)));
      CHECK(refused(Key::from_jwk(edited(open, {{member, quoted(std::string(bytes.size(), '\0'))}}), algorithm)));
      CHECK(refused(Key::from_jwk(edited(open, {{member, quoted(std::string(bytes.size(), '\xff'))}}), algorithm)));
      CHECK(refused(Key::from_jwk(edited(open, {{member, quoted(bytes.substr(1))}}), algorithm)));
      CHECK(refused(Key::from_jwk(edited(open, {{member, quoted(std::string(1, '\0') + bytes)}}), algorithm)));
      CHECK(refused(Key::from_jwk(edited(open, {{member, ""}}), algorithm)));
    }
    const std::string x = bytes_of(open, "x"), y = bytes_of(open, "y");  // right together, each of another length
    CHECK(refused(Key::from_jwk(edited(open, {{"x", quoted(x.substr(0, x.size() - 1))}, {"y", quoted(x.back() + y)}}), algorithm)));
    const std::string zero(x.size(), '\0');
    CHECK(refused(Key::from_jwk(edited(open, {{"x", quoted(zero)}, {"y", quoted(zero)}}), algorithm)));
    const std::string d = bytes_of(whole, "d");
    CHECK(refused(Key::from_jwk(edited(whole, {{"d", quoted(changed(d, d.size() - 1))}}), algorithm)));
    CHECK(refused(Key::from_jwk(edited(whole, {{"d", quoted(zero)}}), algorithm)));
    CHECK(refused(Key::from_jwk(edited(whole, {{"d", quoted(std::string(d.size(), '\xff'))}}), algorithm)));
    CHECK(refused(Key::from_jwk(edited(whole, {{"d", quoted(d.substr(1))}}), algorithm)));
    CHECK(refused(Key::from_jwk(edited(whole, {{"d", quoted(std::string(1, '\0') + d)}}), algorithm)));
    const Key other = Key::generate(algorithm).value();
    CHECK(refused(Key::from_jwk(edited(whole, {{"d", quoted(bytes_of(other.private_jwk(), "d"))}}), algorithm)));
  }
  // A point of one curve is none of another.
  const std::string p256 = sample_key(Algorithm::ES256).public_jwk();
  CHECK(refused(Key::from_jwk(edited(p256, {{"crv", "\"P-384\""}, {"alg", ""}}), Algorithm::ES384)));
}

TEST_CASE("Ed25519 keys that are small-order, not canonical, off the curve or not of d are refused") {
  const auto load = [](std::string_view x) { return Key::from_jwk(R"({"kty":"OKP","crv":"Ed25519","x":)" + quoted(x) + "}", Algorithm::EdDSA); };
  const std::string open = sample_key(Algorithm::EdDSA).public_jwk(), whole = sample_key(Algorithm::EdDSA).private_jwk();
  const std::string x = bytes_of(open, "x"), d = bytes_of(whole, "d");
  REQUIRE(load(x));

  std::string identity(32, '\0'), order2(32, '\xff'), p(32, '\xff'), p_plus_1(32, '\xff');
  identity[0] = '\x01';
  order2[0] = p[0] = '\xec';
  p[0] = '\xed';
  p_plus_1[0] = '\xee';
  order2[31] = p[31] = p_plus_1[31] = '\x7f';
  std::string signed_identity = identity;
  signed_identity[31] = '\x80';
  for (const std::string& small : {std::string(32, '\0'), identity, signed_identity, order2, p, p_plus_1}) CHECK(refused(load(small)));
  // Points of order 8 (RFC 8032's curve).
  for (const char* encoded : {"JugJacY7EUiD9NI0_w-Dt_qv6R7NdupOrTr_qj-Y_QU", "xxf2iZxE7reCyy3LALB8SAVQFuEyiRVSxcUAVcBnAvo"}) {
    const auto bytes = base64url::decode(encoded);
    REQUIRE(bytes->size() == 32);
    CHECK(refused(load(*bytes)));
  }
  CHECK(refused(load(std::string(32, '\x02').replace(31, 1, "\x00", 1))));  // no point has this y, or it is not of prime order
  CHECK(refused(load(x.substr(1))));
  CHECK(refused(load(x + '\0')));
  CHECK(refused(load("")));
  CHECK(refused(Key::from_jwk(edited(whole, {{"d", quoted(changed(d, 0))}}), Algorithm::EdDSA)));
  CHECK(refused(Key::from_jwk(edited(whole, {{"d", quoted(d + x)}}), Algorithm::EdDSA)));
  CHECK(refused(Key::from_jwk(edited(whole, {{"d", quoted(d.substr(1))}}), Algorithm::EdDSA)));
  CHECK(refused(Key::from_jwk(edited(whole, {{"x", ""}}), Algorithm::EdDSA)));
  CHECK(refused(Key::from_jwk(edited(open, {{"crv", "\"Ed448\""}}), Algorithm::EdDSA)));
  CHECK(refused(Key::from_jwk(edited(open, {{"crv", "\"X25519\""}}), Algorithm::EdDSA)));
}
