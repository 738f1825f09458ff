#include "core/random.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <pthread.h>

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

std::atomic<unsigned> forks{0};  // of this process from the one that began

/// Bytes drawn ahead. What was handed out is wiped.
class Store {
 public:
  bool take(std::span<std::uint8_t> out) noexcept {
    const unsigned here = forks.load(std::memory_order_relaxed);
    if (here != forks_ || out.size() > bytes_.size() - used_) {
      if (RAND_bytes(bytes_.data(), static_cast<int>(bytes_.size())) != 1) return false;
      used_ = 0;
      forks_ = here;
    }
    const auto taken = std::span(bytes_).subspan(used_, out.size());
    std::copy(taken.begin(), taken.end(), out.begin());
    std::fill(taken.begin(), taken.end(), std::uint8_t{0});
    used_ += out.size();
    return true;
  }

 private:
  std::array<std::uint8_t, 1024> bytes_;
  std::size_t used_ = bytes_.size();
  unsigned forks_ = 0;
};

}  // namespace

Result<void> random_id_bytes(std::span<std::uint8_t> out) {
  static const int watched = pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
  thread_local Store store;
  if (watched != 0 || out.size() > 64) return random_bytes(out);
  if (!injected_failure() && store.take(out)) return {};
  std::fill(out.begin(), out.end(), std::uint8_t{0});
  return Errc::random_unavailable;
}

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
