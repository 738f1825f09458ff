#include "token/claims_reader.hpp"

#include "core/base64url.hpp"
#include "core/digest.hpp"
#include "core/try.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>

namespace authkit {
namespace {

constexpr std::size_t max_digits = 20;                 // of a std::int64_t
constexpr std::int64_t last_second = 253'402'300'799;  // the end of the year 9999: what is later is no date but a mistake

Error refused(const char* why) { return Error(Errc::invalid_token, why); }

template <class IdType>
IdType id_of(std::string_view text, std::optional<IdType> parsed) {
  if (parsed) return *parsed;
  return IdType{hash128(as_bytes(text))};
}

/// Three letters as one number: most names of claims are compared by that.
constexpr std::uint32_t word_of(std::string_view three) noexcept {
  return static_cast<std::uint32_t>(static_cast<unsigned char>(three[0])) | static_cast<std::uint32_t>(static_cast<unsigned char>(three[1])) << 8 |
         static_cast<std::uint32_t>(static_cast<unsigned char>(three[2])) << 16;
}

std::optional<TokenId> parse_token_id(std::string_view text) noexcept {
  const auto id = parse_session_id(text);  // one form for both
  if (!id) return std::nullopt;
  return TokenId{id->bytes};
}

}  // namespace

ClaimsReader::Member ClaimsReader::member_of(std::string_view name) const noexcept {
  if (name.size() == 3) {
    switch (word_of(name)) {
      case word_of("iss"):
        return Member::iss;
      case word_of("aud"):
        return Member::aud;
      case word_of("exp"):
        return Member::exp;
      case word_of("nbf"):
        return Member::nbf;
      case word_of("iat"):
        return Member::iat;
      case word_of("jti"):
        return Member::jti;
      case word_of("sid"):
        return Member::sid;
      case word_of("acr"):
        return Member::acr;
      case word_of("amr"):
        return Member::amr;
      default:
        break;
    }
  }
  if (name == rules_.subject) return Member::subject;
  if (name == "epoch") return Member::epoch;
  if (name == "roles") return Member::roles;
  if (name == "auth_time") return Member::auth_time;
  return !rules_.token_type.empty() && name == "token_type" ? Member::token_type : Member::foreign;
}

bool ClaimsReader::member(std::string_view name) {
  current_ = member_of(name);
  awaited_ = 0;
  for (std::size_t i = 0; i < rules_.required.size(); ++i)
    if (rules_.required[i] == name) awaited_ |= std::uint64_t{1} << i;
  return true;
}

bool ClaimsReader::present() noexcept {
  seen_ |= 1U << static_cast<unsigned>(current_);
  required_found_ |= awaited_;
  return true;
}

/// Texts without escapes stay where they are; those with escapes are put behind the payload.
bool ClaimsReader::keep(std::string_view text, Claims::Text& place) {
  const std::less<const char*> before;
  const char* const end = base_ + claims_.facts_.json.size;
  if (text.empty() || (!before(text.data(), base_) && before(text.data(), end))) {
    place = {text.empty() ? 0 : static_cast<std::uint32_t>(text.data() - base_), static_cast<std::uint32_t>(text.size())};
    return true;
  }
  if (text.find('\0') != std::string_view::npos) return false;  // which only an escape brings here
  if (text.size() > scratch_.room.size() - scratch_.kept) return false;
  char* const to = scratch_.room.data() + scratch_.kept;
  std::memmove(to, text.data(), text.size());
  scratch_.kept += text.size();
  place = {static_cast<std::uint32_t>(to - base_), static_cast<std::uint32_t>(text.size())};
  return true;
}

bool ClaimsReader::text(std::string_view text) {
  Claims::Facts& facts = claims_.facts_;
  switch (current_) {
    case Member::iss:
      return keep(text, facts.issuer) && present();
    case Member::subject:
      return set_subject(text) && present();
    case Member::token_type:
      type_matched_ = text == rules_.token_type;
      return present();
    case Member::aud:
      return element_text(text) && present();
    case Member::jti:
      if (!keep(text, facts.token_id)) return false;
      facts.jti = id_of(text, parse_token_id(text));
      return present();
    case Member::sid:
      if (text.empty()) return wrong_type();
      facts.session = id_of(text, parse_session_id(text));
      return present();
    case Member::acr:
      return keep(text, facts.acr) && present();
    case Member::foreign:
      return present();
    default:
      return wrong_type() && present();
  }
}

/// RFC 7519 section 2: seconds, fractions allowed. An end is rounded down and a beginning up, so that a fraction never adds lifetime.
bool ClaimsReader::set_time(const JsonNumber& number, Round round, Time& place) {
  if (number.kind == JsonNumber::Kind::big) return false;
  if (number.kind == JsonNumber::Kind::integer) {
    if (number.integer < 0 || number.integer > last_second) return false;
    place = Time(std::chrono::seconds(number.integer));
    return present();
  }
  if (!(number.real >= 0 && number.real <= static_cast<double>(last_second))) return false;
  const double milliseconds = number.real * 1000;
  place = Time(Duration(static_cast<std::int64_t>(round == Round::down ? std::floor(milliseconds) : std::ceil(milliseconds))));
  return present();
}

bool ClaimsReader::set_epoch(const JsonNumber& number) {
  if (number.kind == JsonNumber::Kind::real || (number.kind == JsonNumber::Kind::integer && number.integer < 0)) return wrong_type();
  claims_.facts_.epoch = number.kind == JsonNumber::Kind::big ? number.big : static_cast<std::uint64_t>(number.integer);
  return present();
}

bool ClaimsReader::set_subject(std::string_view text) {
  if (!keep(text, claims_.facts_.subject) || (rules_.access_token && text.empty())) return false;
  claims_.facts_.user = id_of(text, parse_user_id(text));
  return true;
}

/// The digits, so that 42 and "42" name one user.
bool ClaimsReader::set_number_subject(const JsonNumber& number) {
  if (!rules_.number_subject || number.kind != JsonNumber::Kind::integer || number.integer < 0) return false;
  std::array<char, max_digits> digits;
  const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number.integer).ptr;
  return set_subject({digits.data(), end});
}

bool ClaimsReader::number(const JsonNumber& number) {
  switch (current_) {
    case Member::subject:
      return set_number_subject(number) && present();
    case Member::exp:
      return set_time(number, Round::down, claims_.facts_.expires_at);
    case Member::nbf:
      return set_time(number, Round::up, claims_.facts_.not_before);
    case Member::iat:
      return set_time(number, Round::up, claims_.facts_.issued_at);
    case Member::auth_time:
      return set_time(number, Round::down, claims_.facts_.auth_time) || wrong_type();
    case Member::epoch:
      return set_epoch(number);
    default:
      return wrong_type() && present();
  }
}

bool ClaimsReader::null() { return wrong_type(); }  // which is not being there
bool ClaimsReader::other() { return wrong_type() && present(); }

bool ClaimsReader::array() {
  const bool takes_arrays = current_ == Member::aud || current_ == Member::amr || current_ == Member::roles;
  return (takes_arrays || wrong_type()) && present();
}

bool ClaimsReader::element_text(std::string_view text) {
  if (current_ != Member::aud) return true;
  audience_matched_ = audience_matched_ || std::find(rules_.audiences.begin(), rules_.audiences.end(), text) != rules_.audiences.end();
  return true;
}

bool ClaimsReader::element_other() { return current_ != Member::aud && wrong_type(); }

Result<void> ClaimsReader::read(std::string_view encoded_payload, std::string_view key_id, Time now) {
  const std::size_t size = base64url::decoded_size(encoded_payload.size());
  const std::size_t fixed = size + key_id.size();
  // Escapes only shorten, so a second payload's worth of room holds every text that has any. Decoding first would need the room already.
  std::size_t room = rules_.number_subject ? max_digits : 0;
  char* bytes = claims_.reserve(fixed + room);
  if (!base64url::decode_to(encoded_payload, reinterpret_cast<std::uint8_t*>(bytes))) return refused("the payload is not base64url");
  if (std::memchr(bytes, '\\', size) != nullptr) {
    room += size;
    bytes = claims_.reserve(fixed + room);
    base64url::decode_to(encoded_payload, reinterpret_cast<std::uint8_t*>(bytes));
  }
  scratch_.room = {bytes + fixed, room};
  base_ = bytes;
  std::copy(key_id.begin(), key_id.end(), bytes + size);
  claims_.facts_.json = {0, static_cast<std::uint32_t>(size)};
  claims_.facts_.key_id = {static_cast<std::uint32_t>(size), static_cast<std::uint32_t>(key_id.size())};
  if (!read_json({bytes, size}, *this, scratch_)) return refused("the payload is not strict JSON, or a claim has the wrong type");
  claims_.facts_.used = static_cast<std::uint32_t>(fixed + scratch_.kept);
  return check(now);
}

Result<void> ClaimsReader::check(Time now) const {
  if (!rules_.issuer.empty() && (!has(Member::iss) || claims_.issuer() != rules_.issuer)) return refused("the issuer is another one");
  if (rules_.audiences.empty() ? has(Member::aud) : !audience_matched_) return refused("the token is meant for another audience");
  if (!has(Member::exp)) return refused("the token has no expiry");
  if (rules_.access_token && !has(Member::subject)) return refused("the token has no subject");
  if (!rules_.token_type.empty() && !type_matched_) return refused("the token_type is another one");
  const std::size_t wanted = rules_.required.size();
  if (wanted > 64 || required_found_ != (wanted == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << wanted) - 1))
    return refused("a required claim is missing");

  return check_times(claims_, rules_.leeway, now);
}

Result<void> ClaimsReader::check_times(const Claims& claims, Duration leeway, Time now) {
  const Claims::Facts& facts = claims.facts_;  // a time that is absent is long past
  if (now >= facts.expires_at + leeway) return Errc::token_expired;
  if (now + leeway < facts.not_before) return Error(Errc::token_expired, "the token is not valid yet");
  if (now + leeway < facts.issued_at) return Error(Errc::token_expired, "the token was issued in the future");
  return {};
}

}  // namespace authkit
