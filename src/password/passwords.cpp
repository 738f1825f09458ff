#include "authkit/password.hpp"

#include "core/random.hpp"
#include "core/secret.hpp"
#include "core/try.hpp"
#include "password/argon2id.hpp"
#include "password/gate.hpp"
#include "password/scheme.hpp"

#include <sodium/core.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <ctime>
#include <thread>

namespace authkit {
namespace {

using password::Cost;
using password::Gate;
using password::Scheme;

constexpr std::uint32_t max_slots = 1024;

std::uint64_t own_memory(const PasswordOptions& options) noexcept { return std::uint64_t{options.memory_kib} * 1024; }

Result<void> check_options(const PasswordOptions& options) {
  const auto wrong = [](const char* what) { return Error(Errc::config_invalid, what); };
  if (options.memory_kib < 8 || options.memory_kib > 1'048'576) return wrong("password.memory_kib takes 8 to 1048576");
  if (options.passes < 1 || options.passes > 16) return wrong("password.passes takes 1 to 16");
  if (options.slots > max_slots) return wrong("password.slots takes 0 (the number of cores) to 1024");
  if (options.queue_length > 1'000'000) return wrong("password.queue_length takes 0 to 1000000");
  if (options.queue_deadline < Duration{0} || options.queue_deadline > Duration{600'000})
    return wrong("password.queue_deadline takes 0 to 10 minutes");
  if (options.memory_budget != 0 && options.memory_budget < own_memory(options))
    return wrong("password.memory_budget takes 0 or at least the memory of one hash");
  return {};
}

Gate::Limits limits(const PasswordOptions& options) {
  const std::uint32_t cores = std::max(1U, std::thread::hardware_concurrency());
  const std::uint32_t slots = options.slots != 0 ? options.slots : std::min(cores, max_slots);
  const std::uint64_t bytes = options.memory_budget != 0 ? options.memory_budget : slots * own_memory(options);
  return {slots, bytes, options.queue_length};
}

using Nanoseconds = std::int64_t;

/// Processor time of this thread: what others do meanwhile does not count.
Nanoseconds thread_time() noexcept {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return Nanoseconds{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::string_view text(std::span<const std::uint8_t> bytes) noexcept { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

}  // namespace

struct Passwords::Impl {
  explicit Impl(const PasswordOptions& o) : options(o), own{o.memory_kib, o.passes}, gate(limits(o)) {}

  /// A slot for `cost`, and enough for evening out what it falls short of.
  Result<Gate::Pass> enter(const Cost& cost) {
    if (options.memory_budget != 0 && cost.memory > options.memory_budget)
      return Error(Errc::password_hash_invalid, "the stored hash takes more memory than password.memory_budget");
    AUTHKIT_TRY_ASSIGN(auto pass, gate.enter(std::max(cost.memory, own_memory(options)), options.queue_deadline));
    runs.fetch_add(1, std::memory_order_relaxed);
    return pass;
  }

  /// Notes what a hash of our own takes now: steps towards it, large ones at first, which end at the median whatever the few slow ones take.
  void note_own_time(Nanoseconds taken) noexcept {
    const Nanoseconds before = own_time.load(std::memory_order_relaxed);
    const Nanoseconds step = before / std::clamp<Nanoseconds>(static_cast<Nanoseconds>(runs.load(std::memory_order_relaxed)), 8, 256);
    own_time.store(before == 0 ? taken : std::clamp(taken, before - step, before + step), std::memory_order_relaxed);
  }

  /// Fills `memory_kib` for nothing and says how long it took.
  Nanoseconds idle(std::uint32_t memory_kib) const {
    std::array<std::uint8_t, password::argon2id::tag_size> unused;
    const Nanoseconds from = thread_time();
    static_cast<void>(password::argon2id::compute({memory_kib, own.passes}, {}, salt_of_nobody, unused));
    return thread_time() - from;
  }

  /// Spends what a cheaper stored hash left over, so that time does not tell an account with an old hash from none (CVE-2025-13473). The kinds
  /// have no common measure but time. A small fill takes up to twice as long for each KiB as a large one, whose pages are huge, so each spends two
  /// fifths of what is left.
  void even_out(Nanoseconds taken) {
    const Nanoseconds whole = own_time.load(std::memory_order_relaxed);
    if (whole <= 0) return note_own_time(idle(own.memory_kib));
    constexpr double share = 0.4;
    constexpr std::uint32_t least = 8;
    Nanoseconds left = whole - taken;
    for (int i = 0; i < 40 && left > 0; ++i) {
      const double part = share * std::min(1.0, static_cast<double>(left) / static_cast<double>(whole));
      const auto memory = static_cast<std::uint32_t>(static_cast<double>(own.memory_kib) * part);
      if (memory < least) return;
      left -= idle(memory);
    }
  }

  const PasswordOptions options;
  const password::argon2id::Parameters own;
  Gate gate;
  std::atomic<std::uint64_t> runs{0};
  std::atomic<Nanoseconds> own_time{0};  // of this thread's processor; 0 = not known yet
  std::array<std::uint8_t, password::argon2id::salt_size> salt_of_nobody{};
  std::string hash_of_nobody;  // of a random tag: no password has it
};

Passwords::Passwords(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Passwords::Passwords(Passwords&&) noexcept = default;
Passwords& Passwords::operator=(Passwords&&) noexcept = default;
Passwords::~Passwords() = default;

Result<Passwords> Passwords::open(PasswordOptions options) {
  AUTHKIT_TRY(check_options(options));
  if (sodium_init() < 0) return Error(Errc::internal, "libsodium does not start");
  auto impl = std::make_unique<Impl>(options);
  std::array<std::uint8_t, password::argon2id::tag_size> tag;
  AUTHKIT_TRY(random_bytes(impl->salt_of_nobody));
  AUTHKIT_TRY(random_bytes(tag));
  impl->hash_of_nobody = password::argon2id::encode(impl->own, text(impl->salt_of_nobody), text(tag));
  return Passwords(std::move(impl));
}

Result<std::string> Passwords::hash(std::string_view password) const {
  if (password.size() > max_bytes) return Error(Errc::weak_password, "use at most 1024 bytes");
  std::array<std::uint8_t, password::argon2id::salt_size> salt;
  std::array<std::uint8_t, password::argon2id::tag_size> tag;
  AUTHKIT_TRY(random_bytes(salt));
  AUTHKIT_TRY_ASSIGN(const auto pass, impl_->enter({own_memory(impl_->options)}));
  const Nanoseconds from = thread_time();
  AUTHKIT_TRY(password::argon2id::compute(impl_->own, password, salt, tag));
  impl_->note_own_time(thread_time() - from);
  return password::argon2id::encode(impl_->own, text(salt), text(tag));
}

Result<void> Passwords::check(std::string_view encoded) const {
  const Scheme* scheme = password::find_scheme(encoded);
  if (scheme == nullptr) return Error(Errc::password_hash_invalid, "the stored hash is of no known scheme");
  AUTHKIT_TRY(scheme->cost(encoded, impl_->options));
  return {};
}

Result<Verified> Passwords::verify(std::string_view password, std::string_view encoded) const {
  if (encoded.starts_with('!')) return verify_absent(password);  // the mark of accounts without a usable password
  const Scheme* scheme = password::find_scheme(encoded);
  if (scheme == nullptr) return Error(Errc::password_hash_invalid, "the stored hash is of no known scheme");
  AUTHKIT_TRY_ASSIGN(const Cost cost, scheme->cost(encoded, impl_->options));
  AUTHKIT_TRY_ASSIGN(const auto pass, impl_->enter(cost));

  // The one place that judges the length. Too long is a mismatch that costs what any other does (CVE-2013-1443, CVE-2025-22234).
  const bool fits = password.size() <= max_bytes;
  const std::string_view judged = fits ? password : std::string_view();
  std::string peppered;
  const Wiper wiper(peppered);
  if (scheme->takes_pepper && !impl_->options.pepper.empty()) peppered.append(judged).append(impl_->options.pepper);
  const Nanoseconds from = thread_time();
  Result<void> verdict = scheme->verify(peppered.empty() ? judged : peppered, encoded);
  const Nanoseconds taken = thread_time() - from;
  if (verdict && !fits) verdict = Errc::invalid_credentials;
  const bool is_preferred = scheme->is_preferred(encoded, impl_->options);
  if (is_preferred) impl_->note_own_time(taken);
  if (verdict) return Verified{!is_preferred};
  if (!is_preferred && verdict.error().code == Errc::invalid_credentials) impl_->even_out(taken);
  return std::move(verdict).error();
}

Result<Verified> Passwords::verify_absent(std::string_view password) const {
  Result<Verified> verdict = verify(password, impl_->hash_of_nobody);
  if (verdict) return Errc::invalid_credentials;
  return verdict;
}

std::uint64_t Passwords::kdf_runs() const noexcept { return impl_->runs.load(std::memory_order_relaxed); }

}  // namespace authkit
