#pragma once

#include "authkit/config.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace authkit::config {

/// One option: what people read of it, and how its value goes in and out. Setters say config_invalid, with a detail only where `takes` does not
/// tell enough; they never repeat the value.
struct Row {
  std::string name;
  std::string takes;
  std::string help;
  std::string aliases;
  bool secret = false;
  std::function<Result<void>(Config&, std::string_view)> set{};
  std::function<std::string(const Config&)> get{};                 ///< what set() takes, secrets included
  std::function<std::string(const std::string&)> show{};           ///< what people may see of get(); empty = all of it
  std::function<Result<void>(Config&, std::string_view)> adopt{};  ///< set() for an alias's value where that means more; empty = set
  std::string env{};                                               ///< made from the name

  /// set() with an error that names the option and what it takes.
  Result<void> assign(Config& config, std::string_view value) const { return named(set(config, value)); }
  Result<void> named(Result<void> outcome) const;
};

/// THE option table.
const std::vector<Row>& table();
const Row* find(std::string_view name);

bool is_hmac(Algorithm algorithm) noexcept;
/// Bytes of the digest of an HS algorithm: the shortest secret that RFC 7518 section 3.2 admits.
std::size_t digest_size(Algorithm algorithm) noexcept;

}  // namespace authkit::config
