#pragma once

#include "redis/resp.hpp"
#include "redis/target.hpp"

#include <deque>
#include <string>
#include <string_view>

namespace authkit::redis {

/// What a new connection says before anything else: AUTH, CLIENT SETNAME, SELECT. Pure; one for each connection.
class Handshake {
 public:
  enum class Verdict : std::uint8_t {
    more,     ///< further replies are to come
    done,     ///< the connection may be used
    refused,  ///< the user, the password or the database is wrong: trying again soon is of no use
    later,    ///< the server is not ready
  };

  Handshake(const Target& target, std::string_view client_name);

  const std::string& bytes() const noexcept { return bytes_; }
  Verdict take(const Reply& reply);

 private:
  enum class Step : std::uint8_t { auth, set_name, select };
  void add(Step step, std::initializer_list<std::string_view> arguments);

  std::string bytes_;
  std::deque<Step> awaited_;
};

}  // namespace authkit::redis
