#include "token/access_payload.hpp"

#include "core/json.hpp"
#include "core/random.hpp"
#include "core/text.hpp"
#include "core/try.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace authkit {
namespace {

constexpr std::array<std::string_view, 13> own_claims{"iss", "aud",   "sub", "exp", "nbf",       "iat",  "jti",
                                                      "sid", "epoch", "acr", "amr", "auth_time", "roles"};

Error refused(const char* why) { return Error(Errc::invalid_argument, why); }

void append(PayloadBuffer& out, std::string_view text) { out.append(text.data(), text.data() + text.size()); }

void append_number(PayloadBuffer& out, std::string_view name, std::uint64_t value) {
  append(out, name);
  const fmt::format_int digits(value);
  append(out, {digits.data(), digits.size()});
}

template <class IdType>
void append_id(PayloadBuffer& out, const IdType& id) {
  std::array<char, text_size<IdType>> text;
  write_text(id, text.data());
  append(out, {text.data(), text.size()});
}

bool needs_no_escape(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
}

Result<void> append_text(PayloadBuffer& out, std::string_view text) {
  if (needs_no_escape(text)) {
    out.push_back('"');
    append(out, text);
    out.push_back('"');
    return {};
  }
  if (!valid_claim_text(text)) return refused("a claim must be UTF-8 without NUL");
  std::string quoted;
  json::quote_to(quoted, text);
  append(out, quoted);
  return {};
}

Result<void> append_list(PayloadBuffer& out, std::string_view name, const std::vector<std::string>& items) {
  if (items.empty()) return {};
  append(out, name);
  char before = '[';
  for (const std::string& item : items) {
    out.push_back(before);
    before = ',';
    AUTHKIT_TRY(append_text(out, item));
  }
  out.push_back(']');
  return {};
}

/// The members of `text`, re-written, so that what is signed is exactly what was checked.
Result<void> append_extra(PayloadBuffer& out, std::string_view text, const ProfileTraits& profile) {
  if (text.empty()) return {};
  const auto extra = json::parse(text);
  if (!extra || extra->kind != json::Kind::object) return refused("extra claims must be a strict JSON object");
  for (const json::Member& member : extra->members) {
    const bool of_profile = member.name == profile.subject || (member.name == "token_type" && !profile.token_type.empty());
    if (of_profile || std::find(own_claims.begin(), own_claims.end(), member.name) != own_claims.end())
      return refused("an extra claim has the name of a registered or authkit claim");
    out.push_back(',');
    AUTHKIT_TRY(append_text(out, member.name));
    out.push_back(':');
    append(out, json::write(member.value));
  }
  return {};
}

}  // namespace

bool valid_claim_text(std::string_view text) noexcept { return text.find('\0') == std::string_view::npos && valid_utf8(text); }

AccessPayload::AccessPayload(const TokenOptions& options) : profile_(&traits_of(options.profile)), lifetime_(options.access_lifetime) {
  char before = '{';
  const auto member = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    start_.push_back(std::exchange(before, ','));
    start_.append("\"").append(name).append("\":");
    json::quote_to(start_, value);
  };
  member("iss", options.issuer);
  member("aud", options.audience);
  member("token_type", profile_->token_type);
  start_.push_back(before);
  start_.append("\"").append(profile_->subject).append("\":\"");
}

Result<void> AccessPayload::write(const TokenContent& content, Time now, PayloadBuffer& out, IssuedToken& issued) const {
  if (content.subject.is_nil()) return refused("a token needs a subject");
  if (now < Time{}) return refused("the clock is before 1970");
  AUTHKIT_TRY_ASSIGN(issued.id, random_id<TokenId>());
  const auto seconds_of = [](Time time) { return std::chrono::floor<std::chrono::seconds>(time); };
  const auto number_of = [&](Time time) { return static_cast<std::uint64_t>(seconds_of(time).time_since_epoch().count()); };
  issued.expires_at = seconds_of(now + lifetime_);

  append(out, start_);
  append_id(out, content.subject);
  append_number(out, R"(","exp":)", number_of(issued.expires_at));
  append_number(out, R"(,"iat":)", number_of(now));
  append(out, R"(,"jti":")");
  append_id(out, issued.id);
  out.push_back('"');
  if (!content.session.is_nil()) {
    append(out, R"(,"sid":")");
    append_id(out, content.session);
    out.push_back('"');
  }
  append_number(out, R"(,"epoch":)", content.epoch);
  if (content.auth_time > Time{}) append_number(out, R"(,"auth_time":)", number_of(content.auth_time));
  if (!content.acr.empty()) {
    append(out, R"(,"acr":)");
    AUTHKIT_TRY(append_text(out, content.acr));
  }
  AUTHKIT_TRY(append_list(out, R"(,"amr":)", content.amr));
  AUTHKIT_TRY(append_list(out, R"(,"roles":)", content.roles));
  AUTHKIT_TRY(append_extra(out, content.extra_json, *profile_));
  out.push_back('}');
  return {};
}

}  // namespace authkit
