#pragma once

#include "authkit/token.hpp"

#include "vectors/hostile.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace authkit::test {

/// A JSON object to be changed: names as they are, values as JSON text.
using Members = std::vector<std::pair<std::string, std::string>>;

/// `members` with this one in place of one of that name, or added.
Members with(Members members, std::string_view name, std::string_view json);
Members without(Members members, std::string_view name);
std::string object(const Members& members);
/// The members of a JSON object.
Members members_of(std::string_view text);
std::string quote(std::string_view text);
/// Bytes from hexadecimal.
std::string bytes(std::string_view hex);
std::string repeated(std::string_view text, std::size_t times);

std::string compact(std::string_view header, std::string_view payload, std::string_view signature);

/// The three parts of a token, still encoded.
struct Parts {
  std::string header, payload, signature;

  explicit Parts(std::string_view token);
  std::string joined() const { return header + "." + payload + "." + signature; }
};

/// Where tokens are made, good ones and others: a signing key, what its verifier expects, and the time.
class Workshop {
 public:
  Workshop(Key signing_key, TokenOptions verifier_options, Time time);

  const Key key;
  const TokenOptions options;
  const Time now;
  const std::string alg;

  /// Of a legitimate access token.
  Members header() const;
  Members claims() const;
  std::string legitimate() const { return sealed(object(header()), object(claims())); }

  /// Header and payload as given, under a signature that holds.
  std::string sealed(std::string_view header_json, std::string_view payload) const;
  /// The same for parts that are encoded already, well or badly.
  std::string sealed_parts(std::string_view encoded_header, std::string_view encoded_payload) const;
  std::string with_header(std::string_view name, std::string_view json) const { return sealed(object(with(header(), name, json)), object(claims())); }
  std::string with_claim(std::string_view name, std::string_view json) const { return sealed(object(header()), object(with(claims(), name, json))); }
  std::string without_claim(std::string_view name) const { return sealed(object(header()), object(without(claims(), name))); }

  std::int64_t seconds() const { return std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count(); }
  std::int64_t leeway() const { return std::chrono::duration_cast<std::chrono::seconds>(options.leeway).count(); }
};

/// The signature of `input` under any key; `key` decides the algorithm.
std::string signature_of(const Key& key, std::string_view input);

/// A growing list of variants.
class Variants {
 public:
  void refuse(std::string id, std::string token) { list.push_back({std::move(id), std::move(token), false}); }
  void accept(std::string id, std::string token) { list.push_back({std::move(id), std::move(token), true}); }
  std::vector<TokenVariant> list;
};

// The families, by what is wrong with the token. The key is the verifier's own.
void add_header_variants(const Workshop& shop, Variants& out);
void add_key_in_header_variants(const Workshop& shop, Variants& out);
void add_header_json_variants(const Workshop& shop, Variants& out);
void add_claims_json_variants(const Workshop& shop, Variants& out);
void add_claim_variants(const Workshop& shop, Variants& out);
void add_access_claim_variants(const Workshop& shop, Variants& out);  ///< only an access token must have these right
void add_serial_variants(const Workshop& shop, Variants& out);
void add_oversized_variants(const Workshop& shop, Variants& out);  ///< megabytes
void add_tamper_variants(const Workshop& shop, Variants& out);
void add_signature_variants(const Workshop& shop, Variants& out);  ///< what is special to the key's family
void add_confusion_variants(const Workshop& shop, Variants& out);  ///< MACs keyed with what is public

/// Public forms of a key as text or bytes, such as people paste into a configuration: name and spelling.
std::vector<std::pair<std::string, std::string>> public_spellings(const Key& key);
/// The MAC of any secret, which Key would refuse; `algorithm` one of HMAC.
std::string mac_of(Algorithm algorithm, std::string_view secret, std::string_view input);

/// A growing list of lines.
class Lines {
 public:
  void add(bool ok, std::string id, std::string_view mode, std::string_view alg, std::string_view jwk, std::string_view token,
           std::string_view options = {});
  /// Mode "jws": any payload, no claims looked at.
  void refuse(std::string id, std::string_view alg, std::string_view jwk, std::string_view token) {
    add(false, std::move(id), "jws", alg, jwk, token);
  }
  void accept(std::string id, std::string_view alg, std::string_view jwk, std::string_view token) {
    add(true, std::move(id), "jws", alg, jwk, token);
  }
  std::vector<VectorLine> list;
};

// The families, by what is wrong with the key.
void add_confusion_lines(Lines& out);
void add_rsa_key_lines(Lines& out);
void add_ec_key_lines(Lines& out);
void add_ed25519_key_lines(Lines& out);
void add_hmac_key_lines(Lines& out);
void add_jwk_lines(Lines& out);
void add_key_set_lines(Lines& out);

}  // namespace authkit::test
