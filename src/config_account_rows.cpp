#include "config_rows.hpp"
#include "core/try.hpp"
#include "core/url.hpp"

#include <algorithm>
#include <iterator>

namespace authkit::config {
namespace {

constexpr std::string_view levels[] = {"lenient", "default", "strict"};

Row password_policy() {
  Row row{"password.policy", "lenient, default or strict",
          "What a new password must be: its length; not guessable either; 15 characters and not guessable", "PASSWORD_POLICY_TYPE"};
  row.set = [](Config& config, std::string_view value) -> Result<void> {
    const auto* known = std::find(std::begin(levels), std::end(levels), value);
    if (known == std::end(levels)) return Errc::config_invalid;
    config.account.policy.level = static_cast<PolicyLevel>(known - levels);
    return {};
  };
  row.get = [](const Config& config) { return std::string(levels[static_cast<std::size_t>(config.account.policy.level)]); };
  return row;
}

Row pepper() {
  Row row = text(
      "password.pepper", AUTHKIT_FIELD(password.pepper), "text, or nothing", [](std::string_view value) { return value.size() <= 256; },
      "What the replaced system (Devise) appended to passwords before bcrypt; stored bcrypt hashes are verified with it");
  row.secret = true;
  return row;
}

Row breach_url() {
  return text(
      "password.breach_url", AUTHKIT_FIELD(account.breaches.url), "https:// URL that a range of five hex digits is put behind, or nothing",
      [](std::string_view value) {
        const auto url = Url::parse(value);
        return value.empty() || (url && (url->scheme == "https" || url->scheme == "http"));
      },
      "Range service for passwords known from breaches; off without one");
}

constexpr std::string_view verifications[] = {"auto", "required", "optional", "off"};

Row email_verification() {
  Row row{"account.email_verification",
          "one of auto, required, optional, off",
          "Whether an address must be confirmed before a login; auto: where messages can be sent",
          {}};
  row.set = [](Config& config, std::string_view value) -> Result<void> {
    const auto* known = std::find(std::begin(verifications), std::end(verifications), value);
    if (known == std::end(verifications)) return Errc::config_invalid;
    config.account.email_verification = static_cast<EmailVerification>(known - verifications);
    return {};
  };
  row.get = [](const Config& config) { return std::string(verifications[static_cast<std::size_t>(config.account.email_verification)]); };
  return row;
}

/// The one place that links come from, so that no request can lead a user elsewhere (CVE-2012-4520).
Row link_url() {
  return text(
      "account.link_url", AUTHKIT_FIELD(account.link_url), "URL without a slash at the end: https://app.example/auth, or nothing",
      [](std::string_view value) {
        if (value.empty()) return true;
        const auto url = Url::parse(value);
        return url && (url->scheme == "https" || url->scheme == "http") && !value.ends_with('/') && value.find_first_of("?#") == value.npos;
      },
      "Where links in messages lead: /verify-email, /reset-password and /change-email below it, the token behind #token=");
}

Row roles() {
  Row row{"account.roles",
          "roles and what they may: admin = users:read users:write audit:read; support = users:read",
          "Which role may do what; other roles only travel in tokens",
          {}};
  row.set = [](Config& config, std::string_view value) -> Result<void> {
    AUTHKIT_TRY_ASSIGN(config.account.roles, Roles::parse(value));
    return {};
  };
  row.get = [](const Config& config) { return config.account.roles.to_text(); };
  return row;
}

Row mail_url() {
  Row row{"mail.url", "URL: smtp://user:password@host:587 (STARTTLS), smtps://, smtp://localhost:25?tls=none or spool:/directory",
          "How users are told: by a mail server, or into files for development", "SMTP_URL"};
  row.set = [](Config& config, std::string_view value) -> Result<void> {
    if (!value.empty()) {
      AUTHKIT_TRY_ASSIGN(const Url url, Url::parse(value));
      if (url.scheme != "smtp" && url.scheme != "smtps" && url.scheme != "spool") return Errc::config_invalid;
    }
    config.mail.url = value;
    return {};
  };
  row.get = [](const Config& config) { return config.mail.url; };
  row.show = [](const std::string& value) {
    const auto url = Url::parse(value);
    return value.empty() ? value : url ? url->redacted() : std::string("***");
  };
  return row;
}

}  // namespace

std::vector<Row> password_rows() {
  return {
      password_policy(),
      pepper(),
      flag("password.accept_2x", AUTHKIT_FIELD(password.accept_2x), "Takes stored $2x$ hashes, of a bcrypt that weakened passwords beyond ASCII"),
      number("password.history", AUTHKIT_FIELD(account.policy.history), 0, 10, "Former passwords that may not come back"),
      breach_url(),
      flag("password.breach_fail_open", AUTHKIT_FIELD(account.breaches.fail_open), "Accepts a new password while that service does not answer"),
      duration("password.breach_timeout", AUTHKIT_FIELD(account.breaches.timeout), Duration{100}, minute, "How long it is waited for"),
  };
}

std::vector<Row> account_rows() {
  return {
      email_verification(),
      link_url(),
      roles(),
      duration("account.verification_lifetime", AUTHKIT_FIELD(account.verification_lifetime), minute, 30 * day,
               "How long a message that confirms an address is good"),
      duration("account.reset_lifetime", AUTHKIT_FIELD(account.reset_lifetime), minute, day, "How long a message that resets a password is good"),
      duration("account.login_step_lifetime", AUTHKIT_FIELD(account.login_step_lifetime), 10 * second, hour,
               "Time between the password and the second factor"),
      duration("account.recent_login", AUTHKIT_FIELD(account.recent_login), 10 * second, day,
               "How long after a login what guards the account may be changed"),
      duration("account.close_grace", AUTHKIT_FIELD(account.close_grace), Duration{0}, 3650 * day,
               "How long a closed account is kept before it is removed"),
  };
}

std::vector<Row> mail_rows() {
  return {
      mail_url(),
      text("mail.from", AUTHKIT_FIELD(mail.from), "e-mail address", plain_text, "Whom mails come from"),
      text("mail.templates", AUTHKIT_FIELD(mail.templates), "path of a directory", path_or_nothing,
           "KIND.txt files there take the place of the built-in texts"),
      text("mail.ca_file", AUTHKIT_FIELD(mail.ca_file), "path", path_or_nothing,
           "Certificates that the mail server's is checked with; default: the system's"),
      duration("mail.timeout", AUTHKIT_FIELD(mail.timeout), second, 5 * minute, "How long one message may take"),
      number("mail.batch", AUTHKIT_FIELD(mail.batch), 1, 1000, "Messages that one round delivers", "OUTBOX_BATCH_SIZE"),
      duration("mail.retry_delay", AUTHKIT_FIELD(mail.retry_delay), second, hour,
               "Before a message is tried again; doubled each time, up to 15 minutes", "OUTBOX_RETRY_DELAY_SECONDS"),
      number("mail.attempts", AUTHKIT_FIELD(mail.attempts), 1, 10'000, "Attempts before a message is given up", "OUTBOX_MAX_RETRY_ATTEMPTS"),
  };
}

}  // namespace authkit::config
