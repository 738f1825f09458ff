#include "authkit/json.hpp"

#include "unit/account_fixture.hpp"

#include <set>
#include <thread>

using namespace authkit;
using namespace authkit::test;

namespace {

const std::string new_password = "a wholly different sentence";

/// A service that can reach its users; the test is their mailbox.
struct Mailbox : Fixture {
  Mailbox() {
    setup.can_notify = true;
    setup.account.link_url = "https://app.example/auth";
    setup.account.email_verification = EmailVerification::required;
    reopen();
  }

  /// What has been sent since the last call, oldest first. What is moot is left out, as by a delivery.
  std::vector<Message> messages() {
    const auto entries =
        in_transaction(*stores.work, {}, [&](Tx& tx) { return stores.outbox->claim(tx, "mail", "test", clock->now(), clock->now(), 100); }).value();
    std::vector<Message> sent;
    for (const OutboxEntry& entry : entries) {
      auto message = accounts().message_of(entry);
      if (message) sent.push_back(*message);
      in_transaction(*stores.work, {}, [&](Tx& tx) { return stores.outbox->settle(tx, entry.id, "test", clock->now()); }).value();
    }
    return sent;
  }
  Message message(std::string_view kind) {
    const auto sent = messages();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].kind == kind);
    return sent[0];
  }
  void sign_up(const std::string& email, const std::string& with = password) {
    Registration wanted = registration(email);
    wanted.password = with;
    const Account told = accounts().sign_up(wanted).value();
    CHECK(told.id.is_nil());
    CHECK(told.email == email);
    CHECK(told.status == AccountStatus::pending);
  }
  std::string reset_token() {
    accounts().request_password_reset("ann@example.org").value();
    return message("reset_password").token;
  }
};

}  // namespace

TEST_CASE("with verification required a sign-up opens nothing until its message comes back, by token or by code") {
  Mailbox box;
  for (const bool by_code : {false, true}) {
    const std::string email = by_code ? "Bob@Example.org" : "Carl@Example.org";
    box.sign_up(email);
    const Message sent = box.message("verify_email");
    CHECK(sent.to == email);
    CHECK(sent.link == "https://app.example/auth/verify-email#token=" + sent.token);
    CHECK(sent.code.size() == 8);
    CHECK(code(box.accounts().log_in(login(email))) == Errc::email_not_verified);
    CHECK(code(box.accounts().log_in(login(email, wrong_password))) == Errc::invalid_credentials);
    CHECK(code(by_code ? box.accounts().verify_email(email, sent.code, {}) : box.accounts().verify_email(sent.token)) == Errc{});
    CHECK(code(by_code ? box.accounts().verify_email(email, sent.code, {}) : box.accounts().verify_email(sent.token)) == Errc::ticket_invalid);
    CHECK(box.accounts().log_in(login(email)).value().account.email_verified_at);
  }
}

TEST_CASE("a sign-up of a known address looks the same; its owner is told") {
  Mailbox box;
  box.sign_up("ANN@example.org");
  const Message sent = box.message("account_exists");
  CHECK(sent.to == "Ann@Example.org");  // as stored, not as typed
  CHECK(sent.token.empty());
}

TEST_CASE("who signs up somebody else's address first does not choose the password of the account") {
  Mailbox box;
  box.sign_up("bob@example.org", "the thief's own sentence");
  const Message thief = box.message("verify_email");
  box.sign_up("bob@example.org", new_password);
  const Message owner = box.message("verify_email");
  CHECK(thief.token != owner.token);
  box.accounts().verify_email(owner.token).value();
  CHECK(code(box.accounts().log_in(login("bob@example.org", "the thief's own sentence"))) == Errc::invalid_credentials);
  CHECK(code(box.accounts().verify_email(thief.token)) == Errc::ticket_invalid);
  box.accounts().log_in(login("bob@example.org", new_password)).value();
}

TEST_CASE("a verification is sent again to whom it is due, and the answer tells nothing") {
  Mailbox box;
  box.sign_up("bob@example.org");
  box.message("verify_email");
  box.accounts().resend_verification("BOB@example.org").value();
  const Message again = box.message("verify_email");
  CHECK(again.to == "bob@example.org");
  box.accounts().resend_verification("nobody@example.org").value();
  CHECK(box.messages().empty());
  box.accounts().verify_email(again.token).value();
  box.accounts().resend_verification("bob@example.org").value();
  CHECK(box.messages().empty());
  CHECK(code(box.accounts().resend_verification("no address")) == Errc::email_invalid);
}

TEST_CASE("guesses at a code are counted, alike for addresses that are not known") {
  Mailbox box;
  box.setup.limit.code = {3, Duration{3600'000}};
  box.reopen();
  box.sign_up("bob@example.org");
  for (const char* email : {"bob@example.org", "nobody@example.org"}) {
    for (int i = 0; i < 3; ++i) CHECK(code(box.accounts().verify_email(email, "00000000", {})) == Errc::ticket_invalid);
    CHECK(code(box.accounts().verify_email(email, "00000000", {})) == Errc::rate_limited);
  }
}

TEST_CASE("a reset sets the password, ends every session and all other resets") {
  Mailbox box;
  const Grant before = box.log_in();
  const std::string first = box.reset_token();
  box.clock->advance(Duration{1});
  const std::string token = box.reset_token();
  CHECK(code(box.accounts().reset_password({first, new_password})) == Errc::ticket_invalid);
  box.accounts().reset_password({token, new_password}).value();
  CHECK(box.message("password_changed").to == "Ann@Example.org");
  CHECK(code(box.accounts().reset_password({token, new_password})) == Errc::ticket_invalid);
  CHECK(code(box.accounts().log_in(login("ann"))) == Errc::invalid_credentials);
  CHECK(code(box.accounts().authenticate(before.access_token)) == Errc::token_revoked);
  CHECK(code(box.accounts().refresh(before.session_secret)) == Errc::session_revoked);
  box.accounts().log_in(login("ann", new_password)).value();
  CHECK(box.stored().email_verified_at);
  CHECK(events(box.stores, "password.reset").size() == 1);
}

TEST_CASE("a reset of nobody's password looks the same and sends nothing") {
  Mailbox box;
  box.accounts().request_password_reset("nobody@example.org").value();
  box.accounts().request_password_reset("ann").error();  // a user name is no address
  CHECK(box.messages().empty());
  box.accounts().set_status(box.ann.id, AccountStatus::disabled, "system").value();
  box.accounts().request_password_reset("ann@example.org").value();
  CHECK(box.messages().empty());
}

TEST_CASE("a refused password keeps the ticket, a changed address or a closed account does not") {
  Mailbox box;
  const std::string token = box.reset_token();
  CHECK(code(box.accounts().reset_password({token, "short"})) == Errc::weak_password);
  SUBCASE("used after all") { CHECK(code(box.accounts().reset_password({token, new_password})) == Errc{}); }
  SUBCASE("another address") {
    box.change([](Account& account) { account.email = account.email_key = "ann@elsewhere.example"; });
    CHECK(code(box.accounts().reset_password({token, new_password})) == Errc::ticket_invalid);
  }
  SUBCASE("closed") {
    box.accounts().close(box.ann.id, "system").value();
    CHECK(code(box.accounts().reset_password({token, new_password})) == Errc::ticket_invalid);
  }
  SUBCASE("too late") {
    box.clock->advance(box.setup.account.reset_lifetime);
    CHECK(code(box.accounts().reset_password({token, new_password})) == Errc::ticket_invalid);
  }
}

TEST_CASE("of 50 parallel uses of one ticket one succeeds") {
  Mailbox box;
  const std::string token = box.reset_token();
  std::atomic<int> good{0}, refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 50; ++i) {
    threads.emplace_back([&, i] {
      const auto done = box.accounts().reset_password({token, new_password + std::to_string(i)});
      (done ? good : refused) += done || done.error().code == Errc::ticket_invalid ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(good == 1);
  CHECK(refused == 49);
}

TEST_CASE("every other spelling, kind, part or neighbour of a ticket is refused without a look at the store") {
  Mailbox box;
  const std::string token = box.reset_token();
  const int reads = box.memory.accounts->reads;
  std::vector<std::string> bad{"", "0", "true", "{}", std::string(43, 'A'), token + "=", token + "A", " " + token, std::string(1'000'000, 'A')};
  for (std::size_t i = 0; i < token.size(); ++i) {
    bad.push_back(token.substr(0, i));
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    bad.push_back(changed);
  }
  for (const std::string& text : bad) CHECK(code(box.accounts().reset_password({text, new_password})) == Errc::ticket_invalid);
  CHECK(code(box.accounts().verify_email(token)) == Errc::ticket_invalid);
  CHECK(code(box.accounts().confirm_email_change(token)) == Errc::ticket_invalid);
  CHECK(box.memory.accounts->reads == reads);
  CHECK(code(box.accounts().reset_password({token, new_password})) == Errc{});
}

TEST_CASE("the outbox holds nothing that opens anything") {
  Mailbox box;
  box.sign_up("bob@example.org");
  box.accounts().request_password_reset("ann@example.org").value();
  const auto entries = in_transaction(*box.stores.work, {}, [&](Tx& tx) {
                         return box.stores.outbox->claim(tx, "mail", "test", box.clock->now(), box.clock->now(), 9);
                       }).value();
  REQUIRE(entries.size() == 2);
  for (const OutboxEntry& entry : entries) {
    const Message message = box.accounts().message_of(entry).value();
    CHECK_FALSE(message.token.empty());
    CHECK(entry.payload.find(message.token) == std::string::npos);
    CHECK((message.code.empty() || entry.payload.find(message.code) == std::string::npos));
  }
}

TEST_CASE("mails that anybody may have sent are counted by address, known or not") {
  Mailbox box;
  box.setup.limit.mail_identifier = {3, Duration{3600'000}};
  box.reopen();
  for (const char* email : {"ann@example.org", "nobody@example.org"}) {
    for (int i = 0; i < 3; ++i) box.accounts().request_password_reset(email).value();
    CHECK(code(box.accounts().request_password_reset(email)) == Errc::rate_limited);
  }
}

TEST_CASE("a flow that is nothing without its message says that none can be sent") {
  Fixture plain;
  CHECK(code(plain.accounts().request_password_reset("ann@example.org")) == Errc::peer_unavailable);
  CHECK(code(plain.accounts().resend_verification("ann@example.org")) == Errc::peer_unavailable);
}

TEST_CASE("an address is changed once its new owner confirms; the old one is told, and what was sent there is worth nothing") {
  Mailbox box;
  const Identity identity = box.identity(box.log_in());
  const std::string reset = box.reset_token();
  box.accounts().request_email_change(identity, "Ann@New.example").value();
  const Message sent = box.message("change_email");
  CHECK(sent.to == "Ann@New.example");
  CHECK(box.stored().email == "Ann@Example.org");
  box.accounts().confirm_email_change(sent.token).value();
  CHECK(box.message("email_changed").to == "Ann@Example.org");
  CHECK(box.stored().email == "Ann@New.example");
  CHECK(code(box.accounts().confirm_email_change(sent.token)) == Errc::ticket_invalid);
  CHECK(code(box.accounts().reset_password({reset, new_password})) == Errc::ticket_invalid);
  box.accounts().log_in(login("ann@new.example")).value();
}

TEST_CASE("a change to an address that is known looks the same and only tells its owner") {
  Mailbox box;
  NewAccount other;
  other.email = "Bob@Example.org";
  other.password = password;
  box.accounts().create(other).value();
  box.accounts().request_email_change(box.identity(box.log_in()), "bob@example.org").value();
  CHECK(box.message("account_exists").to == "Bob@Example.org");
}

TEST_CASE("what guards an account is changed after a recent login only") {
  Mailbox box;
  const Identity identity = box.identity(box.log_in());
  box.clock->advance(box.setup.account.recent_login + Duration{1});
  CHECK(code(box.accounts().request_email_change(identity, "a@b.example")) == Errc::reauthentication_required);
  CHECK(code(box.accounts().close(identity, "")) == Errc::reauthentication_required);
}
