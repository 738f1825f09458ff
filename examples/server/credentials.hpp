#pragma once

#include "app.hpp"

#include <optional>
#include <string_view>

namespace authkit::server {

/// What a request brings to say who sends it.
struct Credential {
  Transport carrier = Transport::bearer;
  std::string_view secret;
};

/// The one credential of a request, or none. Errors: malformed_request for two at once (RFC 6750 section 2).
Result<std::optional<Credential>> find_credential(const Request& request);

/// Sets identity and carrier of the call. Errors: authentication_required without a credential, invalid_token or session_revoked when it
/// does not hold, whatever the reason; the detail tells it.
Result<void> authenticate(Call& call);

/// A credential that was refused, as clients see it: one code for each carrier. Other errors (503) pass unchanged.
Error refused(const Error& error, Transport carrier);

/// Whether a browser's request that rides on the session cookie comes from a page that may send it (OWASP CSRF Prevention):
/// JSON only, not cross-site, from an allowed origin or with the session's CSRF token. Errors: csrf_refused, unsupported_media_type.
Result<void> check_cookie_request(const Call& call, const SessionId& session);

/// The same where no session exists yet, login and sign-up: an Origin must be allowed or absent. Errors: csrf_refused.
Result<void> check_entry_request(const Call& call);
/// And a cookie is never set for another site.
Result<void> check_cookie_login(const Call& call);

/// RFC 9110 section 9.2.1.
bool is_safe(std::string_view method) noexcept;

}  // namespace authkit::server
