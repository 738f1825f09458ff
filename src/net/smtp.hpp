#pragma once

#include "authkit/types.hpp"

#include <string>

namespace authkit::net {

struct SmtpServer {
  std::string url;     ///< "smtp://host:port" or "smtps://host:port", no user, no password
  std::string user{};  ///< empty = no login
  std::string password{};
  bool tls = true;        ///< with smtp://: refuses to go on where STARTTLS is not offered
  std::string ca_file{};  ///< PEM; empty = the system's list
  Duration timeout{30'000};
};

/// Hands one message (RFC 5322, CRLF lines) to the server for one recipient. TLS 1.2 or newer and always verified where there is TLS.
/// Thread safety: any thread; blocking. Errors: email_invalid where the server refuses sender, recipient or message for good; invalid_argument for an
/// address with control characters, blanks or angle brackets; peer_unavailable for all else.
Result<void> send_mail(const SmtpServer& server, const std::string& from, const std::string& to, const std::string& message);

/// Connects, agrees on TLS and logs in, and sends nothing. Errors: peer_unavailable, saying at which step.
Result<void> greet_mail_server(const SmtpServer& server);

}  // namespace authkit::net
