/* The verdicts of the C interface on every vector and on every hostile access token that AUTHKIT_HOSTILE (the program authkit_hostile) writes. */
#include <authkit/c.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char secret[] = "one secret of more than 32 bytes, shared with a test";

static FILE* start(const char* program, const char* arguments) {
  char command[4096];
  snprintf(command, sizeof command, "'%s' %s", program, arguments);
  FILE* in = popen(command, "r");
  if (in == NULL) perror(command);
  return in;
}

/* "ok" or "reject", a tab, a line of the verdict protocol. */
static int judge_lines(const char* program) {
  FILE* in = start(program, "lines");
  if (in == NULL) return 1;
  char *line = NULL, *answer = NULL;
  size_t capacity = 0, count = 0, wrong = 0;
  for (ssize_t length; (length = getline(&line, &capacity, in)) > 0; ++count) {
    if (line[length - 1] == '\n') line[length - 1] = '\0';
    char* tab = strchr(line, '\t');
    if (tab == NULL) break;
    *tab = '\0';
    const int meant = strcmp(line, "ok") == 0;
    if (authkit_vector(tab + 1, &answer) != AUTHKIT_OK || (strcmp(answer, "ok") == 0) != meant || (!meant && strncmp(answer, "reject ", 7) != 0)) {
      ++wrong;
      fprintf(stderr, "wrong: %s is not the answer to %.200s\n", answer == NULL ? "nothing" : answer, tab + 1);
    }
    authkit_free(answer);
    answer = NULL;
  }
  free(line);
  const int ended_well = pclose(in) == 0;
  printf("%zu lines, %zu wrong verdicts\n", count, wrong);
  return wrong == 0 && ended_well && count > 4000 ? 0 : 1;
}

static authkit_ctx* open_verifier(void) {
  authkit_config* config = NULL;
  authkit_ctx* ctx = NULL;
  if (authkit_config_new(&config) != AUTHKIT_OK || authkit_config_set(config, "database.url", "memory:") != AUTHKIT_OK ||
      authkit_config_set(config, "token.algorithm", "HS256") != AUTHKIT_OK || authkit_config_set(config, "token.secret", secret) != AUTHKIT_OK ||
      authkit_config_set(config, "log.level", "error") != AUTHKIT_OK || authkit_open(config, &ctx) != AUTHKIT_OK)
    fprintf(stderr, "authkit_open: %s\n", authkit_last_error());
  authkit_config_free(config);
  return ctx;
}

/* "ok ID LENGTH" or "reject ID LENGTH", then so many bytes and a line end: both ways to verify agree, and give nothing for a refused token. */
static int judge_tokens(const char* program) {
  authkit_ctx* ctx = open_verifier();
  if (ctx == NULL) return 1;
  char arguments[256];
  snprintf(arguments, sizeof arguments, "access '%s'", secret);
  FILE* in = start(program, arguments);
  if (in == NULL) return 1;
  char verdict[16], id[256];
  size_t length, count = 0, wrong = 0;
  while (fscanf(in, "%15s %255s %zu", verdict, id, &length) == 3 && fgetc(in) == '\n') {
    char *token = malloc(length + 1), *claims = NULL;
    if (token == NULL || fread(token, 1, length, in) != length) return 1;
    token[length] = '\0';
    authkit_verified verified;
    memset(&verified, 0, sizeof verified);
    const authkit_status status = authkit_token_verify(ctx, token, length, &claims);
    const authkit_status same = authkit_token_verify_into(ctx, token, length, &verified, NULL, 0);
    const int good = strcmp(verdict, "ok") == 0
                         ? status == AUTHKIT_OK && claims != NULL && verified.user_id[0] != '\0'
                         : (status == AUTHKIT_E_INVALID_TOKEN || status == AUTHKIT_E_TOKEN_EXPIRED) && claims == NULL && verified.user_id[0] == '\0';
    if (!good || same != status) {
      ++wrong;
      fprintf(stderr, "wrong: %s gives %s and %s\n", id, authkit_error_name(status), authkit_error_name(same));
    }
    authkit_free(claims);
    free(token);
    ++count;
  }
  const int ended_well = pclose(in) == 0;
  authkit_close(&ctx);
  printf("%zu access tokens, %zu wrong verdicts\n", count, wrong);
  return wrong == 0 && ended_well && count > 600 ? 0 : 1;
}

int main(int argc, char** argv) {
  if (argc != 2) return fprintf(stderr, "usage: authkit_c_hostile_test AUTHKIT_HOSTILE\n"), 2;
  const int failed = judge_lines(argv[1]) + judge_tokens(argv[1]);
  printf("%d passed, %d failed\n", 2 - failed, failed);
  return failed != 0;
}
