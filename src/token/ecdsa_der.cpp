#include "token/ecdsa_der.hpp"

#include <algorithm>

namespace authkit {
namespace {

// The orders n of the three groups, big-endian (FIPS 186-4 appendix D.1.2).
constexpr std::array<std::uint8_t, 32> order_p256{0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                  0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
constexpr std::array<std::uint8_t, 48> order_p384{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf,
                                                  0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73};
constexpr std::array<std::uint8_t, 66> order_p521{
    0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfa, 0x51, 0x86, 0x87, 0x83, 0xbf, 0x2f, 0x96, 0x6b, 0x7f, 0xcc,
    0x01, 0x48, 0xf7, 0x09, 0xa5, 0xd0, 0x3b, 0xb5, 0xc9, 0xb8, 0x89, 0x9c, 0x47, 0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38, 0x64, 0x09};

std::span<const std::uint8_t> order_of(const AlgorithmTraits& traits) noexcept {
  if (traits.field_size == order_p256.size()) return order_p256;
  if (traits.field_size == order_p384.size()) return order_p384;
  return order_p521;
}

bool in_range(std::span<const std::uint8_t> value, std::span<const std::uint8_t> order) noexcept {
  const bool is_zero = std::all_of(value.begin(), value.end(), [](std::uint8_t byte) { return byte == 0; });
  return !is_zero && std::lexicographical_compare(value.begin(), value.end(), order.begin(), order.end());
}

std::uint8_t* write_integer(std::span<const std::uint8_t> value, std::uint8_t* out) noexcept {
  while (value.size() > 1 && value.front() == 0) value = value.subspan(1);
  const bool padded = (value.front() & 0x80) != 0;
  *out++ = 0x02;
  *out++ = static_cast<std::uint8_t>(value.size() + (padded ? 1 : 0));
  if (padded) *out++ = 0;
  return std::copy(value.begin(), value.end(), out);
}

/// Takes one INTEGER off the front of `der` and writes it right-aligned.
bool read_integer(std::span<const std::uint8_t>& der, std::span<std::uint8_t> out) noexcept {
  if (der.size() < 3 || der[0] != 0x02 || der[1] == 0 || der[1] > 0x7f || der.size() < std::size_t{2} + der[1]) return false;
  std::span<const std::uint8_t> value = der.subspan(2, der[1]);
  der = der.subspan(std::size_t{2} + der[1]);
  if ((value.front() & 0x80) != 0) return false;
  if (value.front() == 0) value = value.subspan(1);
  if (value.size() > out.size()) return false;
  std::fill(out.begin(), out.end(), std::uint8_t{0});
  std::copy(value.begin(), value.end(), out.end() - static_cast<std::ptrdiff_t>(value.size()));
  return true;
}

}  // namespace

std::optional<std::size_t> ecdsa_to_der(std::span<const std::uint8_t> fixed, const AlgorithmTraits& traits, DerBuffer& out) noexcept {
  if (fixed.size() != 2 * traits.field_size) return std::nullopt;
  const auto r = fixed.first(traits.field_size), s = fixed.last(traits.field_size);
  const auto order = order_of(traits);
  if (!in_range(r, order) || !in_range(s, order)) return std::nullopt;

  std::uint8_t* const content = out.data() + 3;
  std::uint8_t* const end = write_integer(s, write_integer(r, content));
  const auto size = static_cast<std::size_t>(end - content);
  if (size > 0x7f) {  // P-521 alone needs the long form
    out[0] = 0x30;
    out[1] = 0x81;
    out[2] = static_cast<std::uint8_t>(size);
    return size + 3;
  }
  std::move(content, end, out.data() + 2);
  out[0] = 0x30;
  out[1] = static_cast<std::uint8_t>(size);
  return size + 2;
}

bool ecdsa_from_der(std::span<const std::uint8_t> der, const AlgorithmTraits& traits, std::span<std::uint8_t> out) noexcept {
  if (out.size() != 2 * traits.field_size || der.size() < 2 || der[0] != 0x30) return false;
  const bool long_form = der[1] == 0x81;
  if (long_form && (der.size() < 3 || der[2] < 0x80)) return false;
  const std::size_t head = long_form ? 3 : 2, size = long_form ? der[2] : der[1];
  if ((!long_form && size > 0x7f) || der.size() != head + size) return false;
  der = der.subspan(head);
  return read_integer(der, out.first(traits.field_size)) && read_integer(der, out.last(traits.field_size)) && der.empty();
}

}  // namespace authkit
