#pragma once

#include "authkit/types.hpp"
#include "authkit/unit_of_work.hpp"

#include <array>
#include <string>
#include <vector>

namespace authkit {

using FactorId = Id<struct FactorTag>;  ///< 128 random bits; text form base64url, 22 characters

std::string to_text(const FactorId& id);
std::optional<FactorId> parse_factor_id(std::string_view text) noexcept;

/// A second factor of a user, as stored.
struct Factor {
  FactorId id;
  UserId user;
  std::string label;
  std::string sealed;           ///< its secret, encrypted; bound to user and id
  std::uint64_t last_step = 0;  ///< the newest TOTP time step that was accepted (RFC 6238 section 5.2): it and older ones are refused
  Time created_at;
  std::optional<Time> confirmed_at;  ///< empty = being set up, of no use at login
};

/// Where second factors and recovery codes live. Thread safety: any thread; blocking. Reads are from the primary.
class FactorStore {
 public:
  virtual ~FactorStore() = default;
  virtual Result<void> insert(Tx& tx, const Factor& factor) = 0;
  virtual Result<std::vector<Factor>> list(const UserId& user, const Context& context) = 0;
  /// Accepts `step` where it is newer than the last one, in one atomic step; `confirmed_at` also ends the set-up. False when it is not newer or
  /// there is no such factor: of several that use one code one succeeds.
  virtual Result<bool> use_step(Tx& tx, const UserId& user, const FactorId& id, std::uint64_t step, std::optional<Time> confirmed_at) = 0;
  virtual Result<bool> erase(Tx& tx, const UserId& user, const FactorId& id) = 0;
  virtual Result<std::size_t> erase_all(Tx& tx, const UserId& user) = 0;
  /// Replaces the user's recovery codes by these digests.
  virtual Result<void> set_recovery_codes(Tx& tx, const UserId& user, const std::vector<std::array<std::uint8_t, 32>>& digests, Time now) = 0;
  /// Uses one up, in one atomic step. False when it is none of the user's or was used.
  virtual Result<bool> use_recovery_code(Tx& tx, const UserId& user, const std::array<std::uint8_t, 32>& digest, Time now) = 0;
  /// Removes up to `max` factors that were begun before `before` and never confirmed; how many.
  virtual Result<std::size_t> purge(Tx& tx, Time before, std::size_t max) = 0;
};

}  // namespace authkit
