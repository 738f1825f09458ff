#include "authkit/json.hpp"

#include "account/memory_account_store.hpp"
#include "core/memory_work.hpp"
#include "core/random.hpp"
#include "unit/auth_fixture.hpp"

#include <doctest/doctest.h>

#include <future>
#include <memory>
#include <sys/stat.h>

using namespace authkit;
using namespace authkit::auth_test;
namespace fs = std::filesystem;

namespace {

class FailingAccounts : public MemoryAccountStore {
 public:
  using MemoryAccountStore::MemoryAccountStore;
  Result<std::optional<Account>> find(const UserId& id, const Context& context) override {
    return down ? Result<std::optional<Account>>(Errc::store_unavailable) : MemoryAccountStore::find(id, context);
  }
  std::atomic<bool> down{false};
};

/// Notes what it is asked, and has what it was last given.
class NotedCopies : public AccountCopyStore {
 public:
  std::shared_ptr<const Account> find(const UserId&, std::uint64_t least_version, const Context&) override {
    asked.push_back(least_version);
    return held && held->version >= least_version ? held : nullptr;
  }
  void put(const Account& account, Time) override {
    CHECK(account.password_hash.empty());
    held = std::make_shared<const Account>(account);
  }
  void drop(const UserId& id) override { dropped.push_back(id); }

  std::vector<std::uint64_t> asked;
  std::vector<UserId> dropped;
  std::shared_ptr<const Account> held;
};

}  // namespace

TEST_CASE("a host's own store of copies is asked with the version of the last change, and told of it") {
  Deployment d;
  Config config = d.memory();
  config.account_cache_size = 0;
  const auto copies = std::make_shared<NotedCopies>();
  Stores stores;
  stores.copies = copies;
  const auto auth = Auth::open(std::move(config), std::move(stores)).value();
  CHECK(auth->accounts().sign_up(alice()));
  const Identity identity = auth->accounts().authenticate(log_in(*auth).access_token).value();
  CHECK(auth->accounts().me(identity));
  CHECK(copies->asked == std::vector<std::uint64_t>{0});
  REQUIRE(copies->held != nullptr);
  CHECK(copies->held->email == "alice@example.com");
  CHECK(auth->accounts().me(identity).value() == copies->held);
  CHECK(auth->accounts().update_profile(identity, R"({"a":1})"));
  CHECK(copies->dropped == std::vector{identity.user});
  CHECK(auth->accounts().me(identity).value()->profile == R"({"a":1})");
  CHECK(copies->asked.back() == copies->held->version);
  CHECK(copies->held->profile == R"({"a":1})");
}

TEST_CASE("an Auth in memory does all the flows") {
  Deployment d;
  const auto auth = Auth::open(d.memory()).value();
  CHECK(auth->accounts().sign_up(alice()));
  const Grant grant = log_in(*auth);
  const Identity identity = auth->accounts().authenticate(grant.access_token).value();
  CHECK(auth->accounts().me(identity).value()->email == "alice@example.com");
  CHECK(auth->accounts().refresh(grant.session_secret));
  CHECK(auth->accounts().log_out(identity));
  CHECK(auth->accounts().authenticate(grant.access_token).error().code == Errc::token_revoked);
  CHECK(auth->database() == nullptr);
  CHECK(auth->ready());
  CHECK(auth->maintain());
}

TEST_CASE("an Auth on SQLite is there again when it is opened again") {
  Deployment d;
  std::string access;
  {
    const auto auth = Auth::open(d.sqlite()).value();
    REQUIRE(auth->database() != nullptr);
    CHECK(auth->ready());
    CHECK(auth->accounts().sign_up(alice()));
    access = log_in(*auth).access_token;
  }
  struct stat status {};
  REQUIRE(::stat((d.directory / "auth.db.key").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
  const auto auth = Auth::open(d.sqlite()).value();
  CHECK(auth->accounts().authenticate(access));
  CHECK(log_in(*auth).account.username == "alice");
  CHECK(auth->maintain());
}

TEST_CASE("another master key opens nothing") {
  Deployment d;
  CHECK(Auth::open(d.sqlite()));
  fs::remove(d.directory / "auth.db.key");
  CHECK(open_error(d.sqlite()) == Errc::key_invalid);
}

TEST_CASE("a master key that others may read is refused") {
  Deployment d;
  CHECK(Auth::open(d.sqlite()));
  REQUIRE(::chmod((d.directory / "auth.db.key").c_str(), 0644) == 0);
  CHECK(open_error(d.sqlite()) == Errc::config_invalid);
}

TEST_CASE("two names of one database share its master key") {
  Deployment d;
  CHECK(Auth::open(d.sqlite()));
  fs::create_symlink("auth.db", d.directory / "other.db");
  Config config = d.sqlite();
  config.database.url = "sqlite:" + (d.directory / "other.db").string();
  CHECK(Auth::open(config));
  CHECK_FALSE(fs::exists(d.directory / "other.db.key"));
}

TEST_CASE("two Auth in one process do not know each other") {
  Deployment d;
  const auto one = Auth::open(d.memory()).value();
  const auto two = Auth::open(d.memory()).value();
  CHECK(one->accounts().sign_up(alice()));
  CHECK(two->accounts().find("alice").error().code == Errc::not_found);
  CHECK(two->accounts().sign_up(alice()));
  const Grant grant = log_in(*one);
  CHECK(one->accounts().authenticate(grant.access_token));
  CHECK(two->accounts().authenticate(grant.access_token).error().code == Errc::invalid_token);
  CHECK(two->accounts().refresh(grant.session_secret).error().code == Errc::refresh_token_invalid);
}

TEST_CASE("two Auth on one database follow each other: keys, sessions, logouts") {
  Deployment d;
  const auto one = Auth::open(d.sqlite()).value();
  const auto two = Auth::open(d.sqlite()).value();
  CHECK(one->accounts().sign_up(alice()));
  const Grant grant = log_in(*one);
  const Identity identity = two->accounts().authenticate(grant.access_token).value();
  CHECK(two->accounts().log_out(identity));
  CHECK(two->accounts().authenticate(grant.access_token).error().code == Errc::token_revoked);
  d.advance(one->config().revocation.poll_interval);
  CHECK(one->maintain());
  CHECK(one->accounts().authenticate(grant.access_token).error().code == Errc::token_revoked);
}

TEST_CASE("instances that start at once on a new database agree on everything") {
  Deployment d;
  std::vector<std::future<Result<std::unique_ptr<Auth>>>> starting;
  for (int i = 0; i < 4; ++i) starting.push_back(std::async(std::launch::async, [&d] { return Auth::open(d.sqlite()); }));
  std::vector<std::unique_ptr<Auth>> instances;
  for (auto& start : starting) instances.push_back(start.get().value());
  CHECK(instances[0]->accounts().sign_up(alice()));
  const Grant grant = log_in(*instances[1]);
  for (const auto& instance : instances) CHECK(instance->accounts().authenticate(grant.access_token));
}

TEST_CASE("an opened configuration holds no secrets") {
  Deployment d;
  Config config = d.memory();
  config.master_key = master_key;
  config.token_algorithm = Algorithm::HS256;
  config.token_secret = "a secret of more than 32 bytes, shared";
  const auto auth = Auth::open(config).value();
  CHECK(auth->config().master_key.empty());
  CHECK(auth->config().token_secret.empty());
  CHECK(auth->config().get("master_key").value().empty());
}

TEST_CASE("a shared HMAC secret signs what its other holders verify, and is published nowhere") {
  Deployment d;
  Config config = d.memory();
  config.token_algorithm = Algorithm::HS256;
  config.token_secret = "a secret of more than 32 bytes, shared";
  const auto auth = Auth::open(config).value();
  const auto other = Auth::open(config).value();
  CHECK(auth->accounts().sign_up(alice()));
  const Grant grant = log_in(*auth);
  CHECK(other->tokens().verify(grant.access_token));
  CHECK(auth->tokens().jwks_json() == R"({"keys":[]})");
  // The secret of access tokens is none of refresh tokens: those need this deployment's master key.
  CHECK(other->sessions().peek(grant.session_secret, Transport::bearer).error().code == Errc::refresh_token_invalid);
  CHECK(auth->maintain());
  CHECK(auth->rotate_keys().error().code == Errc::config_invalid);
  CHECK(d.logged("shorter than its digest") == 0);
}

TEST_CASE("a short HMAC secret takes an option, and is warned of") {
  Deployment d;
  Config config = d.memory();
  config.token_algorithm = Algorithm::HS256;
  config.token_secret = "CANARY-short-secret";
  CHECK(open_error(config) == Errc::config_invalid);
  config.token_allow_short_secret = true;
  CHECK(Auth::open(config));
  CHECK(d.logged("shorter than its digest") == 1);
  CHECK(d.logged("CANARY") == 0);
}

TEST_CASE("what a configuration left aside is logged") {
  Deployment d;
  Config config = d.memory();
  config.notes.emplace_back("JWT_SECRET_KEY is not used");
  CHECK(Auth::open(config));
  CHECK(d.logged("JWT_SECRET_KEY is not used") == 1);
}

TEST_CASE("a URL of no backend is refused with the reason, and not repeated") {
  Deployment d;
  for (const auto& [url, why] : {std::pair{"postgresql://u:CANARY@h1,h2/db", "it must name one server"},
                                 {"postgres://u:CANARY@h/", "it must name a database"},
                                 {"mysql://u:CANARY@h/db", "it takes memory:, sqlite:"}}) {
    Config config = d.memory();
    config.database.url = url;
    const auto auth = Auth::open(config);
    REQUIRE_FALSE(auth);
    CHECK(auth.error().code == Errc::config_invalid);
    CHECK(auth.error().detail.find(why) != std::string::npos);
    CHECK(auth.error().detail.find("CANARY") == std::string::npos);
  }
}

TEST_CASE("an invalid configuration opens nothing and makes no file") {
  Deployment d;
  Config config = d.sqlite();
  config.session.grace_window = Duration{3'600'000};
  CHECK(open_error(config) == Errc::config_invalid);
  CHECK(fs::is_empty(d.directory));
}

TEST_CASE("without migrations a new database is refused, not used") {
  Deployment d;
  Config config = d.sqlite();
  config.auto_migrate = false;
  CHECK(open_error(config) == Errc::schema_mismatch);
  CHECK(Auth::open(d.sqlite()));
  CHECK(Auth::open(config));
}

TEST_CASE("a failing random source opens nothing") {
  Deployment d;
  fail_random_for_tests(1);
  CHECK(open_error(d.memory()) == Errc::random_unavailable);
  CHECK(open_error(d.memory()) == Errc{});
}

TEST_CASE("stores of the host's own are completed on its unit of work, or refused") {
  Deployment d;
  Stores own;
  const auto work = std::make_shared<MemoryWork>();
  const auto accounts = std::make_shared<FailingAccounts>(work);
  own.accounts = accounts;
  CHECK(open_error(d.memory(), own) == Errc::config_invalid);  // no unit of work
  own.work = work;
  CHECK(open_error(d.memory(), own) == Errc::config_invalid);  // nobody says whether these outlive the process: no master key
  Config config = d.memory();
  config.master_key = master_key;
  const auto auth = Auth::open(config, own).value();
  CHECK(auth->accounts().sign_up(alice()));
  CHECK(accounts->find_by_login("alice@example.com", {}).value());
  CHECK(auth->ready());
  accounts->down = true;
  CHECK(auth->ready().error().code == Errc::store_unavailable);

  class OwnWork : public UnitOfWork {
    Result<std::unique_ptr<Tx>> begin(const Context&) override { return Errc::internal; }
  };
  own.work = std::make_shared<OwnWork>();
  CHECK(open_error(config, own) == Errc::config_invalid);  // nothing fits it but what is given
}

TEST_CASE("no secret reaches the log, an error or the wire") {
  Deployment d;
  Config config = d.sqlite();
  const auto auth = Auth::open(config).value();
  const std::string canary = "CANARY-password-1234";
  std::string seen;
  const auto note = [&seen](const auto& result) {
    if (!result) seen += result.error().message() + to_json(result.error());
  };
  Registration someone = alice();
  someone.password = canary;
  const Account account = auth->accounts().sign_up(someone).value();
  note(auth->accounts().sign_up(someone));
  note(auth->accounts().log_in({.login = "nobody" + canary, .password = canary, .transport = Transport::bearer, .device_name = ""}));
  note(auth->accounts().log_in({.login = "alice", .password = canary + "x", .transport = Transport::bearer, .device_name = ""}));
  const Grant grant = auth->accounts().log_in({.login = "alice", .password = canary, .transport = Transport::bearer, .device_name = ""}).value();
  note(auth->accounts().refresh(grant.session_secret + "x"));
  note(auth->accounts().authenticate(grant.access_token + "x"));
  note(auth->accounts().log_out_session(grant.session_secret, Transport::cookie));
  CHECK(auth->maintain());
  seen += to_json(account) + to_json(grant.session);
  const EventPage events = auth->events().list({}, "", 100, {}).value();
  CHECK(events.items.size() >= 4);
  for (const Event& event : events.items) seen += to_json(event);
  for (const auto& line : d.lines) seen += line;
  CHECK(seen.find(canary) == std::string::npos);
  CHECK(seen.find(grant.session_secret) == std::string::npos);
  CHECK(seen.find(grant.access_token) == std::string::npos);
  CHECK(seen.find("$argon2") == std::string::npos);
}
