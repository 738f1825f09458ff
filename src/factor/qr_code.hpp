#pragma once

#include <string>

namespace authkit {

/// `text` as a QR code (ISO/IEC 18004), an SVG image of its own. Empty for a text that is too long. Thread safety: any.
std::string qr_svg(const std::string& text);

}  // namespace authkit
