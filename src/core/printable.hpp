#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace authkit {

/// What a client said of itself, made fit to store and to show: invalid UTF-8 and control characters (C0, DEL, C1) become U+FFFD, and it is cut
/// at a code point to at most `max_bytes`.
std::string printable(std::string_view text, std::size_t max_bytes);

}  // namespace authkit
