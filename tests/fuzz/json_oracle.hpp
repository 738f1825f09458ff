#pragma once

#include "core/json.hpp"

#include <string_view>

namespace authkit::fuzz {

/// What the token reader must take for strict JSON, said of a document that the core's own reader understood: the top is an object, no name
/// is over 128 bytes or holds a NUL, no number is beyond a double.
bool is_strict(const json::Value& document);

/// The number as a double.
double number_of(const json::Value& value);

/// Whether a number is so near to the edge of what a double holds that readers may differ. Such inputs are not judged.
bool has_extreme_number(const json::Value& value);

}  // namespace authkit::fuzz
