#include "http.hpp"

#include <algorithm>

namespace authkit::server {
namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace

bool same_token(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) noexcept {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<std::string_view> Request::field(std::string_view name) const noexcept {
  for (const Field& field : fields) {
    if (same_token(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Request::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Field& field : fields) {
    if (same_token(field.name, name)) values.push_back(field.value);
  }
  return values;
}

void Response::set(std::string_view name, std::string value) {
  for (Header& header : headers) {
    if (header.name != name) continue;
    header.value = std::move(value);
    return;
  }
  add(name, std::move(value));
}

std::optional<std::string_view> Response::header(std::string_view name) const noexcept {
  for (const Header& header : headers) {
    if (header.name == name) return header.value;
  }
  return std::nullopt;
}

Response json_response(int status, std::string body) {
  Response response;
  response.status = status;
  response.headers.reserve(16);
  response.add("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

}  // namespace authkit::server
