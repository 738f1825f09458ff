#include "config_options.hpp"

#include "config_rows.hpp"
#include "core/base64url.hpp"
#include "core/text.hpp"
#include "core/try.hpp"
#include "core/url.hpp"
#include "redis/target.hpp"
#include "token/profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace authkit::config {
namespace {

bool key_name(std::string_view value) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  return !value.empty() && value.size() <= 64 && std::all_of(value.begin(), value.end(), fits);
}
bool key_of_32_bytes(std::string_view value) {
  if (value.empty()) return true;
  const auto bytes = base64url::decode_lenient(value);
  return bytes && bytes->size() == 32;
}

template <class Each>
Result<void> each_url(std::string_view list, Each each) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    AUTHKIT_TRY_ASSIGN(const Url url, Url::parse(list.substr(0, comma)));
    each(url);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return {};
}

Row database_url() {
  Row row{"database.url", "URL: memory:, sqlite:/path/file.db or postgresql://user:password@host:port/name",
          "Where everything lives; memory: forgets it all at exit", "DATABASE_URL"};
  row.set = [](Config& config, std::string_view value) -> Result<void> {
    AUTHKIT_TRY(Url::parse(value));
    config.database.url = value;
    return {};
  };
  row.get = [](const Config& config) { return config.database.url; };
  row.show = [](const std::string& value) {
    const auto url = Url::parse(value);
    return url ? url->redacted() : std::string("***");
  };
  return row;
}

/// A list: it is shown with no value of its query and no password of any.
Row replica_url() {
  Row row{"database.replica_url", "comma-separated URLs, each postgresql://user:password@host:port/name of one server",
          "PostgreSQL: the other servers of the cluster; they take reads, and over when the primary is lost", "DATABASE_REPLICA_URL"};
  row.set = [](Config& config, std::string_view value) -> Result<void> {
    AUTHKIT_TRY(each_url(value, [](const Url&) {}));
    config.database.replica_url = value;
    return {};
  };
  row.get = [](const Config& config) { return config.database.replica_url; };
  row.show = [](const std::string& value) {
    std::string shown;
    const auto known = each_url(value, [&](const Url& url) { shown.append(shown.empty() ? "" : ",").append(url.redacted()); });
    return known ? shown : std::string("***");
  };
  return row;
}

template <class Field>
Row redis_url(const char* name, const char* alias, Field field, const char* help) {
  Row row{name,
          "URL: redis://user:password@host:port/0, rediss://, unix:/path, redis+cluster://host1,host2 or redis+sentinel://host1,host2/master-name",
          help, alias};
  row.set = [field](Config& config, std::string_view value) -> Result<void> {
    if (!value.empty()) AUTHKIT_TRY(redis::parse_target(value));
    field(config) = value;
    return {};
  };
  row.get = [field](const Config& config) { return field(config); };
  row.show = [](const std::string& value) {
    const auto url = Url::parse(value);
    return value.empty() ? value : url ? url->redacted() : std::string("***");
  };
  return row;
}

Row token_algorithm() {
  std::string takes = "one of ";
  for (auto a = Algorithm::HS256; a <= Algorithm::EdDSA; a = static_cast<Algorithm>(static_cast<int>(a) + 1))
    takes += fmt::format("{}{}", a == Algorithm::HS256 ? "" : ", ", to_text(a));
  Row row{"token.algorithm", std::move(takes), "What new access tokens are signed with", "JWT_ALGORITHM"};
  row.set = [](Config& config, std::string_view value) -> Result<void> {
    const auto algorithm = parse_algorithm(value);
    if (!algorithm) return Errc::config_invalid;
    config.token_algorithm = *algorithm;
    return {};
  };
  row.get = [](const Config& config) { return std::string(to_text(config.token_algorithm)); };
  return row;
}

/// Such tokens name no issuer and no audience, so those that nobody set are taken out. One that was set is kept, before or after.
Row token_profile() {
  Row row{"token.profile", "rfc9068 or simplejwt", "Shape of access tokens; simplejwt names no issuer and audience unless these are set", {}};
  row.set = [](Config& config, std::string_view value) -> Result<void> {
    const auto profile = parse_profile(value);
    if (!profile) return Errc::config_invalid;
    const TokenOptions defaults;
    const bool named = traits_of(*profile).names_parties;
    config.token.profile = *profile;
    for (std::string TokenOptions::*party : {&TokenOptions::issuer, &TokenOptions::audience}) {
      std::string& name = config.token.*party;
      if (name == (named ? "" : defaults.*party)) name = named ? defaults.*party : "";
    }
    return {};
  };
  row.get = [](const Config& config) { return std::string(traits_of(config.token.profile).name); };
  return row;
}

template <class Field>
Row token_party(std::string name, Field field, std::string help) {
  Row row = text(std::move(name), field, "text; empty only with token.profile simplejwt", plain_text, std::move(help));
  row.set = [field, set = row.set](Config& config, std::string_view value) -> Result<void> {
    if (!value.empty() || traits_of(config.token.profile).names_parties) return set(config, value);
    field(config).clear();
    return {};
  };
  return row;
}

/// Systems that set JWT_SECRET_KEY alone meant HS256. Here that would silently replace a key that only this service holds by a secret that every
/// verifier holds, so it takes the algorithm to be named as well.
Row token_secret() {
  Row row = text("token.secret", AUTHKIT_FIELD(token_secret), "text of at least the digest's length (32 bytes for HS256)", path_or_nothing,
                 "HMAC secret shared with other systems, only with an HS algorithm; JWT_SECRET_KEY is ignored unless JWT_ALGORITHM names one too",
                 "JWT_SECRET_KEY");
  row.adopt = [set = row.set](Config& config, std::string_view value) -> Result<void> {
    if (is_hmac(config.token_algorithm)) return set(config, value);
    config.notes.push_back(
        fmt::format("JWT_SECRET_KEY is not used: tokens are signed with {} and keys made here; set JWT_ALGORITHM=HS256 to go on "
                    "with the shared secret",
                    to_text(config.token_algorithm)));
    return {};
  };
  row.secret = true;
  return row;
}

/// What its users know as the life of a refresh token is the idle lifetime here. They knew no other bound, so a longer one moves the absolute
/// lifetime along (which its own option may then set).
Row session_idle_lifetime() {
  Row row = duration("session.idle_lifetime", AUTHKIT_FIELD(session.idle_lifetime), minute, 3650 * day,
                     "A session ends this long after its last refresh; JWT_REFRESH_TOKEN_EXPIRE_DAYS raises session.absolute_lifetime to it too",
                     "JWT_REFRESH_TOKEN_EXPIRE_DAYS");
  row.adopt = [set = row.set](Config& config, std::string_view value) -> Result<void> {
    AUTHKIT_TRY(set(config, value));
    config.session.absolute_lifetime = std::max(config.session.absolute_lifetime, config.session.idle_lifetime);
    return {};
  };
  return row;
}

Row revocation_on_stale() {
  Row row{"revocation.on_stale", "refuse, or accept and a duration up to 1d", "What happens to tokens while the feed cannot be read", {}};
  row.set = [](Config& config, std::string_view value) -> Result<void> {
    constexpr std::string_view accept = "accept ";
    const auto span = value.starts_with(accept) ? parse_duration(trim(value.substr(accept.size()))) : std::nullopt;
    if (value != "refuse" && (!span || *span <= Duration{0} || *span > day)) return Errc::config_invalid;
    config.revocation.accept_stale = span.value_or(Duration{0});
    return {};
  };
  row.get = [](const Config& config) {
    const Duration span = config.revocation.accept_stale;
    return span.count() == 0 ? std::string("refuse") : "accept " + format_duration(span);
  };
  return row;
}

Row log_level() {
  Row row{"log.level", "one of debug, info, warning, error", "What is logged", "LOG_LEVEL"};
  row.set = [](Config& config, std::string_view value) -> Result<void> {
    const auto level = parse_log_level(value);
    if (!level) return Errc::config_invalid;
    config.log_level = *level;
    return {};
  };
  row.get = [](const Config& config) -> std::string {
    constexpr std::string_view names[] = {"debug", "info", "warning", "error"};
    return std::string(names[static_cast<std::size_t>(config.log_level)]);
  };
  return row;
}

Row master_key() {
  Row row = text("master_key", AUTHKIT_FIELD(master_key), "32 bytes in base64", key_of_32_bytes,
                 "Seals the keys in the database; every instance of a deployment needs the same", "SECRETS_ENCRYPTION_KEY");
  row.secret = true;
  return row;
}

void insert_behind(std::vector<Row>& rows, std::string_view name, std::vector<Row> group) {
  const auto at = std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.name == name; });
  rows.insert(at == rows.end() ? at : at + 1, std::make_move_iterator(group.begin()), std::make_move_iterator(group.end()));
}

// An environment is read in this order: what another option's alias depends on stands before it (token.algorithm, token.profile,
// session.idle_lifetime).
std::vector<Row> make_table() {
  std::vector<Row> rows{
      text("service.name", AUTHKIT_FIELD(service_name), "text", plain_text, "How this service names itself", "SERVICE_NAME"),
      text("tenant", AUTHKIT_FIELD(tenant), "1 to 64 letters, digits, '.', '_', '-'", key_name, "Part of every key; one deployment uses one"),
      master_key(),
      text("master_key_file", AUTHKIT_FIELD(master_key_file), "path", path_or_nothing,
           "Holds the master key; made when missing; default: beside the SQLite database"),
      flag("auto_migrate", AUTHKIT_FIELD(auto_migrate), "Applies pending migrations when opening"),
      database_url(),
      replica_url(),
      text(
          "database.synchronous", AUTHKIT_FIELD(database.synchronous), "full or normal",
          [](std::string_view value) { return value == "full" || value == "normal"; }, "SQLite: full survives a loss of power"),
      duration("database.busy_timeout", AUTHKIT_FIELD(database.busy_timeout), Duration{0}, minute, "SQLite: wait for another process' transaction"),
      number("database.readers", AUTHKIT_FIELD(database.readers), 1, 64, "SQLite: read connections"),
      number("database.connections", AUTHKIT_FIELD(database.connections), 1, 256,
             "PostgreSQL: at most this many connections; 4 are plenty behind PgBouncer"),
      duration("database.deadline", AUTHKIT_FIELD(database.deadline), Duration{10}, minute, "PostgreSQL: a call that takes longer fails"),
      duration("database.max_lag", AUTHKIT_FIELD(database.max_lag), Duration{0}, minute, "PostgreSQL: a replica further behind answers nothing"),
      redis_url("redis.url", "REDIS_URL", AUTHKIT_FIELD(redis.url),
                "Carries revocations to other servers at once and counts attempts for all of them"),
      flag("redis.allow_data_loss", AUTHKIT_FIELD(redis.allow_data_loss), "Opens although Redis may evict or forget what is kept there"),
      number("redis.replicas", AUTHKIT_FIELD(redis.replicas), 0, 16,
             "revocation.store = redis: replicas that must have a revocation before it is confirmed"),
      redis_url("cache.url", "CACHE_URL", AUTHKIT_FIELD(cache.url),
                "A Redis that may lose what it holds: copies of accounts for all servers, sealed"),
      duration("cache.max_age", AUTHKIT_FIELD(cache.max_age), second, 10 * minute, "How old such a copy may be that no change is known of"),
      number("password.memory_kib", AUTHKIT_FIELD(password.memory_kib), 8, 1'048'576, "Argon2id memory of one hash in KiB"),
      number("password.passes", AUTHKIT_FIELD(password.passes), 1, 16, "Argon2id passes"),
      number("password.slots", AUTHKIT_FIELD(password.slots), 0, 1024, "Hashes at once; 0 = number of cores"),
      number("password.memory_budget", AUTHKIT_FIELD(password.memory_budget), 0, 1ULL << 40,
             "Bytes that running hashes may hold together; 0 = slots x memory_kib"),
      number("password.queue_length", AUTHKIT_FIELD(password.queue_length), 0, 100'000, "Callers that may wait for a slot"),
      duration("password.queue_deadline", AUTHKIT_FIELD(password.queue_deadline), Duration{0}, minute, "How long a caller waits for a slot"),
      number("password.min_length", AUTHKIT_FIELD(account.policy.min_length), 8, 1024, "Shortest new password in code points", "PASSWORD_MIN_LENGTH"),
      token_algorithm(),
      token_secret(),
      flag("token.allow_short_secret", AUTHKIT_FIELD(token_allow_short_secret), "Admits a token.secret of 16 bytes or more, for a migration"),
      token_profile(),
      token_party("token.issuer", AUTHKIT_FIELD(token.issuer), "The iss claim, compared exactly"),
      token_party("token.audience", AUTHKIT_FIELD(token.audience), "The aud claim of new tokens; a token must name it"),
      duration("token.access_lifetime", AUTHKIT_FIELD(token.access_lifetime), second, day, "How long an access token lives",
               "JWT_ACCESS_TOKEN_EXPIRE_MINUTES"),
      duration("token.leeway", AUTHKIT_FIELD(token.leeway), Duration{0}, 5 * minute, "For exp, nbf and iat against clocks that differ"),
      number("token.max_bytes", AUTHKIT_FIELD(token.max_bytes), 1024, 65'536, "A longer token is refused unread"),
      number("token.verified_cache", AUTHKIT_FIELD(token.verified_cache), 0, 1'000'000,
             "Verified tokens whose signature is not computed again; some 2 KiB each"),
      duration("token.key_publish_time", AUTHKIT_FIELD(key_publish_time), 10 * second, 7 * day, "How long a next key is published before it signs"),
      session_idle_lifetime(),
      text(
          "session.store", AUTHKIT_FIELD(redis.sessions), "database or redis",
          [](std::string_view value) { return value == "database" || value == "redis"; }, "Where sessions live"),
      duration("session.absolute_lifetime", AUTHKIT_FIELD(session.absolute_lifetime), minute, 3650 * day, "A session ends, whatever it did"),
      duration("session.grace_window", AUTHKIT_FIELD(session.grace_window), Duration{0}, minute, "How long the previous refresh token still answers"),
      duration("session.touch_interval", AUTHKIT_FIELD(session.touch_interval), Duration{0}, hour, "At most one write per session in this time"),
      text(
          "revocation.store", AUTHKIT_FIELD(redis.revocations), "database or redis",
          [](std::string_view value) { return value == "database" || value == "redis"; },
          "Where revocations are kept; redis is for deployments without a database"),
      duration("revocation.poll_interval", AUTHKIT_FIELD(revocation.poll_interval), Duration{50}, minute, "How often the feed is read"),
      duration("revocation.staleness_bound", AUTHKIT_FIELD(revocation.staleness_bound), Duration{100}, 5 * minute,
               "How old what is known of revocations may be"),
      revocation_on_stale(),
      rule("limit.login_pair", AUTHKIT_FIELD(limit.login_pair), "Failed logins of one identifier from one address prefix"),
      rule("limit.login_identifier", AUTHKIT_FIELD(limit.login_identifier), "Failed logins of one identifier"),
      rule("limit.login_address", AUTHKIT_FIELD(limit.login_address), "Failed logins from one address prefix"),
      rule("limit.sign_up_address", AUTHKIT_FIELD(limit.sign_up_address), "Sign-ups from one address prefix"),
      rule("limit.mail_identifier", AUTHKIT_FIELD(limit.mail_identifier), "Messages of one kind that anybody may have sent to one e-mail address"),
      rule("limit.mail_address", AUTHKIT_FIELD(limit.mail_address), "Such messages that one address prefix may have sent"),
      rule("limit.code", AUTHKIT_FIELD(limit.code), "Wrong codes and current passwords of one account"),
      text(
          "limit.store", AUTHKIT_FIELD(redis.limits), "auto, database or redis",
          [](std::string_view value) { return value == "auto" || value == "database" || value == "redis"; },
          "Where attempts are counted; auto: in Redis where redis.url names one"),
      number("limit.instances", AUTHKIT_FIELD(redis.instances), 1, 10'000, "Servers that share the limits: while Redis is down each admits its part"),
      flag("account.sign_up", AUTHKIT_FIELD(account.sign_up), "Whether people may make accounts themselves"),
      duration("account.cache_age", AUTHKIT_FIELD(account_cache_age), Duration{0}, 5 * minute, "How old a cached account may be"),
      number("account.cache_size", AUTHKIT_FIELD(account_cache_size), 0, 10'000'000, "Cached accounts; 0 = none"),
      log_level(),
  };
  // Each group behind the option it belongs to.
  insert_behind(rows, "password.min_length", password_rows());
  insert_behind(rows, "account.sign_up", account_rows());
  insert_behind(rows, "account.cache_size", mail_rows());
  for (Row& row : rows) {
    row.env = "AUTHKIT_";
    for (const char c : row.name) row.env.push_back(c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c);
  }
  return rows;
}

}  // namespace

Result<void> Row::named(Result<void> outcome) const {
  if (outcome) return {};
  const std::string why = outcome.error().detail.empty() ? "" : outcome.error().detail + "; ";
  return Error(Errc::config_invalid, fmt::format("{}: {}it takes {}", name, why, takes));
}

const std::vector<Row>& table() {
  static const std::vector<Row> rows = make_table();
  return rows;
}

const Row* find(std::string_view name) {
  const auto& rows = table();
  const auto row = std::find_if(rows.begin(), rows.end(), [name](const Row& candidate) { return candidate.name == name; });
  return row == rows.end() ? nullptr : &*row;
}

bool is_hmac(Algorithm algorithm) noexcept { return algorithm <= Algorithm::HS512; }

std::size_t digest_size(Algorithm algorithm) noexcept { return algorithm == Algorithm::HS256 ? 32 : algorithm == Algorithm::HS384 ? 48 : 64; }

}  // namespace authkit::config
