#pragma once

#include "authkit/auth.hpp"

#include <array>

namespace authkit::contract {

/// One way to store things. Each call of `make` gives fresh, empty stores that share one unit of work.
struct Backend {
  const char* name;
  Stores (*make)();
};

Stores memory_stores();
Stores sqlite_stores();
Stores postgres_stores();
Stores pgbouncer_stores();

/// Every suite runs over every row. A new backend is one row here and its function in a file of its own.
inline constexpr std::array backends{
    Backend{"memory", memory_stores},
    Backend{"sqlite", sqlite_stores},
    Backend{"postgresql", postgres_stores},
// What stands between the two is all that is new here, and no sanitizer sees it.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    Backend{"pgbouncer", pgbouncer_stores},
#endif
};

}  // namespace authkit::contract
