#pragma once

#include "authkit/auth.hpp"

#include <array>
#include <span>

namespace authkit::contract {

/// One way to store things. Each call of `make` gives fresh, empty stores that share one unit of work.
struct Backend {
  const char* name;
  Stores (*make)();
  bool transactional = true;  ///< false: some of them only come along with a unit of the others', and cannot tell whose it is
};

Stores memory_stores();
Stores sqlite_stores();
Stores postgres_stores();
Stores pgbouncer_stores();
/// What Redis takes of them in Redis, the rest in memory.
Stores redis_stores();
Stores redis_tls_stores();
Stores redis_cluster_stores();

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

inline constexpr std::array all_backends{
    Backend{"memory", memory_stores},
    Backend{"sqlite", sqlite_stores},
    Backend{"postgresql", postgres_stores},
    Backend{"redis", redis_stores, false},
    Backend{"redis_tls", redis_tls_stores, false},
    Backend{"redis_cluster", redis_cluster_stores, false},
    Backend{"pgbouncer", pgbouncer_stores},  // last: what stands between is all that is new, and no sanitizer sees that
};

/// Every suite runs over every row. A new backend is one row above and its function in a file of its own.
inline constexpr std::span<const Backend> backends(all_backends.data(), all_backends.size() - (sanitized ? 1 : 0));

}  // namespace authkit::contract
