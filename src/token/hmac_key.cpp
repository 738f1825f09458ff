#include "core/digest.hpp"
#include "token/key_material.hpp"

#include <array>

namespace authkit {
namespace {

constexpr std::size_t max_block = 128;

/// A digest state that has taken in the key xor `pad` (RFC 2104 section 2), so that a MAC starts by copying it.
DigestContextPtr keyed_state(const EVP_MD* digest, std::span<const std::uint8_t> block, std::uint8_t pad) {
  std::array<std::uint8_t, max_block> padded;
  for (std::size_t i = 0; i < block.size(); ++i) padded[i] = static_cast<std::uint8_t>(block[i] ^ pad);
  DigestContextPtr state(EVP_MD_CTX_new());
  const bool done = state && EVP_DigestInit_ex2(state.get(), digest, nullptr) == 1 && EVP_DigestUpdate(state.get(), padded.data(), block.size()) == 1;
  wipe(padded.data(), padded.size());
  return done ? std::move(state) : nullptr;
}

}  // namespace

Result<std::shared_ptr<KeyMaterial>> make_hmac_material(std::string_view secret, Algorithm algorithm, bool allow_short) {
  const AlgorithmTraits& traits = traits_of(algorithm);
  if (secret.size() < (allow_short ? std::size_t{16} : traits.digest_size))
    return Error(Errc::key_invalid, "the HMAC secret is shorter than its digest (RFC 7518 section 3.2)");
  if (secret.size() > 4096) return Error(Errc::key_invalid, "the HMAC secret is longer than 4096 bytes");
  if (const std::string_view what = key_in_disguise(secret); !what.empty())
    return Error(Errc::key_invalid, std::string("the HMAC secret is ").append(what));

  const EVP_MD* digest = fetched_digest(traits.digest_size);
  const std::size_t block_size = traits.digest_size == 32 ? 64 : 128;
  std::array<std::uint8_t, max_block> block{};
  unsigned int digested = 0;
  if (secret.size() <= block_size) {
    std::copy(secret.begin(), secret.end(), block.begin());
  } else if (EVP_Digest(secret.data(), secret.size(), block.data(), &digested, digest, nullptr) != 1) {
    return Errc::internal;
  }

  auto material = std::make_shared<KeyMaterial>();
  material->hmac_inner = keyed_state(digest, {block.data(), block_size}, 0x36);
  material->hmac_outer = keyed_state(digest, {block.data(), block_size}, 0x5c);
  wipe(block.data(), block.size());
  if (!material->hmac_inner || !material->hmac_outer) return Errc::internal;
  material->hmac_secret = Secret(as_bytes(secret));
  material->algorithm = algorithm;
  material->can_sign = material->holds_private = true;
  material->signature_size = traits.digest_size;
  return material;
}

}  // namespace authkit
