#pragma once

#include "authkit/limit.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace authkit::gcra {

/// A step over counters in table authkit_counter as one script for PostgreSQL, which runs it in one round trip and one transaction: every statement
/// sees what was committed before it began, so the locks of the first ones make the last one atomic. Keys and tenant stand in it as hexadecimal
/// digits. Its arithmetic is that of gcra.hpp; a commit does not wait for the disk.
///
/// `requests`: one at least, their keys without NUL.

/// Takes one from every counter or from none. One row: how long to wait in microseconds; 0 or less when it took.
std::string take_script(std::string_view tenant, std::span<const LimitRequest> requests, Time now);
/// Gives one back to every counter. No row.
std::string give_back_script(std::string_view tenant, std::span<const LimitRequest> requests, Time now);
/// The same as statements of a transaction of its own, BEGIN and COMMIT among them.
std::vector<std::string> give_back_statements(std::string_view tenant, std::span<const LimitRequest> requests, Time now);

}  // namespace authkit::gcra
