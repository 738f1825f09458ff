#pragma once

// Before its version 16 clang lets no lambda capture a structured binding, and doctest's CAPTURE is a lambda: here it captures a reference to it.
#include <doctest/doctest.h>

#undef CAPTURE
#define AUTHKIT_CAPTURE(name, value) \
  const auto& name = value;          \
  INFO(#value " := ", name)
#define CAPTURE(value) AUTHKIT_CAPTURE(DOCTEST_ANONYMOUS(captured_), value)
