#include "authkit/json.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace authkit {
namespace {

std::int64_t seconds_between(Time now, Time end) { return std::max<std::int64_t>(0, std::chrono::floor<std::chrono::seconds>(end - now).count()); }

std::string text_or_null(bool present, const std::string& text) { return present ? json_quote(text) : "null"; }

/// {"items":[...]}, left open for what follows.
template <class Items, class Write>
std::string open_list(const Items& items, Write write) {
  std::string out = R"({"items":[)";
  for (const auto& item : items) {
    if (out.back() != '[') out.push_back(',');
    out += write(item);
  }
  return out + "]";
}

}  // namespace

std::string to_json(const Grant& grant, Time now, const Sessions& sessions) {
  const SessionRecord& session = grant.session;
  // A cookie slides with use, so its end is the absolute one; a refresh token must be used before the idle one.
  const Time end =
      session.transport == Transport::cookie ? session.absolute_expires_at : std::min(session.idle_expires_at, session.absolute_expires_at);
  std::string carrier;
  if (session.transport == Transport::cookie) {
    carrier = fmt::format(R"("cookie":{},"csrf_token":{})", json_quote(grant.session_secret), json_quote(sessions.csrf_token(session.id)));
  } else {
    carrier = fmt::format(R"("access_token":{},"token_type":"Bearer","expires_in":{},"refresh_token":{})", json_quote(grant.access_token),
                          seconds_between(now, grant.access_expires_at), json_quote(grant.session_secret));
  }
  if (!grant.device_token.empty()) carrier.append(R"(,"device_token":)").append(json_quote(grant.device_token));
  return fmt::format(R"({{{},"refresh_expires_in":{},"session_id":{},"user":{}}})", carrier, seconds_between(now, end),
                     json_quote(to_text(session.id)), to_json(grant.account));
}

std::string to_json(const Identity& identity) {
  return fmt::format(R"({{"user_id":{},"session_id":{},"token_id":{},"epoch":{},"auth_time":{},"expires_at":{}}})",
                     json_quote(to_text(identity.user)), text_or_null(!identity.session.is_nil(), to_text(identity.session)),
                     text_or_null(!identity.token.is_nil(), to_text(identity.token)), identity.epoch,
                     text_or_null(identity.auth_time != Time{}, to_rfc3339(identity.auth_time)), json_quote(to_rfc3339(identity.expires_at)));
}

std::string to_json(const AccountPage& page) {
  return open_list(page.items, [](const Account& account) { return to_json(account); }) +
         fmt::format(R"(,"next_cursor":{}}})", text_or_null(!page.next_cursor.empty(), page.next_cursor));
}

std::string to_json(const std::vector<SessionRecord>& sessions, const SessionId& current) {
  return open_list(sessions,
                   [&](const SessionRecord& session) {
                     std::string one = to_json(session);
                     one.back() = ',';
                     return one + (session.id == current ? R"("current":true})" : R"("current":false})");
                   }) +
         "}";
}

std::string to_json(const TotpEnrolment& enrolment) {
  return fmt::format(R"({{"factor_id":{},"secret":{},"otpauth_uri":{},"qr_svg":{},"expires_at":{}}})", json_quote(to_text(enrolment.factor)),
                     json_quote(enrolment.secret), json_quote(enrolment.otpauth_uri), json_quote(enrolment.qr_svg),
                     json_quote(to_rfc3339(enrolment.expires_at)));
}

std::string to_json(const std::vector<Factor>& factors) {
  return open_list(factors,
                   [](const Factor& factor) {
                     return fmt::format(R"({{"id":{},"label":{},"created_at":{},"confirmed_at":{}}})", json_quote(to_text(factor.id)),
                                        json_quote(factor.label), json_quote(to_rfc3339(factor.created_at)),
                                        text_or_null(factor.confirmed_at.has_value(), to_rfc3339(factor.confirmed_at.value_or(Time{}))));
                   }) +
         "}";
}

std::string json_texts(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out.append(out.size() > 1 ? "," : "").append(json_quote(text));
  return out.append("]");
}

}  // namespace authkit
