#include "authkit/auth.hpp"

#include "account/redis_account_copy_store.hpp"
#include "account/sql_account_store.hpp"
#include "core/digest.hpp"
#include "core/random.hpp"
#include "db/sql_database.hpp"
#include "redis/servers.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <thread>

using namespace authkit;

namespace {

constexpr Duration max_age{300'000};
const std::string key(32, 'k');

std::shared_ptr<redis::Client> client_at(const std::string& url) { return redis::Client::open(url).value(); }

std::string name_of(const std::string& tenant, const UserId& id) { return "authkit:account:" + tenant + ":" + to_text(id); }

std::string get(redis::Client& client, const std::string& name) {
  const auto answer = client.call({"GET", name}, true);
  const std::string* const text = answer.is_reply() ? answer.reply.text() : nullptr;
  return text == nullptr ? "" : *text;
}

/// Nobody waits for a copy to be stored: any later command on the same connection has.
void settle(redis::Client& client, const std::string& name) { static_cast<void>(get(client, name)); }

Account full_account() {
  Account account;
  account.id = random_id<UserId>().value();
  account.email = "Ada@Example.org";
  account.email_key = "ada@example.org";
  account.username = "Ada";
  account.username_key = "ada";
  account.password_hash = "$argon2id$HASH";
  account.password_history = {"$argon2id$FORMER"};
  account.status = AccountStatus::disabled;
  account.auth_epoch = 7;
  account.roles = {"user", "admin", ""};
  account.profile = R"({"name":"Ada","n":1})";
  account.created_at = Time{Duration{-5}};
  account.updated_at = Time{Duration{1'700'000'000'001}};
  account.password_changed_at = Time{Duration{3}};
  account.last_login_at = Time{Duration{4}};
  account.totp_factors = 2;
  account.recovery_codes_left = 9;
  account.version = 12;
  return account;
}

/// A store that counts how often it is asked for a record.
class CountingStore : public SqlAccountStore {
 public:
  using SqlAccountStore::SqlAccountStore;
  Result<std::optional<Account>> find(const UserId& id, const Context& context) override {
    ++finds;
    return SqlAccountStore::find(id, context);
  }
  std::atomic<int> finds{0};
};

/// Processes of one deployment on one SQLite database and one Redis for copies.
class Deployment {
 public:
  explicit Deployment(std::string cache_url) : url_(std::move(cache_url)) {}
  ~Deployment() {
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + suffix);
  }

  struct Process {
    std::shared_ptr<CountingStore> store;
    std::unique_ptr<Auth> auth;
    Accounts const& accounts() const { return auth->accounts(); }
  };
  Process open() const {
    Config config;
    config.database.url = "sqlite:" + path_;
    config.cache.url = url_;
    config.tenant = tenant;
    config.master_key = std::string(43, 'A');
    config.account_cache_size = 0;  // which would hide the copies
    config.password.memory_kib = 64;
    config.password.passes = 1;
    config.log_sink = [](LogLevel, std::string_view) {};
    const std::shared_ptr<Database> database = Database::open(config.database).value();
    Process process;
    process.store = std::make_shared<CountingStore>(as_sql(database), tenant);
    Stores stores;
    stores.work = database;
    stores.accounts = process.store;
    process.auth = Auth::open(std::move(config), std::move(stores)).value();
    return process;
  }

  const std::string tenant = to_text(random_id<TokenId>().value());

 private:
  const std::string path_ = (std::filesystem::temp_directory_path() / ("authkit-shared-" + tenant + ".db")).string();
  std::string url_;
};

Identity log_in(const Accounts& accounts) {
  Registration registration;
  registration.email = "ada@example.org";
  registration.password = "correct horse battery staple";
  static_cast<void>(accounts.sign_up(registration));
  Login login;
  login.login = registration.email;
  login.password = registration.password;
  return accounts.authenticate(accounts.log_in(login).value().access_token).value();
}

}  // namespace

TEST_CASE("a copy of a record comes back as it was, and what lies there tells nothing") {
  for (const char* variable : {"AUTHKIT_TEST_REDIS", "AUTHKIT_TEST_REDIS_TLS", "AUTHKIT_TEST_REDIS_CLUSTER"}) {
    CAPTURE(variable);
    const auto client = client_at(servers().url(variable));
    const std::string tenant = to_text(random_id<TokenId>().value());
    Time now{Duration{1'700'000'000'000}};
    RedisAccountCopyStore copies(client, tenant, as_bytes(key), max_age, [&now] { return now; });
    Account account = full_account();
    CHECK(copies.find(account.id, 0, {}) == nullptr);
    copies.put(account, now);
    settle(*client, name_of(tenant, account.id));
    auto found = copies.find(account.id, 12, {});
    REQUIRE(found != nullptr);
    CHECK(found->password_hash.empty());
    CHECK(found->password_history.empty());
    account.password_hash.clear();
    account.password_history.clear();
    CHECK(found->id == account.id);
    CHECK(found->status == account.status);
    CHECK(found->roles == account.roles);
    CHECK(found->deleted_at == account.deleted_at);
    CHECK(found->last_login_at == account.last_login_at);
    const auto rest = [](const Account& one) {
      return std::tie(one.email, one.email_key, one.username, one.username_key, one.auth_epoch, one.profile, one.created_at, one.updated_at,
                      one.password_changed_at, one.email_verified_at, one.totp_factors, one.recovery_codes_left, one.version);
    };
    CHECK((rest(*found) == rest(account)));

    const std::string lies_there = get(*client, name_of(tenant, account.id));
    REQUIRE_FALSE(lies_there.empty());
    for (const char* part : {"xample", "argon2", "Ada", "admin", "HASH"}) CHECK(lies_there.find(part) == std::string::npos);

    // An older version than a change that is known of, and an older age than is allowed.
    CHECK(copies.find(account.id, 13, {}) == nullptr);
    now += max_age + Duration{1};
    CHECK(copies.find(account.id, 0, {}) == nullptr);
    now -= 2 * max_age;  // read in what is the future here: the clocks differ by too much to judge
    CHECK(copies.find(account.id, 0, {}) == nullptr);
    now += max_age;
    CHECK(copies.find(account.id, 0, {}) != nullptr);
    copies.drop(account.id);
    settle(*client, name_of(tenant, account.id));
    CHECK(copies.find(account.id, 0, {}) == nullptr);
  }
}

TEST_CASE("a copy that somebody else put there is none") {
  const auto client = client_at(servers().url("AUTHKIT_TEST_REDIS"));
  const std::string tenant = to_text(random_id<TokenId>().value());
  const Time now{Duration{1'700'000'000'000}};
  RedisAccountCopyStore copies(client, tenant, as_bytes(key), max_age, [now] { return now; });
  const Account account = full_account();
  const std::string name = name_of(tenant, account.id);
  copies.put(account, now);
  const std::string good = get(*client, name);
  REQUIRE(copies.find(account.id, 0, {}) != nullptr);

  const auto refused = [&](const std::string& value) {
    REQUIRE(client->call({"SET", name, value}, true).is_reply());
    return copies.find(account.id, 0, {}) == nullptr;
  };
  for (std::size_t i = 0; i < good.size(); i += 7) {
    std::string changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK(refused(changed));
    CHECK(refused(good.substr(0, i)));
  }
  CHECK(refused(""));
  CHECK(refused(std::string(300'000, 'A')));
  CHECK(client->call({"DEL", name}, true).is_reply());
  CHECK(client->call({"RPUSH", name, "a list"}, false).is_reply());
  CHECK(copies.find(account.id, 0, {}) == nullptr);
  CHECK(client->call({"DEL", name}, true).is_reply());

  // Another user's, though it was sealed by us; and one under another key.
  Account other = full_account();
  copies.put(other, now);
  CHECK(refused(get(*client, name_of(tenant, other.id))));
  RedisAccountCopyStore stranger(client, tenant, as_bytes(std::string(32, 's')), max_age, [now] { return now; });
  stranger.put(account, now);
  settle(*client, name);
  CHECK(copies.find(account.id, 0, {}) == nullptr);

  // Sealed with the right key, by another program: whatever is missing, added, or of another format.
  const std::string plain(unseal(as_bytes(key), name, good).value().view());
  for (std::size_t size = 0; size < plain.size(); ++size) CHECK(refused(seal(as_bytes(key), name, as_bytes(plain.substr(0, size))).value()));
  CHECK(refused(seal(as_bytes(key), name, as_bytes(plain + "x")).value()));
  CHECK(refused(seal(as_bytes(key), name, as_bytes("\x02" + plain.substr(1))).value()));
  std::string endless = plain;
  std::fill(endless.begin() + 17, endless.begin() + 25, '\xFF');  // the size of the first text
  CHECK(refused(seal(as_bytes(key), name, as_bytes(endless)).value()));
  CHECK_FALSE(refused(seal(as_bytes(key), name, as_bytes(plain)).value()));
}

TEST_CASE("a record that one process read costs the others nothing, until it changes") {
  const Deployment deployment(servers().url("AUTHKIT_TEST_REDIS"));
  const auto client = client_at(servers().url("AUTHKIT_TEST_REDIS"));
  const auto here = deployment.open(), elsewhere = deployment.open();
  const Identity identity = log_in(here.accounts());
  const std::string name = name_of(deployment.tenant, identity.user);
  const auto wait_for_copy = [&] {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (get(*client, name).empty()) REQUIRE(std::chrono::steady_clock::now() < until);
  };
  REQUIRE(here.accounts().me(identity));
  wait_for_copy();
  const int before = elsewhere.store->finds;
  for (int i = 0; i < 20; ++i) CHECK(elsewhere.accounts().me(identity).value()->email == "ada@example.org");
  CHECK(elsewhere.store->finds == before);

  const std::string old_copy = get(*client, name);
  here.accounts().update_profile(identity, R"({"name":"Ada"})").value();
  CHECK(here.accounts().me(identity).value()->profile == R"({"name":"Ada"})");
  wait_for_copy();
  elsewhere.auth->revocations().poll().value();
  CHECK(elsewhere.accounts().me(identity).value()->profile == R"({"name":"Ada"})");

  // A late fill, or a deletion that was lost: who knows of the change does not believe it, and mends it.
  REQUIRE(client->call({"SET", name, old_copy}, true).is_reply());
  const auto late = deployment.open();
  for (const auto* process : {&here, &elsewhere, &late}) {
    REQUIRE(client->call({"SET", name, old_copy}, true).is_reply());
    CHECK(process->accounts().me(identity).value()->profile == R"({"name":"Ada"})");
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (get(*client, name) == old_copy) REQUIRE(std::chrono::steady_clock::now() < until);
    const int asked = process->store->finds;
    CHECK(process->accounts().me(identity).value()->profile == R"({"name":"Ada"})");
    CHECK(process->store->finds == asked);
  }

  // One that is gone is gone, whatever lies there.
  const std::string last_copy = get(*client, name);
  here.accounts().set_status(identity.user, AccountStatus::disabled, "root").value();
  elsewhere.auth->revocations().poll().value();
  REQUIRE(client->call({"SET", name, last_copy}, true).is_reply());
  for (const auto* process : {&here, &elsewhere}) CHECK(process->accounts().me(identity).error().code == Errc::session_revoked);
}

TEST_CASE("while the Redis of copies is away, records come from the database, and what was not deleted there is not used afterwards") {
  const Deployment deployment(servers().url("AUTHKIT_TEST_REDIS"));
  const auto here = deployment.open(), elsewhere = deployment.open();
  const Identity identity = log_in(here.accounts());
  for (int i = 0; i < 100 && here.store->finds < 1000; ++i) REQUIRE(here.accounts().me(identity));
  servers().kill("redis", "KILL");
  for (int i = 0; i < 20; ++i) CHECK(elsewhere.accounts().me(identity));
  here.accounts().update_profile(identity, R"({"name":"Ada"})").value();
  servers().start("redis");  // with what it held: it writes each change to its file
  elsewhere.auth->revocations().poll().value();
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  int asked = -1;
  do {  // until copies are used again
    asked = elsewhere.store->finds;
    for (const auto* process : {&here, &elsewhere}) CHECK(process->accounts().me(identity).value()->profile == R"({"name":"Ada"})");
    REQUIRE(std::chrono::steady_clock::now() < until);
  } while (elsewhere.store->finds != asked);
}

TEST_CASE("readers beside changes never see one of their own go back") {
  const Deployment deployment(servers().url("AUTHKIT_TEST_REDIS"));
  const auto here = deployment.open(), elsewhere = deployment.open();
  const Identity identity = log_in(here.accounts());
  std::atomic<int> confirmed{0}, wrong{0};
  std::atomic<bool> done{false};
  const auto number = [](const Account& account) { return std::stoi(account.profile.substr(account.profile.find(':') + 1)); };
  here.accounts().update_profile(identity, R"({"n":0})").value();
  std::vector<std::thread> readers;
  for (const auto* process : {&here, &elsewhere, &here, &elsewhere}) {
    readers.emplace_back([&, process] {
      while (!done) {
        const int known = confirmed;
        if (process == &elsewhere) static_cast<void>(process->auth->revocations().poll());
        const auto account = process->accounts().me(identity);
        if (account && number(**account) < known) ++wrong;
      }
    });
  }
  for (int i = 1; i <= 200; ++i) {
    here.accounts().update_profile(identity, R"({"n":)" + std::to_string(i) + "}").value();
    confirmed = i;
  }
  done = true;
  for (auto& reader : readers) reader.join();
  CHECK(wrong == 0);
}
