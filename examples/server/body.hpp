#pragma once

#include "authkit/json.hpp"

#include "http.hpp"

namespace authkit::server {

/// Whether the content is declared as JSON, in UTF-8 and not compressed.
bool is_json(const Request& request);

/// The request's JSON object. Errors: unsupported_media_type, malformed_request.
Result<JsonReader> json_body(const Request& request);
/// The same where the body may be left out.
Result<JsonReader> optional_json_body(const Request& request);

/// A JSON object of a constant shape, written member by member.
class JsonObject {
 public:
  JsonObject& text(std::string_view name, std::string_view value) { return raw(name, json_quote(value)); }
  JsonObject& number(std::string_view name, std::int64_t value) { return raw(name, std::to_string(value)); }
  JsonObject& raw(std::string_view name, std::string_view json);
  std::string finish() { return body_ + "}"; }

 private:
  std::string body_ = "{";
};

/// `object`, a JSON object in text form, with one more member.
std::string with_member(std::string object, std::string_view name, std::string_view json);

}  // namespace authkit::server
