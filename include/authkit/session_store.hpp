#pragma once

#include "authkit/types.hpp"
#include "authkit/unit_of_work.hpp"

#include <string>
#include <vector>

namespace authkit {

/// How the client holds the session: tokens in bodies, or one cookie.
enum class Transport : std::uint8_t { bearer, cookie };

/// One login. Nothing in it is a bearer secret.
struct SessionRecord {
  SessionId id;
  UserId user;
  Transport transport = Transport::bearer;
  std::array<std::uint8_t, 32> secret_digest{};  ///< keyed BLAKE2b-256 of the session's secret
  std::uint32_t generation = 0;                  ///< of the refresh token in force
  Time rotated_at;                               ///< when that generation was made
  Time created_at;
  Time last_seen;
  Time idle_expires_at;
  Time absolute_expires_at;
  Time auth_time;   ///< when the user last proved who they are
  std::string amr;  ///< RFC 8176 values, space-separated: "pwd", "pwd otp"
  std::string acr;
  std::string client;  ///< device name given at login
  std::string user_agent;
  std::string address;
  std::uint64_t epoch = 0;  ///< the user's auth_epoch at login

  bool expired(Time now) const noexcept { return now >= idle_expires_at || now >= absolute_expires_at; }
};

/// Where sessions live. Thread safety: any thread; blocking. Stores store, services decide: expiry is judged by the `now` passed in.
class SessionStore {
 public:
  virtual ~SessionStore() = default;
  virtual Result<void> insert(Tx& tx, const SessionRecord& record) = 0;
  virtual Result<std::optional<SessionRecord>> find(const SessionId& id, const Context& context) = 0;
  /// Slides last_seen and idle_expires_at. Update only: a session that was erased stays erased. False when there is none.
  virtual Result<bool> touch(Tx& tx, const SessionId& id, Time now, Time idle_expires_at) = 0;
  /// One atomic step: where digest and generation match and the session is live at `now`, generation + 1, rotated_at = last_seen = now and
  /// the new idle expiry (never past the absolute one). The record after the step, or nothing.
  virtual Result<std::optional<SessionRecord>> rotate(Tx& tx, const SessionId& id, const std::array<std::uint8_t, 32>& secret_digest,
                                                      std::uint32_t generation, Time now, Time idle_expires_at) = 0;
  /// False when there was none.
  virtual Result<bool> erase(Tx& tx, const SessionId& id) = 0;
  /// The same for one that is there in all likelihood: if not, the unit fails with Errc::not_found, at the latest at its commit.
  virtual Result<void> erase_known(Tx& tx, const SessionId& id) = 0;
  /// The user's live sessions, newest first, at most `max`.
  virtual Result<std::vector<SessionRecord>> find_by_user(const UserId& user, Time now, std::size_t max, const Context& context) = 0;
  /// Ends all sessions of the user but `keep` (nil: all); their ids.
  virtual Result<std::vector<SessionId>> erase_by_user(Tx& tx, const UserId& user, const SessionId& keep) = 0;
  /// Gives the session a new epoch; false when there is none.
  virtual Result<bool> set_epoch(Tx& tx, const SessionId& id, std::uint64_t epoch) = 0;
  /// Removes up to `max` sessions expired at `now`; how many.
  virtual Result<std::size_t> purge(Tx& tx, Time now, std::size_t max) = 0;
};

}  // namespace authkit
