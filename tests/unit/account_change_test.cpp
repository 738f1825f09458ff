#include "unit/account_fixture.hpp"

using namespace authkit;
using namespace authkit::test;

namespace {

const std::string new_password = "a wholly different sentence";

}  // namespace

TEST_CASE("a changed password gives the session a new id, and ends the others unless told otherwise") {
  for (const bool revoke : {true, false}) {
    for (const Transport transport : {Transport::bearer, Transport::cookie}) {
      Fixture f;
      const Grant other = f.log_in();
      const Grant mine = f.log_in(transport);
      const Identity identity = transport == Transport::bearer ? f.identity(mine) : f.accounts().authenticate_cookie(mine.session_secret).value();
      const Grant next = f.accounts().change_password(identity, {password, new_password, revoke}).value();
      CHECK(next.session.id != mine.session.id);
      CHECK(next.session.transport == transport);
      CHECK(next.session_secret != mine.session_secret);
      CHECK(code(f.accounts().refresh(other.session_secret)) == (revoke ? Errc::session_revoked : Errc{}));
      CHECK(code(f.accounts().authenticate(other.access_token)) == (revoke ? Errc::token_revoked : Errc{}));
      if (transport == Transport::bearer) {
        CHECK(code(f.accounts().authenticate(mine.access_token)) == Errc::token_revoked);
        CHECK(code(f.accounts().authenticate(next.access_token)) == Errc{});
      } else {
        CHECK(code(f.accounts().authenticate_cookie(mine.session_secret)) == Errc::session_revoked);
        CHECK(code(f.accounts().authenticate_cookie(next.session_secret)) == Errc{});
      }
      CHECK(code(f.accounts().log_in(login("ann"))) == Errc::invalid_credentials);
      f.accounts().log_in(login("ann", new_password)).value();
      CHECK(events(f.stores, "password.changed").size() == 1);
    }
  }
}

TEST_CASE("a wrong current password is no lost session, and guesses at it are counted") {
  Fixture f;
  f.setup.limit.code = {2, Duration{3600'000}};
  f.reopen();
  const Identity identity = f.identity(f.log_in());
  for (int i = 0; i < 2; ++i) CHECK(code(f.accounts().change_password(identity, {wrong_password, new_password})) == Errc::current_password_invalid);
  CHECK(code(f.accounts().change_password(identity, {password, new_password})) == Errc::rate_limited);
  CHECK(code(f.accounts().authenticate_cookie("x")) == Errc::refresh_token_invalid);
  CHECK(events(f.stores, "password.check_failed").size() == 2);
  CHECK(f.stored().auth_epoch == 1);
}

TEST_CASE("a new password must meet the policy, and its history where one is kept") {
  Fixture f;
  f.setup.account.policy.history = 2;
  f.reopen();
  const auto change = [&](const std::string& from, const std::string& to) {
    return code(f.accounts().change_password(f.identity(f.accounts().log_in(login("ann", from)).value()), {from, to}));
  };
  CHECK(change(password, "short") == Errc::weak_password);
  CHECK(change(password, password) == Errc::password_reused);
  CHECK(change(password, new_password) == Errc{});
  CHECK(change(new_password, password) == Errc::password_reused);
  CHECK(change(new_password, "yet another long sentence") == Errc{});
  CHECK(f.stored().password_history.size() == 1);
  CHECK(change("yet another long sentence", password) == Errc{});  // two changes ago
}

TEST_CASE("a profile is merged, and only into the version it was made for") {
  Fixture f;
  const Identity identity = f.identity(f.log_in());
  const Account first = f.accounts().update_profile(identity, R"({"name":"Ann","old":1})").value();
  CHECK(first.profile == R"({"name":"Ann","old":1})");
  const Account second = f.accounts().update_profile(identity, R"({"old":null,"city":"Ulm"})", first.version).value();
  CHECK(second.profile == R"({"name":"Ann","city":"Ulm"})");
  CHECK(second.version == first.version + 1);
  CHECK(code(f.accounts().update_profile(identity, R"({"name":"X"})", first.version)) == Errc::precondition_failed);
  CHECK(code(f.accounts().update_profile(identity, "[]")) == Errc::profile_invalid);
  CHECK(code(f.accounts().update_profile(identity, R"({"a":")" + std::string(17'000, 'x') + "\"}")) == Errc::profile_invalid);
  CHECK(f.accounts().me(identity).value()->profile == second.profile);
}

TEST_CASE("a closed account lets nobody in, keeps its address for the grace time, and then goes") {
  Fixture f;
  const Grant grant = f.log_in();
  const Identity identity = f.identity(grant);
  CHECK(code(f.accounts().close(identity, wrong_password)) == Errc::current_password_invalid);
  f.accounts().close(identity, password).value();
  CHECK(code(f.accounts().log_in(login("ann"))) == Errc::invalid_credentials);
  CHECK(code(f.accounts().authenticate(grant.access_token)) == Errc::token_revoked);
  CHECK(code(f.accounts().refresh(grant.session_secret)) == Errc::session_revoked);
  CHECK(code(f.accounts().sign_up(registration("ann@example.org"))) == Errc::email_taken);
  CHECK(f.accounts().remove_closed(10).value() == 0);
  f.clock->advance(f.setup.account.close_grace + Duration{1});
  CHECK(f.accounts().remove_closed(10).value() == 1);
  CHECK(f.accounts().remove_closed(10).value() == 0);
  CHECK_FALSE(f.stores.accounts->find(f.ann.id, {}).value());
  CHECK(events(f.stores, "user.removed").size() == 1);
  f.accounts().sign_up(registration("ann@example.org")).value();
}

TEST_CASE("roles decide what an account may do, from their change on") {
  Fixture f;
  f.setup.account.roles = Roles::parse("admin = users:read users:write; support = users:read").value();
  f.reopen();
  const auto may = [&](const Grant& grant, std::string_view permission) {
    const auto identity = f.accounts().authenticate(grant.access_token);
    return identity ? code(f.accounts().authorize(*identity, permission)) : code(identity);
  };
  const Grant before = f.log_in();
  CHECK(may(before, "users:read") == Errc::insufficient_scope);
  f.accounts().set_roles(f.ann.id, {"support", "unknown"}, "system").value();
  CHECK(may(before, "users:read") == Errc::token_revoked);
  const Grant support = f.log_in();
  CHECK(may(support, "users:read") == Errc{});
  CHECK(may(support, "users:write") == Errc::insufficient_scope);
  CHECK(f.accounts().authorize(f.identity(support), "users:write").error().detail == "users:write");
  f.accounts().set_roles(f.ann.id, {}, "system").value();
  CHECK(may(f.log_in(), "users:read") == Errc::insufficient_scope);
  CHECK(code(f.accounts().set_roles(f.ann.id, {"two words"}, "system")) == Errc::field_invalid);
  CHECK(events(f.stores, "user.roles_changed").size() == 2);
}

TEST_CASE("a table of roles is read strictly and written as it is read") {
  CHECK(Roles().to_text() == "admin = audit:read users:read users:write");
  CHECK(Roles::parse(" a =  x y ;b=z; ").value().to_text() == "a = x y; b = z");
  CHECK(Roles::parse("").value().to_text().empty());
  for (const char* bad : {"a", "a = x; a = y", "= x", "a = x x", "a b = x", "a = x\"", "a = x = y"})
    CHECK(code(Roles::parse(bad)) == Errc::config_invalid);
  CHECK(Roles::parse("a = x y; b = y z").value().permissions({"b", "a", "c"}) == std::vector<std::string>{"x", "y", "z"});
}

TEST_CASE("an operator sets a password or ends all sessions of a user") {
  Fixture f;
  const Grant first = f.log_in();
  f.accounts().end_sessions(f.ann.id, "system").value();
  CHECK(code(f.accounts().refresh(first.session_secret)) == Errc::session_revoked);
  const Grant second = f.log_in();
  CHECK(code(f.accounts().set_password(f.ann.id, "short", "system")) == Errc::weak_password);
  f.accounts().set_password(f.ann.id, new_password, "system").value();
  CHECK(code(f.accounts().refresh(second.session_secret)) == Errc::session_revoked);
  f.accounts().log_in(login("ann", new_password)).value();
  CHECK(code(f.accounts().set_password(UserId{}, new_password, "system")) == Errc::not_found);
}

TEST_CASE("a user ends one of the own sessions, and nobody else's") {
  Fixture f;
  f.accounts().sign_up(registration("bob@example.org")).value();
  const Grant mine = f.log_in();
  const Grant other = f.log_in();
  const Grant bobs = f.accounts().log_in(login("bob@example.org")).value();
  CHECK(code(f.accounts().end_session(f.identity(mine), bobs.session.id)) == Errc::not_found);
  f.accounts().end_session(f.identity(mine), other.session.id).value();
  CHECK(code(f.accounts().end_session(f.identity(mine), other.session.id)) == Errc::not_found);
  CHECK(code(f.accounts().authenticate(other.access_token)) == Errc::token_revoked);
  CHECK(code(f.accounts().refresh(bobs.session_secret)) == Errc{});
}

TEST_CASE("accounts are brought along with the hashes they had, many at once, each with its own outcome") {
  Fixture f;
  const std::string hash = f.stored().password_hash;
  const auto wanted = [&](const std::string& email, const std::string& with_hash) {
    NewAccount one;
    one.email = email;
    one.password_hash = with_hash;
    one.created_at = Time{Duration{1'600'000'000'000}};
    return one;
  };
  const std::vector<NewAccount> many{wanted("bob@example.org", hash),   wanted("ann@example.org", hash), wanted("no address", hash),
                                     wanted("carl@example.org", "md5"), wanted("BOB@example.org", hash), wanted("dora@example.org", "!")};
  const auto outcomes = f.accounts().create_many(many).value();
  std::vector<Errc> codes;
  for (const auto& one : outcomes) codes.push_back(code(one));
  CHECK(codes == std::vector{Errc{}, Errc::email_taken, Errc::email_invalid, Errc::password_hash_invalid, Errc::email_taken, Errc{}});
  CHECK(f.accounts().log_in(login("bob@example.org")).value().account.created_at == Time{Duration{1'600'000'000'000}});
  CHECK(code(f.accounts().log_in(login("dora@example.org", "!"))) == Errc::invalid_credentials);
  CHECK(code(f.accounts().check(many[3])) == Errc::password_hash_invalid);
  CHECK(code(f.accounts().check(many[0])) == Errc{});
}
