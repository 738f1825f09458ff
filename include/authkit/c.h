/* authkit for C and for everything that calls C.
 *
 * Conventions, without exception:
 *  1. Handles (authkit_ctx, authkit_verifier, authkit_config, authkit_call) are opaque, made and freed only by this library. *_free(NULL) does
 *     nothing. Each carries a mark of its type: NULL or a handle of another type gives AUTHKIT_E_INVALID_ARGUMENT. authkit_close() and
 *     authkit_verifier_close() set the caller's pointer to NULL.
 *  2. Every function that can fail returns an authkit_status: AUTHKIT_OK or a code of the error table. A negative verdict is a code.
 *  3. Arguments come in this order: handle, call, inputs, outputs. A const handle is not changed. There are no in/out parameters. Outputs are
 *     written only on success.
 *  4. Text is NUL-terminated UTF-8. Passwords and tokens are (pointer, length). A `char **` output is freed with authkit_free(), which
 *     wipes it first.
 *  5. Structured output is one JSON document, in the shape the HTTP server answers with.
 *  6. authkit_last_error() tells more about the last failure on this thread. Program logic uses the code.
 *  7. A context or a verifier may be used from any number of threads, a config or a call from one at a time. Callbacks run on the thread that calls.
 *  8. After fork() the child opens a context or a verifier of its own; the parent's gives AUTHKIT_E_CLOSED there.
 *  9. Times are milliseconds since 1970. Each declaration names the version that brought it.
 */
#ifndef AUTHKIT_C_H
#define AUTHKIT_C_H

#include "authkit/export.h"
#include "authkit/version.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t authkit_status;

enum {
  AUTHKIT_OK = 0,
#define AUTHKIT_ERROR(name, NAME, number, status, kind, title) AUTHKIT_E_##NAME = number,
#include "authkit/errors.def"
#undef AUTHKIT_ERROR
};

typedef struct authkit_ctx authkit_ctx;           /* an opened authkit */
typedef struct authkit_verifier authkit_verifier; /* the keys of another service, to verify its access tokens without a database */
typedef struct authkit_config authkit_config;     /* what to open; copied by authkit_open() */
typedef struct authkit_call authkit_call;         /* who is calling: goes into limits, events, log lines. NULL is allowed wherever one is taken */

/* ---- Library ---------------------------------------------------------------------------------------------------------------------- */

/* "0.1.0". Never fails. since 0.1 */
AUTHKIT_API const char* authkit_version(void);

/* Wipes and frees a text that this library returned. since 0.1 */
AUTHKIT_API void authkit_free(char* text);

/* Detail of the last failure on this thread, never NULL, valid until the next call on this thread. since 0.1 */
AUTHKIT_API const char* authkit_last_error(void);

/* The same as a problem document: {"code","title","status","detail","errors","retry_after"}. since 0.1 */
AUTHKIT_API const char* authkit_last_error_json(void);

/* The error table. An unknown status reads as AUTHKIT_E_INTERNAL; AUTHKIT_OK is "ok", 200. since 0.1 */
AUTHKIT_API const char* authkit_error_name(authkit_status status);
AUTHKIT_API const char* authkit_error_title(authkit_status status);
AUTHKIT_API int32_t authkit_error_http_status(authkit_status status);
/* The code of row `index` in ascending order, 0 past the end. since 0.1 */
AUTHKIT_API authkit_status authkit_error_at(size_t index);

/* ---- Configuration ---------------------------------------------------------------------------------------------------------------- */

/* Defaults. since 0.1 */
AUTHKIT_API authkit_status authkit_config_new(authkit_config** config);
AUTHKIT_API void authkit_config_free(authkit_config* config);
/* One option by its name in the README's table. since 0.1 */
AUTHKIT_API authkit_status authkit_config_set(authkit_config* config, const char* name, const char* value);
/* Every option whose environment variable is set. since 0.1 */
AUTHKIT_API authkit_status authkit_config_load_env(authkit_config* config);
/* Lines of `name = value`. since 0.1 */
AUTHKIT_API authkit_status authkit_config_load_file(authkit_config* config, const char* path);
/* An option's value; a secret reads "***". since 0.1 */
AUTHKIT_API authkit_status authkit_config_get(const authkit_config* config, const char* name, char** value);

/* One finished JSON log line. `level`: 0 debug, 1 info, 2 warning, 3 error. Called from any thread. since 0.1 */
typedef void (*authkit_log_fn)(void* user, int32_t level, const char* json);
AUTHKIT_API authkit_status authkit_config_on_log(authkit_config* config, authkit_log_fn log, void* user);

/* Before a flow ("register", "login", "refresh", "logout") commits: anything but AUTHKIT_OK refuses it, nothing is stored and the flow gives
 * AUTHKIT_E_REFUSED_BY_HOST. Called from any thread. since 0.1 */
typedef authkit_status (*authkit_before_fn)(void* user, const char* flow, const char* account_json);
AUTHKIT_API authkit_status authkit_config_on_before(authkit_config* config, authkit_before_fn before, void* user);

/* After a flow committed: the place for notifications. Called from any thread. since 0.1 */
typedef void (*authkit_after_fn)(void* user, const char* flow, const char* account_json);
AUTHKIT_API authkit_status authkit_config_on_after(authkit_config* config, authkit_after_fn after, void* user);

/* Further members of a new access token: write a JSON object of at most `capacity` bytes into `json` and return its length, 0 for none; a length
 * above the capacity fails the flow. Called from any thread. since 0.1 */
typedef size_t (*authkit_claims_fn)(void* user, const char* account_json, char* json, size_t capacity);
AUTHKIT_API authkit_status authkit_config_on_claims(authkit_config* config, authkit_claims_fn claims, void* user);

/* ---- Context ---------------------------------------------------------------------------------------------------------------------- */

/* Opens the stores, migrates them unless auto_migrate is off, loads or makes the keys. since 0.1 */
AUTHKIT_API authkit_status authkit_open(const authkit_config* config, authkit_ctx** ctx);
/* Stops the background thread, closes everything and sets *ctx to NULL; NULL and a pointer to NULL are harmless. No call may be running. since 0.1 */
AUTHKIT_API void authkit_close(authkit_ctx** ctx);
/* Applies pending migrations; how many. since 0.1 */
AUTHKIT_API authkit_status authkit_migrate(authkit_ctx* ctx, uint32_t* applied);
/* Background work that is due, for about `budget_ms`. since 0.1 */
AUTHKIT_API authkit_status authkit_maintain(authkit_ctx* ctx, uint32_t budget_ms);
/* Threads that maintain and deliver messages every `interval_ms` (0: the default), until authkit_close(). A second start changes nothing. since 0.1
 */
AUTHKIT_API authkit_status authkit_start_maintenance(authkit_ctx* ctx, uint32_t interval_ms);
/* Whether every store answers. since 0.1 */
AUTHKIT_API authkit_status authkit_ready(authkit_ctx* ctx);

/* ---- Call ------------------------------------------------------------------------------------------------------------------------- */

AUTHKIT_API authkit_status authkit_call_new(authkit_call** call);
AUTHKIT_API void authkit_call_free(authkit_call* call);
/* NULL leaves a text unknown. since 0.1 */
AUTHKIT_API authkit_status authkit_call_set_client(authkit_call* call, const char* address, const char* user_agent, const char* request_id);
/* How long a store may be waited for, from now; 0 = the store's own bound. since 0.1 */
AUTHKIT_API authkit_status authkit_call_set_timeout(authkit_call* call, uint32_t milliseconds);
/* With replicas: reads of this call show nothing older than `text` says, which authkit_call_read_after() gave, in this process or another; NULL or
 * empty = nothing seen yet. A text that no instance of this deployment made counts as empty. since 0.1 */
AUTHKIT_API authkit_status authkit_call_set_read_after(authkit_ctx* ctx, authkit_call* call, const char* text);
/* *text: what was seen and written with this call since authkit_call_set_read_after(); empty where there are no replicas. since 0.1 */
AUTHKIT_API authkit_status authkit_call_read_after(authkit_ctx* ctx, const authkit_call* call, char** text);

/* ---- Passwords -------------------------------------------------------------------------------------------------------------------- */

/* A self-describing hash with a fresh salt. since 0.1 */
AUTHKIT_API authkit_status authkit_password_hash(authkit_ctx* ctx, const char* password, size_t length, char** encoded);
/* AUTHKIT_E_INVALID_CREDENTIALS on a mismatch. *needs_rehash (may be NULL): 1 when a fresh hash should replace this one. since 0.1 */
AUTHKIT_API authkit_status authkit_password_verify(authkit_ctx* ctx, const char* password, size_t length, const char* encoded, int32_t* needs_rehash);

/* ---- Tokens ----------------------------------------------------------------------------------------------------------------------- */

/* A verified token without an allocation. Texts are NUL-terminated, empty when the token has none. since 0.1 */
typedef struct authkit_verified {
  char user_id[40];
  char session_id[24];
  char token_id[24];
  uint64_t epoch;
  int64_t issued_at_ms;
  int64_t expires_at_ms;
  int64_t auth_time_ms;
} authkit_verified;

/* Issues an access token. `content`: {"sub","sid","epoch","acr","amr":[],"auth_time","roles":[],"claims":{}}, only "sub" (a user id) is required.
 * since 0.1 */
AUTHKIT_API authkit_status authkit_token_issue(authkit_ctx* ctx, const char* content, char** token);
/* Signature, claims and revocation. *claims: the payload, exactly as signed. since 0.1 */
AUTHKIT_API authkit_status authkit_token_verify(authkit_ctx* ctx, const char* token, size_t length, char** claims);
/* The same without an allocation. `payload` (may be NULL) gets the claims, NUL-terminated; `length` bytes always suffice. since 0.1 */
AUTHKIT_API authkit_status authkit_token_verify_into(authkit_ctx* ctx, const char* token, size_t length, authkit_verified* verified, char* payload,
                                                     size_t payload_capacity);
/* Refuses this one token from now on. since 0.1 */
AUTHKIT_API authkit_status authkit_token_revoke(authkit_ctx* ctx, const authkit_call* call, const char* token, size_t length);
/* The public keys, RFC 7517 section 5. since 0.1 */
AUTHKIT_API authkit_status authkit_jwks(authkit_ctx* ctx, char** jwks);
/* Publishes the next signing key, or puts the published one in force. since 0.1 */
AUTHKIT_API authkit_status authkit_keys_rotate(authkit_ctx* ctx);

/* ---- Tokens of another service ---------------------------------------------------------------------------------------------------- */

/* Follows the JWK Set of another service (RFC 7517 section 5) on a thread of its own. `options`, a JSON object: "jwks_url" (https://, or http:// to a
 * loopback address), "issuer" and "audience" are required; "algorithms" (["ES256"]; no HMAC), "typ" ("at+jwt"), "profile" ("rfc9068" or "simplejwt",
 * whose issuer and audience may be empty), "leeway_ms" (30000), "ca_file" (PEM; the system's list), "max_age_ms" (300000: older keys are fetched
 * again), "max_stale_ms" (3600000: keys that could not be fetched for so long verify nothing), "cooldown_ms" (10000: between two fetches),
 * "timeout_ms" (5000: of one fetch), "fetch_on_unknown_kid" (false; true: verifying may wait for a fetch). AUTHKIT_E_CONFIG_INVALID names a member
 * that is unknown, missing or wrong. Waits for the first fetch; when that fails, tokens get AUTHKIT_E_KEYS_UNAVAILABLE until a later one
 * succeeds. since 0.1 */
AUTHKIT_API authkit_status authkit_verifier_open(const char* options, authkit_verifier** verifier);
/* Ends the thread, after the fetch that it may be in, and sets *verifier to NULL; NULL and a pointer to NULL are harmless. No call may be running.
 * since 0.1 */
AUTHKIT_API void authkit_verifier_close(authkit_verifier** verifier);
/* Whether there are keys to verify with; AUTHKIT_E_KEYS_UNAVAILABLE with what the last fetch failed for. Fetches nothing itself. since 0.1 */
AUTHKIT_API authkit_status authkit_verifier_ready(const authkit_verifier* verifier);
/* Signature and claims; what the service revoked is not known here. *claims: the payload, exactly as signed. since 0.1 */
AUTHKIT_API authkit_status authkit_verifier_verify(const authkit_verifier* verifier, const char* token, size_t length, char** claims);
/* The same without an allocation, as authkit_token_verify_into(). Ids that are not in authkit's form are hashed to it; `payload` has them as they
 * are. since 0.1 */
AUTHKIT_API authkit_status authkit_verifier_verify_into(const authkit_verifier* verifier, const char* token, size_t length,
                                                        authkit_verified* verified, char* payload, size_t payload_capacity);

/* ---- Accounts and sessions -------------------------------------------------------------------------------------------------------- */

enum { AUTHKIT_BEARER = 0, AUTHKIT_COOKIE = 1 };                   /* transport */
enum { AUTHKIT_CURRENT = 0, AUTHKIT_OTHERS = 1, AUTHKIT_ALL = 2 }; /* scope of a logout */

/* Registers; *account is the new user. `username` and `profile` may be NULL. since 0.1 */
AUTHKIT_API authkit_status authkit_sign_up(authkit_ctx* ctx, const authkit_call* call, const char* email, const char* password, size_t length,
                                           const char* username, const char* profile, char** account);
/* The operator's way: no limit, no sign-up switch. `roles`: space-separated, may be NULL. since 0.1 */
AUTHKIT_API authkit_status authkit_user_create(authkit_ctx* ctx, const authkit_call* call, const char* email, const char* password, size_t length,
                                               const char* username, const char* profile, const char* roles, char** account);
/* By e-mail address, user name or id. since 0.1 */
AUTHKIT_API authkit_status authkit_user_find(authkit_ctx* ctx, const authkit_call* call, const char* login_or_id, char** account);
/* {"items":[...],"next_cursor":...}; `cursor` NULL or empty starts. since 0.1 */
AUTHKIT_API authkit_status authkit_user_list(authkit_ctx* ctx, const authkit_call* call, const char* cursor, uint32_t limit, char** page);
/* `status`: "active" or "disabled"; `actor`: who does it, for the audit log. since 0.1 */
AUTHKIT_API authkit_status authkit_user_set_status(authkit_ctx* ctx, const authkit_call* call, const char* user_id, const char* status,
                                                   const char* actor);

/* *grant: {"access_token","token_type","expires_in","refresh_token","refresh_expires_in","session_id","user"}; with AUTHKIT_COOKIE "cookie" and
 * "csrf_token" in place of the tokens. `device_name` may be NULL. since 0.1 */
AUTHKIT_API authkit_status authkit_log_in(authkit_ctx* ctx, const authkit_call* call, const char* login, const char* password, size_t length,
                                          int32_t transport, const char* device_name, char** grant);
AUTHKIT_API authkit_status authkit_refresh(authkit_ctx* ctx, const authkit_call* call, const char* refresh_token, size_t length, char** grant);
/* Verifies an access token or a session cookie; *identity: {"user_id","session_id","token_id","epoch","auth_time","expires_at"}. since 0.1 */
AUTHKIT_API authkit_status authkit_authenticate(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length, int32_t transport,
                                                char** identity);
/* The account behind it. since 0.1 */
AUTHKIT_API authkit_status authkit_me(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length, int32_t transport,
                                      char** account);
/* Its user's live sessions: {"items":[...]}. since 0.1 */
AUTHKIT_API authkit_status authkit_sessions(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length, int32_t transport,
                                            char** sessions);
/* By access token (AUTHKIT_BEARER) or cookie. since 0.1 */
AUTHKIT_API authkit_status authkit_log_out(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length, int32_t transport,
                                           int32_t scope);
/* By refresh token, also an expired one. since 0.1 */
AUTHKIT_API authkit_status authkit_log_out_refresh(authkit_ctx* ctx, const authkit_call* call, const char* refresh_token, size_t length,
                                                   int32_t scope);

/* ---- Account flows ---------------------------------------------------------------------------------------------------------------- */

/* What needs a message gives AUTHKIT_E_PEER_UNAVAILABLE without mail.url; nothing tells whether an address is known. `credential`: an access token
 * (AUTHKIT_BEARER) or a cookie. Login with a second factor: authkit_log_in() gives AUTHKIT_E_MFA_REQUIRED, authkit_last_error_json() has "mfa_token".
 */

/* Delivers messages that wait, for about `budget_ms` and one message; how many (*count may be NULL). Only without authkit_start_maintenance(). since
 * 0.1 */
AUTHKIT_API authkit_status authkit_deliver(authkit_ctx* ctx, uint32_t budget_ms, uint32_t* count);
/* The second step of a login; `method`: "totp" or "recovery_code". since 0.1 */
AUTHKIT_API authkit_status authkit_verify_mfa(authkit_ctx* ctx, const authkit_call* call, const char* mfa_token, const char* method, const char* code,
                                              char** grant);
/* By the token of a message; by its eight digits. since 0.1 */
AUTHKIT_API authkit_status authkit_verify_email(authkit_ctx* ctx, const authkit_call* call, const char* token);
AUTHKIT_API authkit_status authkit_verify_email_code(authkit_ctx* ctx, const authkit_call* call, const char* email, const char* code);
AUTHKIT_API authkit_status authkit_resend_verification(authkit_ctx* ctx, const authkit_call* call, const char* email);
AUTHKIT_API authkit_status authkit_request_password_reset(authkit_ctx* ctx, const authkit_call* call, const char* email);
/* `mfa_method` and `mfa_code` may be NULL where the account has no second factor. since 0.1 */
AUTHKIT_API authkit_status authkit_reset_password(authkit_ctx* ctx, const authkit_call* call, const char* token, const char* password, size_t length,
                                                  const char* mfa_method, const char* mfa_code);
/* *grant: the session goes on with it. `keep_others`: 1 leaves the user's other sessions alive. since 0.1 */
AUTHKIT_API authkit_status authkit_change_password(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length,
                                                   int32_t transport, const char* current_password, size_t current_length, const char* new_password,
                                                   size_t new_length, int32_t keep_others, char** grant);
AUTHKIT_API authkit_status authkit_request_email_change(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length,
                                                        int32_t transport, const char* new_email);
AUTHKIT_API authkit_status authkit_confirm_email_change(authkit_ctx* ctx, const authkit_call* call, const char* token);
/* `patch`: a JSON object merged into the profile (RFC 7396). since 0.1 */
AUTHKIT_API authkit_status authkit_update_profile(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length,
                                                  int32_t transport, const char* patch, char** account);
/* `password` NULL: after a recent login. since 0.1 */
AUTHKIT_API authkit_status authkit_close_account(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length, int32_t transport,
                                                 const char* password, size_t password_length);
AUTHKIT_API authkit_status authkit_end_session(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length, int32_t transport,
                                               const char* session_id);
/* *enrolment: {"factor_id","secret","otpauth_uri","qr_svg","expires_at"}. since 0.1 */
AUTHKIT_API authkit_status authkit_totp_enroll(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length, int32_t transport,
                                               const char* label, char** enrolment);
/* *confirmed: {"recovery_codes":[...],"grant":{...}}. since 0.1 */
AUTHKIT_API authkit_status authkit_totp_confirm(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length, int32_t transport,
                                                const char* factor_id, const char* code, char** confirmed);
AUTHKIT_API authkit_status authkit_totp_remove(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length, int32_t transport,
                                               const char* factor_id, char** grant);
/* *codes: ["..."]; the old ones are worth nothing. since 0.1 */
AUTHKIT_API authkit_status authkit_recovery_codes(authkit_ctx* ctx, const authkit_call* call, const char* credential, size_t length,
                                                  int32_t transport, char** codes);

/* ---- Administration --------------------------------------------------------------------------------------------------------------- */

/* Done by whoever `actor` names in the audit log; whether they may is the caller's to have checked. `user_id`: of an account document. */

/* As authkit_user_list(), of those that fit `filter`: {"email_prefix","role","status"}, each may be missing; NULL = all. since 0.1 */
AUTHKIT_API authkit_status authkit_user_search(authkit_ctx* ctx, const authkit_call* call, const char* filter, const char* cursor, uint32_t limit,
                                               char** page);
/* `roles`: space-separated. All sessions of before end. since 0.1 */
AUTHKIT_API authkit_status authkit_user_set_roles(authkit_ctx* ctx, const authkit_call* call, const char* user_id, const char* roles,
                                                  const char* actor);

/* Sets a password for the user; all sessions end. since 0.1 */
AUTHKIT_API authkit_status authkit_user_set_password(authkit_ctx* ctx, const authkit_call* call, const char* user_id, const char* password,
                                                     size_t length, const char* actor);
/* Ends all sessions and tokens of the user. since 0.1 */
AUTHKIT_API authkit_status authkit_user_end_sessions(authkit_ctx* ctx, const authkit_call* call, const char* user_id, const char* actor);
/* Removes second factors and recovery codes of a user who has lost them; all sessions end. since 0.1 */
AUTHKIT_API authkit_status authkit_user_reset_mfa(authkit_ctx* ctx, const authkit_call* call, const char* user_id, const char* actor);
/* Closes the account as authkit_close_account() does. since 0.1 */
AUTHKIT_API authkit_status authkit_user_close(authkit_ctx* ctx, const authkit_call* call, const char* user_id, const char* actor);
/* The audit log, newest first: {"items":[{"seq","id","time","actor","action","subject","outcome","ip","user_agent","request_id","data","prev_hash",
 * "hash"}],"next_cursor"}. `filter`: {"actor","action","subject","ip","outcome","from_ms","to_ms"}, each may be missing; outcome "success" or
 * "failure", times in milliseconds since 1970. NULL = all. since 0.1 */
AUTHKIT_API authkit_status authkit_audit_list(authkit_ctx* ctx, const authkit_call* call, const char* filter, const char* cursor, uint32_t limit,
                                              char** page);

/* ---- Vectors ---------------------------------------------------------------------------------------------------------------------- */

/* One line of the vector protocol; *answer starts with "ok" or "reject". For conformance suites. since 0.1 */
AUTHKIT_API authkit_status authkit_vector(const char* line, char** answer);

#ifdef __cplusplus
}
#endif

#endif
