#include "authkit/token.hpp"

#include "core/base64url.hpp"
#include "core/digest.hpp"
#include "core/random.hpp"
#include "core/try.hpp"
#include "token/access_payload.hpp"
#include "token/claims_reader.hpp"
#include "token/compact.hpp"
#include "token/jose_header.hpp"
#include "token/key_material.hpp"
#include "token/profile.hpp"
#include "token/signature.hpp"
#include "token/verified_tokens.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace authkit {

struct Tokens::Impl {
  TokenOptions options;
  std::shared_ptr<KeyRing> keys;
  Clock clock;
  std::vector<std::string> audiences;
  AccessPayload payload;
  std::optional<VerifiedTokens> verified;

  const ProfileTraits* profile = nullptr;
  std::string typ;

  bool is_usual() const { return typ == "at+jwt"; }  // what each key has a header ready for

  ClaimRules rules(Duration leeway) const {
    return {.issuer = options.issuer,
            .audiences = audiences,
            .required = {},
            .leeway = leeway,
            .access_token = true,
            .subject = profile->subject,
            .number_subject = profile->number_subject,
            .token_type = profile->token_type};
  }
  Result<void> read(std::string_view token, Duration leeway, Claims& claims);
};

namespace {

constexpr Duration max_leeway = std::chrono::hours(24 * 366 * 100);

Error refused(const char* why) { return Error(Errc::config_invalid, why); }

/// A subtype name of RFC 6838 section 4.2, and one that tells a kind: "JWT" is every kind.
bool is_kind(std::string_view typ) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$&-^_.+").find(c) != std::string_view::npos;
  };
  return typ.size() <= 64 && std::all_of(typ.begin(), typ.end(), fits) && !is_media_type(typ, "JWT");
}

Result<void> check(const TokenOptions& options) {
  using std::chrono::minutes, std::chrono::hours;
  if (static_cast<std::size_t>(options.profile) >= profiles.size()) return refused("token.profile must be one of the table");
  const ProfileTraits& profile = traits_of(options.profile);
  if (!options.typ.empty() && (!profile.names_parties || !is_kind(options.typ)))
    return refused("token.typ must be a media type without \"application/\"");
  const bool named = profile.names_parties;
  if ((named && options.issuer.empty()) || !valid_claim_text(options.issuer)) return refused("token.issuer must be text");
  if ((named && options.audience.empty()) || !valid_claim_text(options.audience)) return refused("token.audience must be text");
  if (options.access_lifetime < std::chrono::seconds(1) || options.access_lifetime > hours(24 * 366))
    return refused("token.access_lifetime must be between a second and a year");
  if (options.leeway < Duration(0) || options.leeway > minutes(10)) return refused("token.leeway must be between 0 and 10 minutes");
  if (options.max_bytes < 256 || options.max_bytes > 1024 * 1024) return refused("token.max_bytes must be between 256 and 1048576");
  if (options.verified_cache > 1'000'000) return refused("token.verified_cache must be at most 1000000");
  return {};
}

}  // namespace

Result<Tokens> Tokens::open(TokenOptions options, std::shared_ptr<KeyRing> keys, Clock clock) {
  AUTHKIT_TRY(check(options));
  if (!keys) return Error(Errc::invalid_argument, "tokens need a key ring");
  auto impl = std::make_unique<Impl>();
  if (!options.audience.empty()) impl->audiences = {options.audience};
  impl->profile = &traits_of(options.profile);
  impl->typ = options.typ.empty() ? impl->profile->typ : options.typ;
  impl->payload = AccessPayload(options);
  VerifiedTokens::HashKey hash_key;
  AUTHKIT_TRY(random_bytes(hash_key));
  impl->verified.emplace(options.verified_cache, hash_key);
  impl->options = std::move(options);
  impl->keys = std::move(keys);
  impl->clock = std::move(clock);
  return Tokens(std::move(impl));
}

Tokens::Tokens(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Tokens::Tokens(Tokens&&) noexcept = default;
Tokens& Tokens::operator=(Tokens&&) noexcept = default;
Tokens::~Tokens() = default;

Result<IssuedToken> Tokens::issue(const TokenContent& content) const {
  const auto keys = impl_->keys->snapshot();
  if (!keys->sign) return Error(Errc::keys_unavailable, "there is no signing key");
  const Key& key = *keys->sign;
  IssuedToken issued;
  PayloadBuffer payload;
  AUTHKIT_TRY(impl_->payload.write(content, impl_->clock(), payload, issued));

  const std::string unusual = impl_->is_usual() ? std::string() : token_header(key.algorithm(), key.id(), impl_->typ);
  const std::string_view header = impl_->is_usual() ? key.impl().access_header : unusual;
  const std::size_t signed_size = header.size() + 1 + base64url::encoded_size(payload.size());
  const std::size_t size = signed_size + 1 + base64url::encoded_size(key.impl().material->signature_size);
  if (size > impl_->options.max_bytes) return Error(Errc::invalid_argument, "the claims are too large for token.max_bytes");

  std::string& token = issued.token;
  token.resize(size);
  header.copy(token.data(), header.size());
  token[header.size()] = '.';
  base64url::encode_to(as_bytes({payload.data(), payload.size()}), token.data() + header.size() + 1);
  if (!content.extra_json.empty()) {  // what verify() would refuse is not issued
    Claims probe;
    const std::string_view encoded(token.data() + header.size() + 1, signed_size - header.size() - 1);
    if (!ClaimsReader(probe, impl_->rules(impl_->options.leeway)).read(encoded, key.id(), impl_->clock()))
      return Error(Errc::invalid_argument, "the extra claims are no claims");
  }
  std::array<std::uint8_t, max_signature_size> signature;
  AUTHKIT_TRY_ASSIGN(const std::size_t made, make_signature(key, {token.data(), signed_size}, signature));
  token[signed_size] = '.';
  base64url::encode_to({signature.data(), made}, token.data() + signed_size + 1);
  return issued;
}

Result<void> Tokens::Impl::read(std::string_view token, Duration leeway, Claims& claims) {
  auto held = keys->snapshot();
  if (verified->find(token, held->verify, claims)) return ClaimsReader::check_times(claims, leeway, clock());

  const CompactRules compact{.max_bytes = options.max_bytes, .only = {}, .typ = typ, .access_header = is_usual()};
  std::optional<std::string> missing_kid;
  auto signature = verify_compact(token, held->verify, compact, &missing_kid);
  if (missing_kid && keys->miss(*missing_kid)) {
    held = keys->snapshot();
    signature = verify_compact(token, held->verify, compact);
  }
  if (missing_kid && held->unavailable) return Errc::keys_unavailable;
  if (!signature) return std::move(signature).error();
  const Time now = clock();
  AUTHKIT_TRY(ClaimsReader(claims, rules(leeway)).read(signature->payload, signature->key->id(), now));
  verified->keep(token, *signature->key, claims, now);
  return {};
}

Result<Claims> Tokens::verify(std::string_view token) const { return verify(token, impl_->options.leeway); }

Result<Claims> Tokens::verify(std::string_view token, Duration leeway) const {
  Result<Claims> claims(std::in_place);  // filled where it is returned: the inline buffer is never copied
  if (auto read = impl_->read(token, std::clamp(leeway, Duration{0}, max_leeway), *claims); !read) claims = std::move(read).error();
  return claims;
}

std::string Tokens::jwks_json() const { return public_jwks(impl_->keys->snapshot()->verify); }
const TokenOptions& Tokens::options() const noexcept { return impl_->options; }
KeyRing& Tokens::keys() const noexcept { return *impl_->keys; }

}  // namespace authkit
