"""Exceptions of authkit, one per row of the error table. Made by bindings/gen_errors.py; do not edit."""

from typing import Any, Dict, List, Mapping, Optional, Type

__all__ = [
    "AuthkitError",
    "InputError",
    "AuthError",
    "StateError",
    "LimitError",
    "BackendError",
    "InternalError",
    "InvalidArgument",
    "MalformedRequest",
    "FieldInvalid",
    "EmailInvalid",
    "UsernameInvalid",
    "ProfileInvalid",
    "WeakPassword",
    "PasswordHashInvalid",
    "KeyInvalid",
    "ConfigInvalid",
    "PayloadTooLarge",
    "UnsupportedMediaType",
    "MethodNotAllowed",
    "CurrentPasswordInvalid",
    "InvalidCredentials",
    "AuthenticationRequired",
    "InvalidToken",
    "TokenExpired",
    "TokenRevoked",
    "RefreshTokenInvalid",
    "RefreshTokenExpired",
    "RefreshTokenReused",
    "SessionRevoked",
    "InsufficientScope",
    "SignupDisabled",
    "CsrfRefused",
    "RefusedByHost",
    "NotFound",
    "EmailTaken",
    "UsernameTaken",
    "Conflict",
    "Closed",
    "PreconditionFailed",
    "RateLimited",
    "Overloaded",
    "StoreUnavailable",
    "StoreConflict",
    "SchemaMismatch",
    "RevocationStale",
    "KeysUnavailable",
    "PeerUnavailable",
    "Internal",
    "RandomUnavailable",
    "OutOfMemory",
    "from_status",
]


class AuthkitError(Exception):
    """An error of authkit.

    ``code`` is the stable name, ``number`` the status of the C interface, ``http_status`` what a server answers, ``detail`` what to do,
    ``errors`` the bad members of an input, ``retry_after`` seconds to wait or None.
    """

    code: str = "internal"
    number: int = 901
    http_status: int = 500
    title: str = "An internal error occurred"

    def __init__(self, detail: str = "", document: Optional[Mapping[str, Any]] = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        given = document or {}
        self.errors: List[Dict[str, str]] = list(given.get("errors", []))
        self.retry_after: Optional[int] = given.get("retry_after")


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

    code = "invalid_argument"
    number = 101
    http_status = 400
    title = "An argument is not valid"


class MalformedRequest(InputError):
    """The request is malformed."""

    code = "malformed_request"
    number = 102
    http_status = 400
    title = "The request is malformed"


class FieldInvalid(InputError):
    """One or more fields are not valid."""

    code = "field_invalid"
    number = 103
    http_status = 422
    title = "One or more fields are not valid"


class EmailInvalid(InputError):
    """The e-mail address is not valid."""

    code = "email_invalid"
    number = 104
    http_status = 422
    title = "The e-mail address is not valid"


class UsernameInvalid(InputError):
    """The user name is not valid."""

    code = "username_invalid"
    number = 105
    http_status = 422
    title = "The user name is not valid"


class ProfileInvalid(InputError):
    """The profile is not valid."""

    code = "profile_invalid"
    number = 106
    http_status = 422
    title = "The profile is not valid"


class WeakPassword(InputError):
    """The password does not meet the policy."""

    code = "weak_password"
    number = 107
    http_status = 422
    title = "The password does not meet the policy"


class PasswordHashInvalid(InputError):
    """The stored password hash is not usable."""

    code = "password_hash_invalid"
    number = 108
    http_status = 422
    title = "The stored password hash is not usable"


class KeyInvalid(InputError):
    """The key is not usable."""

    code = "key_invalid"
    number = 109
    http_status = 422
    title = "The key is not usable"


class ConfigInvalid(InputError):
    """The configuration is not valid."""

    code = "config_invalid"
    number = 110
    http_status = 500
    title = "The configuration is not valid"


class PayloadTooLarge(InputError):
    """The request body is too large."""

    code = "payload_too_large"
    number = 111
    http_status = 413
    title = "The request body is too large"


class UnsupportedMediaType(InputError):
    """The media type is not supported."""

    code = "unsupported_media_type"
    number = 112
    http_status = 415
    title = "The media type is not supported"


class MethodNotAllowed(InputError):
    """The method is not allowed here."""

    code = "method_not_allowed"
    number = 113
    http_status = 405
    title = "The method is not allowed here"


class CurrentPasswordInvalid(InputError):
    """The current password is wrong."""

    code = "current_password_invalid"
    number = 114
    http_status = 422
    title = "The current password is wrong"


class InvalidCredentials(AuthError):
    """The login or the password is wrong."""

    code = "invalid_credentials"
    number = 201
    http_status = 401
    title = "The login or the password is wrong"


class AuthenticationRequired(AuthError):
    """Authentication is required."""

    code = "authentication_required"
    number = 202
    http_status = 401
    title = "Authentication is required"


class InvalidToken(AuthError):
    """The access token is not valid."""

    code = "invalid_token"
    number = 203
    http_status = 401
    title = "The access token is not valid"


class TokenExpired(AuthError):
    """The access token has expired."""

    code = "token_expired"
    number = 204
    http_status = 401
    title = "The access token has expired"


class TokenRevoked(AuthError):
    """The access token has been revoked."""

    code = "token_revoked"
    number = 205
    http_status = 401
    title = "The access token has been revoked"


class RefreshTokenInvalid(AuthError):
    """The refresh token is not valid."""

    code = "refresh_token_invalid"
    number = 206
    http_status = 401
    title = "The refresh token is not valid"


class RefreshTokenExpired(AuthError):
    """The refresh token has expired."""

    code = "refresh_token_expired"
    number = 207
    http_status = 401
    title = "The refresh token has expired"


class RefreshTokenReused(AuthError):
    """The refresh token was used before."""

    code = "refresh_token_reused"
    number = 208
    http_status = 401
    title = "The refresh token was used before"


class SessionRevoked(AuthError):
    """The session has ended."""

    code = "session_revoked"
    number = 209
    http_status = 401
    title = "The session has ended"


class InsufficientScope(AuthError):
    """A required permission is missing."""

    code = "insufficient_scope"
    number = 210
    http_status = 403
    title = "A required permission is missing"


class SignupDisabled(AuthError):
    """Sign-up is disabled."""

    code = "signup_disabled"
    number = 211
    http_status = 403
    title = "Sign-up is disabled"


class CsrfRefused(AuthError):
    """The request did not come from an allowed origin."""

    code = "csrf_refused"
    number = 212
    http_status = 403
    title = "The request did not come from an allowed origin"


class RefusedByHost(AuthError):
    """The request was refused."""

    code = "refused_by_host"
    number = 213
    http_status = 403
    title = "The request was refused"


class NotFound(StateError):
    """Not found."""

    code = "not_found"
    number = 301
    http_status = 404
    title = "Not found"


class EmailTaken(StateError):
    """The e-mail address is taken."""

    code = "email_taken"
    number = 302
    http_status = 409
    title = "The e-mail address is taken"


class UsernameTaken(StateError):
    """The user name is taken."""

    code = "username_taken"
    number = 303
    http_status = 409
    title = "The user name is taken"


class Conflict(StateError):
    """The record was changed by someone else."""

    code = "conflict"
    number = 304
    http_status = 409
    title = "The record was changed by someone else"


class Closed(StateError):
    """The context is closed."""

    code = "closed"
    number = 305
    http_status = 500
    title = "The context is closed"


class PreconditionFailed(StateError):
    """The resource has changed."""

    code = "precondition_failed"
    number = 306
    http_status = 412
    title = "The resource has changed"


class RateLimited(LimitError):
    """Too many attempts."""

    code = "rate_limited"
    number = 401
    http_status = 429
    title = "Too many attempts"


class Overloaded(LimitError):
    """The service is overloaded."""

    code = "overloaded"
    number = 402
    http_status = 503
    title = "The service is overloaded"


class StoreUnavailable(BackendError):
    """The store is not available."""

    code = "store_unavailable"
    number = 501
    http_status = 503
    title = "The store is not available"


class StoreConflict(BackendError):
    """The store is busy."""

    code = "store_conflict"
    number = 502
    http_status = 503
    title = "The store is busy"


class SchemaMismatch(BackendError):
    """The database schema does not fit this program."""

    code = "schema_mismatch"
    number = 503
    http_status = 503
    title = "The database schema does not fit this program"


class RevocationStale(BackendError):
    """The revocation state is too old to decide."""

    code = "revocation_stale"
    number = 504
    http_status = 503
    title = "The revocation state is too old to decide"


class KeysUnavailable(BackendError):
    """The verification keys are not available."""

    code = "keys_unavailable"
    number = 505
    http_status = 503
    title = "The verification keys are not available"


class PeerUnavailable(BackendError):
    """Another service is not available."""

    code = "peer_unavailable"
    number = 506
    http_status = 503
    title = "Another service is not available"


class Internal(InternalError):
    """An internal error occurred."""

    code = "internal"
    number = 901
    http_status = 500
    title = "An internal error occurred"


class RandomUnavailable(InternalError):
    """The random source failed."""

    code = "random_unavailable"
    number = 902
    http_status = 500
    title = "The random source failed"


class OutOfMemory(InternalError):
    """Out of memory."""

    code = "out_of_memory"
    number = 903
    http_status = 500
    title = "Out of memory"


_by_number: Dict[int, Type[AuthkitError]] = {
    101: InvalidArgument,
    102: MalformedRequest,
    103: FieldInvalid,
    104: EmailInvalid,
    105: UsernameInvalid,
    106: ProfileInvalid,
    107: WeakPassword,
    108: PasswordHashInvalid,
    109: KeyInvalid,
    110: ConfigInvalid,
    111: PayloadTooLarge,
    112: UnsupportedMediaType,
    113: MethodNotAllowed,
    114: CurrentPasswordInvalid,
    201: InvalidCredentials,
    202: AuthenticationRequired,
    203: InvalidToken,
    204: TokenExpired,
    205: TokenRevoked,
    206: RefreshTokenInvalid,
    207: RefreshTokenExpired,
    208: RefreshTokenReused,
    209: SessionRevoked,
    210: InsufficientScope,
    211: SignupDisabled,
    212: CsrfRefused,
    213: RefusedByHost,
    301: NotFound,
    302: EmailTaken,
    303: UsernameTaken,
    304: Conflict,
    305: Closed,
    306: PreconditionFailed,
    401: RateLimited,
    402: Overloaded,
    501: StoreUnavailable,
    502: StoreConflict,
    503: SchemaMismatch,
    504: RevocationStale,
    505: KeysUnavailable,
    506: PeerUnavailable,
    901: Internal,
    902: RandomUnavailable,
    903: OutOfMemory,
}


def from_status(status: int, detail: str, document: Optional[Mapping[str, Any]] = None) -> AuthkitError:
    """The exception of a status of the C interface; an unknown one is an AuthkitError."""
    return _by_number.get(status, AuthkitError)(detail, document)
