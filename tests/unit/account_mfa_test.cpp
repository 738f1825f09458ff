#include "authkit/json.hpp"

#include "core/base64url.hpp"
#include "factor/totp.hpp"
#include "unit/account_fixture.hpp"

#include <thread>

using namespace authkit;
using namespace authkit::test;

namespace {

std::string unbase32(std::string_view text) {
  std::string out;
  std::uint32_t held = 0, bits = 0;
  for (const char c : text) {
    held = held << 5U | static_cast<std::uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out.push_back(static_cast<char>(held >> bits));
    held &= (1U << bits) - 1;
  }
  return out;
}

/// An account with a second factor, and the app that makes its codes.
struct Enrolled : Fixture {
  Enrolled() { enrol(f_identity()); }

  Identity f_identity() { return identity(log_in()); }
  void enrol(const Identity& who) {
    const TotpEnrolment enrolment = accounts().enroll_totp(who, "phone").value();
    secret = unbase32(enrolment.secret);
    factor = enrolment.factor;
    const TotpConfirmed confirmed = accounts().confirm_totp(who, enrolment.factor, code_now()).value();
    if (!confirmed.recovery_codes.empty()) recovery = confirmed.recovery_codes;
    grant = confirmed.grant;
    clock->advance(totp::step);
  }
  std::string code_now() const { return totp::hotp(as_bytes(secret), totp::step_of(clock->now())); }
  std::string first_step(const std::string& with = password) {
    const auto step = accounts().log_in(login("ann", with));
    REQUIRE(code(step) == Errc::mfa_required);
    return JsonReader::parse(step.error().members).value().text("mfa_token");
  }
  Result<Grant> second_step(const std::string& token, const std::string& method, const std::string& with) {
    return accounts().verify_mfa({token, method, with});
  }

  std::string secret;
  FactorId factor;
  std::vector<std::string> recovery;
  Grant grant;
};

}  // namespace

TEST_CASE("a password alone opens nothing once a second factor is set up") {
  Enrolled e;
  CHECK(e.recovery.size() == 10);
  CHECK(e.stored().totp_factors == 1);
  CHECK(e.stored().recovery_codes_left == 10);
  const auto step = e.accounts().log_in(login("ann"));
  REQUIRE(code(step) == Errc::mfa_required);
  JsonReader members = JsonReader::parse(step.error().members).value();
  CHECK(members.optional_texts("methods") == std::vector<std::string>{"totp", "recovery_code"});
  CHECK(members.optional_integer("expires_in") == 300);
  CHECK(count_sessions(e.stores, e.ann.id, e.clock->now()) == 1);  // the one that set it up
  const Grant in = e.second_step(members.text("mfa_token"), "totp", e.code_now()).value();
  CHECK(in.session.amr == "pwd otp");
  CHECK(code(e.accounts().authenticate(in.access_token)) == Errc{});
  CHECK(code(e.accounts().log_in(login("ann", wrong_password))) == Errc::invalid_credentials);
}

TEST_CASE("setting up a factor ends the other sessions and gives this one a new id") {
  Fixture f;
  const Grant other = f.log_in();
  const Grant mine = f.log_in();
  const Identity who = f.identity(mine);
  const TotpEnrolment enrolment = f.accounts().enroll_totp(who, "phone").value();
  CHECK(code(f.accounts().confirm_totp(who, enrolment.factor, "000000")) == Errc::mfa_setup_code_invalid);
  CHECK(f.stored().totp_factors == 0);
  const std::string now = totp::hotp(as_bytes(unbase32(enrolment.secret)), totp::step_of(f.clock->now()));
  const TotpConfirmed confirmed = f.accounts().confirm_totp(who, enrolment.factor, now).value();
  CHECK(confirmed.grant.session.id != mine.session.id);
  CHECK(code(f.accounts().refresh(other.session_secret)) == Errc::session_revoked);
  CHECK(code(f.accounts().authenticate(mine.access_token)) == Errc::token_revoked);
  CHECK(code(f.accounts().authenticate(confirmed.grant.access_token)) == Errc{});
  // The code is used up, for the login too.
  const auto step = f.accounts().log_in(login("ann"));
  const std::string token = JsonReader::parse(step.error().members).value().text("mfa_token");
  CHECK(code(f.accounts().verify_mfa({token, "totp", now})) == Errc::mfa_code_invalid);
}

TEST_CASE("a code works once, a first step once, and a wrong code leaves the first step") {
  Enrolled e;
  const std::string token = e.first_step();
  const std::string other = e.first_step();
  const std::string now = e.code_now();
  CHECK(code(e.second_step(token, "totp", "000000")) == Errc::mfa_code_invalid);
  CHECK(code(e.second_step(token, "fax", now)) == Errc::mfa_code_invalid);
  CHECK(code(e.second_step(token, "totp", now)) == Errc{});
  CHECK(code(e.second_step(token, "totp", now)) == Errc::mfa_token_expired);
  CHECK(code(e.second_step(other, "totp", now)) == Errc::mfa_code_invalid);
  CHECK(events(e.stores, "login.failed").size() == 3);
}

TEST_CASE("of 50 parallel uses of one code, or of one recovery code, one succeeds") {
  Enrolled e;
  for (const bool by_code : {true, false}) {
    std::vector<std::string> tokens;
    for (int i = 0; i < 50; ++i) tokens.push_back(e.first_step());
    const std::string with = by_code ? e.code_now() : e.recovery[0];
    std::atomic<int> good{0}, refused{0};
    std::vector<std::thread> threads;
    for (const std::string& token : tokens) {
      threads.emplace_back([&, token] {
        const auto done = e.second_step(token, by_code ? "totp" : "recovery_code", with);
        (done ? good : refused) += done || done.error().code == Errc::mfa_code_invalid ? 1 : 0;
      });
    }
    for (auto& thread : threads) thread.join();
    CHECK(good == 1);
    CHECK(refused == 49);
  }
  CHECK(e.stored().recovery_codes_left == 9);
}

TEST_CASE("guesses at codes count per account over all its logins") {
  Enrolled e;
  e.setup.limit.code = {3, Duration{3600'000}};
  e.reopen();
  const std::string good = e.first_step();
  for (int i = 0; i < 3; ++i) CHECK(code(e.second_step(e.first_step(), "totp", "000000")) == Errc::mfa_code_invalid);
  CHECK(code(e.second_step(good, "totp", e.code_now())) == Errc::rate_limited);
  CHECK(code(e.second_step(good, "recovery_code", e.recovery[0])) == Errc::rate_limited);
}

TEST_CASE("a first step is worth nothing once time, account or epoch moved on") {
  Enrolled e;
  const std::string token = e.first_step();
  const auto answer = [&] { return code(e.second_step(token, "totp", e.code_now())); };
  SUBCASE("time") { e.clock->advance(e.setup.account.login_step_lifetime); }
  SUBCASE("disabled") { e.accounts().set_status(e.ann.id, AccountStatus::disabled, "system").value(); }
  SUBCASE("epoch") { e.accounts().end_sessions(e.ann.id, "system").value(); }
  SUBCASE("factor reset") { e.accounts().reset_mfa(e.ann.id, "system").value(); }
  CHECK(answer() == Errc::mfa_token_expired);
  CHECK(code(e.second_step("", "totp", e.code_now())) == Errc::mfa_token_expired);
}

TEST_CASE("what guards the account asks for a recent login, and a factor that is being set up is of no use") {
  Enrolled e;
  const Identity who = e.identity(e.second_step(e.first_step(), "totp", e.code_now()).value());
  const TotpEnrolment pending = e.accounts().enroll_totp(who, "tablet").value();
  const std::string code_of_pending = totp::hotp(as_bytes(unbase32(pending.secret)), totp::step_of(e.clock->now()));
  CHECK(code(e.second_step(e.first_step(), "totp", code_of_pending)) == Errc::mfa_code_invalid);
  CHECK(e.accounts().factors(e.ann.id).value().size() == 1);
  CHECK(e.accounts().factors(e.ann.id).value()[0].sealed.empty());
  CHECK(code(e.accounts().remove_totp(who, pending.factor)) == Errc::not_found);
  CHECK(code(e.accounts().enroll_totp(who, std::string(65, 'x'))) == Errc::field_invalid);
  for (int i = 0; i < 3; ++i) e.accounts().enroll_totp(who, "more").value();
  CHECK(code(e.accounts().enroll_totp(who, "too many")) == Errc::factor_limit);
  e.clock->advance(e.setup.account.recent_login + Duration{1});
  CHECK(code(e.accounts().enroll_totp(who, "late")) == Errc::reauthentication_required);
  CHECK(code(e.accounts().remove_totp(who, e.factor)) == Errc::reauthentication_required);
  CHECK(code(e.accounts().renew_recovery_codes(who)) == Errc::reauthentication_required);
}

TEST_CASE("with the last factor the recovery codes go, and renewed ones replace the old") {
  Enrolled e;
  const Identity who = e.identity(e.grant);
  const auto fresh = e.accounts().renew_recovery_codes(who).value();
  CHECK(fresh.size() == 10);
  CHECK(code(e.second_step(e.first_step(), "recovery_code", e.recovery[0])) == Errc::mfa_code_invalid);
  const Identity again = e.identity(e.second_step(e.first_step(), "recovery_code", fresh[0]).value());
  CHECK(e.stored().recovery_codes_left == 9);
  e.accounts().remove_totp(again, e.factor).value();
  CHECK(e.stored().totp_factors == 0);
  CHECK(e.stored().recovery_codes_left == 0);
  const Identity plain = e.identity(e.log_in());
  CHECK(code(e.accounts().renew_recovery_codes(plain)) == Errc::not_found);
}

TEST_CASE("a reset of the password does not skip the second factor") {
  Enrolled e;
  e.setup.can_notify = true;
  e.reopen();
  e.change([](Account& account) { account.email_verified_at = account.created_at; });
  e.accounts().request_password_reset("ann@example.org").value();
  const auto entries =
      in_transaction(*e.stores.work, {}, [&](Tx& tx) { return e.stores.outbox->claim(tx, "mail", "t", e.clock->now(), e.clock->now(), 9); }).value();
  const std::string token = e.accounts().message_of(entries.back()).value().token;
  const std::string next = "a wholly different sentence";
  CHECK(code(e.accounts().reset_password({token, next})) == Errc::mfa_required);
  CHECK(code(e.accounts().reset_password({token, next, "totp", "000000"})) == Errc::mfa_code_invalid);
  CHECK(code(e.accounts().reset_password({token, next, "totp", e.code_now()})) == Errc{});
  CHECK(code(e.accounts().log_in(login("ann", next))) == Errc::mfa_required);
}
