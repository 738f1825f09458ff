#pragma once

#include "authkit/notify.hpp"

#include <map>
#include <string>
#include <string_view>

namespace authkit {

/// The texts of messages, one a kind: built in, or KIND.txt files of a directory in their place. The first line of a file is "Subject: ...", an empty
/// one follows. {{service}} {{link}} {{token}} {{code}} {{to}} {{expires_at}} {{data.NAME}} stand for what the message holds; a line between
/// {{#link}} and
/// {{/link}} is only there where there is a link, one between {{^link}} and {{/link}} only where there is none.
///
/// Thread safety: any number of threads; immutable.
class Templates {
 public:
  struct Text {
    std::string subject;
    std::string body;
  };

  /// Errors: config_invalid naming the file and what is wrong with it.
  static Result<Templates> load(const std::string& directory);

  /// Errors: invalid_argument for a kind without a text.
  Result<Text> render(const Message& message, std::string_view service) const;

 private:
  std::map<std::string, Text, std::less<>> texts_;
};

/// An RFC 5322 message with CRLF lines. `from`: an address. The texts may hold anything: what is not ASCII is encoded, no line can be added to the
/// header.
std::string mail_of(const Message& message, const Templates::Text& text, std::string_view from, Time now);

}  // namespace authkit
