// Any header and any payload under a true signature: what is read behind it. The verdict must be the one that the rules give when they are
// applied to the documents, which another reader parsed.
#include "authkit/verifier.hpp"

#include "core/base64url.hpp"
#include "fuzz.hpp"
#include "json_oracle.hpp"
#include "keys.hpp"
#include "token/key_material.hpp"
#include "token/signature.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace authkit::fuzz {
namespace {

using json::Kind;
using json::Value;

constexpr std::int64_t now_seconds = 1'800'000'000;
constexpr std::int64_t last_second = 253'402'300'799;
const Time now{std::chrono::seconds(now_seconds)};

const Key& key() {
  static const Key made = Key::from_secret(hmac_secret, Algorithm::HS256).value().with_id("mac");
  return made;
}

std::string token_of(std::string_view header, std::string_view payload) {
  std::string token = base64url::encode(header) + "." + base64url::encode(payload);
  std::array<std::uint8_t, 32> mac;
  const std::size_t size = make_signature(key(), token, mac).value();
  return token + "." + base64url::encode(std::span<const std::uint8_t>(mac.data(), size));
}

bool is_type(std::string_view text, std::string_view wanted) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return lower == wanted || lower == std::string("application/").append(wanted);
}

/// Absent, or a text of 1 to `max` bytes.
bool text_or_nothing(const Value* member, std::size_t max) {
  return member == nullptr || (member->kind == Kind::text && !member->text.empty() && member->text.size() <= max);
}

/// The rules for headers; `access`: of Tokens::verify.
bool header_is_right(const Value& header, bool jwt, bool access) {
  for (const char* name : {"crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c"})
    if (header.find(name) != nullptr) return false;
  const Value *alg = header.find("alg"), *kid = header.find("kid"), *typ = header.find("typ"), *cty = header.find("cty");
  if (alg == nullptr || alg->kind != Kind::text || alg->text != "HS256") return false;
  if (kid != nullptr && (kid->kind != Kind::text || kid->text != "mac")) return false;
  if (!text_or_nothing(typ, 64) || !text_or_nothing(cty, 64)) return false;
  if (jwt && cty != nullptr && is_type(cty->text, "jwt")) return false;
  return !access || (typ != nullptr && is_type(typ->text, "at+jwt"));
}

bool has_nul(const Value& value) { return value.text.find('\0') != std::string::npos; }
bool is_text(const Value& value) { return value.kind == Kind::text && !has_nul(value); }

bool is_integer(const Value& value) { return value.kind == Kind::number && value.text.find_first_of(".eE") == std::string::npos; }

bool is_date(const Value& value) {
  const double seconds = number_of(value);
  return value.kind == Kind::number && seconds >= 0 && seconds <= static_cast<double>(last_second);
}

bool is_epoch(const Value& value) {
  std::uint64_t epoch = 0;
  const char* const end = value.text.data() + value.text.size();
  return is_integer(value) && (value.text == "-0" || std::from_chars(value.text.data(), end, epoch).ptr == end) &&
         (value.text == "-0" || std::from_chars(value.text.data(), end, epoch).ec == std::errc());
}

bool all_texts(const Value& list) {
  return list.kind == Kind::array && std::all_of(list.items.begin(), list.items.end(), [](const Value& item) { return item.kind == Kind::text; });
}

bool claim_is_right(std::string_view name, const Value& value, bool access) {
  if (name == "iss" || name == "jti") return is_text(value);
  if (name == "sub") return is_text(value) && !(access && value.text.empty());
  if (name == "aud") return value.kind == Kind::text || all_texts(value);
  if (name == "exp" || name == "nbf" || name == "iat") return is_date(value);
  if (name == "acr" && value.kind == Kind::text) return is_text(value);
  if (!access) return true;
  if (name == "acr") return false;
  if (name == "sid") return value.kind == Kind::text && !value.text.empty();
  if (name == "epoch") return is_epoch(value);
  if (name == "amr" || name == "roles") return all_texts(value);
  return name != "auth_time" || is_date(value);
}

bool names_audience(const Value* aud, std::string_view wanted) {
  if (aud == nullptr) return false;
  if (aud->kind == Kind::text) return aud->text == wanted;
  return std::any_of(aud->items.begin(), aud->items.end(), [&](const Value& item) { return item.text == wanted; });
}

/// What the verdict must be.
enum class Expected { invalid, expired, right };

Expected judge(const Value& payload, bool access) {
  for (const auto& [name, value] : payload.members)
    if (!claim_is_right(name, value, access)) return Expected::invalid;
  const Value *iss = payload.find("iss"), *exp = payload.find("exp"), *nbf = payload.find("nbf"), *iat = payload.find("iat");
  if (iss == nullptr || iss->text != "authkit" || !names_audience(payload.find("aud"), "authkit")) return Expected::invalid;
  if (exp == nullptr || (access && payload.find("sub") == nullptr)) return Expected::invalid;
  const auto later = [](const Value* time) { return time != nullptr && number_of(*time) > static_cast<double>(now_seconds); };
  return number_of(*exp) <= static_cast<double>(now_seconds) || later(nbf) || later(iat) ? Expected::expired : Expected::right;
}

/// Rounding to milliseconds next to now is for unit tests.
bool is_near_now(const Value* time) {
  return time != nullptr && time->kind == Kind::number && !is_integer(*time) && std::abs(number_of(*time) - static_cast<double>(now_seconds)) < 0.01;
}

template <class T>
Expected verdict_of(const Result<T>& result) {
  if (result) return Expected::right;
  require(result.error().code == Errc::invalid_token || result.error().code == Errc::token_expired, "a refusal is invalid_token or token_expired");
  return result.error().code == Errc::token_expired ? Expected::expired : Expected::invalid;
}

void check_claims(const Claims& claims, const Value& document, std::string_view payload) {
  const auto text_of = [&](std::string_view name) {
    const Value* member = document.find(name);
    return member == nullptr ? std::string_view() : std::string_view(member->text);
  };
  require(claims.json() == payload, "the claims are the bytes that were signed");
  require(claims.issuer() == text_of("iss") && claims.subject() == text_of("sub") && claims.token_id() == text_of("jti"),
          "texts are those of the claims");
  require(claims.key_id() == "mac", "the key is the one that verified");
  const Claims copy = claims;
  require(copy.json() == payload && copy.subject() == claims.subject() && copy.user() == claims.user(), "a copy says the same");
}

void run(std::string_view input) {
  const std::size_t line = input.find('\n');
  if (line == std::string_view::npos) return;
  const std::string_view header = input.substr(0, line), payload = input.substr(line + 1);
  const std::string token = token_of(header, payload);

  static const Tokens tokens = Tokens::open({.leeway = Duration(0)}, KeyRing::fixed({key()}, {}).value(), [] { return now; }).value();
  static const std::vector<Key> keys{key()};
  static const VerifyOptions options{.algorithm = Algorithm::HS256, .issuer = "authkit", .audiences = {"authkit"}, .now = now};
  const auto jws = verify_jws(token, keys, options);
  const auto jwt = verify_jwt(token, keys, options);
  const auto access = tokens.verify(token);

  const auto head = json::parse(header);
  const auto claims = json::parse(payload);
  if ((head && has_extreme_number(*head)) || (claims && has_extreme_number(*claims))) return;
  const bool strict_head = head && is_strict(*head), strict_claims = claims && is_strict(*claims);
  const auto expected_of = [&](bool is_access) {
    if (!strict_head || !strict_claims || !header_is_right(*head, true, is_access)) return Expected::invalid;
    return judge(*claims, is_access);
  };

  require(jws.has_value() == (strict_head && header_is_right(*head, false, false)), "a JWS holds when its header is right");
  if (jws) require(*jws == payload, "and gives its payload");
  if (strict_claims && (is_near_now(claims->find("exp")) || is_near_now(claims->find("nbf")) || is_near_now(claims->find("iat")))) return;
  require(verdict_of(jwt) == expected_of(false), "a JWT is judged by the rules");
  require(verdict_of(access) == expected_of(true), "an access token is judged by the rules");
  if (jwt) check_claims(*jwt, *claims, payload);
  if (access) check_claims(*access, *claims, payload);
}

std::vector<std::string> seeds() {
  const std::string header = "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"mac\"}\n";
  return {
      header + R"({"iss":"authkit","aud":"authkit","sub":"x","exp":1800000900})",
      header + R"({"iss":"authkit","aud":["a","authkit"],"sub":"a\u0062","exp":1.8000009e9,"nbf":1,"iat":1799999999,"jti":"j"})",
      header + R"({"iss":"authkit","aud":"authkit","sub":"x","exp":1800000900,"sid":"s","epoch":7,"acr":"a","amr":["pwd"],"roles":[],"auth_time":5})",
      header + R"({"iss":"authkit","aud":"authkit","sub":"x","exp":1700000900,"extra":{"a":[null,true]}})",
      R"({"alg":"HS256","cty":"JWT","typ":"application/at+jwt"})" + std::string("\n{\"exp\":1800000900}"),
      R"({"alg":"HS256","x":[1,{}],"cty":"text"})" + std::string("\nany bytes"),
      R"({"alg":"HS256","crit":["exp"],"b64":false,"zip":"DEF","jwk":{},"jku":"u","x5u":"u","x5c":[]})" + std::string("\n{}")};
}

}  // namespace

constexpr Target signed_token_target{"signed_token", run, seeds};

}  // namespace authkit::fuzz
