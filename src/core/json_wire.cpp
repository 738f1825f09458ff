#include "authkit/json.hpp"

#include "core/json.hpp"

#include <fmt/format.h>

#include <charconv>

namespace authkit {
namespace {

/// Appends the members of one object in order.
class ObjectWriter {
 public:
  ObjectWriter& text(std::string_view name, std::string_view value) {
    key(name);
    json::quote_to(out_, value);
    return *this;
  }
  /// Null where there is none.
  ObjectWriter& text_or_null(std::string_view name, std::string_view value) { return value.empty() ? raw(name, "null") : text(name, value); }
  ObjectWriter& flag(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }
  template <class Number>
  ObjectWriter& number(std::string_view name, Number value) {
    char digits[24];
    return raw(name, {digits, static_cast<std::size_t>(std::to_chars(digits, digits + sizeof digits, value).ptr - digits)});
  }
  ObjectWriter& time(std::string_view name, Time value) { return text(name, to_rfc3339(value)); }
  ObjectWriter& time(std::string_view name, const std::optional<Time>& value) { return value ? time(name, *value) : raw(name, "null"); }
  template <class Texts>
  ObjectWriter& texts(std::string_view name, const Texts& values) {
    key(name);
    out_.push_back('[');
    bool first = true;
    for (const auto& value : values) {
      if (!std::exchange(first, false)) out_.push_back(',');
      json::quote_to(out_, value);
    }
    out_.push_back(']');
    return *this;
  }
  /// A value that is JSON already; an empty one is `{}`.
  ObjectWriter& raw(std::string_view name, std::string_view json) {
    key(name);
    out_ += json.empty() ? "{}" : json;
    return *this;
  }
  std::string finish() {
    out_.push_back('}');
    return std::move(out_);
  }

 private:
  void key(std::string_view name) {
    if (out_.size() > 1) out_.push_back(',');
    out_.push_back('"');
    out_ += name;
    out_ += "\":";
  }
  std::string out_ = "{";
};

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string_view to_text(Transport transport) noexcept { return transport == Transport::cookie ? "cookie" : "bearer"; }

std::string to_json(const FieldError& field) {
  return ObjectWriter().text("pointer", field.pointer).text("code", field.code).text("detail", field.detail).finish();
}

}  // namespace

std::string to_json(const Account& account) {
  return ObjectWriter()
      .text("id", to_text(account.id))
      .text("email", account.email)
      .text_or_null("username", account.username)
      .flag("email_verified", account.email_verified_at.has_value())
      .text("status", to_text(account.status))
      .texts("roles", account.roles)
      .raw("profile", account.profile)
      .raw("mfa", ObjectWriter().flag("totp", account.totp_factors > 0).number("recovery_codes_left", account.recovery_codes_left).finish())
      .time("created_at", account.created_at)
      .time("updated_at", account.updated_at)
      .time("last_login_at", account.last_login_at)
      .finish();
}

std::string to_json(const SessionRecord& session) {
  return ObjectWriter()
      .text("id", to_text(session.id))
      .text("transport", to_text(session.transport))
      .time("created_at", session.created_at)
      .time("last_seen", session.last_seen)
      .time("idle_expires_at", session.idle_expires_at)
      .time("expires_at", session.absolute_expires_at)
      .time("auth_time", session.auth_time)
      .texts("amr", words(session.amr))
      .text_or_null("client", session.client)
      .text_or_null("user_agent", session.user_agent)
      .text_or_null("address", session.address)
      .finish();
}

std::string to_json(const Event& event) {
  return ObjectWriter()
      .number("seq", event.seq)
      .text("id", event.id)
      .time("time", event.time)
      .text_or_null("actor", event.actor)
      .text("action", event.action)
      .text_or_null("subject", event.subject)
      .text("outcome", event.success ? "success" : "failure")
      .text_or_null("ip", event.address)
      .text_or_null("user_agent", event.user_agent)
      .text_or_null("request_id", event.request_id)
      .raw("data", event.data)
      .text_or_null("prev_hash", event.prev_hash)
      .text_or_null("hash", event.hash)
      .finish();
}

std::string to_json(const Error& error) {
  const ErrorInfo& row = info(error.code);
  ObjectWriter out;
  out.text("code", row.name).text("title", row.title).number("status", row.http_status);
  if (!error.detail.empty()) out.text("detail", error.detail);
  if (!error.fields.empty()) {
    std::string fields;
    for (const FieldError& field : error.fields) fields += (fields.empty() ? "[" : ",") + to_json(field);
    out.raw("errors", fields + "]");
  }
  // Rounded up: a client that waits the whole seconds has waited long enough.
  if (error.retry_after.count() > 0) out.number("retry_after", std::chrono::ceil<std::chrono::seconds>(error.retry_after).count());
  std::string document = out.finish();
  if (error.members.size() > 2) document.replace(document.size() - 1, 1, "," + error.members.substr(1));
  return document;
}

std::string to_rfc3339(Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

std::string json_quote(std::string_view text) {
  std::string out;
  json::quote_to(out, text);
  return out;
}

}  // namespace authkit
