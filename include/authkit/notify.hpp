#pragma once

#include "authkit/types.hpp"

#include <functional>
#include <string>

namespace authkit {

/// What a user is told by mail, or however the host tells it.
struct Message {
  std::string id;    ///< the same for every attempt to deliver it
  std::string kind;  ///< "verify_email", "reset_password", "change_email", "email_changed", "password_changed", "account_exists", ...
  UserId user;
  std::string to;           ///< the e-mail address as the user wrote it
  std::string token = {};   ///< what the user presents; secret; empty where there is nothing to confirm
  std::string code = {};    ///< eight digits that stand for the token together with the address; empty = none
  std::string link = {};    ///< account.link_url with the token; empty where either is
  std::string data = "{}";  ///< further JSON members for the text: "client_address", "new_email", ...
  Time created_at = {};     ///< of the change it tells of
  Time expires_at = {};     ///< of the token
};

/// Delivers one message; runs on the thread of maintain(), never on a caller's. Errors: peer_unavailable, overloaded or a backend error are tried
/// again later; any other gives the message up.
using Notifier = std::function<Result<void>(const Message& message)>;

/// Mail that authkit sends itself. Without a url and without Config::notify nothing is sent, and no flow may need it.
struct MailOptions {
  std::string url;  ///< "smtp://user:password@host:587" (STARTTLS), "smtps://host", "smtp://localhost:25?tls=none", "spool:/dir" (one file a message)
  std::string from = "authkit@localhost";
  std::string templates;         ///< directory of KIND.txt files that replace the built-in texts; empty = those
  std::string ca_file;           ///< certificates that the server's is checked with; empty = the system's
  Duration timeout{30'000};      ///< for one message
  std::uint32_t batch = 100;     ///< messages that one round delivers at most
  Duration retry_delay{5'000};   ///< before the second attempt; doubled for each further one, up to 15 minutes
  std::uint32_t attempts = 100;  ///< after which a message is given up
};

struct Config;

/// Whether messages could be delivered as `config` says: its templates, and the mail server's certificate and login, or the spool directory; nothing
/// is sent. Success where nothing is configured. Blocking, within mail.timeout. Errors: config_invalid, peer_unavailable.
Result<void> check_mail(const Config& config);

}  // namespace authkit
