#include "unit/key_samples.hpp"

#include "fuzz/keys.hpp"

#include <map>

namespace authkit::test {
namespace {

Key make(Algorithm algorithm) {
  if (!is_rsa(algorithm)) return Key::generate(algorithm).value();
  // Making one takes a second; this one is the fuzzers'.
  return Key::from_jwk(edited(fuzz::rsa_private_jwk, {{"alg", ""}, {"kid", ""}}), algorithm).value();
}

}  // namespace

const Key& sample_key(Algorithm algorithm) {
  static std::map<Algorithm, Key> keys;
  const auto found = keys.find(algorithm);
  return found != keys.end() ? found->second : keys.emplace(algorithm, make(algorithm)).first->second;
}

std::string edited(std::string_view jwk, std::initializer_list<std::pair<std::string_view, std::string_view>> changes) {
  json::Value document = json::parse(jwk).value();
  for (const auto& [name, text] : changes) {
    std::erase_if(document.members, [wanted = name](const json::Member& member) { return member.name == wanted; });
    if (!text.empty()) document.members.push_back({std::string(name), json::parse(text).value()});
  }
  return json::write(document);
}

std::string bytes_of(std::string_view jwk, std::string_view member) { return base64url::decode(json::parse(jwk).value().find(member)->text).value(); }

std::string quoted(std::string_view bytes) { return '"' + base64url::encode(bytes) + '"'; }

}  // namespace authkit::test
