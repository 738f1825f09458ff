#include "factor/qr_code.hpp"

#include <memory>
#include <qrencode.h>

namespace authkit {

std::string qr_svg(const std::string& text) {
  constexpr int margin = 4;  // modules that must stay white
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_M), &QRcode_free);
  if (!code) return {};
  const std::string size = std::to_string(code->width + 2 * margin);
  std::string svg = R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 )";
  svg.append(size).append(" ").append(size).append(R"("><path fill="#fff" d="M0 0h)").append(size).append("v").append(size);
  svg.append("H0z\"/><path d=\"");
  for (int y = 0; y < code->width; ++y) {
    for (int x = 0; x < code->width; ++x) {
      if ((code->data[y * code->width + x] & 1U) == 0) continue;
      svg.append("M").append(std::to_string(x + margin)).append(" ").append(std::to_string(y + margin)).append("h1v1h-1z");
    }
  }
  return svg.append("\"/></svg>");
}

}  // namespace authkit
