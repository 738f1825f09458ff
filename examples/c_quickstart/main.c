/* authkit from C in one file: an account in SQLite, a login, a token check without an allocation, and a logout that is final. */
#include <authkit/c.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char password[] = "correct horse battery staple";
#define PASSWORD password, sizeof password - 1

static void demand(authkit_status status, const char* what) {
  if (status == AUTHKIT_OK) return;
  fprintf(stderr, "error: %s: %s: %s\n", what, authkit_error_name(status), authkit_last_error());
  exit(1);
}

/* The text member `name` of one of authkit's documents, to be freed. A program that reads more of them takes a JSON library. */
static char* text_member(const char* json, const char* name) {
  char key[64];
  snprintf(key, sizeof key, "\"%s\":\"", name);
  const char* start = strstr(json, key);
  if (start == NULL) return NULL;
  start += strlen(key);
  return strndup(start, strcspn(start, "\""));
}

static authkit_ctx* open_authkit(const char* database) {
  authkit_config* config = NULL;
  authkit_ctx* auth = NULL;
  demand(authkit_config_new(&config), "config");
  demand(authkit_config_set(config, "database.url", database), "database.url");
  demand(authkit_open(config, &auth), "open");
  authkit_config_free(config);
  return auth;
}

int main(int argc, char** argv) {
  authkit_ctx* auth = open_authkit(argc > 1 ? argv[1] : "sqlite:c_quickstart.db");
  char *account = NULL, *grant = NULL;

  const authkit_status signed_up = authkit_sign_up(auth, NULL, "ada@example.org", PASSWORD, NULL, NULL, &account);
  if (signed_up != AUTHKIT_E_EMAIL_TAKEN) demand(signed_up, "sign up"); /* a second run finds her */
  authkit_free(account);

  demand(authkit_log_in(auth, NULL, "ada@example.org", PASSWORD, AUTHKIT_BEARER, "quickstart", &grant), "log in");
  char* token = text_member(grant, "access_token");
  authkit_free(grant);
  if (token == NULL) return 1;

  authkit_verified verified;
  demand(authkit_token_verify_into(auth, token, strlen(token), &verified, NULL, 0), "verify");
  printf("logged in   user %s, session %s\n", verified.user_id, verified.session_id);

  demand(authkit_log_out(auth, NULL, token, strlen(token), AUTHKIT_BEARER, AUTHKIT_CURRENT), "log out");
  const authkit_status refused = authkit_token_verify_into(auth, token, strlen(token), &verified, NULL, 0);
  printf("logged out  the access token answers: %s\n", authkit_error_name(refused));

  free(token);
  authkit_close(&auth);
  puts(refused == AUTHKIT_E_TOKEN_REVOKED ? "it works" : "it does not work");
  return refused == AUTHKIT_E_TOKEN_REVOKED ? 0 : 1;
}
