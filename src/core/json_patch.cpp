#include "authkit/json.hpp"

#include "core/json.hpp"
#include "core/try.hpp"

#include <algorithm>

namespace authkit {
namespace {

using json::Kind;
using json::Value;

constexpr json::Limits limits;

Result<Value> read_object(std::string_view text, std::string_view what) {
  auto value = json::parse(text, limits);
  if (!value) return Error(Errc::profile_invalid, std::string(what) + ": " + value.error().detail);
  if (value->kind != Kind::object) return Error(Errc::profile_invalid, std::string(what) + " must be a JSON object");
  if (!json::find_nul(*value, 1).empty()) return Error(Errc::profile_invalid, std::string(what) + " must not hold U+0000");
  return *std::move(value);
}

void merge(Value& target, Value patch) {
  if (patch.kind != Kind::object) {
    target = std::move(patch);
    return;
  }
  if (target.kind != Kind::object) target = Value{Kind::object, {}, {}, {}};
  for (auto& [name, change] : patch.members) {
    if (change.kind == Kind::null) {
      std::erase_if(target.members, [&wanted = name](const json::Member& member) { return member.name == wanted; });
      continue;
    }
    Value* present = target.find(name);
    if (present == nullptr) present = &target.members.emplace_back(json::Member{name, {}}).value;
    merge(*present, std::move(change));
  }
}

}  // namespace

Result<std::string> merge_patch(std::string_view target, std::string_view patch) {
  AUTHKIT_TRY_ASSIGN(Value merged, read_object(target, "the stored object"));
  AUTHKIT_TRY_ASSIGN(Value change, read_object(patch, "the patch"));
  merge(merged, std::move(change));
  // What is stored must be readable again.
  if (json::count_members(merged) > limits.members) return Error(Errc::profile_invalid, "the result has too many members");
  return json::write(merged);
}

}  // namespace authkit
