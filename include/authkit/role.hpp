#pragma once

#include "authkit/result.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace authkit {

/// Which role may do what: the one table that permissions are looked up in. A role that it does not name may do nothing here and still travels in
/// tokens, for hosts that give it a meaning.
///
/// Thread safety: any number of threads; immutable. Permissions of authkit itself: "users:read", "users:write", "audit:read".
class Roles {
 public:
  /// Role "admin" may do all that authkit knows.
  Roles();
  /// "admin = users:read users:write audit:read; support = users:read". Errors: config_invalid.
  static Result<Roles> parse(std::string_view text);
  std::string to_text() const;

  bool grant(const std::vector<std::string>& roles, std::string_view permission) const;
  /// All permissions of these roles, sorted, each once.
  std::vector<std::string> permissions(const std::vector<std::string>& roles) const;

 private:
  std::map<std::string, std::set<std::string>, std::less<>> table_;
};

}  // namespace authkit
