#include "factor/totp.hpp"

#include "authkit/account.hpp"

#include "factor/qr_code.hpp"
#include "factor/recovery_codes.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace authkit;

namespace {

std::span<const std::uint8_t> bytes(const std::string& text) { return as_bytes(text); }

Time seconds(std::int64_t n) { return Time{Duration{n * 1000}}; }

}  // namespace

TEST_CASE("the codes of RFC 4226 appendix D") {
  const std::string secret = "12345678901234567890";
  const char* codes[] = {"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"};
  for (std::uint64_t counter = 0; counter < 10; ++counter) CHECK(totp::hotp(bytes(secret), counter) == codes[counter]);
}

TEST_CASE("the codes of RFC 6238 appendix B, with the secrets of its errata") {
  const std::string sha1 = "12345678901234567890", sha256 = "12345678901234567890123456789012",
                    sha512 = "1234567890123456789012345678901234567890123456789012345678901234";
  struct Row {
    std::int64_t time;
    const char *sha1, *sha256, *sha512;
  };
  const Row rows[] = {
      {59, "94287082", "46119246", "90693936"},         {1111111109, "07081804", "68084774", "25091201"},
      {1111111111, "14050471", "67062674", "99943326"}, {1234567890, "89005924", "91819424", "93441116"},
      {2000000000, "69279037", "90698825", "38618901"}, {20000000000, "65353130", "77737706", "47863826"},
  };
  for (const Row& row : rows) {
    const std::uint64_t step = totp::step_of(seconds(row.time));
    CHECK(totp::hotp(bytes(sha1), step, totp::Hash::sha1, 8) == row.sha1);
    CHECK(totp::hotp(bytes(sha256), step, totp::Hash::sha256, 8) == row.sha256);
    CHECK(totp::hotp(bytes(sha512), step, totp::Hash::sha512, 8) == row.sha512);
  }
}

TEST_CASE("a code fits one step to either side, and never one that was used or an older one") {
  const std::string secret = "12345678901234567890";
  const Time now = seconds(1'000'000'000);
  const std::uint64_t step = totp::step_of(now);
  for (int off = -3; off <= 3; ++off) {
    const std::uint64_t at = step + static_cast<std::uint64_t>(off);
    const std::string code = totp::hotp(bytes(secret), at);
    CHECK(totp::match(bytes(secret), code, now, 0) == (off >= -1 && off <= 1 ? std::optional(at) : std::nullopt));
    CHECK_FALSE(totp::match(bytes(secret), code, now, at));
    CHECK_FALSE(totp::match(bytes(secret), code, now, at + 1));
  }
  const std::string code = totp::hotp(bytes(secret), step);
  for (const std::string& wrong :
       {std::string(), std::string("00000"), code + "0", " " + code, code.substr(1), std::string(6, '\0'), std::string("abcdef")})
    CHECK_FALSE(totp::match(bytes(secret), wrong, now, 0));
  CHECK_FALSE(totp::match(bytes(secret), "000000", seconds(-5), 0));
}

TEST_CASE("a secret below 128 bits and lengths that RFC 4226 does not know make no code") {
  CHECK(totp::hotp(bytes("123456789012345"), 1).empty());
  CHECK(totp::hotp(bytes("1234567890123456"), 1).size() == 6);
  CHECK(totp::hotp(bytes("1234567890123456"), 1, totp::Hash::sha1, 5).empty());
  CHECK(totp::hotp(bytes("1234567890123456"), 1, totp::Hash::sha1, 9).empty());
}

TEST_CASE("the base32 of RFC 4648 section 10, without padding") {
  const std::pair<const char*, const char*> rows[] = {
      {"", ""}, {"f", "MY"}, {"fo", "MZXQ"}, {"foo", "MZXW6"}, {"foob", "MZXW6YQ"}, {"fooba", "MZXW6YTB"}, {"foobar", "MZXW6YTBOI"}};
  for (const auto& [text, encoded] : rows) CHECK(totp::base32(bytes(text)) == encoded);
}

TEST_CASE("an address for an authenticator app carries hard names unharmed, and an image of it is drawn") {
  const std::string uri = totp::otpauth_uri("Ä & Co: x?#", "a+b@example.org", bytes("12345678901234567890"));
  CHECK(uri ==
        "otpauth://totp/%C3%84%20%26%20Co%3A%20x%3F%23:a%2Bb%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%C3%84%20%26%20Co%3A%20x%"
        "3F%23&algorithm=SHA1&digits=6&period=30");
  const std::string image = qr_svg(uri);
  CHECK(image.starts_with("<svg "));
  CHECK(image.ends_with("</svg>"));
  CHECK(image.find("h1v1h-1z") != std::string::npos);
  CHECK(image != qr_svg(uri + "x"));
  CHECK(qr_svg(std::string(10'000, 'x')).empty());

  // For a terminal: two rows a line, all of one width, with a light margin around.
  const std::string shown = qr_terminal(uri);
  CHECK(shown != qr_terminal(uri + "x"));
  CHECK(qr_terminal(std::string(10'000, 'x')).empty());
  std::size_t dark = 0, lines = 0, columns = 0;
  for (std::size_t at = 0, end = 0; (end = shown.find('\n', at)) != shown.npos; at = end + 1, ++lines) {
    const std::string line = shown.substr(at, end - at);
    REQUIRE(line.starts_with("\x1b[30;107m    "));
    REQUIRE(line.ends_with("    \x1b[0m"));
    const auto count = [&line](std::string_view block) {
      std::size_t n = 0;
      for (std::size_t i = line.find(block); i != line.npos; i = line.find(block, i + 1)) ++n;
      return n;
    };
    const std::size_t full = count("█"), halves = count("▀") + count("▄"), light = count(" ");
    dark += 2 * full + halves;
    if (columns == 0) columns = full + halves + light;
    CHECK(full + halves + light == columns);
  }
  CHECK(lines == (columns + 1) / 2);
  std::size_t squares = 0;
  for (std::size_t i = image.find("h1v1h-1z"); i != image.npos; i = image.find("h1v1h-1z", i + 1)) ++squares;
  CHECK(dark == squares);
}

TEST_CASE("recovery codes differ, are typed in any case, and are told apart by all else") {
  std::set<std::string> all;
  for (int round = 0; round < 20; ++round) {
    const auto codes = recovery_codes::make().value();
    CHECK(codes.size() == recovery_codes::count);
    for (const std::string& code : codes) {
      CHECK(code.size() == 11);
      CHECK(code.find_first_of("lo01") == std::string::npos);
      all.insert(code);
    }
  }
  CHECK(all.size() == 20 * recovery_codes::count);
  const std::string key(32, 'k');
  const auto digest = [&](const char* code) { return recovery_codes::digest(bytes(key), code); };
  for (const char* same : {"ABCDE-FGHIJ", "abcdefghij", " abcde fghij", "a-b-c-d-e-f-g-h-i-j"}) CHECK(digest(same) == digest("abcde-fghij"));
  for (const char* other : {"abcde-fghik", "abcde-fghi", "abcde-fghijj", ""}) CHECK(digest(other) != digest("abcde-fghij"));
  CHECK(recovery_codes::digest(bytes(std::string(32, 'x')), "abcde-fghij") != digest("abcde-fghij"));
}
