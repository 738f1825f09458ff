#pragma once

#include "authkit/result.hpp"

/// AUTHKIT_TRY(expr): returns the error of `expr` from the enclosing function, else goes on.
#define AUTHKIT_TRY(expr)                                                                                    \
  do {                                                                                                       \
    if (auto authkit_try_result = (expr); !authkit_try_result) return std::move(authkit_try_result).error(); \
  } while (false)

/// AUTHKIT_TRY_ASSIGN(auto x, expr): the same, and `x` gets the value.
#define AUTHKIT_TRY_ASSIGN(target, expr) AUTHKIT_TRY_ASSIGN_AT(target, expr, AUTHKIT_TRY_NAME(authkit_try_, __LINE__))
#define AUTHKIT_TRY_ASSIGN_AT(target, expr, holder) \
  auto holder = (expr);                             \
  if (!holder) return std::move(holder).error();    \
  target = *std::move(holder)
#define AUTHKIT_TRY_NAME(a, b) AUTHKIT_TRY_NAME_(a, b)
#define AUTHKIT_TRY_NAME_(a, b) a##b
