/* Another service's keys from C: options, tokens against a JWK Set that is really fetched, and keys that come late. */
#include "check.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* An HTTP server on loopback: whatever is asked for, it answers `body`, or 503 while that is NULL. */
typedef struct server {
  int socket;
  pthread_t thread;
  char url[64];
  const char* body;
} server;

static void answer(int client, const char* body) {
  char request[4096] = "", head[128];
  size_t used = 0;
  while (strstr(request, "\r\n\r\n") == NULL) {
    const ssize_t got = recv(client, request + used, sizeof request - 1 - used, 0);
    if (got <= 0) return;
    used += (size_t)got;
    request[used] = '\0';
  }
  const char* const status = body == NULL ? "503 Service Unavailable" : "200 OK";
  const size_t length = body == NULL ? 0 : strlen(body);
  const int size = snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", status, length);
  if (send(client, head, (size_t)size, MSG_NOSIGNAL) == size && length > 0) (void)send(client, body, length, MSG_NOSIGNAL);
}

static void* serve(void* arg) {
  server* const self = arg;
  for (int client; (client = accept(self->socket, NULL, NULL)) >= 0; close(client)) answer(client, __atomic_load_n(&self->body, __ATOMIC_ACQUIRE));
  return NULL;
}

static void start(server* self, const char* body) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  self->body = body;
  self->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK(bind(self->socket, (struct sockaddr*)&address, sizeof address) == 0 && listen(self->socket, 8) == 0);
  CHECK(getsockname(self->socket, (struct sockaddr*)&address, &size) == 0);
  snprintf(self->url, sizeof self->url, "http://127.0.0.1:%d/jwks", ntohs(address.sin_port));
  CHECK(pthread_create(&self->thread, NULL, serve, self) == 0);
}

static void stop(server* self) {
  shutdown(self->socket, SHUT_RDWR);
  CHECK(pthread_join(self->thread, NULL) == 0);
  close(self->socket);
}

/* A verifier of tokens for "authkit", or for another audience. */
static authkit_verifier* open_for(const server* from, const char* audience, const char* more) {
  char options[512];
  authkit_verifier* verifier = NULL;
  snprintf(options, sizeof options, "{\"jwks_url\":\"%s\",\"issuer\":\"authkit\",\"audience\":\"%s\"%s}", from->url, audience, more);
  CHECK(authkit_verifier_open(options, &verifier) == AUTHKIT_OK && verifier != NULL);
  return verifier;
}

#define SUBJECT "0190d9a8-0000-7000-8000-000000000001"

static char* token_of(authkit_ctx* ctx) {
  char* token = NULL;
  CHECK(authkit_token_issue(ctx, "{\"sub\":\"" SUBJECT "\"}", &token) == AUTHKIT_OK);
  return token;
}

void test_verifier_options(authkit_ctx* ctx) {
  authkit_verifier* verifier = NULL;
  char* out = NULL;
  authkit_verified verified;
#define GOOD "\"jwks_url\":\"http://127.0.0.1:1/\",\"issuer\":\"i\",\"audience\":\"a\""
  static const struct {
    const char *options, *named;
  } wrong[] = {
      {"", "JSON"},
      {"[]", "object"},
      {"{}", "/jwks_url is required; /issuer is required; /audience is required"},
      {"{" GOOD ",\"leeway\":1}", "/leeway is not known"},
      {"{" GOOD ",\"issuer\":\"i\"}", "JSON"},
      {"{" GOOD ",\"leeway_ms\":\"1\"}", "/leeway_ms must be a whole number"},
      {"{" GOOD ",\"leeway_ms\":600001}", "leeway"},
      {"{" GOOD ",\"timeout_ms\":-1}", "/timeout_ms must be"},
      {"{" GOOD ",\"timeout_ms\":9223372036854775807}", "/timeout_ms must be"},
      {"{" GOOD ",\"timeout_ms\":0}", "timeout"},
      {"{" GOOD ",\"cooldown_ms\":99}", "cooldown"},
      {"{" GOOD ",\"max_age_ms\":0}", "max_age"},
      {"{" GOOD ",\"max_stale_ms\":1}", "max_stale"},
      {"{" GOOD ",\"algorithms\":\"ES256\"}", "/algorithms must be a list"},
      {"{" GOOD ",\"algorithms\":[\"none\"]}", "/algorithms must hold"},
      {"{" GOOD ",\"algorithms\":[\"HS256\"]}", "HMAC"},
      {"{" GOOD ",\"algorithms\":[]}", "algorithms"},
      {"{" GOOD ",\"profile\":\"other\"}", "/profile must be"},
      {"{" GOOD ",\"typ\":\"JWT\"}", "typ"},
      {"{" GOOD ",\"fetch_on_unknown_kid\":1}", "/fetch_on_unknown_kid must be"},
      {"{\"jwks_url\":\"http://192.0.2.1/\",\"issuer\":\"i\",\"audience\":\"a\"}", "http"},
      {"{\"jwks_url\":\"http://127.0.0.1:1/\",\"issuer\":\"\",\"audience\":\"a\"}", "issuer"},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    CHECK(authkit_verifier_open(wrong[i].options, &verifier) == AUTHKIT_E_CONFIG_INVALID && verifier == NULL);
    if (strstr(authkit_last_error(), wrong[i].named) == NULL) fprintf(stderr, "%s: %s\n", wrong[i].options, authkit_last_error());
    CHECK(strstr(authkit_last_error(), wrong[i].named) != NULL);
  }

#define REFUSED(call) CHECK((call) == AUTHKIT_E_INVALID_ARGUMENT && out == NULL && verifier == NULL)
  const authkit_verifier* const another = (const authkit_verifier*)(const void*)ctx;
  REFUSED(authkit_verifier_open(NULL, &verifier));
  REFUSED(authkit_verifier_open("{" GOOD "}", NULL));
  REFUSED(authkit_verifier_ready(NULL));
  REFUSED(authkit_verifier_ready(another));
  REFUSED(authkit_verifier_verify(NULL, "t", 1, &out));
  REFUSED(authkit_verifier_verify(another, "t", 1, &out));
  REFUSED(authkit_verifier_verify_into(NULL, "t", 1, &verified, NULL, 0));
  REFUSED(authkit_verifier_verify_into(another, "t", 1, &verified, NULL, 0));
#undef REFUSED
  authkit_verifier* not_one = (authkit_verifier*)(void*)ctx;
  authkit_verifier_close(&not_one); /* of another type: the pointer stays, and so does the context */
  CHECK(not_one == (authkit_verifier*)(void*)ctx && authkit_ready(ctx) == AUTHKIT_OK);
}

void test_verifier(authkit_ctx* ctx) {
  char *jwks = NULL, *out = NULL, payload[2048];
  authkit_verified verified;
  server from;
  CHECK(authkit_jwks(ctx, &jwks) == AUTHKIT_OK);
  start(&from, jwks);
  authkit_verifier *verifier = open_for(&from, "authkit", ",\"algorithms\":[\"ES256\",\"EdDSA\"],\"ca_file\":null"),
                   *other = open_for(&from, "b", "");
  char* const token = token_of(ctx);
  const size_t length = strlen(token);

  CHECK(authkit_verifier_ready(verifier) == AUTHKIT_OK);
  CHECK(authkit_verifier_verify(verifier, token, length, &out) == AUTHKIT_OK && strstr(out, SUBJECT) != NULL);
  CHECK(authkit_verifier_verify_into(verifier, token, length, &verified, payload, sizeof payload) == AUTHKIT_OK);
  CHECK(strcmp(verified.user_id, SUBJECT) == 0 && strcmp(payload, out) == 0 && verified.expires_at_ms > verified.issued_at_ms);
  CHECK(authkit_verifier_verify_into(verifier, token, length, &verified, NULL, 0) == AUTHKIT_OK);
  CHECK(authkit_verifier_verify_into(verifier, token, length, &verified, payload, 8) == AUTHKIT_E_INVALID_ARGUMENT);
  authkit_free(out);
  out = NULL;
  CHECK(authkit_verifier_verify(verifier, token, length - 1, &out) == AUTHKIT_E_INVALID_TOKEN && out == NULL);
  CHECK(authkit_verifier_verify(verifier, NULL, 0, &out) == AUTHKIT_E_INVALID_TOKEN && out == NULL);
  CHECK(authkit_verifier_verify(other, token, length, &out) == AUTHKIT_E_INVALID_TOKEN && out == NULL);
  CHECK(authkit_verifier_verify_into(other, token, length, &verified, NULL, 0) == AUTHKIT_E_INVALID_TOKEN);
  CHECK(authkit_verifier_verify(verifier, NULL, 1, &out) == AUTHKIT_E_INVALID_ARGUMENT && out == NULL);
  CHECK(authkit_verifier_verify(verifier, token, length, NULL) == AUTHKIT_E_INVALID_ARGUMENT);
  CHECK(authkit_verifier_verify_into(verifier, token, length, NULL, NULL, 0) == AUTHKIT_E_INVALID_ARGUMENT);
  CHECK(authkit_jwks((authkit_ctx*)(void*)verifier, &out) == AUTHKIT_E_INVALID_ARGUMENT);

  const pid_t child = fork();
  if (child == 0) {
    const int closed = authkit_verifier_verify(verifier, token, length, &out) == AUTHKIT_E_CLOSED && out == NULL &&
                       authkit_verifier_ready(verifier) == AUTHKIT_E_CLOSED;
    authkit_verifier_close(&verifier); /* waits for no thread: there is none here */
    _exit(closed && verifier == NULL ? 0 : 1);
  }
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  authkit_verifier_close(&verifier);
  CHECK(verifier == NULL);
  authkit_verifier_close(&verifier);
  authkit_verifier_close(NULL);
  authkit_verifier_close(&other);
  stop(&from);
  authkit_free(token);
  authkit_free(jwks);
}

void test_verifier_waits_for_keys(authkit_ctx* ctx) {
  char *jwks = NULL, *out = NULL;
  server from;
  CHECK(authkit_jwks(ctx, &jwks) == AUTHKIT_OK);
  start(&from, NULL);
  authkit_verifier* verifier = open_for(&from, "authkit", ",\"cooldown_ms\":100");
  char* const token = token_of(ctx);
  CHECK(authkit_verifier_ready(verifier) == AUTHKIT_E_KEYS_UNAVAILABLE && strstr(authkit_last_error(), "503") != NULL);
  CHECK(authkit_verifier_verify(verifier, token, strlen(token), &out) == AUTHKIT_E_KEYS_UNAVAILABLE && out == NULL);

  __atomic_store_n(&from.body, jwks, __ATOMIC_RELEASE);
  const time_t given_up = time(NULL) + 60; /* bounds a hang; the verifier's own thread asks about once a second */
  while (authkit_verifier_ready(verifier) != AUTHKIT_OK && time(NULL) < given_up) nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
  CHECK(authkit_verifier_verify(verifier, token, strlen(token), &out) == AUTHKIT_OK && strstr(out, SUBJECT) != NULL);
  authkit_free(out);
  authkit_verifier_close(&verifier);
  stop(&from);
  authkit_free(token);
  authkit_free(jwks);
}
