#pragma once

#include "password/argon2id_block.hpp"

#include <cstddef>
#include <utility>

/// The compression function for any width of vector. The files that include it are compiled for instructions that the processor may lack: all is in
/// an unnamed namespace and nothing of the standard library is called, or the linker could give that code to others.
namespace authkit::password::argon2id {
namespace {

/// `Set`: a vector type `V` of 64-bit words and its operations, all of them word by word but
/// - `middle(x, y)`: of each pair in x the second word, of the same pair in y the first;
/// - `rows(s)`: the permutation P on as many rows of 16 words as the first two or four vectors hold.
template <class Set>
struct Compression {
  using V = typename Set::V;
  static constexpr std::size_t words = sizeof(V) / 8, vectors = 128 / words, row = 16 / words;

  /// BLAKE2b's addition with a product of the lower halves in it (RFC 9106 section 3.6).
  static inline V plus(V x, V y) {
    const V product = Set::multiply(x, y);
    return Set::add(Set::add(x, y), Set::add(product, product));
  }

  static inline void mix(V& a, V& b, V& c, V& d) {
    a = plus(a, b);
    d = Set::template rotate<32>(Set::exclusive(d, a));
    c = plus(c, d);
    b = Set::template rotate<24>(Set::exclusive(b, c));
    a = plus(a, b);
    d = Set::template rotate<16>(Set::exclusive(d, a));
    c = plus(c, d);
    b = Set::template rotate<63>(Set::exclusive(b, c));
  }

  /// P on columns of the block. A column is a pair of words of each row, so the rows' vectors are the halves of a, b, c and d already.
  static inline void columns(V* s) {
    V &a0 = s[0], &a1 = s[row], &b0 = s[2 * row], &b1 = s[3 * row], &c0 = s[4 * row], &c1 = s[5 * row], &d0 = s[6 * row], &d1 = s[7 * row];
    mix(a0, b0, c0, d0);
    mix(a1, b1, c1, d1);
    V x0 = Set::middle(b0, b1), x1 = Set::middle(b1, b0), y0 = Set::middle(d1, d0), y1 = Set::middle(d0, d1);
    mix(a0, x0, c1, y0);
    mix(a1, x1, c0, y1);
    b0 = Set::middle(x1, x0);
    b1 = Set::middle(x0, x1);
    d0 = Set::middle(y0, y1);
    d1 = Set::middle(y1, y0);
  }

  template <std::size_t... all>
  static inline void run(const V* previous, const V* reference, V* into, bool add, std::index_sequence<all...>) {
    V s[vectors] = {Set::exclusive(Set::load(previous + all), Set::load(reference + all))...};
    rows_of(s, std::make_index_sequence<vectors / Set::rows_vectors>());
    columns_of(s, std::make_index_sequence<row>());
    if (add)
      (Set::store(into + all, Set::exclusive(Set::exclusive(s[all], Set::load(into + all)),
                                             Set::exclusive(Set::load(previous + all), Set::load(reference + all)))),
       ...);
    else
      (Set::store(into + all, Set::exclusive(s[all], Set::exclusive(Set::load(previous + all), Set::load(reference + all)))), ...);
  }

  template <std::size_t... all>
  static inline void rows_of(V* s, std::index_sequence<all...>) {
    (Set::rows(s + all * Set::rows_vectors), ...);
  }
  template <std::size_t... all>
  static inline void columns_of(V* s, std::index_sequence<all...>) {
    (columns(s + all), ...);
  }

  static inline void run(const Block& previous, const Block& reference, Block& into, bool add) {
    run(reinterpret_cast<const V*>(previous.words), reinterpret_cast<const V*>(reference.words), reinterpret_cast<V*>(into.words), add,
        std::make_index_sequence<vectors>());
  }
};

}  // namespace
}  // namespace authkit::password::argon2id
