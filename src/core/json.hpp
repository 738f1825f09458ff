#pragma once

#include "authkit/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace authkit::json {

enum class Kind : std::uint8_t { null, boolean, number, text, array, object };

struct Member;

/// A JSON value as it was written: members keep their order and numbers their digits, so what is parsed and written again means the same.
struct Value {
  Kind kind = Kind::null;
  std::string text;             ///< of a text: its characters; of a number: its source; of a boolean: "true" or "false"
  std::vector<Value> items;     ///< of an array
  std::vector<Member> members;  ///< of an object

  /// The member of that name, or null. Linear: objects are small.
  const Value* find(std::string_view name) const noexcept;
  Value* find(std::string_view name) noexcept;
  /// A number without fraction and exponent that fits; nothing for anything else.
  std::optional<std::int64_t> integer() const noexcept;
};

struct Member {
  std::string name;
  Value value;
};

/// What a document may hold. `members` counts those of all objects together.
struct Limits {
  std::size_t depth = 16;
  std::size_t members = 256;
};

/// RFC 8259, strict: UTF-8 without a byte order mark, no duplicate members at any depth (compared after unescaping), nothing after the value.
/// NUL inside a text is left to the caller: find_nul(). Thread safety: any.
/// Errors: Errc::malformed_request with the reason and the byte; never with text of the document.
Result<Value> parse(std::string_view text, Limits limits = {});

/// The JSON text of `value`.
std::string write(const Value& value);
void write_to(std::string& out, const Value& value);

/// Appends a string literal with its quotes. Escaped are quotes, backslashes, all control characters (C0, DEL, C1), line and paragraph
/// separators and bidirectional controls; bytes that are no UTF-8 become U+FFFD.
void quote_to(std::string& out, std::string_view text);

/// RFC 6901 pointers of the first `max` texts and member names in `value` that hold U+0000.
std::vector<std::string> find_nul(const Value& value, std::size_t max);
/// One step of an RFC 6901 pointer, with its slash: "/a~1b".
std::string pointer_step(std::string_view name);

/// Members of all objects in `value` together.
std::size_t count_members(const Value& value) noexcept;

}  // namespace authkit::json
