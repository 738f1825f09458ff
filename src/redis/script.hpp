#pragma once

#include "redis/client.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace authkit::redis {

/// A Lua script that runs as one step. It is sent once to a server that does not know it, and by its digest from then on.
///
/// Thread safety: any thread. Ownership: `text` is a constant of the program.
class Script {
 public:
  explicit Script(std::string_view text);

  /// Not repeated when it is not known whether it ran. In a cluster the keys share a slot.
  Answer run(Client& client, const std::vector<std::string>& keys, const std::vector<std::string>& arguments, Deadline deadline) const;

 private:
  std::string_view text_;
  std::string digest_;  ///< SHA-1 in hexadecimal, as Redis names scripts
};

}  // namespace authkit::redis
