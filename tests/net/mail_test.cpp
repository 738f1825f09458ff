#include "authkit/auth.hpp"

#include "net/smtp.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <set>
#include <signal.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

using namespace authkit;

namespace {

const std::string password = "correct horse battery staple";

/// mail_server.py, running.
class MailServer {
 public:
  MailServer() {
    char name[] = "/tmp/authkit-mail-XXXXXX";
    int in[2], out[2];
    REQUIRE(::mkdtemp(name) != nullptr);
    REQUIRE(::pipe2(in, O_CLOEXEC) == 0);
    REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
    folder_ = name;
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(in[0], STDIN_FILENO);
      ::dup2(out[1], STDOUT_FILENO);
      ::execl("/usr/bin/python3", "python3", AUTHKIT_MAIL_SERVER, name, static_cast<char*>(nullptr));
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    input_ = in[1];
    output_ = ::fdopen(out[0], "r");
    char ports[64] = "";
    REQUIRE(std::fgets(ports, sizeof ports, output_) != nullptr);
    REQUIRE(std::sscanf(ports, "%d %d", &plain_, &secure_) == 2);
  }
  MailServer(const MailServer&) = delete;
  MailServer& operator=(const MailServer&) = delete;
  ~MailServer() {
    ::close(input_);
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
    std::fclose(output_);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  void command(std::string line) {
    line.push_back('\n');
    REQUIRE(::write(input_, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
    char answer[16] = "";
    REQUIRE(std::fgets(answer, sizeof answer, output_) != nullptr);
  }
  std::string plain() const { return "smtp://127.0.0.1:" + std::to_string(plain_); }
  std::string secure() const { return "smtp://127.0.0.1:" + std::to_string(secure_); }
  std::string ca_file() const { return folder_ + "/ca.pem"; }
  std::string secure_url(const std::string& user) const { return "smtp://" + user + "@127.0.0.1:" + std::to_string(secure_); }

  /// What arrived so far, in order.
  std::vector<std::string> mails() const {
    std::set<std::filesystem::path> names;
    for (const auto& file : std::filesystem::directory_iterator(folder_ + "/mail")) names.insert(file.path());
    std::vector<std::string> all;
    for (const auto& name : names) {
      std::ifstream file(name);
      std::stringstream text;
      text << file.rdbuf();
      all.push_back(text.str());
    }
    return all;
  }

 private:
  std::string folder_;
  pid_t pid_ = -1;
  int input_ = -1, plain_ = 0, secure_ = 0;
  FILE* output_ = nullptr;
};

MailServer& server() {
  static MailServer running;
  return running;
}

struct Service {
  explicit Service(const std::string& url, const std::string& ca_file = {}) {
    Config config;
    config.password.memory_kib = 64;
    config.password.passes = 1;
    config.limit.sign_up_address = {1000, Duration{1000}};
    config.limit.mail_identifier = config.limit.mail_address = {1000, Duration{1000}};
    config.mail.url = url;
    config.mail.ca_file = ca_file;
    config.mail.from = "no-reply@app.example";
    config.mail.timeout = Duration{10'000};
    config.account.link_url = "https://app.example/auth";
    config.service_name = "Bücher & Co";
    config.log_sink = [](LogLevel, std::string_view) {};
    config.clock = [this] { return Time{Duration{now}}; };
    auth = Auth::open(std::move(config)).value();
  }
  void sign_up(const std::string& email) {
    Registration wanted;
    wanted.email = email;
    wanted.password = password;
    auth->accounts().sign_up(wanted).value();
  }

  std::int64_t now = 1'800'000'000'000;
  std::unique_ptr<Auth> auth;
};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from) + from.size();
  return text.substr(at, text.find(to, at) - at);
}

}  // namespace

TEST_CASE("a sign-up and a forgotten password arrive by SMTP, and what they say is taken back") {
  Service service(server().plain() + "?tls=none");
  const std::size_t before = server().mails().size();
  service.sign_up("Ada@Example.org");
  service.auth->accounts().request_password_reset("ada@example.org").value();
  CHECK(service.auth->deliver().value() == 2);
  const auto mails = server().mails();
  REQUIRE(mails.size() == before + 2);
  const std::string& verify = mails[before];
  CHECK(verify.starts_with("Ada@Example.org\n"));
  CHECK(contains(verify, "From: <no-reply@app.example>\r\nTo: <Ada@Example.org>\r\nSubject: Confirm your e-mail address\r\n"));
  CHECK(contains(verify, "Auto-Submitted: auto-generated\r\n"));
  CHECK(contains(verify, "Content-Transfer-Encoding: base64\r\n"));  // the name of the service is not ASCII
  CHECK(contains(verify, "Date: Fri, 15 Jan 2027 08:00:00 +0000\r\n"));
}

TEST_CASE("texts in ASCII arrive as they are, links and all") {
  Service service(server().plain() + "?tls=none");
  Config plain = service.auth->config();
  plain.service_name = "Books";
  const auto auth = Auth::open(plain).value();
  Registration wanted;
  wanted.email = "bob@example.org";
  wanted.password = password;
  auth->accounts().sign_up(wanted).value();
  CHECK(auth->deliver().value() == 1);
  const std::string mail = server().mails().back();
  CHECK(contains(mail, "Somebody signed up at Books with this address."));
  const std::string token = between(mail, "https://app.example/auth/verify-email#token=", "\r\n");
  auth->accounts().verify_email(token).value();
}

TEST_CASE("mail goes over STARTTLS and a login only where the server proves itself") {
  const std::size_t before = server().mails().size();
  struct Row {
    std::string url, ca_file;
    std::size_t delivered;
  };
  const Row rows[] = {
      {server().secure_url("ada:pa%3Ass%20w%2Frd"), server().ca_file(), 1},
      {server().secure_url("ada:wrong"), server().ca_file(), 0},
      {server().secure_url("ada:pa%3Ass%20w%2Frd"), "", 0},  // its certificate is nobody's that is known
      {server().plain(), server().ca_file(), 0},             // no STARTTLS there, and none was waived
  };
  std::size_t arrived = before;
  for (const Row& row : rows) {
    CAPTURE(row.url);
    Service service(row.url, row.ca_file);
    CHECK(check_mail(service.auth->config()).has_value() == (row.delivered > 0));
    CHECK(server().mails().size() == arrived);
    service.sign_up("ada@example.org");
    CHECK(service.auth->deliver().value() == row.delivered);
    arrived += row.delivered;
    CHECK(server().mails().size() == arrived);
  }
}

TEST_CASE("a mail server that is down or busy for a minute loses nothing, and nothing is sent twice") {
  for (const char* trouble : {"stop", "busy"}) {
    CAPTURE(trouble);
    Service service(server().plain() + "?tls=none");
    const std::size_t before = server().mails().size();
    server().command(trouble);
    for (int i = 0; i < 12; ++i) {
      service.sign_up("user" + std::to_string(i) + "@example.org");
      service.now += 5000;
      CHECK(service.auth->deliver().value() == 0);
    }
    server().command(std::string_view(trouble) == "stop" ? "start" : "take");
    std::size_t delivered = 0;
    for (int i = 0; i < 100 && delivered < 12; ++i) {
      service.now += 60'000;
      delivered += service.auth->deliver().value();
    }
    CHECK(delivered == 12);
    const auto mails = server().mails();
    REQUIRE(mails.size() == before + 12);
    std::set<std::string> ids, recipients;
    for (std::size_t i = before; i < mails.size(); ++i) {
      ids.insert(between(mails[i], "Message-ID: <", ">"));
      recipients.insert(mails[i].substr(0, mails[i].find('\n')));
    }
    CHECK(ids.size() == 12);
    CHECK(recipients.size() == 12);
  }
}

TEST_CASE("an attempt counts where one was made: a long outage gives up no message that was not tried so often") {
  Service service(server().plain() + "?tls=none");
  Config config = service.auth->config();
  config.mail.attempts = 3;
  const auto auth = Auth::open(config).value();
  for (int i = 0; i < 4; ++i) {
    Registration wanted;
    wanted.email = "user" + std::to_string(i) + "@example.org";
    wanted.password = password;
    auth->accounts().sign_up(wanted).value();
  }
  server().command("stop");
  for (int i = 0; i < 6; ++i) {  // one message an attempt, and each has made one or two
    service.now += 1000;
    CHECK(auth->deliver().value() == 0);
  }
  server().command("start");
  service.now += 3600'000;
  CHECK(auth->deliver().value() == 4);
}

TEST_CASE("a recipient that is refused for good is given up, and the others are not held up") {
  Service service(server().plain() + "?tls=none");
  const std::size_t before = server().mails().size();
  server().command("refuse");
  service.sign_up("gone@example.org");
  CHECK(service.auth->deliver().value() == 0);
  server().command("take");
  service.sign_up("here@example.org");
  service.now += 3600'000;
  CHECK(service.auth->deliver().value() == 1);
  CHECK(server().mails().size() == before + 1);
}

TEST_CASE("no address can add a line, a recipient or a command") {
  const net::SmtpServer plain{.url = server().plain(), .tls = false};
  const std::size_t before = server().mails().size();
  for (const char* bad : {"", "a@b.c\r\nRCPT TO:<eve@example.org>", "a@b.c>", "<a@b.c", "a b@c.d", "a@b.c\n"}) {
    CHECK(net::send_mail(plain, "no-reply@app.example", bad, "Subject: x\r\n\r\nx\r\n").error().code == Errc::invalid_argument);
    CHECK(net::send_mail(plain, bad, "ada@example.org", "Subject: x\r\n\r\nx\r\n").error().code == Errc::invalid_argument);
  }
  CHECK(server().mails().size() == before);
}

TEST_CASE("a spool holds one readable file a message, which nobody else may read") {
  char name[] = "/tmp/authkit-spool-XXXXXX";
  REQUIRE(::mkdtemp(name) != nullptr);
  {
    Service service("spool:" + std::string(name) + "/out");
    service.sign_up("ada@example.org");
    CHECK(service.auth->deliver().value() == 1);
    CHECK(service.auth->deliver().value() == 0);
  }
  std::size_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator(std::string(name) + "/out")) {
    ++files;
    CHECK(file.path().extension() == ".eml");
    CHECK((file.status().permissions() & std::filesystem::perms(0077)) == std::filesystem::perms::none);
  }
  CHECK(files == 1);
  std::filesystem::remove_all(name);
}

TEST_CASE("own texts take the place of the built-in ones, and what is wrong with one is said at the start") {
  char name[] = "/tmp/authkit-texts-XXXXXX";
  REQUIRE(::mkdtemp(name) != nullptr);
  const auto open_with = [&](const std::string& text) {
    std::ofstream(std::string(name) + "/verify_email.txt") << text;
    Config config;
    config.password.memory_kib = 64;
    config.password.passes = 1;
    config.log_sink = [](LogLevel, std::string_view) {};
    config.mail.url = server().plain() + "?tls=none";
    config.mail.templates = name;
    return Auth::open(config);
  };
  for (const char* bad :
       {"no subject\n", "Subject: \n", "Subject: x", "Subject: x\n\n{{tokem}}\n", "Subject: x\n\n{{token\n", "Subject: {{y}}\n\nx\n"}) {
    const auto refused = open_with(bad);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::config_invalid);
    CHECK(contains(refused.error().detail, "verify_email.txt"));
  }
  const auto auth = open_with("Subject: Hello {{to}}\n\nCode {{code}}, from {{data.client_address}}.\n{{#link}}never{{/link}}\n").value();
  Registration wanted;
  wanted.email = "ada@example.org";
  wanted.password = password;
  Context context;
  context.address = "192.0.2.7";
  auth->accounts().sign_up(wanted, context).value();
  CHECK(auth->deliver().value() == 1);
  const std::string mail = server().mails().back();
  CHECK(contains(mail, "Subject: Hello ada@example.org\r\n"));
  CHECK(contains(mail, ", from 192.0.2.7.\r\n"));
  CHECK_FALSE(contains(mail, "never"));
  std::filesystem::remove_all(name);
}

TEST_CASE("a way to send mail that cannot work is refused at the start, without its password") {
  for (const char* bad : {"smtp://u:CANARY@h?tls=none", "smtp://h?tls=maybe", "smtp://h?x=y", "spool:", "smtp:"}) {
    CAPTURE(bad);
    Config config;
    config.log_sink = [](LogLevel, std::string_view) {};
    config.mail.url = bad;
    const auto refused = Auth::open(config);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::config_invalid);
    CHECK_FALSE(contains(refused.error().detail, "CANARY"));
  }
  Config config;
  config.log_sink = [](LogLevel, std::string_view) {};
  config.account.email_verification = EmailVerification::required;
  CHECK(contains(Auth::open(config).error().detail, "mail.url"));
}
