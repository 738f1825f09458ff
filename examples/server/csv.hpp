#pragma once

#include <string>
#include <string_view>

namespace authkit::server {

/// A cell of a CSV file (RFC 4180), quoted where it must be. One that a spreadsheet would take for a formula gets a ' in front (OWASP ASVS 1.2.10).
inline std::string csv_cell(std::string_view text) {
  std::string cell;
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) cell.push_back('\'');
  cell.append(text);
  if (cell.find_first_of(",\"\r\n'") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted.append(c == '"' ? "\"\"" : std::string(1, c));
  return quoted + '"';
}

}  // namespace authkit::server
