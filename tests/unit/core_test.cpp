#include "authkit/error.hpp"

#include "core/base64url.hpp"
#include "core/hex.hpp"
#include "core/random.hpp"
#include "core/secret.hpp"

#include <doctest/doctest.h>

#include <set>
#include <sys/wait.h>
#include <unistd.h>

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

TEST_CASE("base64url: every length and every byte comes back, every wrong character is refused wherever it stands") {
  std::string plain, piecewise;  // short pieces go another way than long texts
  for (std::size_t length = 0; length < 300; ++length) {
    const std::string text = base64url::encode(plain);
    REQUIRE(text.size() == base64url::encoded_size(plain.size()));
    REQUIRE(base64url::decode(text) == plain);
    if (length % 3 == 0) {
      piecewise += length == 0 ? "" : base64url::encode(plain.substr(length - 3));
      REQUIRE(text == piecewise);
    }
    plain.push_back(static_cast<char>(length * length * 37 + length / 7));
  }
  const std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (const std::size_t size : {4, 40, 44, 76, 120}) {
    for (int byte = 0; byte < 256; ++byte)
      for (std::size_t place = 0; place < size; ++place) {
        std::string text(size, 'A');
        text[place] = static_cast<char>(byte);
        const auto decoded = base64url::decode(text);
        REQUIRE(decoded.has_value() == (alphabet.find(static_cast<char>(byte)) != std::string_view::npos));
        if (decoded) REQUIRE(decoded->substr(place / 4 * 3, 3) == base64url::decode(text.substr(place / 4 * 4, 4)));
      }
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
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] = text[i] == '-' ? '0' : '-';
    CHECK_FALSE(parse_user_id(other));
    other[i] = 'g';
    CHECK_FALSE(parse_user_id(other));
  }
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

TEST_CASE("ids do not repeat, not in a forked child either") {
  std::set<TokenId> ids;
  for (int i = 0; i < 1000; ++i) REQUIRE(ids.insert(random_id<TokenId>().value()).second);
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    for (int i = 0; i < 100; ++i) {
      const TokenId id = random_id<TokenId>().value();
      if (write(ends[1], id.bytes.data(), id.bytes.size()) != 16) _exit(1);
    }
    _exit(0);
  }
  close(ends[1]);
  for (int i = 0; i < 100; ++i) REQUIRE(ids.insert(random_id<TokenId>().value()).second);
  int of_child = 0;
  for (TokenId id; read(ends[0], id.bytes.data(), id.bytes.size()) == 16; ++of_child) CHECK(ids.insert(id).second);
  close(ends[0]);
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(of_child == 100);
}
