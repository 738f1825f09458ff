// What somebody else's first program looks like: public headers only, an account in memory, a token that verifies.
#include <authkit/auth.hpp>
#include <authkit/version.h>

#include <iostream>

int main() {
  const auto auth = authkit::Auth::open(authkit::Config{}).value();

  authkit::Registration ada;
  ada.email = "ada@example.org";
  ada.password = "a long enough passphrase";
  const auto account = auth->accounts().sign_up(ada).value();

  authkit::Login login;
  login.login = ada.email;
  login.password = ada.password;
  const auto grant = auth->accounts().log_in(login).value();
  if (auth->accounts().authenticate(grant.access_token).value().user != account.id) return 1;
  std::cout << "authkit " << AUTHKIT_VERSION << " works\n";
}
