#include "core/url.hpp"
#include "fuzz.hpp"

#include <algorithm>
#include <set>

namespace authkit::fuzz {
namespace {

void run(std::string_view input) {
  const auto url = Url::parse(input);
  if (!url) {
    require(url.error().code == Errc::config_invalid, "a refusal is config_invalid");
    static std::set<std::string> messages;
    messages.insert(url.error().message());
    require(messages.size() <= 16, "and says one of a few sentences, nothing of the URL");
    return;
  }
  const auto is_scheme = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'; };
  require(!url->scheme.empty() && std::all_of(url->scheme.begin(), url->scheme.end(), is_scheme), "a scheme is lower-case");
  require(url->port.size() <= 5 && url->port.find_first_not_of("0123456789") == std::string::npos, "a port is digits");
  for (const std::string* part : {&url->user, &url->password, &url->host, &url->path})
    require(std::none_of(part->begin(), part->end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }),
            "no control characters");

  const std::string shown = url->redacted();
  const auto again = Url::parse(shown);
  require(again.has_value(), "what is shown is a URL");
  require(again->scheme == url->scheme && again->user == url->user && again->path == url->path, "of the same scheme, user and path");
  require(again->host == url->host && again->port == url->port, "of the same host and port");
  require(again->password == (url->password.empty() ? "" : "***"), "without the password");
  require(again->query.size() == url->query.size(), "with as many parameters");
  for (const auto& [name, value] : again->query) require(value == "***" || value == url->query.at(name), "each shown as it is or not at all");
  require(again->redacted() == shown, "and shown again the same");
}

std::vector<std::string> seeds() {
  return {"memory:",
          "sqlite:/var/lib/a.db?mode=ro",
          "postgresql://u%20:p%40ss@db.example:5432/name?sslmode=require&sslpassword=x",
          "redis://[::1]:6379/0",
          "rediss://:secret@h",
          "redis+cluster://a:1,b:2,[::1]:3/",
          "unix:///run/x.sock",
          "A://@:1//x"};
}

}  // namespace

constexpr Target url_target{"url", run, seeds};

}  // namespace authkit::fuzz
