#include "notifiers.hpp"

#include "core/hex.hpp"
#include "core/random.hpp"
#include "core/try.hpp"
#include "core/url.hpp"
#include "net/smtp.hpp"
#include "notify/templates.hpp"

#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <unistd.h>

namespace authkit {
namespace {

Error invalid(std::string detail) { return {Errc::config_invalid, std::move(detail)}; }

/// What makes a mail of a message.
struct Writer {
  Templates templates;
  std::string service, from;
  Clock clock;

  Result<std::string> write(const Message& message) const {
    AUTHKIT_TRY_ASSIGN(const auto text, templates.render(message, service));
    return mail_of(message, text, from, clock());
  }
};

Result<net::SmtpServer> server_of(const Config& config, const Url& url) {
  net::SmtpServer server;
  for (const auto& [name, value] : url.query) {
    if (name != "tls" || (value != "none" && value != "required")) return invalid("mail.url: the one parameter is tls=none or tls=required");
    server.tls = value == "required";
  }
  if (url.host.empty()) return invalid("mail.url: it takes a host, such as smtp://user:password@mail.example.org:587");
  const bool v6 = url.host.find(':') != std::string::npos;
  server.url = url.scheme + "://" + (v6 ? "[" + url.host + "]" : url.host);
  if (!url.port.empty()) server.url.append(":").append(url.port);
  server.user = url.user;
  server.password = url.password;
  server.ca_file = config.mail.ca_file;
  server.timeout = config.mail.timeout;
  if (!server.tls && !server.user.empty()) return invalid("mail.url: with tls=none a password would travel in the clear");
  return server;
}

/// One file a message, complete once it has its name.
Result<void> spool(const std::filesystem::path& directory, const std::string& id, const std::string& mail) {
  const auto path = directory / (id + ".eml");
  const auto draft = directory / ("." + id + ".tmp");
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return Error{Errc::peer_unavailable, "the spool directory cannot be written"};
  std::string_view rest = mail;
  while (!rest.empty()) {
    const ssize_t written = ::write(file, rest.data(), rest.size());
    if (written <= 0) break;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  const bool good = ::close(file) == 0 && rest.empty() && ::rename(draft.c_str(), path.c_str()) == 0;
  return good ? Result<void>() : Result<void>(Error{Errc::peer_unavailable, "the spool directory cannot be written"});
}

}  // namespace

Result<Notifier> open_notifier(const Config& config) {
  if (config.notify) return config.notify;
  if (config.mail.url.empty()) return Notifier();
  AUTHKIT_TRY_ASSIGN(const Url url, Url::parse(config.mail.url));
  if (config.mail.from.find('@') == std::string::npos) return invalid("mail.from: it takes the address that mails come from");
  AUTHKIT_TRY_ASSIGN(Templates templates, Templates::load(config.mail.templates));
  const auto writer = std::make_shared<const Writer>(Writer{std::move(templates), config.service_name, config.mail.from, config.clock});

  if (url.scheme == "spool") {
    if (url.path.empty()) return invalid("mail.url: spool: takes a directory, such as spool:/var/spool/authkit");
    std::error_code failure;
    std::filesystem::create_directories(url.path, failure);
    if (!std::filesystem::is_directory(url.path)) return invalid("mail.url: the spool directory cannot be made");
    return Notifier([writer, directory = std::filesystem::path(url.path)](const Message& message) -> Result<void> {
      AUTHKIT_TRY_ASSIGN(const std::string mail, writer->write(message));
      return spool(directory, message.id, mail);
    });
  }
  if (url.scheme != "smtp" && url.scheme != "smtps") return invalid("mail.url: it takes smtp://, smtps:// or spool:/directory");
  AUTHKIT_TRY_ASSIGN(const net::SmtpServer server, server_of(config, url));
  return Notifier([writer, server, from = config.mail.from](const Message& message) -> Result<void> {
    AUTHKIT_TRY_ASSIGN(const std::string mail, writer->write(message));
    return net::send_mail(server, from, message.to, mail);
  });
}

Result<void> check_mail(const Config& config) {
  AUTHKIT_TRY(open_notifier(config));
  if (config.notify || config.mail.url.empty()) return {};
  AUTHKIT_TRY_ASSIGN(const Url url, Url::parse(config.mail.url));
  if (url.scheme == "spool") {
    if (::access(url.path.c_str(), W_OK | X_OK) == 0) return {};
    return Error{Errc::peer_unavailable, "the spool directory cannot be written"};
  }
  AUTHKIT_TRY_ASSIGN(const net::SmtpServer server, server_of(config, url));
  return net::greet_mail_server(server);
}

}  // namespace authkit
