#pragma once

#include "app.hpp"

#include <string>

namespace authkit::server {

/// The answer with a grant: tokens in the body, or one cookie and nothing that carries the session in the body. `member`: one more of the body's, as
/// `"name":value`; empty = none.
Response granted(const Call& call, const Grant& grant, const std::string& member = {});

}  // namespace authkit::server
