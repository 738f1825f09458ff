#pragma once

#include "app.hpp"

#include <span>
#include <string>

namespace authkit::server {

/// All that the server answers, one row each.
std::span<const Route> routes() noexcept;

/// What a path and method lead to.
struct Match {
  const Route* route = nullptr;  ///< null: no such path, or not with this method
  std::string_view parameter;
  std::string allow;  ///< methods of the path, for Allow; empty = no such path. Only filled when route is null
};

/// HEAD finds the GET route; one trailing slash is ignored.
Match match(std::string_view method, std::string_view path);

Result<Response> register_account(Call& call);
Result<Response> log_in(Call& call);
Result<Response> refresh(Call& call);
Result<Response> log_out(Call& call);
Result<Response> me(Call& call);
Result<Response> list_sessions(Call& call);
Result<Response> end_session(Call& call);
Result<Response> change_me(Call& call);
Result<Response> close_me(Call& call);
Result<Response> verify_email(Call& call);
Result<Response> resend_verification(Call& call);
Result<Response> forgot_password(Call& call);
Result<Response> reset_password(Call& call);
Result<Response> change_password(Call& call);
Result<Response> change_email(Call& call);
Result<Response> confirm_email_change(Call& call);
Result<Response> verify_mfa(Call& call);
Result<Response> list_factors(Call& call);
Result<Response> enroll_totp(Call& call);
Result<Response> confirm_totp(Call& call);
Result<Response> remove_totp(Call& call);
Result<Response> renew_recovery_codes(Call& call);
Result<Response> list_users(Call& call);
Result<Response> create_user(Call& call);
Result<Response> show_user(Call& call);
Result<Response> change_user(Call& call);
Result<Response> close_user(Call& call);
Result<Response> revoke_user_sessions(Call& call);
Result<Response> reset_user_mfa(Call& call);
Result<Response> list_audit_logs(Call& call);
Result<Response> health(Call& call);
Result<Response> ready(Call& call);
Result<Response> live(Call& call);
Result<Response> jwks(Call& call);
Result<Response> openapi(Call& call);

}  // namespace authkit::server
