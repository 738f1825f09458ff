#include "db/postgres_url.hpp"

#include "core/try.hpp"
#include "core/url.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace authkit {
namespace {

/// What may stand in the query. The rest of libpq's keywords would change what this library relies on (`options`, `hostaddr`,
/// `target_session_attrs`) or read secrets from places nobody named (`service`, `passfile`).
constexpr std::array<std::string_view, 9> keywords{"application_name", "connect_timeout", "sslcert",     "sslcrl",         "sslkey",
                                                   "sslmode",          "sslpassword",     "sslrootcert", "channel_binding"};

Error bad(std::string why) { return {Errc::config_invalid, std::move(why)}; }

void append(std::string& conninfo, std::string_view keyword, std::string_view value) {
  if (value.empty()) return;
  if (!conninfo.empty()) conninfo.push_back(' ');
  conninfo.append(keyword).append("='");
  for (const char c : value) {
    if (c == '\'' || c == '\\') conninfo.push_back('\\');
    conninfo.push_back(c);
  }
  conninfo.push_back('\'');
}

Result<std::string> conninfo_of(Url url) {
  if (url.scheme != "postgresql" && url.scheme != "postgres") return bad("it must start with postgresql://");
  if (url.host.find(',') != std::string::npos) return bad("it must name one server; name replicas in database.replica_url");
  const std::string_view name = std::string_view(url.path).substr(std::min<std::size_t>(1, url.path.size()));
  if (name.empty() || name.find('/') != std::string_view::npos) return bad("it must name a database: postgresql://user@host/name");

  std::string conninfo;
  append(conninfo, "host", url.host.empty() ? "127.0.0.1" : url.host);
  append(conninfo, "port", url.port);
  append(conninfo, "user", url.user);
  append(conninfo, "password", url.password);
  append(conninfo, "dbname", name);
  url.query.try_emplace("application_name", "authkit");
  url.query.try_emplace("connect_timeout", "2");
  for (const auto& [keyword, value] : url.query) {
    if (std::find(keywords.begin(), keywords.end(), keyword) == keywords.end()) return bad("its query has a parameter that is not taken here");
    append(conninfo, keyword, value);
  }
  append(conninfo, "client_encoding", "UTF8");
  append(conninfo, "keepalives_idle", "30");
  append(conninfo, "keepalives_interval", "5");
  append(conninfo, "keepalives_count", "3");
  return conninfo;
}

Result<std::uint32_t> take_weight(Url& url) {
  const auto given = url.query.extract("weight");
  if (given.empty()) return std::uint32_t{1};
  const std::string& text = given.mapped();
  std::uint32_t weight = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), weight);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size() || weight < 1 || weight > 100)
    return bad("weight must be a whole number from 1 to 100");
  return weight;
}

/// `error`, of the option.
Error of(std::string_view option, Error error) {
  error.detail.insert(0, std::string(option) + ": ");
  return error;
}

Result<PostgresServer> server_of(std::string_view text) {
  AUTHKIT_TRY_ASSIGN(Url url, Url::parse(text));
  AUTHKIT_TRY_ASSIGN(const std::uint32_t weight, take_weight(url));
  std::string shown = url.redacted();
  AUTHKIT_TRY_ASSIGN(std::string conninfo, conninfo_of(std::move(url)));
  return PostgresServer{std::move(shown), std::move(conninfo), weight};
}

}  // namespace

Result<std::string> postgres_conninfo(std::string_view text) {
  auto server = server_of(text);
  if (!server) return of("database.url", std::move(server).error());
  return std::move(server->conninfo);
}

Result<std::vector<PostgresServer>> postgres_servers(std::string_view url, std::string_view replica_urls) {
  std::vector<PostgresServer> servers;
  auto first = server_of(url);
  if (!first) return of("database.url", std::move(first).error());
  servers.push_back(*std::move(first));
  while (!replica_urls.empty()) {
    const std::size_t comma = std::min(replica_urls.find(','), replica_urls.size());
    auto next = server_of(replica_urls.substr(0, comma));
    if (!next) return of("database.replica_url", std::move(next).error());
    servers.push_back(*std::move(next));
    replica_urls.remove_prefix(std::min(comma + 1, replica_urls.size()));
  }
  return servers;
}

}  // namespace authkit
