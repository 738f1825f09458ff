#include "authkit/auth.hpp"

#include "net/https.hpp"
#include "net/peer.hpp"

#include <doctest/doctest.h>

using namespace authkit;

namespace {

BreachOptions asking(const std::string& url) {
  BreachOptions options;
  options.url = url;
  options.ca_file = peer().ca_file();
  return options;
}

Errc verdict(const BreachOptions& options, std::string_view password) {
  const Result<void> done = BreachedPasswords(options).check(password);
  return done ? Errc{} : done.error().code;
}

}  // namespace

TEST_CASE("a password that the range service lists is refused; another, and one that only pads, is not") {
  const BreachOptions options = asking(peer().good("/range?prefix="));
  CHECK(verdict(options, "correct horse breached") == Errc::password_breached);
  CHECK(verdict(options, "correct horse padding") == Errc{});
  CHECK(verdict(options, "correct horse battery staple") == Errc{});
  CHECK(verdict({}, "correct horse breached") == Errc{});  // nobody is asked
}

TEST_CASE("while the service does not answer a password is taken or refused, as it was set") {
  BreachOptions options = asking(peer().good("/nothing?prefix="));
  CHECK(verdict(options, "correct horse breached") == Errc{});
  options.fail_open = false;
  CHECK(verdict(options, "correct horse breached") == Errc::peer_unavailable);
  options.url = peer().another("/range?prefix=");  // its certificate is of another name
  CHECK(verdict(options, "correct horse breached") == Errc::peer_unavailable);
}

TEST_CASE("the service learns five digits of a hash and nothing else") {
  BreachedPasswords(asking(peer().good("/range?prefix="))).check("correct horse canary").value();
  const std::string seen = net::get({.url = peer().good("/seen"), .ca_file = peer().ca_file(), .max_bytes = 1'000'000}).value();
  const std::string_view asked = std::string_view(seen).substr(seen.rfind("/range?prefix="));
  CHECK(asked.substr(0, asked.find('\n')).size() == std::string_view("/range?prefix=").size() + 5);
}

TEST_CASE("flows that set a password ask") {
  Config config;
  config.password.memory_kib = 64;
  config.password.passes = 1;
  config.log_sink = [](LogLevel, std::string_view) {};
  config.account.breaches = asking(peer().good("/range?prefix="));
  const auto auth = Auth::open(config).value();
  Registration wanted;
  wanted.email = "ada@example.org";
  wanted.password = "correct horse breached";
  CHECK(auth->accounts().sign_up(wanted).error().code == Errc::password_breached);
  wanted.password = "correct horse battery staple";
  const Account account = auth->accounts().sign_up(wanted).value();
  CHECK(auth->accounts().set_password(account.id, "correct horse breached", "system").error().code == Errc::password_breached);
}
