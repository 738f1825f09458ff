#include "guard.hpp"

using namespace authkit;
using namespace authkit::capi;

namespace {

/// Signature, claims and revocation, by value all the way: a flood of bad tokens must not pay for exceptions.
Result<Claims> verify(authkit_ctx* ctx, std::string_view token) {
  Auth& auth = opened(ctx);
  Result<Claims> claims = auth.tokens().verify(token);
  if (!claims) return claims;
  if (auto good = auth.revocations().check(*claims); !good) return std::move(good).error();
  return claims;
}

/// The text of an id that is there.
template <std::size_t N, class IdType>
void put(char (&target)[N], const IdType& id) noexcept {
  static_assert(N > text_size<IdType>);
  *(id.is_nil() ? target : write_text(id, target)) = '\0';
}

std::int64_t milliseconds(Time time) noexcept { return time.time_since_epoch().count(); }

/// The content of a new token out of its JSON form; keeps the texts that the content only views.
struct ContentDocument {
  TokenContent content;
  std::string acr, extra;

  explicit ContentDocument(std::string_view json) {
    JsonReader reader = JsonReader::parse(json).value();
    const auto user = parse_user_id(reader.text("sub"));
    if (!user) reader.reject("sub", "invalid", "a user id in its text form");
    const auto sid = reader.optional_text("sid");
    const auto session = sid ? parse_session_id(*sid) : std::nullopt;
    if (sid && !session) reader.reject("sid", "invalid", "a session id in its text form");
    const auto epoch = reader.optional_integer("epoch").value_or(0);
    if (epoch < 0) reader.reject("epoch", "out_of_range", "not negative");
    acr = reader.optional_text("acr").value_or("");
    extra = reader.optional_object("claims").value_or("");
    content.amr = reader.optional_texts("amr");
    content.roles = reader.optional_texts("roles");
    content.auth_time = Time{Duration{reader.optional_integer("auth_time").value_or(0)}};
    reader.finish().value();
    content.subject = *user;
    if (session) content.session = *session;
    content.epoch = static_cast<std::uint64_t>(epoch);
    content.acr = acr;
    content.extra_json = extra;
  }
};

}  // namespace

Result<void> authkit::capi::give_into(const Claims& claims, authkit_verified& verified, char* payload, std::size_t capacity) {
  const std::string_view json = claims.json();
  if (payload != nullptr && json.size() >= capacity) return Error(Errc::invalid_argument, "payload_capacity: the token's length suffices");
  *write_text(claims.user(), verified.user_id) = '\0';
  put(verified.session_id, claims.session());
  put(verified.token_id, claims.jti());
  verified.epoch = claims.epoch();
  verified.issued_at_ms = milliseconds(claims.issued_at());
  verified.expires_at_ms = milliseconds(claims.expires_at());
  verified.auth_time_ms = milliseconds(claims.auth_time());
  if (payload == nullptr) return {};
  std::memcpy(payload, json.data(), json.size());
  payload[json.size()] = '\0';
  return {};
}

extern "C" {

authkit_status authkit_token_issue(authkit_ctx* ctx, const char* content, char** token) {
  return guard([&] {
    const TextOut out(token);
    Auth& auth = opened(ctx);
    const ContentDocument document(text(content, "content"));
    return out.give(auth.tokens().issue(document.content).value().token);
  });
}

authkit_status authkit_token_verify(authkit_ctx* ctx, const char* token, size_t length, char** claims) {
  return guard([&]() -> Result<void> {
    const TextOut out(claims);
    const Result<Claims> verified = verify(ctx, bytes(token, length, "token"));
    if (!verified) return verified.error();
    return out.give(verified->json());
  });
}

authkit_status authkit_token_verify_into(authkit_ctx* ctx, const char* token, size_t length, authkit_verified* verified, char* payload,
                                         size_t payload_capacity) {
  return guard([&]() -> Result<void> {
    if (verified == nullptr) return Error(Errc::invalid_argument, "the output is NULL");
    const Result<Claims> claims = verify(ctx, bytes(token, length, "token"));
    if (!claims) return claims.error();
    return give_into(*claims, *verified, payload, payload_capacity);
  });
}

authkit_status authkit_token_revoke(authkit_ctx* ctx, const authkit_call* call, const char* token, size_t length) {
  return guard([&]() -> Result<void> {
    const Accounts& accounts = opened(ctx).accounts();
    const Context& context = context_of(call);
    return accounts.revoke_token(accounts.authenticate(bytes(token, length, "token"), context).value(), context);
  });
}

authkit_status authkit_jwks(authkit_ctx* ctx, char** jwks) {
  return guard([&] { return TextOut(jwks).give(opened(ctx).tokens().jwks_json()); });
}

authkit_status authkit_keys_rotate(authkit_ctx* ctx) {
  return guard([&] { return opened(ctx).rotate_keys(); });
}

}  // extern "C"
