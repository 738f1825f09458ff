#include "vectors/workshop.hpp"

#include "core/base64url.hpp"
#include "core/hex.hpp"
#include "core/json.hpp"
#include "token/algorithm.hpp"
#include "token/signature.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace authkit::test {

Members with(Members members, std::string_view name, std::string_view json) {
  const auto found = std::find_if(members.begin(), members.end(), [&](const auto& member) { return member.first == name; });
  if (found == members.end()) {
    members.emplace_back(name, json);
  } else {
    found->second = json;
  }
  return members;
}

Members without(Members members, std::string_view name) {
  std::erase_if(members, [&](const auto& member) { return member.first == name; });
  return members;
}

std::string object(const Members& members) {
  std::string out = "{";
  for (const auto& [name, json] : members) {
    if (out.size() > 1) out += ',';
    out.append(quote(name)).append(":").append(json);
  }
  return out += '}';
}

Members members_of(std::string_view text) {
  const json::Value value = json::parse(text).value();
  Members out;
  for (const json::Member& member : value.members) out.emplace_back(member.name, json::write(member.value));
  return out;
}

std::string quote(std::string_view text) {
  std::string out;
  json::quote_to(out, text);
  return out;
}

std::string bytes(std::string_view hex) {
  std::string out(hex.size() / 2, '\0');
  if (!hex::decode(hex, {reinterpret_cast<std::uint8_t*>(out.data()), out.size()})) throw std::invalid_argument("no hexadecimal");
  return out;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string compact(std::string_view header, std::string_view payload, std::string_view signature) {
  return base64url::encode(header) + "." + base64url::encode(payload) + "." + base64url::encode(signature);
}

Parts::Parts(std::string_view token) {
  const std::size_t first = token.find('.'), second = token.find('.', first + 1);
  header = token.substr(0, first);
  payload = token.substr(first + 1, second - first - 1);
  signature = token.substr(second + 1);
}

Workshop::Workshop(Key signing_key, TokenOptions verifier_options, Time time)
    : key(std::move(signing_key)), options(std::move(verifier_options)), now(time), alg(to_text(key.algorithm())) {}

Members Workshop::header() const { return {{"alg", quote(alg)}, {"typ", quote("at+jwt")}, {"kid", quote(key.id())}}; }

Members Workshop::claims() const {
  return {{"iss", quote(options.issuer)},           {"aud", quote(options.audience)},   {"sub", quote("018f2f6e-8b5a-7c3d-9e1f-0a1b2c3d4e5f")},
          {"exp", fmt::to_string(seconds() + 900)}, {"iat", fmt::to_string(seconds())}, {"jti", quote("AAECAwQFBgcICQoLDA0ODw")}};
}

std::string Workshop::sealed(std::string_view header_json, std::string_view payload) const {
  return sealed_parts(base64url::encode(header_json), base64url::encode(payload));
}

std::string Workshop::sealed_parts(std::string_view encoded_header, std::string_view encoded_payload) const {
  std::string token = fmt::format("{}.{}", encoded_header, encoded_payload);
  const std::string signature = signature_of(key, token);
  return token += "." + base64url::encode(signature);
}

std::string signature_of(const Key& key, std::string_view input) {
  std::array<std::uint8_t, max_signature_size> room;
  const std::size_t size = make_signature(key, input, room).value();
  return {reinterpret_cast<const char*>(room.data()), size};
}

void Lines::add(bool ok, std::string id, std::string_view mode, std::string_view alg, std::string_view jwk, std::string_view token,
                std::string_view line_options) {
  Members line{{"id", quote(id)}, {"mode", quote(mode)}, {"alg", quote(alg)}, {"jwk", quote(jwk)}, {"token", quote(token)}};
  if (!line_options.empty()) line.emplace_back("opts", line_options);
  list.push_back({std::move(id), object(line), ok});
}

}  // namespace authkit::test
