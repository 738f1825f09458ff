#include "factor/qr_code.hpp"

#include "authkit/account.hpp"

#include <memory>
#include <qrencode.h>

namespace authkit {

namespace {

constexpr int margin = 4;  // modules that must stay white

using Code = std::unique_ptr<QRcode, decltype(&QRcode_free)>;

Code code_of(const std::string& text) { return {QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_M), &QRcode_free}; }

bool is_dark(const QRcode& code, int x, int y) {
  return x >= 0 && y >= 0 && x < code.width && y < code.width && (code.data[y * code.width + x] & 1U) != 0;
}

}  // namespace

std::string qr_svg(const std::string& text) {
  const Code code = code_of(text);
  if (!code) return {};
  const std::string size = std::to_string(code->width + 2 * margin);
  std::string svg = R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 )";
  svg.append(size).append(" ").append(size).append(R"("><path fill="#fff" d="M0 0h)").append(size).append("v").append(size);
  svg.append("H0z\"/><path d=\"");
  for (int y = 0; y < code->width; ++y) {
    for (int x = 0; x < code->width; ++x) {
      if (!is_dark(*code, x, y)) continue;
      svg.append("M").append(std::to_string(x + margin)).append(" ").append(std::to_string(y + margin)).append("h1v1h-1z");
    }
  }
  return svg.append("\"/></svg>");
}

std::string qr_terminal(const std::string& text) {
  const Code code = code_of(text);
  if (!code) return {};
  std::string lines;
  for (int y = -margin; y < code->width + margin; y += 2) {
    lines.append("\x1b[30;107m");
    for (int x = -margin; x < code->width + margin; ++x) {
      const bool upper = is_dark(*code, x, y), lower = is_dark(*code, x, y + 1);
      lines.append(upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ");
    }
    lines.append("\x1b[0m\n");
  }
  return lines;
}

}  // namespace authkit
