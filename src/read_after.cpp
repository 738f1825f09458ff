#include "auth_impl.hpp"
#include "core/short_mac.hpp"

#include <fmt/format.h>

#include <charconv>

namespace authkit {
namespace {

constexpr std::string_view use = "authkit read after", version = "v1.";

/// Takes the digits up to the next dot off the front.
template <class Number>
bool take(std::string_view& text, Number& number) noexcept {
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto size = static_cast<std::size_t>(end.ptr - text.data());
  if (end.ec != std::errc() || size == text.size() || text[size] != '.') return false;
  text.remove_prefix(size + 1);
  return true;
}

LogPosition parse(std::string_view text) noexcept {
  LogPosition position;
  if (!text.starts_with(version)) return {};
  text.remove_prefix(version.size());
  return take(text, position.timeline) && take(text, position.lsn) && text.empty() ? position : LogPosition();
}

}  // namespace

std::string Auth::sign(const ReadAfter& seen) const {
  const LogPosition position = seen.position();
  if (position.is_none()) return {};
  return signed_text(fmt::format("{}{}.{}.", version, position.timeline, position.lsn), use, impl_->keys->snapshot()->macs.front().secret);
}

std::shared_ptr<ReadAfter> Auth::read_after(std::string_view text) const {
  if (!impl_->has_replicas) return nullptr;
  const auto verified = verified_text(text, use, impl_->keys->snapshot()->macs);
  return std::make_shared<ReadAfter>(verified ? parse(*verified) : LogPosition());
}

}  // namespace authkit
