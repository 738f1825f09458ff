#pragma once

#include "authkit/token.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace authkit::test {

/// One line of the verdict protocol and the verdict it must get. `id`: family.name, then the algorithm of the legitimate key.
struct VectorLine {
  std::string id;
  std::string line;
  bool ok = false;
};

/// The vectors typed in from standards: every *.jsonl file in `folder`.
std::vector<VectorLine> standard_lines(const std::string& folder);

/// Hostile tokens and keys, each family made from legitimate ones. Those with `ok` are the control group: they show that a refusal is
/// due to what was changed and not to the harness. The ids and verdicts are the same in every run, the bytes but for ECDSA's too.
const std::vector<VectorLine>& hostile_lines();

/// A token for a verifier whose key and options are known. Its bytes may be any.
struct TokenVariant {
  std::string id;
  std::string token;
  bool ok = false;
};

/// Hostile access tokens for whoever verifies with `key`, `options` and a clock that shows `now` or, for those that live, up to a minute more.
std::vector<TokenVariant> hostile_access_tokens(const Key& key, const TokenOptions& options, Time now);

/// "legit.token_ES256" to "legit": what figures are grouped by.
inline std::string family_of(std::string_view id) { return std::string(id.substr(0, id.find('.'))); }

}  // namespace authkit::test
