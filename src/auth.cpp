#include "authkit/auth.hpp"

#include "account/redis_account_copy_store.hpp"
#include "auth_impl.hpp"
#include "config_options.hpp"
#include "core/digest.hpp"
#include "core/random.hpp"
#include "master_key.hpp"
#include "notifiers.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace authkit {
namespace {

/// A key for one use, from the master key: what one use leaks is worth nothing in another.
Secret derive(const Secret& master, std::string_view use) {
  Digest256 bytes = keyed_digest(master.bytes(), {as_bytes("authkit"), as_bytes(use)});
  Secret key(bytes);
  wipe(bytes.data(), bytes.size());
  return key;
}

void forget(std::string& secret) {
  wipe(secret.data(), secret.size());
  secret.clear();
}

/// Features are opened by value and shared by the flows.
template <class T>
Result<std::shared_ptr<T>> shared(Result<T> opened) {
  if (!opened) return std::move(opened).error();
  return std::make_shared<T>(*std::move(opened));
}

}  // namespace

Auth::Auth(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Auth::~Auth() = default;

Result<std::unique_ptr<Auth>> Auth::open(Config config, Stores own) {
  AUTHKIT_TRY(config.validate());
  auto impl = std::make_unique<Impl>(std::move(config));
  for (const std::string& note : impl->config.notes) impl->log.write(LogLevel::warning, "configuration", {{"note", note}});

  AUTHKIT_TRY_ASSIGN(Backend backend, open_backend(impl->config, std::move(own), impl->log));
  const auto master = load_master_key(impl->config, backend.master_key_file, backend.forgets);
  forget(impl->config.master_key);
  if (!master) return master.error();
  AUTHKIT_TRY(impl->open_stores(std::move(backend)));
  AUTHKIT_TRY(impl->open_keys(*master));
  AUTHKIT_TRY(impl->open_features(*master));
  impl->add_jobs();
  return std::unique_ptr<Auth>(new Auth(std::move(impl)));
}

Result<void> Auth::Impl::open_stores(Backend backend) {
  stores = std::move(backend.stores);
  database = std::move(backend.database);
  stream = std::move(backend.stream);
  cache = std::move(backend.cache);
  if (!database) return {};
  has_replicas = database->status().nodes.size() > 1;
  if (config.auto_migrate) {
    AUTHKIT_TRY_ASSIGN(const std::size_t applied, database->migrate_up(config.clock()));
    if (applied > 0) log.write(LogLevel::info, "migrations applied", {{"count", static_cast<std::int64_t>(applied)}});
  }
  return database->check_schema();
}

Result<void> Auth::Impl::open_keys(const Secret& master) {
  if (config.token_secret.empty()) {
    AUTHKIT_TRY_ASSIGN(keys, KeyRing::open(stores.keys, stores.work, master.view(), config.token_algorithm, config.clock));
    return {};
  }
  const bool is_short = config.token_secret.size() < config::digest_size(config.token_algorithm);
  if (is_short) log.write(LogLevel::warning, "token.secret is shorter than its digest; replace it once the migration is done");
  auto key = Key::from_secret(config.token_secret, config.token_algorithm, config.token_allow_short_secret);
  forget(config.token_secret);
  if (!key) return std::move(key).error();
  AUTHKIT_TRY_ASSIGN(keys, KeyRing::fixed({*std::move(key)}, derive(master, "session secrets").view()));
  return {};
}

Result<void> Auth::Impl::open_features(const Secret& master) {
  AUTHKIT_TRY_ASSIGN(passwords, shared(Passwords::open(config.password)));
  AUTHKIT_TRY_ASSIGN(tokens, shared(Tokens::open(config.token, keys, config.clock)));
  AUTHKIT_TRY_ASSIGN(sessions, shared(Sessions::open(config.session, stores.sessions, keys, config.clock)));
  AUTHKIT_TRY_ASSIGN(revocations, Revocations::open(config.revocation, stores.revocations, config.clock, stream));

  AUTHKIT_TRY_ASSIGN(Notifier notifier, open_notifier(config));
  if (!notifier && config.account.email_verification == EmailVerification::required)
    return Error{Errc::config_invalid, "account.email_verification: required takes a way to reach users: mail.url or Config::notify"};

  Accounts::Parts parts;
  parts.options = config.account;
  parts.hooks = config.hooks;
  parts.clock = config.clock;
  parts.work = stores.work;
  parts.accounts = stores.accounts;
  parts.events = stores.events;
  parts.passwords = passwords;
  parts.tokens = tokens;
  parts.sessions = sessions;
  parts.revocations = revocations;
  parts.limiter = std::make_shared<Limiter>(config.limit, stores.counters, derive(master, "limits").view(), config.clock);
  parts.tickets = stores.tickets;
  parts.outbox = stores.outbox;
  parts.factors = stores.factors;
  parts.factor_key = derive(master, "second factors").view();
  parts.can_notify = static_cast<bool>(notifier);
  parts.service_name = config.service_name;
  parts.ticket_key = derive(master, "tickets").view();
  parts.cache_age = config.account_cache_age;
  parts.cache_size = config.account_cache_size;
  parts.copies = stores.copies;
  if (!parts.copies && cache) {
    const Secret seal = derive(master, "account copies");
    parts.copies = std::make_shared<RedisAccountCopyStore>(cache, config.tenant, seal.bytes(), config.cache.max_age, config.clock);
  }
  accounts.emplace(std::move(parts));
  if (!notifier) return {};
  AUTHKIT_TRY_ASSIGN(const TokenId name, random_id<TokenId>());
  delivery.emplace(Delivery::Parts{.work = stores.work,
                                   .outbox = stores.outbox,
                                   .notifier = std::move(notifier),
                                   .message_of = [this](const OutboxEntry& entry) { return accounts->message_of(entry); },
                                   .clock = config.clock,
                                   .options = config.mail,
                                   .owner = to_text(name)});
  return {};
}

const Config& Auth::config() const noexcept { return impl_->config; }
const Accounts& Auth::accounts() const noexcept { return *impl_->accounts; }
const Passwords& Auth::passwords() const noexcept { return *impl_->passwords; }
const Tokens& Auth::tokens() const noexcept { return *impl_->tokens; }
const Sessions& Auth::sessions() const noexcept { return *impl_->sessions; }
Revocations& Auth::revocations() noexcept { return *impl_->revocations; }
KeyRing& Auth::keys() noexcept { return *impl_->keys; }
EventStore& Auth::events() noexcept { return *impl_->stores.events; }
const Logger& Auth::log() const noexcept { return impl_->log; }
Database* Auth::database() noexcept { return impl_->database.get(); }

Result<void> Auth::rotate_keys(const Context& context) { return impl_->keys->rotate(impl_->config.key_publish_time, impl_->retire_time(), context); }

Result<void> Auth::maintain(Duration budget) { return impl_->jobs.run(budget); }

Result<std::size_t> Auth::deliver(Duration budget) {
  if (!impl_->delivery) return std::size_t{0};
  return impl_->delivery->run(budget);
}

Result<void> Auth::ready(const Context& context) {
  if (impl_->database) return impl_->database->ping(context);
  AUTHKIT_TRY(impl_->stores.accounts->find(UserId{}, context));
  AUTHKIT_TRY(impl_->stores.sessions->find(SessionId{}, context));
  return {};
}

}  // namespace authkit
