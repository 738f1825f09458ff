#include "authkit/token.hpp"

#include "core/json.hpp"

#include <algorithm>
#include <cstring>

namespace authkit {
namespace {

std::vector<std::string> texts_of(std::string_view payload, std::string_view name) {
  std::vector<std::string> out;
  const auto document = json::parse(payload);
  const json::Value* member = document ? document->find(name) : nullptr;
  if (member == nullptr) return out;
  for (const json::Value& item : member->items)
    if (item.kind == json::Kind::text) out.push_back(item.text);
  return out;
}

}  // namespace

char* Claims::reserve(std::size_t size) {
  heap_ = size <= inline_size ? nullptr : std::make_unique<char[]>(size);
  return heap_ ? heap_.get() : inline_.data();
}

void Claims::assign(const Claims& other) {
  std::memcpy(reserve(other.facts_.used), other.bytes(), other.facts_.used);
  facts_ = other.facts_;
}

void Claims::take(Claims& other) noexcept {
  facts_ = std::exchange(other.facts_, {});
  heap_ = std::move(other.heap_);
  if (!heap_) std::memcpy(inline_.data(), other.inline_.data(), facts_.used);
}

std::vector<std::string> Claims::roles() const { return texts_of(json(), "roles"); }
std::vector<std::string> Claims::amr() const { return texts_of(json(), "amr"); }

bool Claims::has_role(std::string_view role) const {
  const std::vector<std::string> all = roles();
  return std::find(all.begin(), all.end(), role) != all.end();
}

}  // namespace authkit
