// authkit in one file: an account in SQLite, a login, a token check, a refresh, and a logout that is final.
#include <authkit/auth.hpp>

#include <iostream>

namespace {

bool run() {
  authkit::Config config;
  config.database.url = "sqlite:quickstart.db";
  const auto auth = authkit::Auth::open(config).value();
  const auto& accounts = auth->accounts();

  authkit::Registration registration;
  registration.email = "ada@example.org";
  registration.password = "correct horse battery staple";
  const auto account = accounts.sign_up(registration);
  if (!account && account.error().code != authkit::Errc::email_taken) throw authkit::BadResult(account.error());  // a second run finds her

  authkit::Login login;
  login.login = registration.email;
  login.password = registration.password;
  const auto grant = accounts.log_in(login).value();
  const auto identity = accounts.authenticate(grant.access_token).value();
  std::cout << "logged in   " << accounts.me(identity).value()->email << "\n";

  const auto next = accounts.refresh(grant.session_secret).value();
  std::cout << "refreshed   the old refresh token is spent: " << (next.session_secret != grant.session_secret ? "yes" : "no") << "\n";

  accounts.log_out(identity).value();
  const auto refused = accounts.authenticate(next.access_token);
  std::cout << "logged out  the access token answers: " << (refused ? "accepted" : refused.error().message()) << "\n";
  return !refused;
}

}  // namespace

int main() {
  try {
    const bool well = run();
    std::cout << (well ? "it works\n" : "it does not work\n");
    return well ? 0 : 1;
  } catch (const authkit::BadResult& failure) {
    std::cerr << "error: " << failure.what() << "\n";
    return 1;
  }
}
