#include "body.hpp"

namespace authkit::server {
namespace {

std::string_view unquoted(std::string_view text) noexcept {
  return text.size() >= 2 && text.front() == '"' && text.back() == '"' ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

bool is_json(const Request& request) {
  if (request.field("content-encoding")) return false;
  const std::optional<std::string_view> type = request.field("content-type");
  if (!type) return false;
  bool sound = true;
  bool first = true;
  split(*type, ';', [&](std::string_view part) {
    const std::size_t equals = part.find('=');
    const bool utf8 =
        equals != std::string_view::npos && same_token(part.substr(0, equals), "charset") && same_token(unquoted(part.substr(equals + 1)), "utf-8");
    sound = sound && (first ? same_token(part, "application/json") : utf8);
    first = false;
  });
  return sound;
}

Result<JsonReader> json_body(const Request& request) {
  if (!is_json(request)) return Error{Errc::unsupported_media_type, "Send the body as Content-Type: application/json"};
  return JsonReader::parse(request.body);
}

Result<JsonReader> optional_json_body(const Request& request) { return request.body.empty() ? JsonReader::parse("{}") : json_body(request); }

JsonObject& JsonObject::raw(std::string_view name, std::string_view json) {
  body_.append(body_.size() > 1 ? ",\"" : "\"").append(name).append("\":").append(json);
  return *this;
}

std::string with_member(std::string object, std::string_view name, std::string_view json) {
  object.pop_back();
  object.append(object.size() > 1 ? ",\"" : "\"").append(name).append("\":").append(json).append("}");
  return object;
}

}  // namespace authkit::server
