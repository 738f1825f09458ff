"""Exceptions of authkit, one per row of the error table. Made by bindings/gen_errors.py; do not edit."""

from typing import Any, Dict, Mapping, Optional, Type

from ._error import AuthkitError

__all__ = [
    "AuthkitError", "InputError", "AuthError", "StateError", "LimitError", "BackendError", "InternalError",
    "InvalidArgument", "MalformedRequest", "FieldInvalid", "EmailInvalid", "UsernameInvalid", "ProfileInvalid",
    "WeakPassword", "PasswordHashInvalid", "KeyInvalid", "ConfigInvalid", "PayloadTooLarge", "UnsupportedMediaType",
    "MethodNotAllowed", "CurrentPasswordInvalid", "TicketInvalid", "PasswordReused", "PasswordBreached",
    "MfaSetupCodeInvalid", "InvalidCredentials", "AuthenticationRequired", "InvalidToken", "TokenExpired",
    "TokenRevoked", "RefreshTokenInvalid", "RefreshTokenExpired", "RefreshTokenReused", "SessionRevoked",
    "InsufficientScope", "SignupDisabled", "CsrfRefused", "RefusedByHost", "EmailNotVerified",
    "ReauthenticationRequired", "MfaRequired", "MfaCodeInvalid", "MfaTokenExpired", "NotFound", "EmailTaken",
    "UsernameTaken", "Conflict", "Closed", "PreconditionFailed", "FactorLimit", "RateLimited", "Overloaded",
    "StoreUnavailable", "StoreConflict", "SchemaMismatch", "RevocationStale", "KeysUnavailable", "PeerUnavailable",
    "Internal", "RandomUnavailable", "OutOfMemory", "from_status",
]


class InputError(AuthkitError):
    """Any error of the input block."""


class AuthError(AuthkitError):
    """Any error of the auth block."""


class StateError(AuthkitError):
    """Any error of the state block."""


class LimitError(AuthkitError):
    """Any error of the limit block."""


class BackendError(AuthkitError):
    """Any error of the backend block."""


class InternalError(AuthkitError):
    """Any error of the internal block."""


class InvalidArgument(InputError):
    """An argument is not valid."""

    code, number, http_status, title = "invalid_argument", 101, 400, "An argument is not valid"


class MalformedRequest(InputError):
    """The request is malformed."""

    code, number, http_status, title = "malformed_request", 102, 400, "The request is malformed"


class FieldInvalid(InputError):
    """One or more fields are not valid."""

    code, number, http_status, title = "field_invalid", 103, 422, "One or more fields are not valid"


class EmailInvalid(InputError):
    """The e-mail address is not valid."""

    code, number, http_status, title = "email_invalid", 104, 422, "The e-mail address is not valid"


class UsernameInvalid(InputError):
    """The user name is not valid."""

    code, number, http_status, title = "username_invalid", 105, 422, "The user name is not valid"


class ProfileInvalid(InputError):
    """The profile is not valid."""

    code, number, http_status, title = "profile_invalid", 106, 422, "The profile is not valid"


class WeakPassword(InputError):
    """The password does not meet the policy."""

    code, number, http_status, title = "weak_password", 107, 422, "The password does not meet the policy"


class PasswordHashInvalid(InputError):
    """The stored password hash is not usable."""

    code, number, http_status, title = "password_hash_invalid", 108, 422, "The stored password hash is not usable"


class KeyInvalid(InputError):
    """The key is not usable."""

    code, number, http_status, title = "key_invalid", 109, 422, "The key is not usable"


class ConfigInvalid(InputError):
    """The configuration is not valid."""

    code, number, http_status, title = "config_invalid", 110, 500, "The configuration is not valid"


class PayloadTooLarge(InputError):
    """The request body is too large."""

    code, number, http_status, title = "payload_too_large", 111, 413, "The request body is too large"


class UnsupportedMediaType(InputError):
    """The media type is not supported."""

    code, number, http_status, title = "unsupported_media_type", 112, 415, "The media type is not supported"


class MethodNotAllowed(InputError):
    """The method is not allowed here."""

    code, number, http_status, title = "method_not_allowed", 113, 405, "The method is not allowed here"


class CurrentPasswordInvalid(InputError):
    """The current password is wrong."""

    code, number, http_status, title = "current_password_invalid", 114, 422, "The current password is wrong"


class TicketInvalid(InputError):
    """The link or code is not valid or has been used."""

    code, number, http_status, title = "ticket_invalid", 115, 422, "The link or code is not valid or has been used"


class PasswordReused(InputError):
    """The password was used before."""

    code, number, http_status, title = "password_reused", 116, 422, "The password was used before"


class PasswordBreached(InputError):
    """The password is known from a breach."""

    code, number, http_status, title = "password_breached", 117, 422, "The password is known from a breach"


class MfaSetupCodeInvalid(InputError):
    """The code does not confirm the new factor."""

    code, number, http_status, title = "mfa_setup_code_invalid", 118, 422, "The code does not confirm the new factor"


class InvalidCredentials(AuthError):
    """The login or the password is wrong."""

    code, number, http_status, title = "invalid_credentials", 201, 401, "The login or the password is wrong"


class AuthenticationRequired(AuthError):
    """Authentication is required."""

    code, number, http_status, title = "authentication_required", 202, 401, "Authentication is required"


class InvalidToken(AuthError):
    """The access token is not valid."""

    code, number, http_status, title = "invalid_token", 203, 401, "The access token is not valid"


class TokenExpired(AuthError):
    """The access token has expired."""

    code, number, http_status, title = "token_expired", 204, 401, "The access token has expired"


class TokenRevoked(AuthError):
    """The access token has been revoked."""

    code, number, http_status, title = "token_revoked", 205, 401, "The access token has been revoked"


class RefreshTokenInvalid(AuthError):
    """The refresh token is not valid."""

    code, number, http_status, title = "refresh_token_invalid", 206, 401, "The refresh token is not valid"


class RefreshTokenExpired(AuthError):
    """The refresh token has expired."""

    code, number, http_status, title = "refresh_token_expired", 207, 401, "The refresh token has expired"


class RefreshTokenReused(AuthError):
    """The refresh token was used before."""

    code, number, http_status, title = "refresh_token_reused", 208, 401, "The refresh token was used before"


class SessionRevoked(AuthError):
    """The session has ended."""

    code, number, http_status, title = "session_revoked", 209, 401, "The session has ended"


class InsufficientScope(AuthError):
    """A required permission is missing."""

    code, number, http_status, title = "insufficient_scope", 210, 403, "A required permission is missing"


class SignupDisabled(AuthError):
    """Sign-up is disabled."""

    code, number, http_status, title = "signup_disabled", 211, 403, "Sign-up is disabled"


class CsrfRefused(AuthError):
    """The request did not come from an allowed origin."""

    code, number, http_status, title = "csrf_refused", 212, 403, "The request did not come from an allowed origin"


class RefusedByHost(AuthError):
    """The request was refused."""

    code, number, http_status, title = "refused_by_host", 213, 403, "The request was refused"


class EmailNotVerified(AuthError):
    """The e-mail address has not been verified."""

    code, number, http_status, title = "email_not_verified", 214, 403, "The e-mail address has not been verified"


class ReauthenticationRequired(AuthError):
    """Log in again to do this."""

    code, number, http_status, title = "reauthentication_required", 215, 401, "Log in again to do this"


class MfaRequired(AuthError):
    """A second factor is required."""

    code, number, http_status, title = "mfa_required", 216, 401, "A second factor is required"


class MfaCodeInvalid(AuthError):
    """The code is not valid."""

    code, number, http_status, title = "mfa_code_invalid", 217, 401, "The code is not valid"


class MfaTokenExpired(AuthError):
    """The login has expired."""

    code, number, http_status, title = "mfa_token_expired", 218, 401, "The login has expired"


class NotFound(StateError):
    """Not found."""

    code, number, http_status, title = "not_found", 301, 404, "Not found"


class EmailTaken(StateError):
    """The e-mail address is taken."""

    code, number, http_status, title = "email_taken", 302, 409, "The e-mail address is taken"


class UsernameTaken(StateError):
    """The user name is taken."""

    code, number, http_status, title = "username_taken", 303, 409, "The user name is taken"


class Conflict(StateError):
    """The record was changed by someone else."""

    code, number, http_status, title = "conflict", 304, 409, "The record was changed by someone else"


class Closed(StateError):
    """The context is closed."""

    code, number, http_status, title = "closed", 305, 500, "The context is closed"


class PreconditionFailed(StateError):
    """The resource has changed."""

    code, number, http_status, title = "precondition_failed", 306, 412, "The resource has changed"


class FactorLimit(StateError):
    """The account has as many second factors as it may have."""

    code, number, http_status, title = "factor_limit", 307, 409, "The account has as many second factors as it may have"


class RateLimited(LimitError):
    """Too many attempts."""

    code, number, http_status, title = "rate_limited", 401, 429, "Too many attempts"


class Overloaded(LimitError):
    """The service is overloaded."""

    code, number, http_status, title = "overloaded", 402, 503, "The service is overloaded"


class StoreUnavailable(BackendError):
    """The store is not available."""

    code, number, http_status, title = "store_unavailable", 501, 503, "The store is not available"


class StoreConflict(BackendError):
    """The store is busy."""

    code, number, http_status, title = "store_conflict", 502, 503, "The store is busy"


class SchemaMismatch(BackendError):
    """The database schema does not fit this program."""

    code, number, http_status, title = "schema_mismatch", 503, 503, "The database schema does not fit this program"


class RevocationStale(BackendError):
    """The revocation state is too old to decide."""

    code, number, http_status, title = "revocation_stale", 504, 503, "The revocation state is too old to decide"


class KeysUnavailable(BackendError):
    """The verification keys are not available."""

    code, number, http_status, title = "keys_unavailable", 505, 503, "The verification keys are not available"


class PeerUnavailable(BackendError):
    """Another service is not available."""

    code, number, http_status, title = "peer_unavailable", 506, 503, "Another service is not available"


class Internal(InternalError):
    """An internal error occurred."""

    code, number, http_status, title = "internal", 901, 500, "An internal error occurred"


class RandomUnavailable(InternalError):
    """The random source failed."""

    code, number, http_status, title = "random_unavailable", 902, 500, "The random source failed"


class OutOfMemory(InternalError):
    """Out of memory."""

    code, number, http_status, title = "out_of_memory", 903, 500, "Out of memory"


_by_number: Dict[int, Type[AuthkitError]] = {
    row.number: row for block in AuthkitError.__subclasses__() for row in block.__subclasses__()
}


def from_status(status: int, detail: str, document: Optional[Mapping[str, Any]] = None) -> AuthkitError:
    """The exception of a status of the C interface; an unknown one is an AuthkitError."""
    return _by_number.get(status, AuthkitError)(detail, document)
