#include "account.hpp"
#include "guard.hpp"

namespace authkit::capi {

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

Identity identity_of(const Accounts& accounts, std::string_view credential, std::int32_t transport, const Context& context) {
  return transport_of(transport) == Transport::bearer ? accounts.authenticate(credential, context).value()
                                                      : accounts.authenticate_cookie(credential, context).value();
}

std::string grant_document(Auth& auth, const Grant& grant) { return to_json(grant, auth.config().clock(), auth.sessions()); }

}  // namespace authkit::capi

using namespace authkit;
using namespace authkit::capi;

namespace {

/// A call in the name of whom a credential names.
struct Named {
  Named(authkit_ctx* ctx, const authkit_call* call, const char* credential, std::size_t length, std::int32_t transport)
      : auth(opened(ctx)),
        accounts(auth.accounts()),
        context(context_of(call)),
        identity(identity_of(accounts, bytes(credential, length, "credential"), transport, context)) {}

  Auth& auth;
  const Accounts& accounts;
  const Context& context;
  Identity identity;
};

/// A text that is wiped when the call ends.
struct WipedText {
  explicit WipedText(std::string_view given) : text(given) {}
  ~WipedText() { explicit_bzero(text.data(), text.size()); }
  std::string text;
};

FactorId factor_of(const char* factor_id) {
  const auto id = parse_factor_id(text(factor_id, "factor_id"));
  if (!id) throw BadResult(Error(Errc::invalid_argument, "factor_id: the id of authkit_totp_enroll()"));
  return *id;
}

}  // namespace

extern "C" {

authkit_status authkit_deliver(authkit_ctx* ctx, uint32_t budget_ms, uint32_t* count) {
  return guard([&]() -> Result<void> {
    const std::size_t delivered = opened(ctx).deliver(Duration{budget_ms}).value();
    if (count != nullptr) *count = static_cast<std::uint32_t>(delivered);
    return {};
  });
}

authkit_status authkit_verify_mfa(authkit_ctx* ctx, const authkit_call* call, const char* mfa_token, const char* method, const char* code,
                                  char** grant) {
  return guard([&] {
    const TextOut out(grant);
    const SecondFactor factor{std::string(text(mfa_token, "mfa_token")), std::string(text(method, "method")), std::string(text(code, "code"))};
    Auth& auth = opened(ctx);
    return out.give(grant_document(auth, auth.accounts().verify_mfa(factor, context_of(call)).value()));
  });
}

authkit_status authkit_verify_email(authkit_ctx* ctx, const authkit_call* call, const char* token) {
  return guard([&] { return opened(ctx).accounts().verify_email(text(token, "token"), context_of(call)); });
}

authkit_status authkit_verify_email_code(authkit_ctx* ctx, const authkit_call* call, const char* email, const char* code) {
  return guard([&] { return opened(ctx).accounts().verify_email(text(email, "email"), text(code, "code"), context_of(call)); });
}

authkit_status authkit_resend_verification(authkit_ctx* ctx, const authkit_call* call, const char* email) {
  return guard([&] { return opened(ctx).accounts().resend_verification(text(email, "email"), context_of(call)); });
}

authkit_status authkit_request_password_reset(authkit_ctx* ctx, const authkit_call* call, const char* email) {
  return guard([&] { return opened(ctx).accounts().request_password_reset(text(email, "email"), context_of(call)); });
}

authkit_status authkit_reset_password(authkit_ctx* ctx, const authkit_call* call, const char* token, const char* password, size_t length,
                                      const char* mfa_method, const char* mfa_code) {
  return guard([&] {
    WipedText wanted(bytes(password, length, "password"));
    PasswordReset reset{std::string(text(token, "token")), wanted.text, std::string(optional_text(mfa_method)), std::string(optional_text(mfa_code))};
    auto done = opened(ctx).accounts().reset_password(reset, context_of(call));
    explicit_bzero(reset.new_password.data(), reset.new_password.size());
    return done;
  });
}

authkit_status authkit_change_password(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length, int32_t transport,
                                       const char* current_password, size_t current_length, const char* new_password, size_t new_length,
                                       int32_t keep_others, char** grant) {
  return guard([&] {
    const TextOut out(grant);
    const Named named(ctx, call, credential, length, transport);
    PasswordChange change{std::string(bytes(current_password, current_length, "current_password")),
                          std::string(bytes(new_password, new_length, "new_password")), keep_others == 0};
    const auto changed = named.accounts.change_password(named.identity, change, named.context);
    explicit_bzero(change.current_password.data(), change.current_password.size());
    explicit_bzero(change.new_password.data(), change.new_password.size());
    return out.give(grant_document(named.auth, changed.value()));
  });
}

authkit_status authkit_request_email_change(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length, int32_t transport,
                                            const char* new_email) {
  return guard([&] {
    const Named named(ctx, call, credential, length, transport);
    return named.accounts.request_email_change(named.identity, text(new_email, "new_email"), named.context);
  });
}

authkit_status authkit_confirm_email_change(authkit_ctx* ctx, const authkit_call* call, const char* token) {
  return guard([&] { return opened(ctx).accounts().confirm_email_change(text(token, "token"), context_of(call)); });
}

authkit_status authkit_update_profile(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length, int32_t transport,
                                      const char* patch, char** account) {
  return guard([&] {
    const TextOut out(account);
    const Named named(ctx, call, credential, length, transport);
    return out.give(to_json(named.accounts.update_profile(named.identity, text(patch, "patch"), {}, named.context).value()));
  });
}

authkit_status authkit_close_account(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length, int32_t transport,
                                     const char* password, size_t password_length) {
  return guard([&] {
    const Named named(ctx, call, credential, length, transport);
    return named.accounts.close(named.identity, bytes(password, password_length, "password"), named.context);
  });
}

authkit_status authkit_end_session(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length, int32_t transport,
                                   const char* session_id) {
  return guard([&]() -> Result<void> {
    const Named named(ctx, call, credential, length, transport);
    const auto id = parse_session_id(text(session_id, "session_id"));
    if (!id) return Errc::not_found;
    return named.accounts.end_session(named.identity, *id, named.context);
  });
}

authkit_status authkit_totp_enroll(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length, int32_t transport,
                                   const char* label, char** enrolment) {
  return guard([&] {
    const TextOut out(enrolment);
    const Named named(ctx, call, credential, length, transport);
    return out.give(to_json(named.accounts.enroll_totp(named.identity, optional_text(label), named.context).value()));
  });
}

authkit_status authkit_totp_confirm(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length, int32_t transport,
                                    const char* factor_id, const char* code, char** confirmed) {
  return guard([&] {
    const TextOut out(confirmed);
    const Named named(ctx, call, credential, length, transport);
    const TotpConfirmed done = named.accounts.confirm_totp(named.identity, factor_of(factor_id), text(code, "code"), named.context).value();
    std::string document = R"({"recovery_codes":)" + json_texts(done.recovery_codes);
    document.append(R"(,"grant":)").append(grant_document(named.auth, done.grant)).append("}");
    return out.give(document);
  });
}

authkit_status authkit_totp_remove(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length, int32_t transport,
                                   const char* factor_id, char** grant) {
  return guard([&] {
    const TextOut out(grant);
    const Named named(ctx, call, credential, length, transport);
    return out.give(grant_document(named.auth, named.accounts.remove_totp(named.identity, factor_of(factor_id), named.context).value()));
  });
}

authkit_status authkit_recovery_codes(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length, int32_t transport,
                                      char** codes) {
  return guard([&] {
    const TextOut out(codes);
    const Named named(ctx, call, credential, length, transport);
    return out.give(json_texts(named.accounts.renew_recovery_codes(named.identity, named.context).value()));
  });
}

}  // extern "C"
