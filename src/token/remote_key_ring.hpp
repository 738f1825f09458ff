#pragma once

#include "authkit/remote_keys.hpp"

namespace authkit {

/// RemoteKeyRing::open() for options whose `fetch` is set, and whose URL is not looked at.
Result<std::shared_ptr<RemoteKeyRing>> make_remote_key_ring(RemoteKeyOptions options, Clock clock);

}  // namespace authkit
