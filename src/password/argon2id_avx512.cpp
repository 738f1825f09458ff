#include "password/argon2id_block.hpp"

#include <cstddef>
#include <immintrin.h>
#include <utility>

// What follows, and nothing that was included above, is compiled for the processors that have it.
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#else
#pragma GCC target("avx512f")
#endif
#include "password/argon2id_compress.hpp"

namespace authkit::password::argon2id {
namespace {

struct Avx512 {
  using V = __m512i;
  static constexpr std::size_t rows_vectors = 4;

  static inline V load(const V* at) { return _mm512_load_si512(at); }
  static inline void store(V* at, V x) { _mm512_store_si512(at, x); }
  static inline V add(V x, V y) { return _mm512_add_epi64(x, y); }
  static inline V exclusive(V x, V y) { return _mm512_xor_si512(x, y); }
  static inline V multiply(V x, V y) { return _mm512_mul_epu32(x, y); }
  template <int bits>
  static inline V rotate(V x) {
    return _mm512_ror_epi64(x, bits);
  }
  static inline V middle(V x, V y) { return _mm512_castpd_si512(_mm512_shuffle_pd(_mm512_castsi512_pd(x), _mm512_castsi512_pd(y), 0x55)); }

  /// Two rows, so that a, b, c and d of both fill a vector each.
  static inline void rows(V* s) {
    V a = _mm512_shuffle_i64x2(s[0], s[2], 0x44), b = _mm512_shuffle_i64x2(s[0], s[2], 0xEE);
    V c = _mm512_shuffle_i64x2(s[1], s[3], 0x44), d = _mm512_shuffle_i64x2(s[1], s[3], 0xEE);
    Compression<Avx512>::mix(a, b, c, d);
    b = _mm512_permutex_epi64(b, 0x39);
    c = _mm512_permutex_epi64(c, 0x4E);
    d = _mm512_permutex_epi64(d, 0x93);
    Compression<Avx512>::mix(a, b, c, d);
    b = _mm512_permutex_epi64(b, 0x93);
    c = _mm512_permutex_epi64(c, 0x4E);
    d = _mm512_permutex_epi64(d, 0x39);
    s[0] = _mm512_shuffle_i64x2(a, b, 0x44);
    s[2] = _mm512_shuffle_i64x2(a, b, 0xEE);
    s[1] = _mm512_shuffle_i64x2(c, d, 0x44);
    s[3] = _mm512_shuffle_i64x2(c, d, 0xEE);
  }
};

}  // namespace

void compress_avx512(const Block& previous, const Block& reference, Block& into, bool add) {
  Compression<Avx512>::run(previous, reference, into, add);
}

}  // namespace authkit::password::argon2id

#ifdef __clang__
#pragma clang attribute pop
#endif
