#pragma once

#include "authkit/revocation.hpp"

#include "core/random.hpp"
#include "revocation/memory_revocation_store.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace authkit {

constexpr Time start{Duration{1'800'000'000'000}};

/// A feed that can fail, or hold its readers up.
struct Feed : RevocationStore {
  explicit Feed(std::shared_ptr<RevocationStore> s) : store(std::move(s)) {}

  Result<void> add(Tx& tx, const RevocationEntry& entry) override { return store->add(tx, entry); }
  Result<RevocationBatch> since(const std::string& cursor, std::size_t max, const Context& context) override {
    ++reads;
    while (held) std::this_thread::yield();
    if (failing) return Errc::store_unavailable;
    return store->since(cursor, std::min(max, at_most), context);
  }
  Result<std::size_t> purge(Tx& tx, Time now, std::size_t max) override { return store->purge(tx, now, max); }

  std::shared_ptr<RevocationStore> store;
  std::atomic<int> reads{0};
  std::atomic<bool> failing{false}, held{false};
  std::size_t at_most = 1000;
};

struct World {
  std::shared_ptr<MemoryWork> work = std::make_shared<MemoryWork>();
  std::shared_ptr<Feed> feed = std::make_shared<Feed>(std::make_shared<MemoryRevocationStore>(work));
  std::shared_ptr<std::atomic<Time>> now = std::make_shared<std::atomic<Time>>(start);

  std::unique_ptr<Revocations> open(RevocationOptions options = {}) {
    return Revocations::open(options, feed, [now = now] { return now->load(); }).value();
  }
  void advance(Duration by) { now->store(now->load() + by); }
  void revoke(Revocations& revocations, const RevocationEntry& entry) {
    auto tx = work->begin({}).value();
    REQUIRE(revocations.revoke(*tx, entry));
    REQUIRE(tx->commit());
  }
};

struct Token {
  TokenId jti = random_id<TokenId>().value();
  SessionId session = random_id<SessionId>().value();
  UserId user = new_user_id(start).value();
  std::uint64_t epoch = 3;
  Time issued_at = start;
};

inline Result<void> check(const Revocations& revocations, const Token& token) {
  return revocations.check(token.jti, token.session, token.user, token.epoch, token.issued_at);
}

inline bool accepted(const Revocations& revocations, const Token& token) {
  const auto checked = check(revocations, token);
  if (!checked) CHECK(checked.error().code == Errc::token_revoked);
  return !!checked;
}

inline RevocationEntry entry(RevocationKind kind, std::array<std::uint8_t, 16> id, std::int64_t value = 0,
                             Duration lives = std::chrono::minutes(15)) {
  return {kind, id, value, start + lives};
}
inline RevocationEntry of_token(const Token& token) { return entry(RevocationKind::token, token.jti.bytes); }
inline RevocationEntry of_session(const Token& token) { return entry(RevocationKind::session, token.session.bytes); }
inline RevocationEntry of_user(const Token& token, std::int64_t epoch) { return entry(RevocationKind::user, token.user.bytes, epoch); }
inline RevocationEntry of_all_before(Time time) { return entry(RevocationKind::everything, {}, time.time_since_epoch().count()); }

}  // namespace authkit
