#pragma once

#include "authkit/token.hpp"
#include "authkit/unit_of_work.hpp"

#include <array>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace authkit {

/// What a revocation entry refuses.
enum class RevocationKind : char {
  token = 'j',       ///< the access token with this jti
  session = 's',     ///< every token of this session
  user = 'u',        ///< tokens of this user with an epoch below `value`
  everything = 'g',  ///< tokens issued before `value` (epoch milliseconds)
  changed = 'c',     ///< nothing: this user's record changed, caches drop versions below `value` (0: all)
};

/// One row of the append-only feed.
struct RevocationEntry {
  RevocationKind kind = RevocationKind::token;
  std::array<std::uint8_t, 16> id{};  ///< raw id of the kind; zero for `everything`
  std::int64_t value = 0;
  Time not_after;  ///< from when on no token it could refuse is alive any more
};

struct RevocationBatch {
  std::vector<RevocationEntry> entries;
  std::string cursor;  ///< opaque; pass it to the next since()
  bool more = false;   ///< ask again at once
};

/// The durable feed. Thread safety: any thread; blocking.
class RevocationStore {
 public:
  virtual ~RevocationStore() = default;
  virtual Result<void> add(Tx& tx, const RevocationEntry& entry) = 0;
  /// Entries committed after `cursor` (empty: all live ones). May repeat entries, never misses one.
  virtual Result<RevocationBatch> since(const std::string& cursor, std::size_t max, const Context& context) = 0;
  /// Removes up to `max` entries whose not_after passed more than 60 s ago; how many.
  virtual Result<std::size_t> purge(Tx& tx, Time now, std::size_t max) = 0;
};

/// A way for entries to reach other processes sooner than the feed does. It may lose any of them: the feed is the truth, and what it says is never
/// overruled by what did not arrive here.
///
/// Thread safety: any thread.
class RevocationStream {
 public:
  struct Listener {
    std::function<void(std::span<const RevocationEntry>)> arrived;  ///< must not block or throw
    std::function<void()> lost;                                     ///< entries may be missing: read the feed soon
  };
  virtual ~RevocationStream() = default;
  /// Sends an entry that was committed; does not wait.
  virtual void publish(const RevocationEntry& entry) = 0;
  /// Calls `listener`, on a thread of the stream's, until this is called again (with an empty one: when it returns, no call is under way).
  virtual void listen(Listener listener) = 0;
};

struct RevocationOptions {
  Duration poll_interval{1000};    ///< how often maintain() reads the feed
  Duration staleness_bound{5000};  ///< how old the last good read may be before check() reads by itself, or refuses
  Duration accept_stale{0};        ///< how much longer to go on accepting when the feed cannot be read; 0 = refuse at once
};

/// The in-process index that check() asks: no I/O while the last good read of the feed is within the bound.
///
/// Thread safety: any number of threads. Ownership: must outlive the units of work given to revoke().
/// Errors: Errc::token_revoked; Errc::revocation_stale with retry_after when nothing fresh enough is known. What is known to be revoked is
/// refused whatever the state of the feed.
class Revocations {
 public:
  /// Reads the whole feed once; an instance that never did accepts nothing.
  /// `stream` may be null.
  static Result<std::unique_ptr<Revocations>> open(RevocationOptions options, std::shared_ptr<RevocationStore> store, Clock clock,
                                                   std::shared_ptr<RevocationStream> stream = nullptr);
  ~Revocations();

  /// Whether a verified token is still good. When the last good read is older than the bound, one caller reads the feed and the others wait for
  /// it, 300 ms at most; where `accept_stale` covers the age nobody else waits. A wall clock that was set back makes nothing fresher.
  Result<void> check(const Claims& claims) const;
  /// The same from the parts, for other carriers (opaque sessions).
  Result<void> check(TokenId jti, SessionId session, UserId user, std::uint64_t epoch, Time issued_at) const;

  /// Adds `entry` to the unit of work and, once that commits, to this process' index at once.
  Result<void> revoke(Tx& tx, const RevocationEntry& entry);
  /// The index only, at once: refuses here even while the store cannot be reached. Durable only through revoke().
  void refuse_locally(const RevocationEntry& entry);

  /// Reads what is new in the feed. maintain() calls it every poll_interval.
  Result<void> poll(const Context& context = {});
  /// Calls `listener` for every `changed` entry that arrives by poll() or revoke(), on the thread that applies it. Entries
  /// may come more than once.
  void on_change(std::function<void(const UserId&)> listener);
  /// What version a copy of this user's record must have not to be older than a change that the feed tells of; 0 when it tells of none, the greatest
  /// number when no copy will do. Entries live as long as their not_after says: no copy may be used for longer.
  std::uint64_t least_version(UserId user) const;

  /// Whether the stream lost something since the last poll(), so that the next should not wait for its time.
  bool wants_poll() const noexcept;

  std::size_t size() const noexcept;  ///< live entries held

 private:
  struct Impl;
  explicit Revocations(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace authkit
