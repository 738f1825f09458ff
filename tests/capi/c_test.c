/* The C interface, used from C: every function once, and everything a caller can get wrong. Prints one doctest-like summary line. */
#include "check.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int checks = 0, failures = 0;

/* The text member `name` of a JSON document, in a buffer of the caller's; a toy reader for documents of this library. */
static const char* member(const char* json, const char* name, char* buffer, size_t capacity) {
  char key[64];
  snprintf(key, sizeof key, "\"%s\":\"", name);
  const char* start = strstr(json, key);
  if (start == NULL) return NULL;
  start += strlen(key);
  const size_t length = strcspn(start, "\"");
  if (length + 1 > capacity) return NULL;
  memcpy(buffer, start, length);
  buffer[length] = '\0';
  return buffer;
}

void set_test_options(authkit_config* config) {
  CHECK(authkit_config_set(config, "database.url", "memory:") == AUTHKIT_OK);
  CHECK(authkit_config_set(config, "password.memory_kib", "64") == AUTHKIT_OK);
  CHECK(authkit_config_set(config, "password.passes", "1") == AUTHKIT_OK);
  CHECK(authkit_config_set(config, "password.queue_length", "1000") == AUTHKIT_OK);
  CHECK(authkit_config_set(config, "password.queue_deadline", "60s") == AUTHKIT_OK);
  CHECK(authkit_config_set(config, "limit.sign_up_address", "10000/1h") == AUTHKIT_OK);
  CHECK(authkit_config_set(config, "log.level", "error") == AUTHKIT_OK);
}

static authkit_ctx* open_memory(void) {
  authkit_config* config = NULL;
  authkit_ctx* ctx = NULL;
  CHECK(authkit_config_new(&config) == AUTHKIT_OK);
  set_test_options(config);
  CHECK(authkit_open(config, &ctx) == AUTHKIT_OK);
  authkit_config_free(config);
  return ctx;
}

static void test_library(authkit_ctx* unused) {
  (void)unused;
  CHECK(strcmp(authkit_version(), AUTHKIT_VERSION) == 0);
  CHECK(strcmp(authkit_error_name(AUTHKIT_E_INVALID_CREDENTIALS), "invalid_credentials") == 0);
  CHECK(strcmp(authkit_error_name(AUTHKIT_OK), "ok") == 0);
  CHECK(strcmp(authkit_error_name(12345), "internal") == 0);
  CHECK(authkit_error_http_status(AUTHKIT_E_RATE_LIMITED) == 429);
  size_t rows = 0;
  authkit_status last = 0;
  for (authkit_status code; (code = authkit_error_at(rows)) != AUTHKIT_OK; ++rows) {
    CHECK(code > last);
    CHECK(strlen(authkit_error_title(code)) > 0);
    last = code;
  }
  CHECK(rows > 30);
  authkit_free(NULL);
}

static void test_config(authkit_ctx* unused) {
  (void)unused;
  authkit_config* config = NULL;
  char* value = NULL;
  CHECK(authkit_config_new(NULL) == AUTHKIT_E_INVALID_ARGUMENT);
  CHECK(authkit_config_new(&config) == AUTHKIT_OK);
  CHECK(authkit_config_set(config, "no.such", "1") == AUTHKIT_E_CONFIG_INVALID);
  CHECK(strstr(authkit_last_error(), "option") != NULL);
  CHECK(strstr(authkit_last_error_json(), "\"code\":\"config_invalid\"") != NULL);
  CHECK(authkit_config_set(config, "token.access_lifetime", "10m") == AUTHKIT_OK);
  CHECK(authkit_config_get(config, "token.access_lifetime", &value) == AUTHKIT_OK && strcmp(value, "10m") == 0);
  authkit_free(value);
  value = NULL;
  CHECK(authkit_config_set(config, "master_key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA") == AUTHKIT_OK);
  CHECK(authkit_config_get(config, "master_key", &value) == AUTHKIT_OK && strcmp(value, "***") == 0);
  authkit_free(value);
  value = NULL;
  CHECK(authkit_config_get(config, "no.such", &value) == AUTHKIT_E_CONFIG_INVALID && value == NULL);
  CHECK(authkit_config_set(config, NULL, "1") == AUTHKIT_E_INVALID_ARGUMENT);
  CHECK(authkit_config_set(config, "tenant", NULL) == AUTHKIT_E_INVALID_ARGUMENT);
  CHECK(authkit_config_load_env(config) == AUTHKIT_OK);
  CHECK(authkit_config_load_file(config, "/nonexistent/authkit.conf") == AUTHKIT_E_CONFIG_INVALID);
  authkit_config_free(config);
  authkit_config_free(NULL);
}

static void test_flows(authkit_ctx* ctx) {
  authkit_call* call = NULL;
  char *out = NULL, access[2048], refresh[256], second[256], id[64], cookie[256];
  authkit_verified verified;
  CHECK(authkit_call_new(&call) == AUTHKIT_OK);
  CHECK(authkit_call_set_client(call, "192.0.2.7", "c_test", "req-1") == AUTHKIT_OK);
  CHECK(authkit_call_set_timeout(call, 30000) == AUTHKIT_OK);
  CHECK(authkit_call_set_read_after(ctx, call, "v1.1.99.AAAA") == AUTHKIT_OK);
  CHECK(authkit_call_read_after(ctx, call, &out) == AUTHKIT_OK && strcmp(out, "") == 0); /* no replicas here */
  authkit_free(out);
  out = NULL;

  CHECK(authkit_sign_up(ctx, call, "ada@example.org", PASSWORD, "ada", "{\"team\":\"engine\"}", &out) == AUTHKIT_OK);
  CHECK(member(out, "id", id, sizeof id) != NULL && strstr(out, "password") == NULL);
  authkit_free(out);
  out = NULL;
  CHECK(authkit_sign_up(ctx, call, "ADA@example.org", PASSWORD, NULL, NULL, &out) == AUTHKIT_E_EMAIL_TAKEN && out == NULL);
  CHECK(authkit_sign_up(ctx, call, "bob@example.org", "short", 5, NULL, NULL, &out) == AUTHKIT_E_WEAK_PASSWORD && out == NULL);
  CHECK(authkit_user_create(ctx, call, "root@example.org", PASSWORD, NULL, NULL, "admin auditor", &out) == AUTHKIT_OK);
  CHECK(strstr(out, "\"roles\":[\"admin\",\"auditor\"]") != NULL);
  authkit_free(out);
  CHECK(authkit_user_find(ctx, call, "ada", &out) == AUTHKIT_OK && strstr(out, id) != NULL);
  authkit_free(out);
  CHECK(authkit_user_list(ctx, call, NULL, 50, &out) == AUTHKIT_OK && strstr(out, "root@example.org") != NULL);
  authkit_free(out);
  out = NULL;

  CHECK(authkit_log_in(ctx, call, "ada@example.org", "wrong", 5, AUTHKIT_BEARER, NULL, &out) == AUTHKIT_E_INVALID_CREDENTIALS && out == NULL);
  CHECK(authkit_log_in(ctx, call, "ada@example.org", PASSWORD, AUTHKIT_BEARER, "terminal", &out) == AUTHKIT_OK);
  CHECK(member(out, "access_token", access, sizeof access) != NULL && member(out, "refresh_token", refresh, sizeof refresh) != NULL);
  authkit_free(out);

  CHECK(authkit_token_verify(ctx, access, strlen(access), &out) == AUTHKIT_OK && strstr(out, id) != NULL);
  authkit_free(out);
  char payload[2048];
  CHECK(authkit_token_verify_into(ctx, access, strlen(access), &verified, payload, sizeof payload) == AUTHKIT_OK);
  CHECK(strcmp(verified.user_id, id) == 0 && strstr(payload, id) != NULL && verified.expires_at_ms > verified.issued_at_ms);
  CHECK(authkit_token_verify_into(ctx, access, strlen(access), &verified, payload, 8) == AUTHKIT_E_INVALID_ARGUMENT);
  CHECK(authkit_me(ctx, call, access, strlen(access), AUTHKIT_BEARER, &out) == AUTHKIT_OK && strstr(out, "\"team\":\"engine\"") != NULL);
  authkit_free(out);
  CHECK(authkit_authenticate(ctx, call, access, strlen(access), AUTHKIT_BEARER, &out) == AUTHKIT_OK && strstr(out, id) != NULL);
  authkit_free(out);
  CHECK(authkit_sessions(ctx, call, access, strlen(access), AUTHKIT_BEARER, &out) == AUTHKIT_OK && strstr(out, "terminal") != NULL);
  authkit_free(out);

  CHECK(authkit_refresh(ctx, call, refresh, strlen(refresh), &out) == AUTHKIT_OK && member(out, "refresh_token", second, sizeof second) != NULL);
  CHECK(strcmp(refresh, second) != 0);
  authkit_free(out);
  CHECK(authkit_refresh(ctx, call, refresh, strlen(refresh), &out) == AUTHKIT_OK); /* a repeat in the grace window */
  CHECK(strstr(out, second) != NULL);
  authkit_free(out);
  out = NULL;

  CHECK(authkit_log_out(ctx, call, access, strlen(access), AUTHKIT_BEARER, AUTHKIT_CURRENT) == AUTHKIT_OK);
  CHECK(authkit_token_verify(ctx, access, strlen(access), &out) == AUTHKIT_E_TOKEN_REVOKED && out == NULL);
  CHECK(authkit_refresh(ctx, call, second, strlen(second), &out) == AUTHKIT_E_SESSION_REVOKED && out == NULL);
  CHECK(authkit_log_out_refresh(ctx, call, second, strlen(second), AUTHKIT_CURRENT) == AUTHKIT_OK);

  CHECK(authkit_log_in(ctx, call, "ada", PASSWORD, AUTHKIT_COOKIE, NULL, &out) == AUTHKIT_OK);
  CHECK(member(out, "cookie", cookie, sizeof cookie) != NULL && strstr(out, "csrf_token") != NULL && strstr(out, "access_token") == NULL);
  authkit_free(out);
  CHECK(authkit_me(ctx, call, cookie, strlen(cookie), AUTHKIT_COOKIE, &out) == AUTHKIT_OK);
  authkit_free(out);
  out = NULL;
  CHECK(authkit_update_profile(ctx, call, cookie, strlen(cookie), AUTHKIT_COOKIE, "{\"team\":\"sails\"}", &out) == AUTHKIT_OK);
  CHECK(strstr(out, "\"team\":\"sails\"") != NULL);
  authkit_free(out);
  out = NULL;
  CHECK(authkit_request_password_reset(ctx, call, "ada@example.org") == AUTHKIT_E_PEER_UNAVAILABLE);
  CHECK(authkit_verify_email(ctx, call, "no ticket") == AUTHKIT_E_TICKET_INVALID);
  CHECK(authkit_verify_mfa(ctx, call, "no token", "totp", "123456", &out) == AUTHKIT_E_MFA_TOKEN_EXPIRED && out == NULL);
  CHECK(authkit_change_password(ctx, call, cookie, strlen(cookie), AUTHKIT_COOKIE, "wrong", 5, "a wholly different sentence", 27, 0, &out) ==
        AUTHKIT_E_CURRENT_PASSWORD_INVALID);
  CHECK(authkit_change_password(ctx, call, cookie, strlen(cookie), AUTHKIT_COOKIE, PASSWORD, "a wholly different sentence", 27, 0, &out) ==
        AUTHKIT_OK);
  CHECK(member(out, "cookie", cookie, sizeof cookie) != NULL);
  authkit_free(out);
  out = NULL;
  CHECK(authkit_totp_enroll(ctx, call, cookie, strlen(cookie), AUTHKIT_COOKIE, "phone", &out) == AUTHKIT_OK && strstr(out, "otpauth://") != NULL);
  authkit_free(out);
  out = NULL;
  CHECK(authkit_recovery_codes(ctx, call, cookie, strlen(cookie), AUTHKIT_COOKIE, &out) == AUTHKIT_E_NOT_FOUND && out == NULL);
  CHECK(authkit_user_set_roles(ctx, call, id, "admin support", "operator") == AUTHKIT_OK);
  CHECK(authkit_log_in(ctx, call, "ada", "a wholly different sentence", 27, AUTHKIT_COOKIE, NULL, &out) == AUTHKIT_OK);
  CHECK(member(out, "cookie", cookie, sizeof cookie) != NULL && strstr(out, "\"roles\":[\"admin\",\"support\"]") != NULL);
  authkit_free(out);
  out = NULL;
  CHECK(authkit_user_search(ctx, call, "{\"role\":\"support\",\"status\":\"active\"}", NULL, 50, &out) == AUTHKIT_OK);
  CHECK(strstr(out, id) != NULL && strstr(out, "root@example.org") == NULL);
  authkit_free(out);
  out = NULL;
  CHECK(authkit_user_search(ctx, call, "{\"roles\":\"support\"}", NULL, 50, &out) != AUTHKIT_OK && out == NULL);
  CHECK(strstr(authkit_last_error_json(), "roles") != NULL);
  CHECK(authkit_audit_list(ctx, call, "{\"actor\":\"operator\",\"outcome\":\"success\"}", NULL, 1, &out) == AUTHKIT_OK);
  CHECK(strstr(out, "\"action\":\"user.roles_changed\"") != NULL && strstr(out, id) != NULL);
  authkit_free(out);
  out = NULL;
  CHECK(authkit_audit_list(ctx, call, "{\"outcome\":\"maybe\"}", NULL, 1, &out) != AUTHKIT_OK && out == NULL);
  CHECK(authkit_user_set_password(ctx, call, id, "a third, quite different one", 28, "operator") == AUTHKIT_OK);
  CHECK(authkit_me(ctx, call, cookie, strlen(cookie), AUTHKIT_COOKIE, &out) != AUTHKIT_OK && out == NULL);
  CHECK(authkit_user_reset_mfa(ctx, call, id, "operator") == AUTHKIT_OK);
  CHECK(authkit_log_in(ctx, call, "ada", "a third, quite different one", 28, AUTHKIT_COOKIE, NULL, &out) == AUTHKIT_OK);
  CHECK(member(out, "cookie", cookie, sizeof cookie) != NULL);
  authkit_free(out);
  out = NULL;
  CHECK(authkit_user_end_sessions(ctx, call, id, "operator") == AUTHKIT_OK);
  CHECK(authkit_me(ctx, call, cookie, strlen(cookie), AUTHKIT_COOKIE, &out) != AUTHKIT_OK && out == NULL);
  CHECK(authkit_user_set_status(ctx, call, id, "disabled", "operator") == AUTHKIT_OK);
  CHECK(authkit_me(ctx, call, cookie, strlen(cookie), AUTHKIT_COOKIE, &out) != AUTHKIT_OK && out == NULL);
  CHECK(authkit_user_set_status(ctx, call, id, "sleeping", "operator") == AUTHKIT_E_INVALID_ARGUMENT);
  authkit_call_free(call);
}

static void test_tokens_and_passwords(authkit_ctx* ctx) {
  char *out = NULL, *token = NULL;
  int32_t rehash = -1;
  CHECK(authkit_password_hash(ctx, "a\0b", 3, &out) == AUTHKIT_OK);
  CHECK(authkit_password_verify(ctx, "a\0b", 3, out, &rehash) == AUTHKIT_OK && rehash == 0);
  CHECK(authkit_password_verify(ctx, "a\0c", 3, out, NULL) == AUTHKIT_E_INVALID_CREDENTIALS);
  CHECK(authkit_password_verify(ctx, "a", 1, out, NULL) == AUTHKIT_E_INVALID_CREDENTIALS);
  CHECK(authkit_password_verify(ctx, "a", 1, "$nonsense$", NULL) == AUTHKIT_E_PASSWORD_HASH_INVALID);
  authkit_free(out);
  out = NULL;
  CHECK(authkit_token_issue(ctx, "{\"sub\":\"0190d9a8-0000-7000-8000-000000000001\",\"roles\":[\"reader\"],\"claims\":{\"plan\":\"pro\"}}", &token) ==
        AUTHKIT_OK);
  CHECK(authkit_token_verify(ctx, token, strlen(token), &out) == AUTHKIT_OK && strstr(out, "\"plan\":\"pro\"") != NULL);
  authkit_free(out);
  out = NULL;
  CHECK(authkit_token_revoke(ctx, NULL, token, strlen(token)) == AUTHKIT_OK);
  CHECK(authkit_token_verify(ctx, token, strlen(token), &out) == AUTHKIT_E_TOKEN_REVOKED && out == NULL);
  authkit_free(token);
  token = NULL;
  CHECK(authkit_token_issue(ctx, "{\"sub\":7}", &token) == AUTHKIT_E_FIELD_INVALID && token == NULL);
  CHECK(strstr(authkit_last_error_json(), "/sub") != NULL);
  CHECK(authkit_token_issue(ctx, "{", &token) == AUTHKIT_E_MALFORMED_REQUEST && token == NULL);
  CHECK(authkit_token_verify(ctx, "", 0, &out) == AUTHKIT_E_INVALID_TOKEN);
  CHECK(authkit_token_verify(ctx, NULL, 0, &out) == AUTHKIT_E_INVALID_TOKEN);
  CHECK(authkit_jwks(ctx, &out) == AUTHKIT_OK && strstr(out, "\"keys\"") != NULL && strstr(out, "\"d\"") == NULL);
  authkit_free(out);
  CHECK(authkit_keys_rotate(ctx) == AUTHKIT_OK);
  CHECK(authkit_maintain(ctx, 10) == AUTHKIT_OK);
  CHECK(authkit_ready(ctx) == AUTHKIT_OK);
  uint32_t applied = 99;
  CHECK(authkit_migrate(ctx, &applied) == AUTHKIT_OK && applied == 0);
  CHECK(authkit_vector("nonsense", &out) == AUTHKIT_OK && strncmp(out, "reject", 6) == 0);
  authkit_free(out);
}

static void test_close_and_fork(authkit_ctx* unused) {
  (void)unused;
  authkit_ctx* ctx = open_memory();
  CHECK(authkit_start_maintenance(ctx, 5) == AUTHKIT_OK);
  CHECK(authkit_start_maintenance(ctx, 5) == AUTHKIT_OK);
  const pid_t child = fork();
  if (child == 0) {
    char* out = NULL;
    _exit(authkit_jwks(ctx, &out) == AUTHKIT_E_CLOSED && out == NULL ? 0 : 1);
  }
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  authkit_close(&ctx);
  CHECK(ctx == NULL);
  authkit_close(&ctx);
  authkit_close(NULL);
}

static authkit_ctx* shared;

static void* hammer(void* arg) {
  const long number = (long)arg;
  char email[64], access[2048], *out = NULL;
  snprintf(email, sizeof email, "user%ld@example.org", number);
  CHECK(authkit_sign_up(shared, NULL, email, PASSWORD, NULL, NULL, &out) == AUTHKIT_OK);
  authkit_free(out);
  CHECK(authkit_log_in(shared, NULL, email, PASSWORD, AUTHKIT_BEARER, NULL, &out) == AUTHKIT_OK);
  CHECK(member(out, "access_token", access, sizeof access) != NULL);
  authkit_free(out);
  for (int i = 0; i < 200; ++i) {
    authkit_verified verified;
    CHECK(authkit_token_verify_into(shared, access, strlen(access), &verified, NULL, 0) == AUTHKIT_OK);
    CHECK(authkit_token_verify_into(shared, access, strlen(access) - 1, &verified, NULL, 0) == AUTHKIT_E_INVALID_TOKEN);
    CHECK(strstr(authkit_last_error_json(), "invalid_token") != NULL);
  }
  CHECK(authkit_log_out(shared, NULL, access, strlen(access), AUTHKIT_BEARER, AUTHKIT_CURRENT) == AUTHKIT_OK);
  CHECK(authkit_token_verify(shared, access, strlen(access), &out) == AUTHKIT_E_TOKEN_REVOKED);
  return NULL;
}

static void test_threads(authkit_ctx* ctx) {
  pthread_t threads[64];
  shared = ctx;
  for (long i = 0; i < 64; ++i) CHECK(pthread_create(&threads[i], NULL, hammer, (void*)i) == 0);
  for (int i = 0; i < 64; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
}

static int cases = 0, bad_cases = 0;

static void run(const char* name, void (*test)(authkit_ctx*), authkit_ctx* ctx) {
  const int before = failures;
  test(ctx);
  ++cases;
  if (failures == before) return;
  ++bad_cases;
  fprintf(stderr, "FAILED %s\n", name);
}

int main(void) {
  authkit_ctx* ctx = open_memory();
  if (ctx == NULL) {
    fprintf(stderr, "authkit_open: %s\n", authkit_last_error());
    return 1;
  }
  run("library", test_library, ctx);
  run("config", test_config, ctx);
  run("NULL everywhere", test_null_everywhere, ctx);
  run("wrong handles", test_wrong_handles, ctx);
  run("flows", test_flows, ctx);
  run("tokens and passwords", test_tokens_and_passwords, ctx);
  run("callbacks", test_callbacks, ctx);
  run("failing callbacks", test_failing_callbacks, ctx);
  run("close and fork", test_close_and_fork, ctx);
  run("verifier options", test_verifier_options, ctx);
  run("verifier", test_verifier, ctx);
  run("verifier waits for keys", test_verifier_waits_for_keys, ctx);
  run("threads", test_threads, ctx);
  authkit_close(&ctx);
  printf("[doctest] test cases: %d | %d passed | %d failed |\n", cases, cases - bad_cases, bad_cases);
  printf("%d checks, %d failed\n", checks, failures);
  return failures == 0 ? 0 : 1;
}
