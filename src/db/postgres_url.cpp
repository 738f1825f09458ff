#include "db/postgres_url.hpp"

#include "core/try.hpp"
#include "core/url.hpp"

#include <algorithm>
#include <array>

namespace authkit {
namespace {

/// What may stand in the query. The rest of libpq's keywords would change what this library relies on (`options`, `hostaddr`,
/// `target_session_attrs`) or read secrets from places nobody named (`service`, `passfile`).
constexpr std::array<std::string_view, 9> keywords{"application_name", "connect_timeout", "sslcert",     "sslcrl",         "sslkey",
                                                   "sslmode",          "sslpassword",     "sslrootcert", "channel_binding"};

Error bad(std::string why) { return {Errc::config_invalid, "database.url: " + std::move(why)}; }

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

}  // namespace

Result<std::string> postgres_conninfo(std::string_view text) {
  AUTHKIT_TRY_ASSIGN(Url url, Url::parse(text));
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

}  // namespace authkit
