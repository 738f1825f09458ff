#include "account.hpp"

#include "guard.hpp"

using namespace authkit;
using namespace authkit::capi;

namespace {

void fill(Registration& registration, const char* email, std::string_view password, const char* username, const char* profile) {
  registration.email = text(email, "email");
  registration.password = password;
  registration.username = optional_text(username);
  if (profile != nullptr) registration.profile = profile;
}

/// A registration whose password is wiped when the call ends.
template <class Kind>
struct Wiped : Kind {
  ~Wiped() { explicit_bzero(this->password.data(), this->password.size()); }
};

}  // namespace

extern "C" {

authkit_status authkit_sign_up(authkit_ctx* ctx, const authkit_call* call, const char* email, const char* password, size_t length,
                               const char* username, const char* profile, char** account) {
  return guard([&] {
    const TextOut out(account);
    Wiped<Registration> registration;
    fill(registration, email, bytes(password, length, "password"), username, profile);
    return out.give(to_json(opened(ctx).accounts().sign_up(registration, context_of(call)).value()));
  });
}

authkit_status authkit_user_create(authkit_ctx* ctx, const authkit_call* call, const char* email, const char* password, size_t length,
                                   const char* username, const char* profile, const char* roles, char** account) {
  return guard([&] {
    const TextOut out(account);
    Wiped<NewAccount> created;
    fill(created, email, bytes(password, length, "password"), username, profile);
    created.roles = words(optional_text(roles));
    return out.give(to_json(opened(ctx).accounts().create(created, context_of(call)).value()));
  });
}

authkit_status authkit_user_find(authkit_ctx* ctx, const authkit_call* call, const char* login_or_id, char** account) {
  return guard([&] {
    const TextOut out(account);
    return out.give(to_json(opened(ctx).accounts().find(text(login_or_id, "login_or_id"), context_of(call)).value()));
  });
}

authkit_status authkit_user_list(authkit_ctx* ctx, const authkit_call* call, const char* cursor, uint32_t limit, char** page) {
  return guard([&] {
    const TextOut out(page);
    return out.give(to_json(opened(ctx).accounts().list({}, optional_text(cursor), limit, context_of(call)).value()));
  });
}

authkit_status authkit_user_set_status(authkit_ctx* ctx, const authkit_call* call, const char* user_id, const char* status, const char* actor) {
  return guard([&]() -> Result<void> {
    const auto user = parse_user_id(text(user_id, "user_id"));
    if (!user) return Error(Errc::invalid_argument, "user_id: a user id in its text form");
    const auto wanted = parse_account_status(text(status, "status"));
    if (!wanted || (*wanted != AccountStatus::active && *wanted != AccountStatus::disabled))
      return Error(Errc::invalid_argument, "status: active or disabled");
    opened(ctx).accounts().set_status(*user, *wanted, text(actor, "actor"), context_of(call)).value();
    return {};
  });
}

authkit_status authkit_log_in(authkit_ctx* ctx, const authkit_call* call, const char* login, const char* password, size_t length, int32_t transport,
                              const char* device_name, char** grant) {
  return guard([&] {
    const TextOut out(grant);
    Wiped<Login> wanted;
    wanted.login = text(login, "login");
    wanted.password = bytes(password, length, "password");
    wanted.transport = transport_of(transport);
    wanted.device_name = optional_text(device_name);
    Auth& auth = opened(ctx);
    return out.give(grant_document(auth, auth.accounts().log_in(wanted, context_of(call)).value()));
  });
}

authkit_status authkit_refresh(authkit_ctx* ctx, const authkit_call* call, const char* refresh_token, size_t length, char** grant) {
  return guard([&] {
    const TextOut out(grant);
    Auth& auth = opened(ctx);
    return out.give(grant_document(auth, auth.accounts().refresh(bytes(refresh_token, length, "refresh_token"), context_of(call)).value()));
  });
}

authkit_status authkit_authenticate(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length, int32_t transport,
                                    char** identity) {
  return guard([&] {
    const TextOut out(identity);
    return out.give(to_json(identity_of(opened(ctx).accounts(), bytes(credential, length, "credential"), transport, context_of(call))));
  });
}

authkit_status authkit_me(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length, int32_t transport, char** account) {
  return guard([&] {
    const TextOut out(account);
    const Accounts& accounts = opened(ctx).accounts();
    const Context& context = context_of(call);
    const Identity identity = identity_of(accounts, bytes(credential, length, "credential"), transport, context);
    return out.give(to_json(*accounts.me(identity, context).value()));
  });
}

authkit_status authkit_sessions(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length, int32_t transport,
                                char** sessions) {
  return guard([&] {
    const TextOut out(sessions);
    const Accounts& accounts = opened(ctx).accounts();
    const Context& context = context_of(call);
    const Identity identity = identity_of(accounts, bytes(credential, length, "credential"), transport, context);
    return out.give(to_json(accounts.sessions(identity.user, context).value(), identity.session));
  });
}

authkit_status authkit_log_out(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length, int32_t transport, int32_t scope) {
  return guard([&] {
    const LogoutScope wanted = scope_of(scope);
    const Accounts& accounts = opened(ctx).accounts();
    const Context& context = context_of(call);
    return accounts.log_out(identity_of(accounts, bytes(credential, length, "credential"), transport, context), wanted, context);
  });
}

authkit_status authkit_log_out_refresh(authkit_ctx* ctx, const authkit_call* call, const char* refresh_token, size_t length, int32_t scope) {
  return guard([&] {
    return opened(ctx).accounts().log_out_session(bytes(refresh_token, length, "refresh_token"), Transport::bearer, scope_of(scope),
                                                  context_of(call));
  });
}

}  // extern "C"
