#include "core/text.hpp"

#include <doctest/doctest.h>

#include <cstdint>

using namespace authkit;

namespace {

std::string utf8(char32_t c) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xc0 | (c >> 6)), byte(0x80 | (c & 0x3f))};
  if (c < 0x10000) return {byte(0xe0 | (c >> 12)), byte(0x80 | ((c >> 6) & 0x3f)), byte(0x80 | (c & 0x3f))};
  return {byte(0xf0 | (c >> 18)), byte(0x80 | ((c >> 12) & 0x3f)), byte(0x80 | ((c >> 6) & 0x3f)), byte(0x80 | (c & 0x3f))};
}

bool is_surrogate(char32_t c) { return c >= 0xd800 && c <= 0xdfff; }

}  // namespace

TEST_CASE("every code point has one UTF-8 form, and it is read back") {
  std::size_t wrong = 0;
  for (char32_t c = 0; c <= 0x10ffff; ++c) {
    char32_t read = 0;
    const std::string text = utf8(c);
    const bool right = is_surrogate(c) ? next_code_point(text, read) == 0 : next_code_point(text, read) == text.size() && read == c;
    if (!right) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("UTF-8 that is overlong, cut, out of range or stray is refused") {
  for (const char* bad : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe2\x82", "\xed\xa0\x80", "\xed\xbf\xbf",
                          "\xf0\x8f\xbf\xbf", "\xf0\x9f\x98", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xfe", "\xff", "a\xc3(", "ok\xe2\x28\xa1"}) {
    CAPTURE(bad);
    CHECK_FALSE(valid_utf8(bad));
    CHECK_FALSE(count_code_points(bad));
    CHECK_FALSE(fold(bad));
  }
  CHECK(valid_utf8(""));
  CHECK(count_code_points("") == 0);
  CHECK(count_code_points("na\xc3\xafve \xe2\x82\xac \xf0\x9f\x98\x80") == 9);
}

TEST_CASE("folding unites the spellings of one name") {
  CHECK(fold("Alice@Example.COM") == "alice@example.com");
  CHECK(fold("JOSE\xcc\x81") == "jos\xc3\xa9");  // decomposed
  CHECK(fold("jos\xc3\x89") == "jos\xc3\xa9");   // composed
  CHECK(fold("STRASSE") == fold("stra\xc3\x9f"
                                "e"));          // full folding: sharp s
  CHECK(fold("\xe2\x84\xaa") == "k");           // Kelvin sign
  CHECK(fold("\xce\xa3") == fold("\xcf\x82"));  // capital and final sigma
  // Where the iota subscript stands does not depend on whether the letter came composed.
  CHECK(fold("\xe1\xbe\x84") == fold("\xce\xb1\xcd\x85\xcc\x93\xcc\x81"));
}

TEST_CASE("folding keeps apart what only looks alike") {
  CHECK(fold("m\xc4\xb1ke") == "m\xc4\xb1ke");  // dotless i is not i
  CHECK(fold("m\xc4\xb1ke") != fold("mike"));
  CHECK(fold("\xc4\xb0") == "i\xcc\x87");  // I with a dot keeps its dot
  CHECK(fold("M\xc4\xb0KE") != fold("mike"));
  CHECK(fold("\xef\xbd\x81") != "a");           // full-width: no compatibility forms
  CHECK(fold("\xef\xac\x81x") == fold("fix"));  // the ligature folds by Unicode's own table, not by compatibility
  CHECK(fold("a\xcc\x81") != "a");              // marks stay
  CHECK(fold("a\xe2\x80\x8b"
             "b") != "ab");        // zero-width characters stay
  CHECK(fold("\xd0\xb0") != "a");  // Cyrillic
}

TEST_CASE("folding refuses control characters and separators") {
  using namespace std::string_literals;
  for (const std::string& bad : {"a\0b"s, "a\nb"s, "\x7f"s, "\xc2\x85"s, "\xc2\x9b"s, "\xe2\x80\xa8"s, "\xe2\x80\xa9"s}) CHECK_FALSE(fold(bad));
  CHECK(fold("") == "");
  CHECK(fold("a b") == "a b");
}

TEST_CASE("folding is stable: what is folded stays as it is") {
  constexpr char32_t end_of_cased_scripts = 0x1f000;
  for (char32_t c = 0x20; c < end_of_cased_scripts; ++c) {
    if (is_surrogate(c)) continue;
    const auto once = fold(utf8(c) + "\xcd\x85\xcc\x81");
    if (once && fold(*once) != once) FAIL_CHECK("unstable at ", static_cast<std::uint32_t>(c));
  }
}

TEST_CASE("control characters are found, other bytes are not") {
  CHECK(has_control("a\rb"));
  CHECK(has_control("\x7f"));
  CHECK(has_control(std::string_view("\0", 1)));
  CHECK_FALSE(has_control("a b\xc3\xa9\xff"));
}
