/* What the C tests share. */
#ifndef AUTHKIT_TESTS_CAPI_CHECK_H
#define AUTHKIT_TESTS_CAPI_CHECK_H

#include <authkit/c.h>

#include <stdio.h>

extern int checks, failures;

#define CHECK(condition)                                                                         \
  do {                                                                                           \
    __atomic_add_fetch(&checks, 1, __ATOMIC_RELAXED);                                            \
    if (!(condition)) {                                                                          \
      __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);                                        \
      fprintf(stderr, "%s:%d: %s (%s)\n", __FILE__, __LINE__, #condition, authkit_last_error()); \
    }                                                                                            \
  } while (0)

static const char password[] = "correct horse battery staple";
#define PASSWORD password, sizeof password - 1

/* Cheap hashes, a database in memory, limits out of the way. */
void set_test_options(authkit_config* config);

void test_null_everywhere(authkit_ctx* ctx);
void test_wrong_handles(authkit_ctx* ctx);
void test_callbacks(authkit_ctx* ctx);
void test_failing_callbacks(authkit_ctx* ctx);
void test_verifier_options(authkit_ctx* ctx);
void test_verifier(authkit_ctx* ctx);
void test_verifier_waits_for_keys(authkit_ctx* ctx);

#endif
