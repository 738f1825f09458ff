#include "options.hpp"

#include "lexer.hpp"

#include <algorithm>
#include <charconv>

namespace authkit::server {
namespace {

std::vector<std::string> list_of(std::string_view text) {
  std::vector<std::string> parts;
  split(text, ',', [&](std::string_view part) {
    if (!part.empty()) parts.emplace_back(part);
  });
  return parts;
}

bool read_number(std::string_view text, std::uint32_t least, std::uint32_t most, std::uint32_t& target) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < least || number > most) return false;
  target = number;
  return true;
}

bool read_duration(std::string_view text, Duration& target) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const std::int64_t scale = unit == "ms" ? 1 : unit == "s" || unit.empty() ? 1000 : unit == "m" ? 60'000 : unit == "h" ? 3600'000 : 0;
  if (error != std::errc{} || scale == 0 || number < 1 || number > 24 * 3600'000) return false;
  target = Duration{number * scale};
  return true;
}

bool read_flag(std::string_view text, bool& target) {
  if (text != "on" && text != "off" && text != "true" && text != "false") return false;
  target = text == "on" || text == "true";
  return true;
}

/// scheme "://" host [":" port], nothing behind; the form in which browsers send it (RFC 6454 section 6.2).
bool is_origin(std::string_view text) {
  const std::size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  return scheme != 0 && lexer::is_host(text.substr(scheme)) && std::none_of(text.begin(), text.end(), lexer::is_upper);
}

/// The part of an absolute URL that is its origin.
std::string_view origin_part(std::string_view url) {
  const std::size_t scheme = url.find("://");
  return scheme == std::string_view::npos ? url : url.substr(0, url.find('/', scheme + 3));
}

bool read_origins(std::string_view text, std::vector<std::string>& target) {
  std::vector<std::string> origins = list_of(text);
  if (!std::all_of(origins.begin(), origins.end(), is_origin)) return false;
  target = std::move(origins);
  return true;
}

bool read_hosts(std::string_view text, std::vector<std::string>& target) {
  std::vector<std::string> hosts = list_of(text);
  const bool any = std::find(hosts.begin(), hosts.end(), "*") != hosts.end();
  if (any) hosts.clear();
  if (!std::all_of(hosts.begin(), hosts.end(), lexer::is_host)) return false;
  target = std::move(hosts);
  return true;
}

bool read_public_url(std::string_view text, std::string& target) {
  if (!text.empty() && !is_origin(origin_part(text))) return false;
  target = text;
  return true;
}

bool read_networks(std::string_view text, Networks& target) {
  Result<Networks> networks = Networks::parse(text);
  if (!networks) return false;
  target = *std::move(networks);
  return true;
}

bool read_listen(std::string_view text, std::string& target) {
  std::uint32_t port = 0;
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || !lexer::is_host(text) || !read_number(text.substr(colon + 1), 0, 65535, port)) return false;
  target = text;
  return true;
}

struct Row {
  Option option;
  bool (*set)(ServerOptions&, std::string_view);
};

// clang-format off
const Row rows[] = {
    {{"http.listen", "AUTHKIT_HTTP_LISTEN", "", "address:port", "Where to listen; port 0 takes a free one"},
     [](ServerOptions& o, std::string_view v) { return read_listen(v, o.listen); }},
    {{"http.public_url", "AUTHKIT_HTTP_PUBLIC_URL", "", "an https:// or http:// URL in lower case", "The server as browsers see it; its origin is allowed"},
     [](ServerOptions& o, std::string_view v) { return read_public_url(v, o.public_url); }},
    {{"http.cors_origins", "AUTHKIT_HTTP_CORS_ORIGINS", "CORS_ALLOWED_ORIGINS", "origins such as https://app.example, comma-separated; there is no *",
      "Pages that may call the server"},
     [](ServerOptions& o, std::string_view v) { return read_origins(v, o.cors_origins); }},
    {{"http.allowed_hosts", "AUTHKIT_HTTP_ALLOWED_HOSTS", "ALLOWED_HOSTS", "host names, comma-separated; .example.com takes all names below it",
      "Host values that are answered; empty = all"},
     [](ServerOptions& o, std::string_view v) { return read_hosts(v, o.allowed_hosts); }},
    {{"http.trusted_proxies", "AUTHKIT_HTTP_TRUSTED_PROXIES", "", "addresses and networks such as 10.0.0.0/8, comma-separated",
      "Whose X-Forwarded-For and X-Forwarded-Proto are believed"},
     [](ServerOptions& o, std::string_view v) { return read_networks(v, o.trusted_proxies); }},
    {{"http.threads", "AUTHKIT_HTTP_THREADS", "", "1 to 64", "I/O threads"},
     [](ServerOptions& o, std::string_view v) { return read_number(v, 1, 64, o.threads); }},
    {{"http.worker_threads", "AUTHKIT_HTTP_WORKER_THREADS", "", "1 to 256", "Threads for requests that wait for the database"},
     [](ServerOptions& o, std::string_view v) { return read_number(v, 1, 256, o.worker_threads); }},
    {{"http.hashing_threads", "AUTHKIT_HTTP_HASHING_THREADS", "", "0 to 256", "Threads that hash passwords; 0 = number of cores"},
     [](ServerOptions& o, std::string_view v) { return read_number(v, 0, 256, o.hashing_threads); }},
    {{"http.queue_length", "AUTHKIT_HTTP_QUEUE_LENGTH", "", "1 to 100000", "Requests that may wait for each kind of thread; more get 503"},
     [](ServerOptions& o, std::string_view v) { return read_number(v, 1, 100'000, o.queue_length); }},
    {{"http.max_connections", "AUTHKIT_HTTP_MAX_CONNECTIONS", "", "1 to 1000000", "Open connections; more wait to be accepted"},
     [](ServerOptions& o, std::string_view v) { return read_number(v, 1, 1'000'000, o.max_connections); }},
    {{"http.request_deadline", "AUTHKIT_HTTP_REQUEST_DEADLINE", "", "duration: 500ms, 10s, 5m", "How long a client may take to send a request"},
     [](ServerOptions& o, std::string_view v) { return read_duration(v, o.request_deadline); }},
    {{"http.idle_deadline", "AUTHKIT_HTTP_IDLE_DEADLINE", "", "duration: 500ms, 10s, 5m", "How long a connection may stay open between requests"},
     [](ServerOptions& o, std::string_view v) { return read_duration(v, o.idle_deadline); }},
    {{"http.drain_time", "AUTHKIT_HTTP_DRAIN_TIME", "", "duration: 500ms, 10s, 5m", "How long requests under way may take after SIGTERM"},
     [](ServerOptions& o, std::string_view v) { return read_duration(v, o.drain_time); }},
    {{"http.access_log", "AUTHKIT_HTTP_ACCESS_LOG", "", "on or off", "One log line per request"},
     [](ServerOptions& o, std::string_view v) { return read_flag(v, o.access_log); }},
};
// clang-format on

}  // namespace

const std::vector<Option>& server_options() {
  static const std::vector<Option> table = [] {
    std::vector<Option> options;
    for (const Row& row : rows) options.push_back(row.option);
    return options;
  }();
  return table;
}

Result<void> ServerOptions::set(std::string_view name, std::string_view value) {
  for (const Row& row : rows) {
    if (row.option.name != name) continue;
    if (row.set(*this, trimmed(value))) return {};
    return Error{Errc::config_invalid, std::string(name) + " takes " + std::string(row.option.takes)};
  }
  return Error{Errc::config_invalid, "there is no option " + std::string(name)};
}

bool ServerOptions::allows_origin(std::string_view origin) const {
  if (!public_url.empty() && origin == origin_part(public_url)) return true;
  return std::find(cors_origins.begin(), cors_origins.end(), origin) != cors_origins.end();
}

}  // namespace authkit::server
