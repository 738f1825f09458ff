#include "core/printable.hpp"

#include "core/text.hpp"

#include <algorithm>

namespace authkit {

std::string printable(std::string_view text, std::size_t max_bytes) {
  constexpr std::string_view replacement = "\xef\xbf\xbd";
  std::string out;
  while (!text.empty()) {
    char32_t c = 0;
    const std::size_t size = next_code_point(text, c);
    const bool shown = size > 0 && c >= 0x20 && (c < 0x7f || c > 0x9f);
    const std::string_view piece = shown ? text.substr(0, size) : replacement;
    if (out.size() + piece.size() > max_bytes) break;
    out += piece;
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

}  // namespace authkit
