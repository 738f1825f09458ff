#include "authkit/token.hpp"
#include "authkit/verifier.hpp"

#include "measure.hpp"
#include "token/key_material.hpp"
#include "token/signature.hpp"
#include "vectors/hostile.hpp"
#include "vectors/stopwatch.hpp"
#include "vectors/test_keys.hpp"
#include "vectors/workshop.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>

// token_bench [ROUNDS]: verify and issue of every algorithm beside the bare primitive on the same bytes in the same run, then what refusals take

namespace {

using namespace authkit;
using namespace authkit::test;

const Time noon{std::chrono::seconds(1'800'000'000)};

/// What OpenSSL or libsodium takes for the one operation, everything prepared that can be.
class Primitive {
 public:
  Primitive(const Key& key, std::string signed_input) : key_(key), traits_(key.impl().traits()), input_(std::move(signed_input)) {
    const KeyMaterial& material = *key.impl().material;
    if (!material.pkey) {
      signature_ = signature_of(key, input_);
      return;
    }
    sign_ = prepared(material, true);
    verify_ = prepared(material, false);
    signature_.resize(sign());
    signature_.assign(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(signature_.size()));
  }

  std::size_t sign() {
    if (traits_.family == KeyFamily::hmac) return mac_of(key_.algorithm(), key_.impl().material->hmac_secret.view(), input_).size();
    std::size_t size = out_.size();
    if (traits_.family == KeyFamily::ed25519) {
      crypto_sign_detached(bytes(out_), nullptr, bytes(input_), input_.size(), key_.impl().material->ed_secret.bytes().data());
      return crypto_sign_BYTES;
    }
    if (EVP_PKEY_sign(sign_.get(), bytes(out_), &size, digest_.data(), digest()) != 1) std::abort();
    return size;
  }

  void verify() {
    if (traits_.family == KeyFamily::hmac) {
      if (mac_of(key_.algorithm(), key_.impl().material->hmac_secret.view(), input_) != signature_) std::abort();
    } else if (traits_.family == KeyFamily::ed25519) {
      if (crypto_sign_verify_detached(bytes(signature_), bytes(input_), input_.size(), key_.impl().material->ed_public.data()) != 0) std::abort();
    } else if (EVP_PKEY_verify(verify_.get(), bytes(signature_), signature_.size(), digest_.data(), digest()) != 1) {
      std::abort();
    }
  }

 private:
  static unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

  std::size_t digest() {
    if (EVP_Digest(input_.data(), input_.size(), digest_.data(), nullptr, fetched_digest(traits_.digest_size), nullptr) != 1) std::abort();
    return traits_.digest_size;
  }

  PkeyContextPtr prepared(const KeyMaterial& material, bool to_sign) const {
    PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, material.pkey.get(), nullptr));
    const EVP_MD* hash = fetched_digest(traits_.digest_size);
    bool done = (to_sign ? EVP_PKEY_sign_init(context.get()) : EVP_PKEY_verify_init(context.get())) == 1;
    if (traits_.family == KeyFamily::rsa)
      done = done && EVP_PKEY_CTX_set_rsa_padding(context.get(), traits_.pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) == 1;
    done = done && EVP_PKEY_CTX_set_signature_md(context.get(), hash) == 1;
    if (traits_.pss) done = done && EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), static_cast<int>(traits_.digest_size)) == 1;
    if (!done) std::abort();
    return context;
  }

  const Key& key_;
  const AlgorithmTraits& traits_;
  std::string input_, signature_, out_ = std::string(1024, '\0');
  std::array<unsigned char, 64> digest_{};
  PkeyContextPtr sign_, verify_;
};

/// Microseconds of processor time that one call takes.
double microseconds(int repeat, const std::function<void()>& call) {
  return processor_seconds([&] {
           for (int i = 0; i < repeat; ++i) call();
         }) *
         1e6 / repeat;
}

void compare(Algorithm algorithm, int rounds) {
  const Key key = test_key(algorithm);
  const Tokens tokens = Tokens::open({}, KeyRing::fixed({key}, {}).value(), [] { return noon; }).value();
  UserId user;
  user.bytes[0] = 1;
  const TokenContent content{.subject = user, .epoch = 1, .auth_time = noon, .roles = {"user"}};
  const std::string token = tokens.issue(content).value().token;
  Primitive bare(key, token.substr(0, token.rfind('.')));
  const bool is_slow = key.impl().traits().family == KeyFamily::rsa || algorithm == Algorithm::ES384 || algorithm == Algorithm::ES512;
  const int repeat = is_slow ? 20 : 200;

  measure::Series verify, bare_verify, issue, bare_sign;
  for (int round = 0; round < rounds; ++round) {
    bare_verify.values.push_back(microseconds(repeat, [&] { bare.verify(); }));
    verify.values.push_back(microseconds(repeat, [&] {
      if (!tokens.verify(token)) std::abort();
    }));
    bare_sign.values.push_back(microseconds(repeat, [&] { measure::keep(bare.sign()); }));
    issue.values.push_back(microseconds(repeat, [&] { measure::keep(tokens.issue(content).value()); }));
  }
  const std::string name(to_text(algorithm));
  std::printf("%-6s  verify %9.2f us, bare %9.2f, x %.2f    issue %9.2f us, bare %9.2f, x %.2f\n", name.c_str(), verify.median(),
              bare_verify.median(), verify.median() / bare_verify.median(), issue.median(), bare_sign.median(), issue.median() / bare_sign.median());
}

void measure_refusals() {
  const Key key = test_key(Algorithm::ES256);
  const Tokens tokens = Tokens::open({}, KeyRing::fixed({key}, {}).value(), [] { return noon; }).value();
  struct Family {
    double longest = 0;
    std::string id;
    int count = 0;
  };
  const auto note = [](Family& family, const std::string& id, double taken) {
    ++family.count;
    if (taken > family.longest) family.longest = taken, family.id = id;
  };
  const auto shortest = [](const std::function<void()>& call) { return shortest_of_three(0.0005, call) * 1e6; };
  std::map<std::string, Family> tokens_by_family, lines_by_family;
  Family megabyte;
  for (const TokenVariant& variant : hostile_access_tokens(key, {}, noon)) {
    if (variant.ok) continue;
    const double taken = shortest([&] {
      if (tokens.verify(variant.token)) std::abort();
    });
    note(variant.token.size() < 1'000'000 ? tokens_by_family[family_of(variant.id)] : megabyte, variant.id, taken);
  }
  for (const VectorLine& line : hostile_lines()) {
    if (line.ok || line.line.size() > 100'000) continue;
    note(lines_by_family[family_of(line.id)], line.id, shortest([&] { measure::keep(answer_vector_line(line.line)); }));
  }
  std::printf("\nrefused, the longest of a family    Tokens::verify, ES256\n");
  for (const auto& [name, family] : tokens_by_family)
    std::printf("%-14s %5d %9.1f us  %s\n", name.c_str(), family.count, family.longest, family.id.c_str());
  std::printf("%-14s %5d %9.3f us  %s\n", "a megabyte", megabyte.count, megabyte.longest, megabyte.id.c_str());
  std::printf("\nrefused, the longest of a family    a whole line of the verdict protocol, its key loaded\n");
  for (const auto& [name, family] : lines_by_family)
    std::printf("%-14s %5d %9.1f us  %s\n", name.c_str(), family.count, family.longest, family.id.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 9;
  if (sodium_init() < 0 || rounds < 1) return 1;
  for (const Algorithm algorithm : all_algorithms) compare(algorithm, rounds);
  measure_refusals();
  return 0;
}
