#include "authkit/json.hpp"

#include "core/json.hpp"
#include "core/try.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace authkit {

using json::Kind;
using json::Value;

namespace {

constexpr std::size_t max_nul_reports = 16;
constexpr std::size_t max_list = 256;

std::string_view name_of(Kind kind) noexcept {
  switch (kind) {
    case Kind::boolean:
      return "true or false";
    case Kind::number:
      return "a whole number";
    case Kind::text:
      return "a text";
    case Kind::array:
      return "a list of texts";
    case Kind::object:
      return "an object";
    case Kind::null:
      break;
  }
  return "null";
}

}  // namespace

struct JsonReader::Impl {
  Value root;
  std::vector<FieldError> errors;

  bool reported(std::string_view pointer) const {
    return std::any_of(errors.begin(), errors.end(), [pointer](const FieldError& error) { return error.pointer == pointer; });
  }

  /// The first report of a member stands: what follows from it would only confuse.
  void report(std::string pointer, std::string_view code, std::string_view detail) {
    if (!reported(pointer)) errors.push_back({std::move(pointer), std::string(code), std::string(detail)});
  }

  /// The member, where it is present, not null and of that kind.
  const Value* get(std::string_view name, Kind kind) {
    const Value* value = root.find(name);
    if (value == nullptr || value->kind == Kind::null) return nullptr;
    if (value->kind == kind) return value;
    report(json::pointer_step(name), "wrong_type", fmt::format("must be {}", name_of(kind)));
    return nullptr;
  }

  std::optional<std::string> text_of(const Value& value, const std::string& pointer, std::size_t max_bytes) {
    if (reported(pointer)) return std::nullopt;
    if (value.text.size() <= max_bytes) return value.text;
    report(pointer, "too_long", fmt::format("must be at most {} bytes", max_bytes));
    return std::nullopt;
  }
};

JsonReader::JsonReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JsonReader::JsonReader(JsonReader&&) noexcept = default;
JsonReader& JsonReader::operator=(JsonReader&&) noexcept = default;
JsonReader::~JsonReader() = default;

Result<JsonReader> JsonReader::parse(std::string_view json) {
  AUTHKIT_TRY_ASSIGN(Value root, json::parse(json));
  if (root.kind != Kind::object) return Error(Errc::malformed_request, "JSON: an object is expected");
  auto impl = std::make_unique<Impl>();
  for (std::string& pointer : json::find_nul(root, max_nul_reports)) impl->report(std::move(pointer), "nul", "must not hold U+0000");
  impl->root = std::move(root);
  return JsonReader(std::move(impl));
}

std::string JsonReader::text(std::string_view name, std::size_t max_bytes) {
  auto value = optional_text(name, max_bytes);
  if (!value) impl_->report(json::pointer_step(name), "missing", "is required");
  return std::move(value).value_or(std::string());
}

std::optional<std::string> JsonReader::optional_text(std::string_view name, std::size_t max_bytes) {
  const Value* value = impl_->get(name, Kind::text);
  if (value == nullptr) return std::nullopt;
  return impl_->text_of(*value, json::pointer_step(name), max_bytes);
}

std::optional<bool> JsonReader::optional_flag(std::string_view name) {
  const Value* value = impl_->get(name, Kind::boolean);
  if (value == nullptr) return std::nullopt;
  return value->text == "true";
}

std::optional<std::int64_t> JsonReader::optional_integer(std::string_view name) {
  const Value* value = impl_->get(name, Kind::number);
  if (value == nullptr) return std::nullopt;
  const auto number = value->integer();
  if (!number) impl_->report(json::pointer_step(name), "out_of_range", "must be a whole number of at most 64 bits");
  return number;
}

std::optional<std::string> JsonReader::optional_object(std::string_view name) {
  const Value* value = impl_->get(name, Kind::object);
  if (value == nullptr) return std::nullopt;
  return json::write(*value);
}

std::vector<std::string> JsonReader::optional_texts(std::string_view name) {
  const Value* list = impl_->get(name, Kind::array);
  if (list == nullptr) return {};
  const std::string pointer = json::pointer_step(name);
  if (list->items.size() > max_list) {
    impl_->report(pointer, "too_long", fmt::format("must hold at most {} texts", max_list));
    return {};
  }
  std::vector<std::string> out;
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    const std::string where = fmt::format("{}/{}", pointer, i);
    const Value& item = list->items[i];
    if (item.kind != Kind::text) {
      impl_->report(where, "wrong_type", "must be a text");
    } else if (auto text = impl_->text_of(item, where, 1024)) {
      out.push_back(*std::move(text));
    }
  }
  return out;
}

bool JsonReader::has(std::string_view name) const { return impl_->root.find(name) != nullptr; }

std::optional<std::string> JsonReader::first_text(std::initializer_list<std::string_view> names, std::size_t max_bytes) {
  for (const std::string_view name : names) {
    const Value* value = impl_->root.find(name);
    if (value != nullptr && value->kind != Kind::null) return optional_text(name, max_bytes);
  }
  return std::nullopt;
}

void JsonReader::allow_only(std::initializer_list<std::string_view> names) {
  for (const json::Member& member : impl_->root.members) {
    if (std::find(names.begin(), names.end(), member.name) == names.end())
      impl_->report(json::pointer_step(member.name), "unknown", "is not known here");
  }
}

void JsonReader::reject(std::string_view name, std::string_view code, std::string_view detail) {
  impl_->report(json::pointer_step(name), code, detail);
}

Result<void> JsonReader::finish() {
  if (impl_->errors.empty()) return {};
  Error error(Errc::field_invalid);
  error.fields = impl_->errors;
  return error;
}

}  // namespace authkit
