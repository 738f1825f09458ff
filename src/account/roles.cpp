#include "authkit/role.hpp"

#include <algorithm>

namespace authkit {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '=' && c != ';'; });
}

/// Calls `each` with the parts of `text` between separators, trimmed; false as soon as it does not like one.
template <class Each>
bool each_part(std::string_view text, char separator, Each each) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view part = trimmed(text.substr(0, end));
    if (!part.empty() && !each(part)) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

}  // namespace

Roles::Roles() : table_{{"admin", {"audit:read", "users:read", "users:write"}}} {}

Result<Roles> Roles::parse(std::string_view text) {
  Roles roles;
  roles.table_.clear();
  const bool good = each_part(text, ';', [&](std::string_view row) {
    const std::size_t equals = row.find('=');
    if (equals == row.npos) return false;
    const std::string_view role = trimmed(row.substr(0, equals));
    auto& permissions = roles.table_[std::string(role)];
    return is_word(role) && permissions.empty() && each_part(row.substr(equals + 1), ' ', [&](std::string_view permission) {
             return is_word(permission) && permissions.emplace(permission).second;
           });
  });
  if (!good) return Errc::config_invalid;
  return roles;
}

std::string Roles::to_text() const {
  std::string text;
  for (const auto& [role, permissions] : table_) {
    text.append(text.empty() ? "" : "; ").append(role).append(" =");
    for (const auto& permission : permissions) text.append(" ").append(permission);
  }
  return text;
}

bool Roles::grant(const std::vector<std::string>& roles, std::string_view permission) const {
  return std::any_of(roles.begin(), roles.end(), [&](const std::string& role) {
    const auto row = table_.find(role);
    return row != table_.end() && row->second.contains(std::string(permission));
  });
}

std::vector<std::string> Roles::permissions(const std::vector<std::string>& roles) const {
  std::set<std::string> all;
  for (const auto& role : roles) {
    const auto row = table_.find(role);
    if (row != table_.end()) all.insert(row->second.begin(), row->second.end());
  }
  return {all.begin(), all.end()};
}

}  // namespace authkit
