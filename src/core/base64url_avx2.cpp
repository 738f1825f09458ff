#include "core/base64url_avx2.hpp"

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace authkit::base64url {

#ifdef __x86_64__

// The functions so marked are compiled for what the processor may lack; nothing of the standard library is called in them.
#define AUTHKIT_AVX2 __attribute__((target("avx2")))

namespace {

constexpr std::size_t characters = 32, bytes = 24;
// Each half of a vector holds 12 bytes of use in 16: so much must follow that the last 4 are inside, too.
constexpr std::size_t least_to_decode = 40, least_to_encode = 28;

bool has_avx2() noexcept {
  static const bool has = __builtin_cpu_supports("avx2") != 0;
  return has;
}

AUTHKIT_AVX2 inline __m256i within(__m256i c, char first, char last) {
  return _mm256_and_si256(_mm256_cmpgt_epi8(c, _mm256_set1_epi8(static_cast<char>(first - 1))),
                          _mm256_cmpgt_epi8(_mm256_set1_epi8(static_cast<char>(last + 1)), c));
}

/// `amount` where `mask` is set.
AUTHKIT_AVX2 inline __m256i where(__m256i mask, int amount) { return _mm256_and_si256(mask, _mm256_set1_epi8(static_cast<char>(amount))); }

AUTHKIT_AVX2 inline __m256i over(__m256i x, int least) { return _mm256_cmpgt_epi8(x, _mm256_set1_epi8(static_cast<char>(least))); }

AUTHKIT_AVX2 void decode_all(const char* in, std::size_t blocks, std::uint8_t* out, bool& good) {
  const __m256i reorder = _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1,  //
                                           2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
  __m256i all_known = _mm256_set1_epi8(-1);
  for (; blocks > 0; --blocks, in += characters, out += bytes) {
    const __m256i c = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in));
    const __m256i upper = within(c, 'A', 'Z'), lower = within(c, 'a', 'z'), digit = within(c, '0', '9');
    const __m256i dash = within(c, '-', '-'), line = within(c, '_', '_');
    all_known = _mm256_and_si256(all_known, _mm256_or_si256(_mm256_or_si256(_mm256_or_si256(upper, lower), _mm256_or_si256(digit, dash)), line));
    const __m256i distance = _mm256_or_si256(
        _mm256_or_si256(_mm256_or_si256(where(upper, -'A'), where(lower, 26 - 'a')), _mm256_or_si256(where(digit, 52 - '0'), where(dash, 62 - '-'))),
        where(line, 63 - '_'));
    const __m256i sixes = _mm256_add_epi8(c, distance);
    const __m256i twelves = _mm256_maddubs_epi16(sixes, _mm256_set1_epi32(0x01400140));      // first * 64 + second
    const __m256i twenty_fours = _mm256_madd_epi16(twelves, _mm256_set1_epi32(0x00011000));  // first * 4096 + second
    const __m256i packed = _mm256_shuffle_epi8(twenty_fours, reorder);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm256_castsi256_si128(packed));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + bytes / 2), _mm256_extracti128_si256(packed, 1));
  }
  if (_mm256_movemask_epi8(all_known) != -1) good = false;
}

AUTHKIT_AVX2 void encode_all(const std::uint8_t* in, std::size_t blocks, char* out) {
  const __m256i spread = _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10,  //
                                          1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
  for (; blocks > 0; --blocks, in += bytes, out += characters) {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + bytes / 2));
    // Of three bytes the words "first second" and "second third": a product shifts each word by a distance of its own.
    const __m256i words = _mm256_shuffle_epi8(_mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1), spread);
    const __m256i odd = _mm256_mulhi_epu16(_mm256_and_si256(words, _mm256_set1_epi32(0x0fc0fc00)), _mm256_set1_epi32(0x04000040));
    const __m256i even = _mm256_mullo_epi16(_mm256_and_si256(words, _mm256_set1_epi32(0x003f03f0)), _mm256_set1_epi32(0x01000010));
    const __m256i sixes = _mm256_or_si256(odd, even);
    __m256i c = _mm256_add_epi8(sixes, _mm256_set1_epi8('A'));
    c = _mm256_add_epi8(c, where(over(sixes, 25), 'a' - 26 - 'A'));
    c = _mm256_add_epi8(c, where(over(sixes, 51), ('0' - 52) - ('a' - 26)));
    c = _mm256_add_epi8(c, where(over(sixes, 61), ('-' - 62) - ('0' - 52)));
    c = _mm256_add_epi8(c, where(over(sixes, 62), ('_' - 63) - ('-' - 62)));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), c);
  }
}

}  // namespace

Progress decode_wide(const char* in, std::size_t size, std::uint8_t* out, bool& good) noexcept {
  if (size < least_to_decode || !has_avx2()) return {};
  const std::size_t blocks = (size - least_to_decode) / characters + 1;
  decode_all(in, blocks, out, good);
  return {blocks * characters, blocks * bytes};
}

Progress encode_wide(const std::uint8_t* in, std::size_t size, char* out) noexcept {
  if (size < least_to_encode || !has_avx2()) return {};
  const std::size_t blocks = (size - least_to_encode) / bytes + 1;
  encode_all(in, blocks, out);
  return {blocks * bytes, blocks * characters};
}

#else

Progress decode_wide(const char*, std::size_t, std::uint8_t*, bool&) noexcept { return {}; }
Progress encode_wide(const std::uint8_t*, std::size_t, char*) noexcept { return {}; }

#endif

}  // namespace authkit::base64url
