#include "core/random.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <atomic>

namespace authkit {
namespace {

std::atomic<unsigned> successes_before{0};
std::atomic<unsigned> failures_to_inject{0};

bool take(std::atomic<unsigned>& from) noexcept {
  unsigned left = from.load(std::memory_order_relaxed);
  while (left > 0) {
    if (from.compare_exchange_weak(left, left - 1)) return true;
  }
  return false;
}

bool injected_failure() noexcept {
  return failures_to_inject.load(std::memory_order_relaxed) > 0 && !take(successes_before) && take(failures_to_inject);
}

}  // namespace

Result<void> random_bytes(std::span<std::uint8_t> out) {
  if (injected_failure() || RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) {
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    return Errc::random_unavailable;
  }
  return {};
}

Result<UserId> new_user_id(Time now) {
  UserId id;
  if (auto filled = random_bytes(id.bytes); !filled) return std::move(filled).error();
  const auto milliseconds = static_cast<std::uint64_t>(now.time_since_epoch().count());
  for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * i));
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x70);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

void fail_random_for_tests(unsigned failures, unsigned successes) noexcept {
  successes_before.store(successes);
  failures_to_inject.store(failures);
}

}  // namespace authkit
