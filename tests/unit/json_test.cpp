#include "authkit/json.hpp"

#include "core/json.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>

using namespace authkit;
using namespace std::string_literals;

namespace {

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

/// {"m0":0,...} with `count` members.
std::string wide(std::size_t count) {
  std::string out = "{";
  for (std::size_t i = 0; i < count; ++i) out += fmt::format("{}\"m{}\":0", i == 0 ? "" : ",", i);
  return out + "}";
}

bool malformed(std::string_view text) {
  const auto value = json::parse(text);
  return !value && value.error().code == Errc::malformed_request;
}

}  // namespace

TEST_CASE("JSON: what is written again is what was read, to the digit") {
  for (const char* text : {"null", "true", "false", "0", "-0", "12345678901234567890123", "1.10", "1E+2", "-0.5e-7", "0.1", "\"\"", "[]", "{}",
                           "[1,[2,{\"a\":null}],\"x\"]", "{\"z\":1,\"a\":{\"b\":[true,false]}}", "9223372036854775807", "1e400"}) {
    CAPTURE(text);
    const auto value = json::parse(text);
    REQUIRE(value);
    CHECK(json::write(*value) == text);
  }
  CHECK(json::write(json::parse(" { \"a\" :\t[ 1 , 2 ]\r\n} ").value()) == "{\"a\":[1,2]}");
  CHECK(json::parse(R"("\u00e9\ud83d\ude00\n\/\"")").value().text == "\xc3\xa9\xf0\x9f\x98\x80\n/\"");
}

TEST_CASE("JSON: hostile documents are refused") {
  const std::string documents[] = {
      "", " ", "{", "[", "\"", "nul", "truer", "tru", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1,]", "[,1]", "{,}", "{a:1}", "{'a':1}", "'a'",
      // numbers
      "01", "+1", ".5", "1.", "1e", "-", "0x10", "NaN", "nan", "Infinity", "-Infinity", "1_000", "--1", "1e99999999999999999999",
      // comments, byte order mark, other encodings
      "{}//x", "/**/{}", "[1,/* */2]", "\xef\xbb\xbf{}", "\xff\xfe{\0}\0"s, "{}\0"s, "\0{}"s,
      // trailing bytes
      "{}{}", "{} x", "1 2", "{}]", "null,",
      // strings
      "\"\n\"", "\"\t\"", "\"\0\""s, "\"\\x41\"", "\"\\u12\"", "\"\\u123g\"", "\"\\\"", "\"\x1f\"",
      // lone surrogates
      R"("\ud800")", R"("\udc00")", R"("\ud800\u0041")", R"("\ud800x")", R"("\udc00\ud800")", R"({"\ud800":1})",
      // broken UTF-8, in values, names and outside
      "\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"", "{\"\xff\":1}", "\xa0{}", "{}\xff"};
  for (const auto& text : documents) {
    CAPTURE(text);
    CHECK(malformed(text));
  }
}

TEST_CASE("JSON: a member may be there once, however it is spelled and at any depth") {
  for (const char* text : {R"({"a":1,"a":1})", R"({"a":1,"\u0061":2})", R"({"\u0061":1,"b":0,"\u0061":2})", R"({"x":{"y":[{"roles":1,"roles":2}]}})",
                           R"([{"a":{}},{"b":{"c":1,"c":2}}])", R"({"":1,"":2})", R"({"\ud83d\ude00":1,"😀":2})", R"({"a\u0000":1,"a\u0000":2})"}) {
    CAPTURE(text);
    CHECK(malformed(text));
  }
  CHECK(json::parse(R"({"a":{"a":{"a":1}},"A":2,"b":{"a":3}})"));
  CHECK(json::parse(R"({"a\u0000":1,"a":2})"));
}

TEST_CASE("JSON: depth and number of members are bounded, without recursion on the way") {
  CHECK(json::parse(repeat("[", 16) + repeat("]", 16)));
  CHECK(malformed(repeat("[", 17) + repeat("]", 17)));
  CHECK(malformed(repeat("{\"a\":", 17) + "1" + repeat("}", 17)));
  CHECK(malformed(repeat("[", 100'000)));
  CHECK(malformed(repeat("[", 100'000) + repeat("]", 100'000)));
  CHECK(malformed(repeat("{\"a\":", 100'000)));
  CHECK(malformed(repeat("[{\"a\":", 100'000)));
  CHECK(json::parse(repeat("[", 3) + repeat("]", 3), {3, 1}));
  CHECK_FALSE(json::parse(repeat("[", 4) + repeat("]", 4), {3, 1}));

  CHECK(json::parse(wide(256)));
  CHECK(malformed(wide(257)));
  CHECK(malformed("[" + wide(200) + "," + wide(57) + "]"));
  CHECK(malformed(wide(100'000)));
}

TEST_CASE("JSON: an error names the place and none of the text") {
  const auto error = json::parse("{\"password\":\"CANARY\",\"password\":\"CANARY\"}").error();
  CHECK(error.detail.find("twice") != std::string::npos);
  CHECK(error.detail.find("CANARY") == std::string::npos);
}

TEST_CASE("JSON: integers are exact or they are none") {
  const auto integer = [](const char* text) { return json::parse(text).value().integer(); };
  CHECK(integer("0") == 0);
  CHECK(integer("9223372036854775807") == INT64_MAX);
  CHECK(integer("-9223372036854775808") == INT64_MIN);
  for (const char* none : {"9223372036854775808", "-9223372036854775809", "18446744073709551616", "1.0", "1e2", "1.5", "true", "\"1\"", "null"}) {
    CAPTURE(none);
    CHECK_FALSE(integer(none));
  }
}

TEST_CASE("the request reader reads members and reports all that is wrong at once") {
  auto reader = JsonReader::parse(R"({"email":"a@b","age":17,"ok":true,"profile":{"x":1.10},"roles":["a","b"],"none":null})").value();
  CHECK(reader.text("email") == "a@b");
  CHECK(reader.optional_integer("age") == 17);
  CHECK(reader.optional_flag("ok") == true);
  CHECK(reader.optional_object("profile") == R"({"x":1.10})");
  CHECK(reader.optional_texts("roles") == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(reader.optional_text("none"));
  CHECK_FALSE(reader.optional_text("absent"));
  CHECK(reader.has("none"));
  CHECK_FALSE(reader.has("absent"));
  CHECK(reader.first_text({"login", "email"}) == "a@b");
  CHECK_FALSE(reader.first_text({"none", "absent"}));
  CHECK(reader.finish());

  auto bad = JsonReader::parse(R"({"a":1,"b":"x","c":"yes","d":1.5,"e":[],"f":["ok",2,"\u0000"],"g":"12345","h~/i":1,"n":null})").value();
  CHECK(bad.text("a").empty());
  CHECK_FALSE(bad.optional_integer("b"));
  CHECK_FALSE(bad.optional_flag("c"));
  CHECK_FALSE(bad.optional_integer("d"));
  CHECK_FALSE(bad.optional_object("e"));
  CHECK(bad.optional_texts("f") == std::vector<std::string>{"ok"});
  CHECK(bad.text("g", 4).empty());
  CHECK_FALSE(bad.optional_text("h~/i"));
  CHECK(bad.text("n").empty());
  CHECK(bad.text("o").empty());
  bad.reject("p", "not_unique", "is taken");
  const Error error = bad.finish().error();
  CHECK(error.code == Errc::field_invalid);
  std::string found;
  for (const FieldError& field : error.fields) found += field.pointer + '=' + field.code + ' ';
  CHECK(found ==
        "/f/2=nul /a=wrong_type /b=wrong_type /c=wrong_type /d=out_of_range /e=wrong_type /f/1=wrong_type /g=too_long /h~0~1i=wrong_type "
        "/n=missing /o=missing /p=not_unique ");
}

TEST_CASE("an e-mail address given as anything but a text is a field error") {
  for (const char* value : {"[\"a@b\",\"c@d\"]", "{}", "1", "true", "\"a\\u0000@b\""}) {
    CAPTURE(value);
    auto reader = JsonReader::parse(fmt::format("{{\"email\":{}}}", value)).value();
    CHECK(reader.text("email").empty());
    const Error error = reader.finish().error();
    REQUIRE(error.fields.size() == 1);
    CHECK(error.fields[0].pointer == "/email");
  }
}

TEST_CASE("NUL is reported wherever it stands, also where nobody looks") {
  const char* documents[][2] = {{R"({"password":"a\u0000b"})", "/password"},
                                {R"({"profile":{"deep":["x","\u0000"]}})", "/profile/deep/1"},
                                {R"({"ignored":{"k\u0000":1}})", "/ignored/k"}};
  for (const auto& [document, pointer] : documents) {
    CAPTURE(document);
    const Error error = JsonReader::parse(document).value().finish().error();
    REQUIRE(error.fields.size() == 1);
    CHECK(error.fields[0].code == "nul");
    CHECK(error.fields[0].pointer.starts_with(pointer));
  }
}

TEST_CASE("the request reader takes objects only, and lists of bounded length") {
  for (const char* text : {"[]", "\"x\"", "1", "null", "", "{\"a\":1,\"a\":2}"})
    CHECK(JsonReader::parse(text).error().code == Errc::malformed_request);
  auto reader = JsonReader::parse("{\"l\":[" + repeat("\"x\",", 256) + "\"x\"]}").value();
  CHECK(reader.optional_texts("l").empty());
  CHECK(reader.finish().error().fields.at(0).code == "too_long");
}

TEST_CASE("the request reader reports members that nobody asked for, where that matters") {
  auto reader = JsonReader::parse(R"({"url":"x","urk":1,"a/b":null})").value();
  reader.allow_only({"url", "leeway"});
  const Error error = reader.finish().error();
  REQUIRE(error.fields.size() == 2);
  CHECK(error.fields[0].pointer == "/urk");
  CHECK(error.fields[0].code == "unknown");
  CHECK(error.fields[1].pointer == "/a~1b");
  auto known = JsonReader::parse(R"({"url":"x"})").value();
  known.allow_only({"url", "leeway"});
  CHECK(known.finish());
}

TEST_CASE("merge patch: the examples of RFC 7396 appendix A that start and end as objects") {
  const char* rows[][3] = {{R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
                           {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
                           {R"({"a":"b"})", R"({"a":null})", R"({})"},
                           {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
                           {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
                           {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
                           {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
                           {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
                           {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
                           {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
                           {R"({"n":1.10})", R"({})", R"({"n":1.10})"}};
  for (const auto& [target, patch, merged] : rows) {
    CAPTURE(patch);
    CHECK(merge_patch(target, patch).value() == merged);
  }
  for (const auto& [target, patch] : {std::pair{"{}", "[]"}, {"[]", "{}"}, {"{}", "{"}, {"{}", R"({"a":"\u0000"})"}, {"{}", "1"}}) {
    CHECK(merge_patch(target, patch).error().code == Errc::profile_invalid);
  }
  CHECK(merge_patch(wide(200), R"({"more":)" + wide(56) + "}").error().code == Errc::profile_invalid);
  CHECK(merge_patch(wide(200), R"({"more":)" + wide(55) + "}"));
}

TEST_CASE("an account on the wire: no hash, no key, no version") {
  Account account;
  account.id = *parse_user_id("01234567-89ab-7def-8123-456789abcdef");
  account.email = "A\"@b";
  account.email_key = "CANARY";
  account.password_hash = "CANARY";
  account.roles = {"admin", "x\ny"};
  account.profile = R"({"n":1.10})";
  account.created_at = Time{Duration{0}};
  account.updated_at = Time{Duration{1}};
  const std::string text = to_json(account);
  CHECK(
      text ==
      R"({"id":"01234567-89ab-7def-8123-456789abcdef","email":"A\"@b","username":null,"email_verified":false,"status":"active",)"
      R"("roles":["admin","x\ny"],"profile":{"n":1.10},"mfa":{"totp":false,"recovery_codes_left":0},"created_at":"1970-01-01T00:00:00.000Z","updated_at":"1970-01-01T00:00:00.001Z",)"
      R"("last_login_at":null})");
  account.username = "bob";
  account.email_verified_at = account.last_login_at = Time{Duration{2000}};
  account.profile.clear();
  const json::Value value = json::parse(to_json(account)).value();
  CHECK(value.find("username")->text == "bob");
  CHECK(value.find("email_verified")->text == "true");
  CHECK(value.find("last_login_at")->text == "1970-01-01T00:00:02.000Z");
  CHECK(value.find("profile")->kind == json::Kind::object);
}

TEST_CASE("a session on the wire: no digest, no generation, no epoch") {
  SessionRecord session;
  session.transport = Transport::cookie;
  session.secret_digest.fill(0xab);
  session.amr = "pwd otp";
  session.user_agent = "agent";
  session.absolute_expires_at = Time{Duration{5000}};
  CHECK(to_json(session) ==
        R"({"id":"AAAAAAAAAAAAAAAAAAAAAA","transport":"cookie","created_at":"1970-01-01T00:00:00.000Z","last_seen":"1970-01-01T00:00:00.000Z",)"
        R"("idle_expires_at":"1970-01-01T00:00:00.000Z","expires_at":"1970-01-01T00:00:05.000Z","auth_time":"1970-01-01T00:00:00.000Z",)"
        R"("amr":["pwd","otp"],"client":null,"user_agent":"agent","address":null})");
}

TEST_CASE("an event on the wire") {
  Event event;
  event.id = "e";
  event.action = "login.failed";
  event.success = false;
  event.address = "::1";
  event.seq = 18446744073709551615U;
  event.data = R"({"k":"v"})";
  CHECK(to_json(event) ==
        R"({"seq":18446744073709551615,"id":"e","time":"1970-01-01T00:00:00.000Z","actor":null,"action":"login.failed","subject":null,)"
        R"("outcome":"failure","ip":"::1","user_agent":null,"request_id":null,"data":{"k":"v"},"prev_hash":null,"hash":null})");
}

TEST_CASE("an error on the wire: the title says it, the rest only when there is some") {
  CHECK(to_json(Error(Errc::not_found)) == R"({"code":"not_found","title":"Not found","status":404})");
  Error error(Errc::rate_limited, "wait");
  error.retry_after = Duration{1001};
  CHECK(to_json(error) == R"({"code":"rate_limited","title":"Too many attempts","status":429,"detail":"wait","retry_after":2})");
  Error fields(Errc::field_invalid);
  fields.fields = {{"/a", "missing", "is required"}, {"/b\"", "nul", ""}};
  CHECK(to_json(fields) ==
        R"({"code":"field_invalid","title":"One or more fields are not valid","status":422,"errors":[{"pointer":"/a","code":"missing",)"
        R"("detail":"is required"},{"pointer":"/b\"","code":"nul","detail":""}]})");
}

TEST_CASE("times are RFC 3339 in UTC with milliseconds, before 1970 and after 2106 too") {
  CHECK(to_rfc3339(Time{Duration{1'769'860'800'000}}) == "2026-01-31T12:00:00.000Z");
  CHECK(to_rfc3339(Time{Duration{-1}}) == "1969-12-31T23:59:59.999Z");
  CHECK(to_rfc3339(Time{Duration{4'294'967'296'000}}) == "2106-02-07T06:28:16.000Z");
  CHECK(to_rfc3339(Time{Duration{951'782'400'000}}) == "2000-02-29T00:00:00.000Z");
}

TEST_CASE("a string literal is safe in a page of logs and reads back as it was") {
  CHECK(json_quote("a\"\\\n\x01\x7f") == R"("a\"\\\n\u0001\u007f")");
  CHECK(json_quote("\xc3\xa9\xf0\x9f\x98\x80") == "\"\xc3\xa9\xf0\x9f\x98\x80\"");
  CHECK(json_quote("\xe2\x80\xa8\xe2\x80\xae") == R"("\u2028\u202e")");
  CHECK(json_quote("a\xff\xc3") == "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
  CHECK(json_quote("\0"s) == "\"\\u0000\"");
  for (char32_t c = 1; c < 0x2100; ++c) {
    std::string text;
    if (c < 0x80) {
      text = static_cast<char>(c);
    } else if (c < 0x800) {
      text = {static_cast<char>(0xc0 | (c >> 6)), static_cast<char>(0x80 | (c & 0x3f))};
    } else {
      text = {static_cast<char>(0xe0 | (c >> 12)), static_cast<char>(0x80 | ((c >> 6) & 0x3f)), static_cast<char>(0x80 | (c & 0x3f))};
    }
    REQUIRE(json::parse(json_quote(text)).value().text == text);
  }
}
