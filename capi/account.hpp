#pragma once

#include "guard.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace authkit::capi {

/// The parts of a text between blanks.
std::vector<std::string> words(std::string_view text);

/// Errors (thrown): those of Accounts::authenticate() and authenticate_cookie().
Identity identity_of(const Accounts& accounts, std::string_view credential, std::int32_t transport, const Context& context);

std::string grant_document(Auth& auth, const Grant& grant);

}  // namespace authkit::capi
