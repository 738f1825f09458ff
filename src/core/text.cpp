#include "core/text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace authkit {
namespace {

struct Free {
  void operator()(void* memory) const noexcept { std::free(memory); }
};

std::optional<std::string> map(std::string_view text, int options) {
  utf8proc_uint8_t* mapped = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()), &mapped,
                                 static_cast<utf8proc_option_t>(UTF8PROC_STABLE | options));
  const std::unique_ptr<utf8proc_uint8_t, Free> owner(mapped);
  if (size < 0) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size));
}

bool control_or_separator(char32_t c) noexcept { return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029; }

}  // namespace

std::size_t next_code_point(std::string_view text, char32_t& out) noexcept {
  if (text.empty()) return 0;
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) {
    out = lead;
    return 1;
  }
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return 0;
  char32_t c = lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    c = (c << 6) | (byte(i) & 0x3fU);
  }
  constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (c < smallest[size] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return 0;
  out = c;
  return size;
}

bool valid_utf8(std::string_view text) noexcept { return count_code_points(text).has_value(); }

std::optional<std::size_t> count_code_points(std::string_view text) noexcept {
  std::size_t count = 0;
  char32_t c = 0;
  for (; !text.empty(); ++count) {
    const std::size_t size = next_code_point(text, c);
    if (size == 0) return std::nullopt;
    text.remove_prefix(size);
  }
  return count;
}

std::optional<std::string> fold(std::string_view text) {
  char32_t c = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t size = next_code_point(rest, c);
    if (size == 0 || control_or_separator(c)) return std::nullopt;
    rest.remove_prefix(size);
  }
  // Decomposed first: folding may turn a mark into a letter, and where that mark stands must not depend on the spelling.
  const auto decomposed = map(text, UTF8PROC_DECOMPOSE);
  if (!decomposed) return std::nullopt;
  auto folded = map(*decomposed, UTF8PROC_CASEFOLD | UTF8PROC_COMPOSE);
  if (!folded || folded->size() > 4 * text.size()) return std::nullopt;
  return folded;
}

std::optional<std::string> compatibility_form(std::string_view text) { return map(text, UTF8PROC_COMPOSE | UTF8PROC_COMPAT); }

bool has_control(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace authkit
