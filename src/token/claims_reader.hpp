#pragma once

#include "authkit/token.hpp"

#include "token/strict_json.hpp"

#include <span>

namespace authkit {

/// What the claims of a token must be, after its signature held.
struct ClaimRules {
  std::string_view issuer;                 ///< empty = not compared
  std::span<const std::string> audiences;  ///< one of them must be named; none given: the token must name none (RFC 7519 section 4.1.3)
  std::span<const std::string> required;   ///< further claims that must be there and not null; at most 64
  Duration leeway{0};
  bool access_token = false;         ///< authkit's own: the subject is required too, and all claims of TokenContent have their types
  std::string_view subject = "sub";  ///< the claim that names the user
  bool number_subject = false;       ///< which may be a whole number, read as its digits
  std::string_view token_type{};     ///< what the claim `token_type` must say; empty = it is not looked at
};

/// Decodes a payload into a Claims and checks it. One object a token.
class ClaimsReader final : public JsonIgnore {
 public:
  ClaimsReader(Claims& claims, ClaimRules rules) : claims_(claims), rules_(rules) {}

  /// Types first, then issuer, audience and what is required (Errc::invalid_token), and only when all that is right the times
  /// (Errc::token_expired). On an error `claims` must be thrown away.
  Result<void> read(std::string_view encoded_payload, std::string_view key_id, Time now);

  /// The last of those checks by itself, for claims that were read before.
  static Result<void> check_times(const Claims& claims, Duration leeway, Time now);

  // of JsonIgnore
  bool member(std::string_view name);
  bool text(std::string_view text);
  bool number(const JsonNumber& number);
  bool null();
  bool other();
  bool array();
  bool element_text(std::string_view text);
  bool element_other();

 private:
  enum class Member : std::uint8_t { foreign, iss, subject, token_type, aud, exp, nbf, iat, jti, sid, epoch, acr, amr, auth_time, roles };
  enum class Round : std::uint8_t { down, up };

  Member member_of(std::string_view name) const noexcept;
  bool has(Member member) const noexcept { return (seen_ & 1U << static_cast<unsigned>(member)) != 0; }
  bool is_own_extra() const noexcept { return current_ >= Member::sid; }
  bool wrong_type() const noexcept { return current_ == Member::foreign || (is_own_extra() && !rules_.access_token); }
  bool present() noexcept;
  bool keep(std::string_view text, Claims::Text& place);
  bool set_time(const JsonNumber& number, Round round, Time& place);
  bool set_epoch(const JsonNumber& number);
  bool set_subject(std::string_view text);
  bool set_number_subject(const JsonNumber& number);
  Result<void> check(Time now) const;

  Claims& claims_;
  ClaimRules rules_;
  JsonScratch scratch_;
  char* base_ = nullptr;
  Member current_ = Member::foreign;
  std::uint64_t awaited_ = 0;         // bit of rules_.required that the member being read would satisfy
  std::uint64_t required_found_ = 0;  // bits of rules_.required
  std::uint32_t seen_ = 0;
  bool audience_matched_ = false;
  bool type_matched_ = false;
};

}  // namespace authkit
