#pragma once

#include "authkit/unit_of_work.hpp"

#include "core/try.hpp"

#include <type_traits>

namespace authkit {

/// Runs `body(Tx&)` in one unit of work and commits when it succeeds; a conflict (Errc::store_conflict) is repeated up to twice, since a
/// rolled-back unit has done nothing. So `body` must have no effect but through its Tx.
template <class Body>
auto in_transaction(UnitOfWork& work, const Context& context, Body body) -> std::invoke_result_t<Body&, Tx&> {
  using Outcome = std::invoke_result_t<Body&, Tx&>;
  for (int attempt = 0;; ++attempt) {
    Outcome outcome = [&]() -> Outcome {
      AUTHKIT_TRY_ASSIGN(auto tx, work.begin(context));
      Outcome done = body(*tx);
      if (!done) return done;
      AUTHKIT_TRY(tx->commit());
      return done;
    }();
    if (outcome || outcome.error().code != Errc::store_conflict || attempt == 2) return outcome;
  }
}

}  // namespace authkit
