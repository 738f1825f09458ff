// Made by bindings/gen_errors.py from the error table; do not edit.

package authkit

// Code is a row of the error table. Test for one with errors.Is(err, authkit.ErrInvalidCredentials).
type Code int32

// The error table.
const (
	// An argument is not valid.
	ErrInvalidArgument Code = 101
	// The request is malformed.
	ErrMalformedRequest Code = 102
	// One or more fields are not valid.
	ErrFieldInvalid Code = 103
	// The e-mail address is not valid.
	ErrEmailInvalid Code = 104
	// The user name is not valid.
	ErrUsernameInvalid Code = 105
	// The profile is not valid.
	ErrProfileInvalid Code = 106
	// The password does not meet the policy.
	ErrWeakPassword Code = 107
	// The stored password hash is not usable.
	ErrPasswordHashInvalid Code = 108
	// The key is not usable.
	ErrKeyInvalid Code = 109
	// The configuration is not valid.
	ErrConfigInvalid Code = 110
	// The request body is too large.
	ErrPayloadTooLarge Code = 111
	// The media type is not supported.
	ErrUnsupportedMediaType Code = 112
	// The method is not allowed here.
	ErrMethodNotAllowed Code = 113
	// The current password is wrong.
	ErrCurrentPasswordInvalid Code = 114
	// The link or code is not valid or has been used.
	ErrTicketInvalid Code = 115
	// The password was used before.
	ErrPasswordReused Code = 116
	// The password is known from a breach.
	ErrPasswordBreached Code = 117
	// The code does not confirm the new factor.
	ErrMfaSetupCodeInvalid Code = 118
	// The login or the password is wrong.
	ErrInvalidCredentials Code = 201
	// Authentication is required.
	ErrAuthenticationRequired Code = 202
	// The access token is not valid.
	ErrInvalidToken Code = 203
	// The access token has expired.
	ErrTokenExpired Code = 204
	// The access token has been revoked.
	ErrTokenRevoked Code = 205
	// The refresh token is not valid.
	ErrRefreshTokenInvalid Code = 206
	// The refresh token has expired.
	ErrRefreshTokenExpired Code = 207
	// The refresh token was used before.
	ErrRefreshTokenReused Code = 208
	// The session has ended.
	ErrSessionRevoked Code = 209
	// A required permission is missing.
	ErrInsufficientScope Code = 210
	// Sign-up is disabled.
	ErrSignupDisabled Code = 211
	// The request did not come from an allowed origin.
	ErrCsrfRefused Code = 212
	// The request was refused.
	ErrRefusedByHost Code = 213
	// The e-mail address has not been verified.
	ErrEmailNotVerified Code = 214
	// Log in again to do this.
	ErrReauthenticationRequired Code = 215
	// A second factor is required.
	ErrMfaRequired Code = 216
	// The code is not valid.
	ErrMfaCodeInvalid Code = 217
	// The login has expired.
	ErrMfaTokenExpired Code = 218
	// Not found.
	ErrNotFound Code = 301
	// The e-mail address is taken.
	ErrEmailTaken Code = 302
	// The user name is taken.
	ErrUsernameTaken Code = 303
	// The record was changed by someone else.
	ErrConflict Code = 304
	// The context is closed.
	ErrClosed Code = 305
	// The resource has changed.
	ErrPreconditionFailed Code = 306
	// The account has as many second factors as it may have.
	ErrFactorLimit Code = 307
	// Too many attempts.
	ErrRateLimited Code = 401
	// The service is overloaded.
	ErrOverloaded Code = 402
	// The store is not available.
	ErrStoreUnavailable Code = 501
	// The store is busy.
	ErrStoreConflict Code = 502
	// The database schema does not fit this program.
	ErrSchemaMismatch Code = 503
	// The revocation state is too old to decide.
	ErrRevocationStale Code = 504
	// The verification keys are not available.
	ErrKeysUnavailable Code = 505
	// Another service is not available.
	ErrPeerUnavailable Code = 506
	// An internal error occurred.
	ErrInternal Code = 901
	// The random source failed.
	ErrRandomUnavailable Code = 902
	// Out of memory.
	ErrOutOfMemory Code = 903
)

var codes = map[Code]struct {
	name   string
	status int
	title  string
}{
	ErrInvalidArgument:          {"invalid_argument", 400, "An argument is not valid"},
	ErrMalformedRequest:         {"malformed_request", 400, "The request is malformed"},
	ErrFieldInvalid:             {"field_invalid", 422, "One or more fields are not valid"},
	ErrEmailInvalid:             {"email_invalid", 422, "The e-mail address is not valid"},
	ErrUsernameInvalid:          {"username_invalid", 422, "The user name is not valid"},
	ErrProfileInvalid:           {"profile_invalid", 422, "The profile is not valid"},
	ErrWeakPassword:             {"weak_password", 422, "The password does not meet the policy"},
	ErrPasswordHashInvalid:      {"password_hash_invalid", 422, "The stored password hash is not usable"},
	ErrKeyInvalid:               {"key_invalid", 422, "The key is not usable"},
	ErrConfigInvalid:            {"config_invalid", 500, "The configuration is not valid"},
	ErrPayloadTooLarge:          {"payload_too_large", 413, "The request body is too large"},
	ErrUnsupportedMediaType:     {"unsupported_media_type", 415, "The media type is not supported"},
	ErrMethodNotAllowed:         {"method_not_allowed", 405, "The method is not allowed here"},
	ErrCurrentPasswordInvalid:   {"current_password_invalid", 422, "The current password is wrong"},
	ErrTicketInvalid:            {"ticket_invalid", 422, "The link or code is not valid or has been used"},
	ErrPasswordReused:           {"password_reused", 422, "The password was used before"},
	ErrPasswordBreached:         {"password_breached", 422, "The password is known from a breach"},
	ErrMfaSetupCodeInvalid:      {"mfa_setup_code_invalid", 422, "The code does not confirm the new factor"},
	ErrInvalidCredentials:       {"invalid_credentials", 401, "The login or the password is wrong"},
	ErrAuthenticationRequired:   {"authentication_required", 401, "Authentication is required"},
	ErrInvalidToken:             {"invalid_token", 401, "The access token is not valid"},
	ErrTokenExpired:             {"token_expired", 401, "The access token has expired"},
	ErrTokenRevoked:             {"token_revoked", 401, "The access token has been revoked"},
	ErrRefreshTokenInvalid:      {"refresh_token_invalid", 401, "The refresh token is not valid"},
	ErrRefreshTokenExpired:      {"refresh_token_expired", 401, "The refresh token has expired"},
	ErrRefreshTokenReused:       {"refresh_token_reused", 401, "The refresh token was used before"},
	ErrSessionRevoked:           {"session_revoked", 401, "The session has ended"},
	ErrInsufficientScope:        {"insufficient_scope", 403, "A required permission is missing"},
	ErrSignupDisabled:           {"signup_disabled", 403, "Sign-up is disabled"},
	ErrCsrfRefused:              {"csrf_refused", 403, "The request did not come from an allowed origin"},
	ErrRefusedByHost:            {"refused_by_host", 403, "The request was refused"},
	ErrEmailNotVerified:         {"email_not_verified", 403, "The e-mail address has not been verified"},
	ErrReauthenticationRequired: {"reauthentication_required", 401, "Log in again to do this"},
	ErrMfaRequired:              {"mfa_required", 401, "A second factor is required"},
	ErrMfaCodeInvalid:           {"mfa_code_invalid", 401, "The code is not valid"},
	ErrMfaTokenExpired:          {"mfa_token_expired", 401, "The login has expired"},
	ErrNotFound:                 {"not_found", 404, "Not found"},
	ErrEmailTaken:               {"email_taken", 409, "The e-mail address is taken"},
	ErrUsernameTaken:            {"username_taken", 409, "The user name is taken"},
	ErrConflict:                 {"conflict", 409, "The record was changed by someone else"},
	ErrClosed:                   {"closed", 500, "The context is closed"},
	ErrPreconditionFailed:       {"precondition_failed", 412, "The resource has changed"},
	ErrFactorLimit:              {"factor_limit", 409, "The account has as many second factors as it may have"},
	ErrRateLimited:              {"rate_limited", 429, "Too many attempts"},
	ErrOverloaded:               {"overloaded", 503, "The service is overloaded"},
	ErrStoreUnavailable:         {"store_unavailable", 503, "The store is not available"},
	ErrStoreConflict:            {"store_conflict", 503, "The store is busy"},
	ErrSchemaMismatch:           {"schema_mismatch", 503, "The database schema does not fit this program"},
	ErrRevocationStale:          {"revocation_stale", 503, "The revocation state is too old to decide"},
	ErrKeysUnavailable:          {"keys_unavailable", 503, "The verification keys are not available"},
	ErrPeerUnavailable:          {"peer_unavailable", 503, "Another service is not available"},
	ErrInternal:                 {"internal", 500, "An internal error occurred"},
	ErrRandomUnavailable:        {"random_unavailable", 500, "The random source failed"},
	ErrOutOfMemory:              {"out_of_memory", 500, "Out of memory"},
}
