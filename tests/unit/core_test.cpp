#include "authkit/error.hpp"

#include "core/base64url.hpp"
#include "core/hex.hpp"
#include "core/random.hpp"
#include "core/secret.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace authkit;

TEST_CASE("error numbers are unique and every row has a title") {
  std::size_t count = 0;
  const ErrorInfo* table = error_table(count);
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < count; ++i) {
    CHECK(&info(table[i].code) == &table[i]);
    CHECK_FALSE(table[i].title.empty());
    CHECK(names.insert(table[i].name).second);
  }
  CHECK(info(static_cast<Errc>(7)).code == Errc::internal);
}

TEST_CASE("base64url: the RFC 4648 vectors, without padding") {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xff\xfe\xfd", "__79"}};
  for (const auto& [plain, text] : vectors) {
    CHECK(base64url::encode(plain) == text);
    CHECK(base64url::decode(text) == plain);
  }
}

TEST_CASE("base64url refuses every other spelling of a value") {
  for (const char* text : {"Zg==", "Zh", "Zm9", "Zm9v=", "Z", "Zm9vY", "Zm9v\n", " Zm9v", "Zm+v", "Zm/v", "Zm9vYmE=", "Zm9v\xc3\xa4"}) {
    CAPTURE(text);
    CHECK_FALSE(base64url::decode(text));
  }
  CHECK(base64url::decode_lenient("__79") == "\xff\xfe\xfd");
  CHECK(base64url::decode_lenient("//79") == "\xff\xfe\xfd");
  CHECK(base64url::decode_lenient("Zg==") == "f");
}

TEST_CASE("ids have one text form") {
  const auto id = new_user_id(Time{Duration{0x0123456789ab}}).value();
  const std::string text = to_text(id);
  CHECK(text.size() == 36);
  CHECK(text.substr(0, 15) == "01234567-89ab-7");
  CHECK(parse_user_id(text) == id);
  std::string upper = "0123ABCD" + text.substr(8);
  CHECK_FALSE(parse_user_id(upper));
  CHECK_FALSE(parse_user_id(text.substr(1)));
  const auto session = random_id<SessionId>().value();
  CHECK(parse_session_id(to_text(session)) == session);
  CHECK_FALSE(parse_session_id(to_text(session) + "="));
}

TEST_CASE("a failing random source gives an error, never an id") {
  fail_random_for_tests(2);
  CHECK(random_id<SessionId>().error().code == Errc::random_unavailable);
  CHECK(new_user_id(system_now()).error().code == Errc::random_unavailable);
  CHECK(random_id<SessionId>());
}

TEST_CASE("a sealed value opens only whole, under its name and key") {
  const std::string key(32, 'k'), secret = "secret bytes";
  const auto bytes = [](const std::string& s) { return std::span(reinterpret_cast<const std::uint8_t*>(s.data()), s.size()); };
  const std::string sealed = seal(bytes(key), "row 1", bytes(secret)).value();
  CHECK(unseal(bytes(key), "row 1", sealed).value().view() == secret);
  CHECK(unseal(bytes(key), "row 2", sealed).error().code == Errc::key_invalid);
  CHECK(unseal(bytes(std::string(32, 'x')), "row 1", sealed).error().code == Errc::key_invalid);
  std::string box = *base64url::decode(sealed);
  for (std::size_t bit = 0; bit < box.size() * 8; ++bit) {
    std::string flipped = box;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    CHECK_FALSE(unseal(bytes(key), "row 1", base64url::encode(flipped)));
  }
  for (std::size_t n = 0; n < box.size(); ++n) CHECK_FALSE(unseal(bytes(key), "row 1", base64url::encode(box.substr(0, n))));
}
