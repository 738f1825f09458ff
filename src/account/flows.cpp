#include "account/flows.hpp"

#include <algorithm>

namespace authkit {

Accounts::Impl::Impl(Parts parts)
    : Parts(std::move(parts)),
      ticket_office(tickets, ticket_key),
      breached(options.breaches),
      cache(std::make_shared<AccountCache>(cache_size, cache_age)) {
  revocations->on_change([weak = std::weak_ptr(cache)](const UserId& user) {
    if (const auto held = weak.lock()) held->drop(user);
  });
}

Accounts::Accounts(Parts parts) : impl_(std::make_shared<Impl>(std::move(parts))) {}
Accounts::Accounts(Accounts&&) noexcept = default;
Accounts& Accounts::operator=(Accounts&&) noexcept = default;
Accounts::~Accounts() = default;

Result<void> Accounts::Impl::record(Tx& tx, const Note& note, Time now, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(Event event, make_event(note.action, note.actor, note.subject.is_nil() ? "" : to_text(note.subject), now, context));
  if (!note.subject.is_nil()) tx.concerns(note.subject);
  if (const auto actor = parse_user_id(note.actor)) tx.concerns(*actor);
  event.success = note.success;
  event.data = note.data;
  return events->append(tx, event);
}

Result<void> Accounts::Impl::before(std::string_view flow, const Account& account, const Context& context) const {
  if (!hooks.before) return {};
  auto allowed = hooks.before(flow, without_hash(account), context);
  if (!allowed) return Error{Errc::refused_by_host, std::move(allowed).error().detail};
  return {};
}

Result<void> Accounts::Impl::within(std::string_view flow, const Account& account, Tx& tx, const Context& context) const {
  if (!hooks.within) return {};
  auto done = hooks.within(flow, without_hash(account), tx, context);
  if (done) return done;
  const ErrorKind kind = info(done.error().code).kind;
  const bool meant = kind != ErrorKind::limit && kind != ErrorKind::backend && kind != ErrorKind::internal;
  return meant ? Error{Errc::refused_by_host, std::move(done).error().detail} : std::move(done).error();
}

Result<Account> Accounts::Impl::current_account(const Identity& identity, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(auto account, accounts->find(identity.user, context));
  if (!account || account->status != AccountStatus::active || identity.epoch < account->auth_epoch) return Errc::session_revoked;
  return *std::move(account);
}

Result<void> Accounts::Impl::require_recent_login(const Identity& identity) const {
  if (clock() - identity.auth_time <= options.recent_login) return {};
  return Error{Errc::reauthentication_required, "log in again, then repeat this"};
}

Result<Account> Accounts::Impl::change(const UserId& user, const Change& what, const std::function<Result<void>(Account&)>& apply,
                                       const Context& context) const {
  const Note note{.action = what.action, .subject = user, .actor = what.actor};
  const Time now = clock();
  auto changed = in_transaction(*work, context, [&](Tx& tx) -> Result<Account> {
    AUTHKIT_TRY_ASSIGN(auto account, accounts->find(user, context));
    if (!account || account->status == AccountStatus::deleted) return Errc::not_found;
    AUTHKIT_TRY(apply(*account));
    account->updated_at = now;
    if (what.end_all) ++account->auth_epoch;
    AUTHKIT_TRY(update(tx, *account, now));
    if (what.end_all) AUTHKIT_TRY(end_all_sessions(tx, *account, now));
    AUTHKIT_TRY(record(tx, note, now, context));
    if (!what.notice.empty()) AUTHKIT_TRY(notify(tx, {.kind = what.notice, .user = user, .to = account->email}, now, context));
    AUTHKIT_TRY(within(what.flow, *account, tx, context));
    return without_hash(*std::move(account));
  });
  if (changed) after(what.flow, *changed, context);
  return changed;
}

void Accounts::Impl::after(std::string_view flow, const Account& account, const Context& context) const {
  if (hooks.after) hooks.after(flow, without_hash(account), context);
}

RevocationEntry Accounts::Impl::entry(RevocationKind kind, const std::array<std::uint8_t, 16>& id, std::int64_t value, Time now) const {
  return {kind, id, value, now + tokens->options().access_lifetime + tokens->options().leeway};
}

Result<void> Accounts::Impl::refuse_session(Tx& tx, const SessionId& id, Time now) const {
  return revocations->revoke(tx, entry(RevocationKind::session, id.bytes, 0, now));
}

Result<void> Accounts::Impl::update(Tx& tx, Account& account, Time now) const {
  AUTHKIT_TRY_ASSIGN(const bool stored, accounts->update(tx, account));
  if (!stored) return Errc::store_conflict;
  ++account.version;
  return announce_change(tx, account.id, account.version, now);
}

Result<void> Accounts::Impl::announce_change(Tx& tx, const UserId& user, std::uint64_t version, Time now) const {
  RevocationEntry changed = entry(RevocationKind::changed, user.bytes, static_cast<std::int64_t>(version), now);
  changed.not_after = std::max(changed.not_after, now + longest_copy_age);
  AUTHKIT_TRY(revocations->revoke(tx, changed));
  if (copies) tx.on_commit([held = copies, user] { held->drop(user); });
  return {};
}

Result<void> Accounts::Impl::end_session(Tx& tx, const SessionId& id, const Note& note, Time now, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(const bool erased, sessions->store().erase(tx, id));
  // Also where there was none: it may have been purged while its last access token lives.
  AUTHKIT_TRY(refuse_session(tx, id, now));
  return erased ? record(tx, note, now, context) : Result<void>();
}

Result<void> Accounts::Impl::end_known_session(Tx& tx, const SessionId& id, const Note& note, Time now, const Context& context) const {
  AUTHKIT_TRY(sessions->store().erase_known(tx, id));
  AUTHKIT_TRY(refuse_session(tx, id, now));
  return record(tx, note, now, context);
}

Result<std::size_t> Accounts::Impl::end_all_sessions(Tx& tx, const Account& account, Time now) const {
  AUTHKIT_TRY(revocations->revoke(tx, entry(RevocationKind::user, account.id.bytes, static_cast<std::int64_t>(account.auth_epoch), now)));
  AUTHKIT_TRY_ASSIGN(const auto ended, sessions->store().erase_by_user(tx, account.id, SessionId{}));
  return ended.size();
}

void Accounts::Impl::refuse_here(const Identity& identity) const {
  const Time now = clock();
  if (!identity.token.is_nil()) revocations->refuse_locally(entry(RevocationKind::token, identity.token.bytes, 0, now));
  if (!identity.session.is_nil()) revocations->refuse_locally(entry(RevocationKind::session, identity.session.bytes, 0, now));
}

Result<IssuedToken> Accounts::Impl::issue(const Account& account, const SessionRecord& session) const {
  TokenContent content;
  content.subject = account.id;
  content.session = session.id;
  content.epoch = session.epoch;
  content.acr = session.acr;
  for (std::string_view rest = session.amr; !rest.empty();) {
    const std::size_t space = rest.find(' ');
    content.amr.emplace_back(rest.substr(0, space));
    rest.remove_prefix(space == rest.npos ? rest.size() : space + 1);
  }
  content.auth_time = session.auth_time;
  content.roles = account.roles;
  const std::string extra = hooks.claims ? hooks.claims(without_hash(account)) : std::string();
  content.extra_json = extra;
  return tokens->issue(content);
}

Grant make_grant(const Account& account, SessionGrant session, IssuedToken access) {
  Grant grant;
  grant.account = without_hash(account);
  grant.session = std::move(session.record);
  grant.access_token = std::move(access.token);
  grant.session_secret = std::move(session.secret);
  grant.access_expires_at = access.expires_at;
  grant.rotated = session.rotated;
  return grant;
}

std::string session_data(const SessionId& id) { return R"({"session":")" + to_text(id) + R"("})"; }

}  // namespace authkit
