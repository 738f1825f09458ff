#include "authkit/session.hpp"

#include "core/in_transaction.hpp"
#include "core/printable.hpp"
#include "core/random.hpp"
#include "core/try.hpp"
#include "session/session_secret.hpp"

#include <algorithm>

namespace authkit {
namespace {

constexpr Duration longest_grace{60'000};

}  // namespace

struct Sessions::Impl {
  SessionOptions options;
  std::shared_ptr<SessionStore> store;
  std::shared_ptr<KeyRing> keys;
  Clock clock;

  /// A secret that is ours, with the key it was made under. The snapshot keeps the key alive.
  struct Presented {
    std::shared_ptr<const KeyRing::Snapshot> keys;
    SessionSecret secret;

    const MacKey& key() const { return *find_key(keys->macs, secret.key_id); }
    Digest256 digest() const { return secret.digest(key()); }
  };

  Result<Presented> read(std::string_view text, Transport transport) const {
    auto snapshot = keys->snapshot();
    auto secret = SessionSecret::decode(text, transport, snapshot->macs);
    if (!secret) return Errc::refresh_token_invalid;
    return Presented{std::move(snapshot), *secret};
  }

  Result<std::optional<SessionRecord>> find(const Presented& presented, const Context& context) const {
    AUTHKIT_TRY_ASSIGN(auto record, store->find(presented.secret.session, context));
    if (!record) return record;
    if (record->transport != presented.secret.transport) return Errc::refresh_token_invalid;
    if (!equal_constant_time(record->secret_digest, presented.digest())) return Errc::refresh_token_invalid;
    return record;
  }

  bool within_grace(const SessionRecord& record, Time now) const {
    const Duration age = now - record.rotated_at;
    // A clock that stands far behind the last rotation was set back, and would hold the window open.
    return options.grace_window > Duration{0} && age <= options.grace_window && age >= -longest_grace;
  }

  SessionGrant successor(SessionRecord record, const Presented& presented, bool rotated) const {
    SessionSecret next = presented.secret;
    next.generation = record.generation;
    return {std::move(record), next.encode(presented.key()), rotated};
  }
};

Result<Sessions> Sessions::open(SessionOptions options, std::shared_ptr<SessionStore> store, std::shared_ptr<KeyRing> keys, Clock clock) {
  if (options.grace_window < Duration{0} || options.grace_window > longest_grace) {
    return Error{Errc::config_invalid, "session.grace_window takes 0 to 60 seconds"};
  }
  if (options.idle_lifetime <= Duration{0}) return Error{Errc::config_invalid, "session.idle_lifetime takes a positive duration"};
  if (options.absolute_lifetime < options.idle_lifetime) {
    return Error{Errc::config_invalid, "session.absolute_lifetime must not be shorter than session.idle_lifetime"};
  }
  if (options.touch_interval < Duration{0} || options.touch_interval >= options.idle_lifetime) {
    return Error{Errc::config_invalid, "session.touch_interval must be shorter than session.idle_lifetime"};
  }
  if (keys->snapshot()->macs.empty()) return Error{Errc::key_invalid, "sessions need a MAC key"};
  return Sessions(std::make_unique<Impl>(Impl{options, std::move(store), std::move(keys), std::move(clock)}));
}

Sessions::Sessions(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Sessions::Sessions(Sessions&&) noexcept = default;
Sessions& Sessions::operator=(Sessions&&) noexcept = default;
Sessions::~Sessions() = default;

Result<SessionGrant> Sessions::create(Tx& tx, const SessionRequest& request, const Context& context) const {
  const auto keys = impl_->keys->snapshot();
  const MacKey& key = keys->macs.front();
  SessionSecret secret;
  secret.transport = request.transport;
  AUTHKIT_TRY_ASSIGN(secret.session, random_id<SessionId>());
  AUTHKIT_TRY(random_bytes(secret.secret));

  const Time now = impl_->clock();
  SessionRecord record;
  record.id = secret.session;
  record.user = request.user;
  record.transport = request.transport;
  record.secret_digest = secret.digest(key);
  record.rotated_at = record.created_at = record.last_seen = record.auth_time = now;
  record.idle_expires_at = now + impl_->options.idle_lifetime;
  record.absolute_expires_at = now + impl_->options.absolute_lifetime;
  record.amr = request.amr;
  record.acr = request.acr;
  record.client = printable(request.client, 128);
  record.user_agent = printable(context.user_agent, 512);
  record.address = printable(context.address, 64);
  record.epoch = request.epoch;
  AUTHKIT_TRY(impl_->store->insert(tx, record));
  return SessionGrant{std::move(record), secret.encode(key), true};
}

Result<SessionId> Sessions::peek(std::string_view secret, Transport transport) const {
  AUTHKIT_TRY_ASSIGN(const auto presented, impl_->read(secret, transport));
  return presented.secret.session;
}

Result<std::optional<SessionRecord>> Sessions::find(std::string_view secret, Transport transport, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(const auto presented, impl_->read(secret, transport));
  return impl_->find(presented, context);
}

Result<SessionRecord> Sessions::authenticate(std::string_view cookie, UnitOfWork& work, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(const auto presented, impl_->read(cookie, Transport::cookie));
  const Time now = impl_->clock();
  const auto live = [&]() -> Result<SessionRecord> {
    AUTHKIT_TRY_ASSIGN(auto record, impl_->find(presented, context));
    if (!record) return Errc::session_revoked;
    if (record->expired(now)) return Errc::refresh_token_expired;
    return *std::move(record);
  };
  const auto due = [&](const SessionRecord& record) { return now - record.last_seen >= impl_->options.touch_interval; };

  AUTHKIT_TRY_ASSIGN(auto record, live());
  if (!due(record)) return record;
  return in_transaction(work, context, [&](Tx& tx) -> Result<SessionRecord> {
    // Read again: of the many requests of one page the first one has written by now.
    AUTHKIT_TRY_ASSIGN(auto current, live());
    if (!due(current)) return current;
    current.last_seen = now;
    current.idle_expires_at = std::min(now + impl_->options.idle_lifetime, current.absolute_expires_at);
    AUTHKIT_TRY_ASSIGN(const bool touched, impl_->store->touch(tx, current.id, now, current.idle_expires_at));
    if (!touched) return Errc::session_revoked;
    return current;
  });
}

Result<SessionGrant> Sessions::rotate(Tx& tx, std::string_view refresh_token, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(const auto presented, impl_->read(refresh_token, Transport::bearer));
  const SessionSecret& secret = presented.secret;
  const Time now = impl_->clock();
  AUTHKIT_TRY_ASSIGN(auto rotated,
                     impl_->store->rotate(tx, secret.session, presented.digest(), secret.generation, now, now + impl_->options.idle_lifetime));
  if (rotated) return impl_->successor(*std::move(rotated), presented, true);

  AUTHKIT_TRY_ASSIGN(auto current, impl_->find(presented, context));
  if (!current) return Errc::session_revoked;
  if (current->expired(now)) return Errc::refresh_token_expired;
  // Free to rotate after all: the read is of another moment than the step, so the unit is to be repeated.
  if (secret.generation == current->generation) return Errc::store_conflict;
  // Never issued by this store: it lost what it had committed (a restored backup).
  if (secret.generation > current->generation) return Errc::refresh_token_invalid;
  if (secret.generation + 1 == current->generation && impl_->within_grace(*current, now)) {
    return impl_->successor(*std::move(current), presented, false);
  }
  return Errc::refresh_token_reused;
}

std::string Sessions::csrf_token(const SessionId& id) const { return csrf_token_of(id, impl_->keys->snapshot()->macs.front()); }

bool Sessions::csrf_matches(const SessionId& id, std::string_view token) const {
  const auto keys = impl_->keys->snapshot();
  return std::any_of(keys->macs.begin(), keys->macs.end(), [&](const MacKey& key) { return is_csrf_token_of(id, key, token); });
}

SessionStore& Sessions::store() const noexcept { return *impl_->store; }
const SessionOptions& Sessions::options() const noexcept { return impl_->options; }

}  // namespace authkit
