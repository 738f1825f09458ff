#include "core/digest.hpp"
#include "fuzz.hpp"
#include "token/ecdsa_der.hpp"
#include "token/openssl.hpp"

#include <openssl/ecdsa.h>

#include <algorithm>

namespace authkit::fuzz {
namespace {

using Bytes = std::span<const std::uint8_t>;
using SignaturePtr = std::unique_ptr<ECDSA_SIG, OpensslFree<ECDSA_SIG_free>>;

bool same(Bytes a, Bytes b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

/// r || s as OpenSSL reads it out of `der`, and whether its writer would have made these bytes.
std::string read_by_openssl(Bytes der, std::size_t field, bool& is_canonical) {
  const ErrorMark mark;
  const unsigned char* at = der.data();
  const SignaturePtr signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (!signature || at != der.data() + der.size()) return {};
  std::string out(2 * field, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  const BIGNUM *r = ECDSA_SIG_get0_r(signature.get()), *s = ECDSA_SIG_get0_s(signature.get());
  if (BN_is_negative(r) || BN_is_negative(s)) return {};
  if (BN_bn2binpad(r, bytes, static_cast<int>(field)) < 0 || BN_bn2binpad(s, bytes + field, static_cast<int>(field)) < 0) return {};
  unsigned char* written = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &written);
  is_canonical = size > 0 && same(der, {written, static_cast<std::size_t>(size)});
  OPENSSL_free(written);
  return out;
}

void check_fixed(Bytes fixed, const AlgorithmTraits& traits) {
  DerBuffer der;
  const auto size = ecdsa_to_der(fixed, traits, der);
  if (!size) return;
  std::array<std::uint8_t, 132> back{};
  const std::span<std::uint8_t> out(back.data(), fixed.size());
  require(*size <= der.size() && ecdsa_from_der({der.data(), *size}, traits, out) && same(out, fixed), "r || s survives DER");
  bool is_canonical = false;
  require(same(as_bytes(read_by_openssl({der.data(), *size}, traits.field_size, is_canonical)), fixed), "OpenSSL reads the same r and s");
  require(is_canonical, "the DER is the one that OpenSSL writes");
}

void check_der(Bytes der, const AlgorithmTraits& traits) {
  std::array<std::uint8_t, 132> fixed{};
  const std::span<std::uint8_t> out(fixed.data(), 2 * traits.field_size);
  bool is_canonical = false;
  const std::string expected = read_by_openssl(der, traits.field_size, is_canonical);
  if (!ecdsa_from_der(der, traits, out)) {
    require(!is_canonical || expected.empty(), "what OpenSSL writes is read");
    return;
  }
  if (!expected.empty()) require(same(out, as_bytes(expected)), "both read the same r and s");
  DerBuffer again;
  if (const auto size = ecdsa_to_der(out, traits, again); size && is_canonical) require(same({again.data(), *size}, der), "DER survives r || s");
}

void run(std::string_view input) {
  if (input.empty()) return;
  constexpr std::array algorithms{Algorithm::ES256, Algorithm::ES384, Algorithm::ES512};
  const AlgorithmTraits& traits = traits_of(algorithms[static_cast<unsigned char>(input.front()) % algorithms.size()]);
  const Bytes bytes = as_bytes(input.substr(1));
  check_fixed(bytes, traits);
  check_fixed(bytes.first(std::min(bytes.size(), 2 * traits.field_size)), traits);
  check_der(bytes, traits);
}

std::vector<std::string> seeds() {
  std::vector<std::string> out;
  char first = '\0';
  for (const std::size_t field : {32, 48, 66}) {
    for (const char fill : {'\x00', '\x01', '\x7f', '\x80'}) {
      std::string fixed(2 * field, fill);
      fixed[0] = fixed[field] = '\0';
      fixed[2 * field - 1] = '\x05';
      out.push_back(first + fixed);
    }
    ++first;
  }
  out.push_back(std::string("\x00\x30\x06\x02\x01\x01\x02\x01\x01", 9));
  out.push_back(std::string("\x00\x30\x08\x02\x02\x00\x80\x02\x02\x00\xff", 11));
  return out;
}

}  // namespace

constexpr Target der_target{"der", run, seeds};

}  // namespace authkit::fuzz
