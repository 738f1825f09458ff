/* What a caller can get wrong with the C interface: NULL, handles of another type, callbacks that refuse or fail. */
#include "check.h"

#include <string.h>

/* Every function with NULL where it needs something: a code, no crash, and no output. */
void test_null_everywhere(authkit_ctx* ctx) {
  char* out = NULL;
  authkit_config* config = NULL;
  authkit_verified verified;
  uint32_t applied = 7;
  CHECK(authkit_config_new(&config) == AUTHKIT_OK);

#define REFUSED(call) CHECK((call) == AUTHKIT_E_INVALID_ARGUMENT && out == NULL)
  REFUSED(authkit_config_set(NULL, "tenant", "t"));
  REFUSED(authkit_config_load_env(NULL));
  REFUSED(authkit_config_load_file(NULL, "x"));
  REFUSED(authkit_config_load_file(config, NULL));
  REFUSED(authkit_config_get(NULL, "tenant", &out));
  REFUSED(authkit_config_get(config, NULL, &out));
  REFUSED(authkit_config_get(config, "tenant", NULL));
  REFUSED(authkit_config_on_log(NULL, NULL, NULL));
  REFUSED(authkit_config_on_before(NULL, NULL, NULL));
  REFUSED(authkit_config_on_after(NULL, NULL, NULL));
  REFUSED(authkit_config_on_claims(NULL, NULL, NULL));
  REFUSED(authkit_open(NULL, &ctx));
  REFUSED(authkit_open(config, NULL));
  REFUSED(authkit_migrate(NULL, &applied));
  REFUSED(authkit_maintain(NULL, 1));
  REFUSED(authkit_start_maintenance(NULL, 1));
  REFUSED(authkit_ready(NULL));
  REFUSED(authkit_call_new(NULL));
  REFUSED(authkit_call_set_client(NULL, "192.0.2.1", NULL, NULL));
  REFUSED(authkit_call_set_timeout(NULL, 1));
  REFUSED(authkit_call_set_read_after(NULL, NULL, NULL));
  REFUSED(authkit_call_set_read_after(ctx, NULL, NULL));
  REFUSED(authkit_call_read_after(ctx, NULL, &out));
  REFUSED(authkit_password_hash(NULL, PASSWORD, &out));
  REFUSED(authkit_password_verify(NULL, PASSWORD, "x", NULL));
  REFUSED(authkit_password_verify(ctx, PASSWORD, NULL, NULL));
  REFUSED(authkit_token_issue(NULL, "{}", &out));
  REFUSED(authkit_token_issue(ctx, NULL, &out));
  REFUSED(authkit_token_issue(ctx, "{}", NULL));
  REFUSED(authkit_token_verify(NULL, "t", 1, &out));
  REFUSED(authkit_token_verify(ctx, NULL, 1, &out));
  REFUSED(authkit_token_verify(ctx, "t", 1, NULL));
  REFUSED(authkit_token_verify_into(NULL, "t", 1, &verified, NULL, 0));
  REFUSED(authkit_token_revoke(NULL, NULL, "t", 1));
  REFUSED(authkit_token_revoke(ctx, NULL, NULL, 1));
  REFUSED(authkit_keys_rotate(NULL));
  REFUSED(authkit_sign_up(NULL, NULL, "a@example.org", PASSWORD, NULL, NULL, &out));
  REFUSED(authkit_sign_up(ctx, NULL, NULL, PASSWORD, NULL, NULL, &out));
  REFUSED(authkit_sign_up(ctx, NULL, "a@example.org", NULL, 8, NULL, NULL, &out));
  REFUSED(authkit_sign_up(ctx, NULL, "a@example.org", PASSWORD, NULL, NULL, NULL));
  REFUSED(authkit_user_create(NULL, NULL, "a@example.org", PASSWORD, NULL, NULL, NULL, &out));
  REFUSED(authkit_user_create(ctx, NULL, "a@example.org", PASSWORD, NULL, NULL, NULL, NULL));
  REFUSED(authkit_user_find(NULL, NULL, "a@example.org", &out));
  REFUSED(authkit_user_find(ctx, NULL, NULL, &out));
  REFUSED(authkit_user_find(ctx, NULL, "a@example.org", NULL));
  REFUSED(authkit_user_list(NULL, NULL, NULL, 1, &out));
  REFUSED(authkit_user_list(ctx, NULL, NULL, 1, NULL));
  REFUSED(authkit_user_set_status(NULL, NULL, "x", "active", "t"));
  REFUSED(authkit_user_set_status(ctx, NULL, NULL, "active", "t"));
  REFUSED(authkit_user_set_status(ctx, NULL, "x", NULL, "t"));
  REFUSED(authkit_log_in(NULL, NULL, "a", PASSWORD, AUTHKIT_BEARER, NULL, &out));
  REFUSED(authkit_log_in(ctx, NULL, "a", PASSWORD, AUTHKIT_BEARER, NULL, NULL));
  REFUSED(authkit_refresh(NULL, NULL, "t", 1, &out));
  REFUSED(authkit_refresh(ctx, NULL, NULL, 1, &out));
  REFUSED(authkit_refresh(ctx, NULL, "t", 1, NULL));
  REFUSED(authkit_authenticate(NULL, NULL, "t", 1, AUTHKIT_BEARER, &out));
  REFUSED(authkit_authenticate(ctx, NULL, "t", 1, AUTHKIT_BEARER, NULL));
  REFUSED(authkit_me(NULL, NULL, "t", 1, AUTHKIT_BEARER, &out));
  REFUSED(authkit_me(ctx, NULL, "t", 1, AUTHKIT_BEARER, NULL));
  REFUSED(authkit_sessions(NULL, NULL, "t", 1, AUTHKIT_BEARER, &out));
  REFUSED(authkit_sessions(ctx, NULL, "t", 1, AUTHKIT_BEARER, NULL));
  REFUSED(authkit_log_out(NULL, NULL, "t", 1, AUTHKIT_BEARER, AUTHKIT_CURRENT));
  REFUSED(authkit_log_out_refresh(NULL, NULL, "t", 1, AUTHKIT_CURRENT));
  REFUSED(authkit_deliver(NULL, 1, NULL));
  REFUSED(authkit_verify_mfa(NULL, NULL, "t", "totp", "1", &out));
  REFUSED(authkit_verify_mfa(ctx, NULL, NULL, "totp", "1", &out));
  REFUSED(authkit_verify_mfa(ctx, NULL, "t", NULL, "1", &out));
  REFUSED(authkit_verify_mfa(ctx, NULL, "t", "totp", NULL, &out));
  REFUSED(authkit_verify_mfa(ctx, NULL, "t", "totp", "1", NULL));
  REFUSED(authkit_verify_email(NULL, NULL, "t"));
  REFUSED(authkit_verify_email(ctx, NULL, NULL));
  REFUSED(authkit_verify_email_code(NULL, NULL, "a@example.org", "1"));
  REFUSED(authkit_verify_email_code(ctx, NULL, NULL, "1"));
  REFUSED(authkit_verify_email_code(ctx, NULL, "a@example.org", NULL));
  REFUSED(authkit_resend_verification(NULL, NULL, "a@example.org"));
  REFUSED(authkit_resend_verification(ctx, NULL, NULL));
  REFUSED(authkit_request_password_reset(NULL, NULL, "a@example.org"));
  REFUSED(authkit_request_password_reset(ctx, NULL, NULL));
  REFUSED(authkit_reset_password(NULL, NULL, "t", PASSWORD, NULL, NULL));
  REFUSED(authkit_reset_password(ctx, NULL, NULL, PASSWORD, NULL, NULL));
  REFUSED(authkit_reset_password(ctx, NULL, "t", NULL, 8, NULL, NULL));
  REFUSED(authkit_change_password(NULL, NULL, "t", 1, AUTHKIT_BEARER, PASSWORD, PASSWORD, 0, &out));
  REFUSED(authkit_change_password(ctx, NULL, "t", 1, AUTHKIT_BEARER, PASSWORD, PASSWORD, 0, NULL));
  REFUSED(authkit_change_password(ctx, NULL, NULL, 1, AUTHKIT_BEARER, PASSWORD, PASSWORD, 0, &out));
  REFUSED(authkit_request_email_change(NULL, NULL, "t", 1, AUTHKIT_BEARER, "a@example.org"));
  REFUSED(authkit_confirm_email_change(NULL, NULL, "t"));
  REFUSED(authkit_confirm_email_change(ctx, NULL, NULL));
  REFUSED(authkit_update_profile(NULL, NULL, "t", 1, AUTHKIT_BEARER, "{}", &out));
  REFUSED(authkit_update_profile(ctx, NULL, "t", 1, AUTHKIT_BEARER, "{}", NULL));
  REFUSED(authkit_close_account(NULL, NULL, "t", 1, AUTHKIT_BEARER, PASSWORD));
  REFUSED(authkit_end_session(NULL, NULL, "t", 1, AUTHKIT_BEARER, "s"));
  REFUSED(authkit_totp_enroll(NULL, NULL, "t", 1, AUTHKIT_BEARER, NULL, &out));
  REFUSED(authkit_totp_enroll(ctx, NULL, "t", 1, AUTHKIT_BEARER, NULL, NULL));
  REFUSED(authkit_totp_confirm(NULL, NULL, "t", 1, AUTHKIT_BEARER, "f", "1", &out));
  REFUSED(authkit_totp_confirm(ctx, NULL, "t", 1, AUTHKIT_BEARER, "f", "1", NULL));
  REFUSED(authkit_totp_remove(NULL, NULL, "t", 1, AUTHKIT_BEARER, "f", &out));
  REFUSED(authkit_totp_remove(ctx, NULL, "t", 1, AUTHKIT_BEARER, "f", NULL));
  REFUSED(authkit_recovery_codes(NULL, NULL, "t", 1, AUTHKIT_BEARER, &out));
  REFUSED(authkit_recovery_codes(ctx, NULL, "t", 1, AUTHKIT_BEARER, NULL));
  REFUSED(authkit_user_set_roles(NULL, NULL, "x", "admin", "t"));
  REFUSED(authkit_user_set_roles(ctx, NULL, NULL, "admin", "t"));
  REFUSED(authkit_user_set_roles(ctx, NULL, "x", "admin", "t"));
  REFUSED(authkit_user_search(NULL, NULL, NULL, NULL, 1, &out));
  REFUSED(authkit_user_search(ctx, NULL, NULL, NULL, 1, NULL));
  REFUSED(authkit_user_set_password(NULL, NULL, "x", "p", 1, "t"));
  REFUSED(authkit_user_set_password(ctx, NULL, "x", "p", 1, "t"));
  REFUSED(authkit_user_set_password(ctx, NULL, "x", NULL, 1, "t"));
  REFUSED(authkit_user_end_sessions(NULL, NULL, "x", "t"));
  REFUSED(authkit_user_end_sessions(ctx, NULL, NULL, "t"));
  REFUSED(authkit_user_reset_mfa(NULL, NULL, "x", "t"));
  REFUSED(authkit_user_reset_mfa(ctx, NULL, "x", NULL));
  REFUSED(authkit_user_close(NULL, NULL, "x", "t"));
  REFUSED(authkit_user_close(ctx, NULL, "x", "t"));
  REFUSED(authkit_audit_list(NULL, NULL, NULL, NULL, 1, &out));
  REFUSED(authkit_audit_list(ctx, NULL, NULL, "x", 1, &out));
  REFUSED(authkit_audit_list(ctx, NULL, NULL, NULL, 1, NULL));
  REFUSED(authkit_vector("x", NULL));
#undef REFUSED

  CHECK(applied == 7);
  authkit_config_free(config);
}

void test_wrong_handles(authkit_ctx* ctx) {
  authkit_config* config = NULL;
  authkit_call* call = NULL;
  char* out = NULL;
  CHECK(authkit_config_new(&config) == AUTHKIT_OK);
  CHECK(authkit_call_new(&call) == AUTHKIT_OK);
  CHECK(authkit_jwks(NULL, &out) == AUTHKIT_E_INVALID_ARGUMENT);
  CHECK(authkit_jwks(ctx, NULL) == AUTHKIT_E_INVALID_ARGUMENT);
  CHECK(authkit_jwks((authkit_ctx*)(void*)config, &out) == AUTHKIT_E_INVALID_ARGUMENT);
  CHECK(authkit_config_set((authkit_config*)(void*)call, "tenant", "t") == AUTHKIT_E_INVALID_ARGUMENT);
  CHECK(authkit_user_find(ctx, (const authkit_call*)(const void*)ctx, "x", &out) == AUTHKIT_E_INVALID_ARGUMENT);
  CHECK(authkit_password_hash(ctx, NULL, 3, &out) == AUTHKIT_E_INVALID_ARGUMENT);
  CHECK(authkit_password_hash(ctx, PASSWORD, NULL) == AUTHKIT_E_INVALID_ARGUMENT);
  CHECK(authkit_log_in(ctx, NULL, NULL, PASSWORD, AUTHKIT_BEARER, NULL, &out) == AUTHKIT_E_INVALID_ARGUMENT);
  CHECK(authkit_log_in(ctx, NULL, "a", PASSWORD, 7, NULL, &out) == AUTHKIT_E_INVALID_ARGUMENT);
  CHECK(authkit_log_out(ctx, NULL, "t", 1, AUTHKIT_BEARER, 9) == AUTHKIT_E_INVALID_ARGUMENT);
  CHECK(authkit_token_verify_into(ctx, "t", 1, NULL, NULL, 0) == AUTHKIT_E_INVALID_ARGUMENT);
  CHECK(authkit_call_set_timeout(NULL, 1) == AUTHKIT_E_INVALID_ARGUMENT);
  CHECK(authkit_vector(NULL, &out) == AUTHKIT_E_INVALID_ARGUMENT);
  CHECK(out == NULL);                              /* outputs are written only on success */
  authkit_call_free((authkit_call*)(void*)config); /* of another type: nothing happens */
  authkit_call_free(call);
  authkit_call_free(NULL);
  authkit_ctx* not_one = (authkit_ctx*)(void*)config;
  authkit_close(&not_one); /* of another type too, so the pointer stays as it was */
  CHECK(not_one == (authkit_ctx*)(void*)config && authkit_config_set(config, "tenant", "t") == AUTHKIT_OK);
  authkit_config_free((authkit_config*)(void*)ctx);
  CHECK(authkit_ready(ctx) == AUTHKIT_OK);
  CHECK(authkit_open((const authkit_config*)(const void*)ctx, &not_one) == AUTHKIT_E_INVALID_ARGUMENT);
  authkit_config_free(config);
}

static authkit_status refuse_login(void* user, const char* flow, const char* account) {
  (void)account;
  ++*(int*)user;
  return strcmp(flow, "login") == 0 ? 1 : AUTHKIT_OK;
}
static void count_after(void* user, const char* flow, const char* account) {
  (void)flow;
  (void)account;
  ++*(int*)user;
}
static size_t too_many_claims(void* user, const char* account, char* json, size_t capacity) {
  (void)user;
  (void)account;
  (void)json;
  return capacity + 1;
}
static void count_log(void* user, int32_t level, const char* json) {
  (void)level;
  (void)json;
  ++*(int*)user;
}

void test_callbacks(authkit_ctx* unused) {
  (void)unused;
  authkit_config* config = NULL;
  authkit_ctx* ctx = NULL;
  char* out = NULL;
  int before = 0, after = 0, lines = 0;
  CHECK(authkit_config_new(&config) == AUTHKIT_OK);
  set_test_options(config);
  CHECK(authkit_config_on_before(config, refuse_login, &before) == AUTHKIT_OK);
  CHECK(authkit_config_on_after(config, count_after, &after) == AUTHKIT_OK);
  CHECK(authkit_config_on_log(config, count_log, &lines) == AUTHKIT_OK);
  CHECK(authkit_open(config, &ctx) == AUTHKIT_OK);
  CHECK(authkit_sign_up(ctx, NULL, "eve@example.org", PASSWORD, NULL, NULL, &out) == AUTHKIT_OK);
  authkit_free(out);
  out = NULL;
  CHECK(before == 1 && after == 1);
  CHECK(authkit_log_in(ctx, NULL, "eve@example.org", PASSWORD, AUTHKIT_BEARER, NULL, &out) == AUTHKIT_E_REFUSED_BY_HOST && out == NULL);
  CHECK(before == 2 && after == 1);
  authkit_close(&ctx);

  CHECK(authkit_config_on_before(config, NULL, NULL) == AUTHKIT_OK);
  CHECK(authkit_config_on_claims(config, too_many_claims, NULL) == AUTHKIT_OK);
  CHECK(authkit_open(config, &ctx) == AUTHKIT_OK);
  CHECK(authkit_sign_up(ctx, NULL, "eve@example.org", PASSWORD, NULL, NULL, &out) == AUTHKIT_OK);
  authkit_free(out);
  out = NULL;
  CHECK(authkit_log_in(ctx, NULL, "eve@example.org", PASSWORD, AUTHKIT_BEARER, NULL, &out) != AUTHKIT_OK && out == NULL);
  authkit_close(&ctx);
  authkit_config_free(config);
}

static authkit_status refuse_all(void* user, const char* flow, const char* account) {
  (void)user;
  (void)flow;
  (void)account;
  return -1; /* no code of the table: refuses all the same */
}
/* What a claims callback may get wrong, by its user pointer. */
static size_t write_text(void* user, const char* account, char* json, size_t capacity) {
  (void)account;
  const size_t length = strlen(user);
  if (length <= capacity) memcpy(json, user, length);
  return length;
}
static size_t claim_a_huge_length(void* user, const char* account, char* json, size_t capacity) {
  (void)user;
  (void)account;
  (void)json;
  (void)capacity;
  return (size_t)-1;
}

static authkit_status log_in_with(authkit_claims_fn claims, void* user) {
  authkit_config* config = NULL;
  authkit_ctx* ctx = NULL;
  char* out = NULL;
  CHECK(authkit_config_new(&config) == AUTHKIT_OK);
  set_test_options(config);
  CHECK(authkit_config_on_claims(config, claims, user) == AUTHKIT_OK);
  CHECK(authkit_open(config, &ctx) == AUTHKIT_OK);
  authkit_config_free(config);
  CHECK(authkit_user_create(ctx, NULL, "eve@example.org", PASSWORD, NULL, NULL, NULL, &out) == AUTHKIT_OK);
  authkit_free(out);
  out = NULL;
  const authkit_status status = authkit_log_in(ctx, NULL, "eve@example.org", PASSWORD, AUTHKIT_BEARER, NULL, &out);
  CHECK((status == AUTHKIT_OK) == (out != NULL));
  authkit_free(out);
  authkit_close(&ctx);
  return status;
}

void test_failing_callbacks(authkit_ctx* unused) {
  (void)unused;
  CHECK(log_in_with(write_text, "") == AUTHKIT_OK);
  CHECK(log_in_with(write_text, "{\"plan\":\"pro\"}") == AUTHKIT_OK);
  CHECK(log_in_with(write_text, "{\"plan\":") != AUTHKIT_OK);
  CHECK(log_in_with(write_text, "[]") != AUTHKIT_OK);
  CHECK(log_in_with(write_text, "{\"sub\":\"somebody else\"}") != AUTHKIT_OK);
  CHECK(log_in_with(claim_a_huge_length, NULL) != AUTHKIT_OK);

  authkit_config* config = NULL;
  authkit_ctx* ctx = NULL;
  char* out = NULL;
  CHECK(authkit_config_new(&config) == AUTHKIT_OK);
  set_test_options(config);
  CHECK(authkit_config_on_before(config, refuse_all, NULL) == AUTHKIT_OK);
  CHECK(authkit_open(config, &ctx) == AUTHKIT_OK);
  CHECK(authkit_sign_up(ctx, NULL, "eve@example.org", PASSWORD, NULL, NULL, &out) == AUTHKIT_E_REFUSED_BY_HOST && out == NULL);
  CHECK(authkit_user_find(ctx, NULL, "eve@example.org", &out) == AUTHKIT_E_NOT_FOUND && out == NULL); /* nothing was stored */
  authkit_close(&ctx);
  authkit_config_free(config);
}
