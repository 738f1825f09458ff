#include "authkit/password.hpp"
#include "authkit/verifier.hpp"

#include "core/base64url.hpp"
#include "core/json.hpp"
#include "core/secret.hpp"
#include "core/try.hpp"
#include "token/compact.hpp"
#include "token/jwk.hpp"

#include <charconv>
#include <cmath>

namespace authkit {
namespace {

constexpr std::size_t max_line = 16 * 1024 * 1024;
constexpr double last_second = 253'402'300'799;

Error malformed(std::string_view name) { return Error(Errc::malformed_request, std::string(name) + " is missing or of the wrong type"); }

Result<std::string_view> text_of(const json::Value& object, std::string_view name) {
  const json::Value* member = object.find(name);
  if (member == nullptr || member->kind != json::Kind::text) return malformed(name);
  return std::string_view(member->text);
}

Result<std::string> bytes_of(const json::Value& object, std::string_view name) {
  AUTHKIT_TRY_ASSIGN(const std::string_view text, text_of(object, name));
  auto bytes = base64url::decode(text);
  if (!bytes) return malformed(name);
  return *std::move(bytes);
}

Result<Algorithm> algorithm_of(const json::Value& line) {
  AUTHKIT_TRY_ASSIGN(const std::string_view text, text_of(line, "alg"));
  const auto algorithm = parse_algorithm(text);
  if (!algorithm) return Error(Errc::invalid_argument, "alg is none of those that are supported");
  return *algorithm;
}

Result<Duration> seconds_of(const json::Value& value, std::string_view name) {
  double seconds = 0;
  const char* const end = value.text.data() + value.text.size();
  if (value.kind != json::Kind::number || std::from_chars(value.text.data(), end, seconds).ptr != end || !(seconds >= 0 && seconds <= last_second))
    return malformed(name);
  return Duration(static_cast<std::int64_t>(std::floor(seconds * 1000)));
}

Result<std::vector<std::string>> texts_of(const json::Value& value, std::string_view name) {
  std::vector<std::string> texts;
  for (const json::Value& item : value.items) {
    if (item.kind != json::Kind::text) return malformed(name);
    texts.push_back(item.text);
  }
  if (value.kind == json::Kind::text) texts.push_back(value.text);
  if (texts.empty() && value.kind != json::Kind::array) return malformed(name);
  return texts;
}

/// One option. A name that is not known is refused: it may have been meant to forbid something.
Result<void> read_option(const std::string& name, const json::Value& value, VerifyOptions& options) {
  if (name == "now") {
    AUTHKIT_TRY_ASSIGN(const Duration now, seconds_of(value, name));
    options.now = Time(now);
  } else if (name == "leeway") {
    AUTHKIT_TRY_ASSIGN(options.leeway, seconds_of(value, name));
  } else if (name == "max_token_bytes") {
    const auto bytes = value.integer();
    if (!bytes || *bytes <= 0) return malformed(name);
    options.max_token_bytes = static_cast<std::size_t>(*bytes);
  } else if (name == "aud") {
    AUTHKIT_TRY_ASSIGN(options.audiences, texts_of(value, name));
  } else if (name == "require") {
    if (value.kind != json::Kind::array) return malformed(name);
    AUTHKIT_TRY_ASSIGN(options.required, texts_of(value, name));
  } else if (name == "iss" || name == "typ") {
    if (value.kind != json::Kind::text || value.text.empty()) return malformed(name);
    (name == "iss" ? options.issuer : options.typ) = value.text;
  } else {
    return malformed("a known option");
  }
  return {};
}

Result<VerifyOptions> options_of(const json::Value& line) {
  VerifyOptions options;
  AUTHKIT_TRY_ASSIGN(options.algorithm, algorithm_of(line));
  const json::Value* member = line.find("opts");
  if (member == nullptr || member->kind == json::Kind::null) return options;
  if (member->kind != json::Kind::object) return malformed("opts");
  for (const auto& [name, value] : member->members) {
    if (value.kind == json::Kind::null) continue;
    AUTHKIT_TRY(read_option(name, value, options));
  }
  return options;
}

Result<void> answer_token(const json::Value& line, bool with_claims) {
  AUTHKIT_TRY_ASSIGN(const VerifyOptions options, options_of(line));
  AUTHKIT_TRY_ASSIGN(const std::string_view token, text_of(line, "token"));
  AUTHKIT_TRY_ASSIGN(const std::string_view jwk, text_of(line, "jwk"));
  if (token.size() > options.max_token_bytes) return Errc::invalid_token;  // before the key, whose checks cost more
  AUTHKIT_TRY_ASSIGN(const std::vector<Key> keys, verification_keys(jwk, options.algorithm));
  if (with_claims) {
    AUTHKIT_TRY(verify_jwt(token, keys, options));
  } else {
    AUTHKIT_TRY(verify_jws(token, keys, options));
  }
  return {};
}

Result<void> answer_raw(const json::Value& line) {
  AUTHKIT_TRY_ASSIGN(const Algorithm algorithm, algorithm_of(line));
  AUTHKIT_TRY_ASSIGN(const std::string message, bytes_of(line, "msg"));
  AUTHKIT_TRY_ASSIGN(const std::string signature, bytes_of(line, "sig"));
  AUTHKIT_TRY_ASSIGN(const std::string_view jwk, text_of(line, "jwk"));
  AUTHKIT_TRY_ASSIGN(const std::vector<Key> keys, verification_keys(jwk, algorithm));
  if (keys.size() != 1) return Error(Errc::key_invalid, "a bare signature names no key: exactly one must be given");
  return verify_raw(message, signature, keys.front());
}

Result<void> answer_password(const json::Value& line) {
  AUTHKIT_TRY_ASSIGN(const std::string_view encoded_password, text_of(line, "password_b64"));
  AUTHKIT_TRY_ASSIGN(const std::string_view encoded, text_of(line, "encoded"));
  const json::Value* pepper = line.find("pepper");
  const bool has_pepper = pepper != nullptr && pepper->kind != json::Kind::null;
  if (has_pepper && pepper->kind != json::Kind::text) return malformed("pepper");
  auto password = base64url::decode_lenient(encoded_password);
  if (!password) return malformed("password_b64");
  const Wiper wiper(*password);
  AUTHKIT_TRY_ASSIGN(const Passwords passwords, Passwords::open({.pepper = has_pepper ? pepper->text : std::string()}));
  AUTHKIT_TRY(passwords.verify(*password, encoded));
  return {};
}

Result<void> answer(std::string_view text) {
  if (text.size() > max_line) return Errc::payload_too_large;
  AUTHKIT_TRY_ASSIGN(const json::Value line, json::parse(text));
  AUTHKIT_TRY_ASSIGN(const std::string_view mode, text_of(line, "mode"));
  if (mode == "jws") return answer_token(line, false);
  if (mode == "jwt") return answer_token(line, true);
  if (mode == "raw") return answer_raw(line);
  if (mode == "password") return answer_password(line);
  return malformed("mode");
}

}  // namespace

std::string answer_vector_line(std::string_view line) {
  const Result<void> verdict = answer(line);
  return verdict ? "ok" : std::string("reject ").append(info(verdict.error().code).name);
}

}  // namespace authkit
