#include "password/argon2id_fill.hpp"

#include <sodium/crypto_generichash_blake2b.h>
#include <sodium/utils.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace authkit::password::argon2id {
namespace {

static_assert(std::endian::native == std::endian::little);  // of all that has a kernel

constexpr std::uint32_t version = 0x13, type = 2, slices = 4;

/// BLAKE2b of pieces, numbers as four bytes.
class Blake2b {
 public:
  explicit Blake2b(std::size_t size) : size_(size) { crypto_generichash_blake2b_init(&state_, nullptr, 0, size); }
  Blake2b& add(std::span<const std::uint8_t> bytes) {
    crypto_generichash_blake2b_update(&state_, bytes.data(), bytes.size());
    return *this;
  }
  Blake2b& add(std::uint32_t number) {
    std::array<std::uint8_t, 4> bytes;
    std::memcpy(bytes.data(), &number, bytes.size());
    return add(bytes);
  }
  Blake2b& add_sized(std::span<const std::uint8_t> bytes) { return add(static_cast<std::uint32_t>(bytes.size())).add(bytes); }
  void finish(std::uint8_t* out) { crypto_generichash_blake2b_final(&state_, out, size_); }
  ~Blake2b() { sodium_memzero(&state_, sizeof state_); }
  Blake2b(const Blake2b&) = delete;
  Blake2b& operator=(const Blake2b&) = delete;

 private:
  crypto_generichash_blake2b_state state_;
  std::size_t size_;
};

constexpr std::size_t digest_size = 64;
using Digest = std::array<std::uint8_t, digest_size>;

/// The variable-length hash H' (RFC 9106 section 3.3) of `seed` and what follows it.
void expand(std::span<const std::uint8_t> seed, std::span<const std::uint32_t> numbers, std::span<std::uint8_t> out) {
  Blake2b first(std::min(out.size(), digest_size));
  first.add(static_cast<std::uint32_t>(out.size())).add(seed);
  for (const std::uint32_t number : numbers) first.add(number);
  if (out.size() <= digest_size) return first.finish(out.data());
  Digest value;
  first.finish(value.data());
  while (out.size() > digest_size) {
    std::copy_n(value.begin(), digest_size / 2, out.begin());
    out = out.subspan(digest_size / 2);
    const std::size_t size = std::min(out.size(), digest_size);
    const Digest before = value;
    Blake2b(size).add(before).finish(value.data());
  }
  std::copy_n(value.begin(), out.size(), out.begin());
  sodium_memzero(value.data(), value.size());
}

std::span<std::uint8_t> bytes_of(Block& block) { return {reinterpret_cast<std::uint8_t*>(block.words), sizeof block.words}; }

/// Where the blocks of a half pass look that must not depend on the password (RFC 9106 section 3.4.1.2).
class Addresses {
 public:
  Addresses(Compress compress, std::uint32_t slice, std::uint32_t blocks, std::uint32_t passes) : compress_(compress) {
    const std::uint64_t words[] = {0, 0, slice, blocks, passes, type};
    std::copy(std::begin(words), std::end(words), input_.words);
  }
  std::uint64_t at(std::uint32_t index) {
    if (index / 128 + 1 != input_.words[6]) {
      input_.words[6] = index / 128 + 1;
      compress_(zero_, input_, half_, false);
      compress_(zero_, half_, addresses_, false);
    }
    return addresses_.words[index % 128];
  }

 private:
  Compress compress_;
  Block zero_{}, input_{}, half_{}, addresses_{};
};

}  // namespace

void fill(const Parameters& parameters, std::string_view password, std::span<const std::uint8_t> salt, std::span<std::uint8_t> tag,
          std::span<Block> memory, Compress compress) {
  const std::uint32_t segment = parameters.memory_kib / slices, blocks = segment * slices;
  Digest seed;
  Blake2b(digest_size)
      .add(1)  // lane
      .add(static_cast<std::uint32_t>(tag.size()))
      .add(parameters.memory_kib)
      .add(parameters.passes)
      .add(version)
      .add(type)
      .add_sized({reinterpret_cast<const std::uint8_t*>(password.data()), password.size()})
      .add_sized(salt)
      .add(0)  // no key
      .add(0)  // no associated data
      .finish(seed.data());
  for (const std::uint32_t block : {0U, 1U}) expand(seed, std::array{block, 0U}, bytes_of(memory[block]));
  sodium_memzero(seed.data(), seed.size());

  for (std::uint32_t pass = 0; pass < parameters.passes; ++pass) {
    for (std::uint32_t slice = 0; slice < slices; ++slice) {
      const bool independent = pass == 0 && slice < slices / 2;
      Addresses addresses(compress, slice, blocks, parameters.passes);
      // What may be looked at: all that is done in this pass, and of the pass before what this one has not come to.
      const std::uint32_t start = pass == 0 || slice == slices - 1 ? 0 : (slice + 1) * segment;
      const std::uint32_t others = (pass == 0 ? slice : slices - 1) * segment;
      for (std::uint32_t i = pass == 0 && slice == 0 ? 2 : 0; i < segment; ++i) {
        const std::uint32_t here = slice * segment + i, before = here == 0 ? blocks - 1 : here - 1;
        const std::uint64_t pseudo_random = (independent ? addresses.at(i) : memory[before].words[0]) & 0xFFFFFFFFU;
        const std::uint64_t area = others + i - 1;
        const std::uint64_t distance = area * (pseudo_random * pseudo_random >> 32) >> 32;
        const std::uint64_t there = start + area - 1 - distance;
        compress(memory[before], memory[there < blocks ? there : there - blocks], memory[here], pass != 0);
      }
    }
  }
  expand(bytes_of(memory[blocks - 1]), {}, tag);
}

std::span<const Kernel> kernels() {
#ifdef __x86_64__
  static constexpr Kernel all[] = {{"AVX-512", compress_avx512}, {"AVX2", compress_avx2}};
  if (__builtin_cpu_supports("avx512f")) return all;
  if (__builtin_cpu_supports("avx2")) return std::span(all).subspan(1);
#endif
  return {};
}

}  // namespace authkit::password::argon2id
