#pragma once

#include <cstdint>

namespace authkit::password::argon2id {

/// A block of the memory (RFC 9106 section 3.2): 1024 bytes.
struct alignas(64) Block {
  std::uint64_t words[128];
};

/// The compression function G (RFC 9106 section 3.5) of two blocks. `add`: into what `into` holds, as the passes after the first do, else in its
/// place. `into` is neither of the two.
using Compress = void (*)(const Block& previous, const Block& reference, Block& into, bool add);

/// Each needs a processor that has the instructions of its name (AVX512F for the second).
void compress_avx2(const Block& previous, const Block& reference, Block& into, bool add);
void compress_avx512(const Block& previous, const Block& reference, Block& into, bool add);

}  // namespace authkit::password::argon2id
