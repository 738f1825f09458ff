#include "vectors/hostile.hpp"

#include "core/json.hpp"
#include "vectors/test_keys.hpp"
#include "vectors/workshop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace authkit::test {
namespace {

constexpr std::array well_covered{Algorithm::ES256, Algorithm::HS256, Algorithm::RS256, Algorithm::EdDSA};

/// The families that ask nothing of the verifier but its key, issuer and audience.
void add_all_variants(const Workshop& shop, Variants& out) {
  add_header_variants(shop, out);
  add_key_in_header_variants(shop, out);
  add_header_json_variants(shop, out);
  add_claims_json_variants(shop, out);
  add_claim_variants(shop, out);
  add_serial_variants(shop, out);
  add_tamper_variants(shop, out);
  add_signature_variants(shop, out);
  add_confusion_variants(shop, out);
}

/// Variants as lines for a verifier that has the key and expects what Tokens would.
void add_variant_lines(const Workshop& shop, const Variants& variants, Lines& out) {
  const std::string jwk = test_key_jwk(shop.key);
  for (const TokenVariant& variant : variants.list) {
    Members line_options{{"iss", quote(shop.options.issuer)},
                         {"aud", quote(shop.options.audience)},
                         {"now", fmt::to_string(shop.seconds())},
                         {"leeway", fmt::to_string(shop.leeway())},
                         {"typ", R"("at+jwt")"},
                         {"require", R"(["sub","jti"])"}};
    // what is meant to be read is let through by its size
    if (variant.token.size() > 8192) line_options.emplace_back("max_token_bytes", fmt::to_string(variant.token.size()));
    out.add(variant.ok, variant.id + "_" + shop.alg, "jwt", shop.alg, jwk, variant.token, object(line_options));
  }
}

void add_size_lines(const Workshop& shop, Lines& out) {
  const std::string token = shop.legitimate(), jwk = test_key_jwk(shop.key);
  const auto limit = [](std::size_t bytes) { return "{\"max_token_bytes\":" + std::to_string(bytes) + "}"; };
  out.add(true, "size.exactly", "jws", shop.alg, jwk, token, limit(token.size()));
  out.add(false, "size.one_more", "jws", shop.alg, jwk, token, limit(token.size() - 1));
  out.add(false, "size.none", "jws", shop.alg, jwk, token, limit(0));
  const std::string large = shop.with_claim("x", quote(std::string(8000, 'x')));
  out.add(false, "size.default", "jws", shop.alg, jwk, large);
  out.add(true, "size.raised", "jws", shop.alg, jwk, large, limit(large.size()));
}

std::vector<VectorLine> make_lines() {
  const Time now{std::chrono::seconds(1'800'000'000)};
  TokenOptions options;
  options.issuer = "https://id.example.org";
  options.audience = "https://api.example.org";

  Lines out;
  for (const Algorithm algorithm : well_covered) {
    const Workshop shop(test_key(algorithm), options, now);
    Variants variants;
    add_all_variants(shop, variants);
    add_variant_lines(shop, variants, out);
  }
  for (const Algorithm algorithm : all_algorithms) {
    if (std::find(well_covered.begin(), well_covered.end(), algorithm) != well_covered.end()) continue;
    const Workshop shop(test_key(algorithm), options, now);
    Variants variants;
    add_tamper_variants(shop, variants);
    add_signature_variants(shop, variants);
    add_variant_lines(shop, variants, out);
  }
  Variants oversized;
  const Workshop shop(test_key(Algorithm::ES256), options, now);
  add_oversized_variants(shop, oversized);
  add_variant_lines(shop, oversized, out);
  add_size_lines(shop, out);

  add_confusion_lines(out);
  add_rsa_key_lines(out);
  add_ec_key_lines(out);
  add_ed25519_key_lines(out);
  add_hmac_key_lines(out);
  add_jwk_lines(out);
  add_key_set_lines(out);
  return std::move(out.list);
}

}  // namespace

std::vector<VectorLine> standard_lines(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
  std::sort(files.begin(), files.end());

  std::vector<VectorLine> out;
  for (const auto& file : files) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
      const auto value = json::parse(line);
      const json::Value* const expect = value ? value->find("expect") : nullptr;
      if (expect == nullptr || (expect->text != "ok" && expect->text != "reject") || value->find("id") == nullptr || value->find("source") == nullptr)
        throw std::runtime_error("no vector: " + line);
      out.push_back({value->find("id")->text, line, expect->text == "ok"});
    }
  }
  return out;
}

const std::vector<VectorLine>& hostile_lines() {
  static const std::vector<VectorLine> lines = make_lines();
  return lines;
}

std::vector<TokenVariant> hostile_access_tokens(const Key& key, const TokenOptions& options, Time now) {
  const Workshop shop(key, options, now);
  Variants out;
  add_all_variants(shop, out);
  add_access_claim_variants(shop, out);
  add_oversized_variants(shop, out);
  return std::move(out.list);
}

}  // namespace authkit::test
