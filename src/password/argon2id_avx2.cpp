#include "password/argon2id_block.hpp"

#include <cstddef>
#include <immintrin.h>
#include <utility>

// What follows, and nothing that was included above, is compiled for the processors that have it.
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC target("avx2")
#endif
#include "password/argon2id_compress.hpp"

namespace authkit::password::argon2id {
namespace {

struct Avx2 {
  using V = __m256i;
  static constexpr std::size_t rows_vectors = 4;

  static inline V load(const V* at) { return _mm256_load_si256(at); }
  static inline void store(V* at, V x) { _mm256_store_si256(at, x); }
  static inline V add(V x, V y) { return _mm256_add_epi64(x, y); }
  static inline V exclusive(V x, V y) { return _mm256_xor_si256(x, y); }
  static inline V multiply(V x, V y) { return _mm256_mul_epu32(x, y); }

  /// There is no rotation: whole bytes are shuffled, and by 63 to the right is by one to the left.
  template <int bits>
  static inline V rotate(V x) {
    if constexpr (bits == 32) return _mm256_shuffle_epi32(x, 0xB1);
    if constexpr (bits == 24) return _mm256_shuffle_epi8(x, bytes_by(3));
    if constexpr (bits == 16) return _mm256_shuffle_epi8(x, bytes_by(2));
    return _mm256_or_si256(_mm256_srli_epi64(x, 63), _mm256_add_epi64(x, x));
  }
  static inline V bytes_by(int count) {
    return count == 3 ? _mm256_setr_epi8(3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10, 3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10)
                      : _mm256_setr_epi8(2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9, 2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9);
  }
  static inline V middle(V x, V y) { return _mm256_castpd_si256(_mm256_shuffle_pd(_mm256_castsi256_pd(x), _mm256_castsi256_pd(y), 0x5)); }

  /// One row: its quarters are a, b, c and d.
  static inline void rows(V* s) {
    Compression<Avx2>::mix(s[0], s[1], s[2], s[3]);
    s[1] = _mm256_permute4x64_epi64(s[1], 0x39);
    s[2] = _mm256_permute4x64_epi64(s[2], 0x4E);
    s[3] = _mm256_permute4x64_epi64(s[3], 0x93);
    Compression<Avx2>::mix(s[0], s[1], s[2], s[3]);
    s[1] = _mm256_permute4x64_epi64(s[1], 0x93);
    s[2] = _mm256_permute4x64_epi64(s[2], 0x4E);
    s[3] = _mm256_permute4x64_epi64(s[3], 0x39);
  }
};

}  // namespace

void compress_avx2(const Block& previous, const Block& reference, Block& into, bool add) { Compression<Avx2>::run(previous, reference, into, add); }

}  // namespace authkit::password::argon2id

#ifdef __clang__
#pragma clang attribute pop
#endif
