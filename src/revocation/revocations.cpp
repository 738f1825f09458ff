#include "authkit/revocation.hpp"

#include "core/try.hpp"
#include "revocation/freshness.hpp"
#include "revocation/revocation_index.hpp"

#include <atomic>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <new>
#include <optional>

namespace authkit {
namespace {

constexpr std::size_t batch_size = 4096;
constexpr Duration inline_deadline{300};  // what a caller of check() waits for the feed at most
constexpr Duration retry_pause{200};      // after a failed read, so that a dead store does not hold up every request

using std::chrono::steady_clock;

// The coarse clocks: a quarter of the price, and 4 ms do not matter against bounds of seconds.
#ifdef CLOCK_MONOTONIC_COARSE
constexpr clockid_t steady_clock_id = CLOCK_MONOTONIC_COARSE, wall_clock_id = CLOCK_REALTIME_COARSE;
#else
constexpr clockid_t steady_clock_id = CLOCK_MONOTONIC, wall_clock_id = CLOCK_REALTIME;
#endif

Duration read_clock(clockid_t id) noexcept {
  timespec now{};
  clock_gettime(id, &now);
  return Duration{now.tv_sec * 1000 + now.tv_nsec / 1'000'000};
}

bool is_of_the_system(const Clock& clock) noexcept {
  const auto* const target = clock.target<Time (*)() noexcept>();
  return target != nullptr && *target == system_now;
}

}  // namespace

struct Revocations::Impl {
  Impl(RevocationOptions o, std::shared_ptr<RevocationStore> s, Clock c, std::shared_ptr<RevocationStream> t)
      : options(o), store(std::move(s)), clock(std::move(c)), stream(std::move(t)), index(clock()) {}
  ~Impl() {
    if (stream) stream->listen({});
  }

  Moment now() const { return {read_clock(steady_clock_id), of_the_system ? read_clock(wall_clock_id) : clock().time_since_epoch()}; }

  /// The send time of the last good read: whatever was committed before it is in the index. Half of an update seen reads as older.
  Moment last_read() const noexcept {
    return {Duration{read_steady.load(std::memory_order_acquire)}, Duration{read_wall.load(std::memory_order_acquire)}};
  }
  void set_last_read(const Moment& at) noexcept {
    read_steady.store(at.steady.count(), std::memory_order_release);
    read_wall.store(at.wall.count(), std::memory_order_release);
  }

  bool fresh() const {
    const Moment last = last_read(), at = now();
    return age(last, at) <= options.staleness_bound && !set_back(last, at) && complete();
  }
  bool complete() const noexcept { return losses.load(std::memory_order_acquire) == made_good.load(std::memory_order_acquire); }
  bool tolerable() const { return complete() && age(last_read(), now()) <= options.staleness_bound + options.accept_stale; }

  void apply(std::span<const RevocationEntry> entries);
  void apply_or_reread(std::span<const RevocationEntry> entries) noexcept;
  void follow_stream();
  Result<void> read(const Context& context);
  Result<void> read_alone(std::unique_lock<std::mutex>& lock, const Context& context);
  Result<void> catch_up();

  const RevocationOptions options;
  const std::shared_ptr<RevocationStore> store;
  const Clock clock;
  const bool of_the_system = is_of_the_system(clock);
  const std::shared_ptr<RevocationStream> stream;
  RevocationIndex index;
  std::atomic<bool> lost{false};  ///< by the stream, since the last read
  std::atomic<Duration::rep> read_steady{0}, read_wall{0};
  std::atomic<std::uint64_t> losses{0}, made_good{0};  // entries that did not fit into memory: only the whole feed makes up for them

  std::mutex reading_mutex;
  std::condition_variable reading_done;
  bool reading = false;
  std::string cursor;  // of the one who reads
  std::optional<Moment> last_failure;

  std::mutex listeners_mutex;
  std::shared_ptr<const std::vector<std::function<void(const UserId&)>>> listeners =
      std::make_shared<std::vector<std::function<void(const UserId&)>>>();
};

void Revocations::Impl::apply(std::span<const RevocationEntry> entries) {
  index.apply(entries, clock());
  const auto told = [&] {
    const std::lock_guard lock(listeners_mutex);
    return listeners;
  }();
  for (const RevocationEntry& entry : entries) {
    if (entry.kind != RevocationKind::changed) continue;
    for (const auto& listener : *told) listener(UserId{entry.id});
  }
}

void Revocations::Impl::apply_or_reread(std::span<const RevocationEntry> entries) noexcept {
  try {
    apply(entries);
  } catch (const std::bad_alloc&) {
    losses.fetch_add(1);
  }
}

/// What arrives is in force at once, and makes nothing fresher: a stream that lost its entries looks like one that has none.
void Revocations::Impl::follow_stream() {
  if (!stream) return;
  stream->listen({[this](std::span<const RevocationEntry> entries) { apply_or_reread(entries); }, [this] { lost.store(true); }});
}

Result<void> Revocations::Impl::read(const Context& context) {
  lost.store(false);
  const std::uint64_t losses_before = losses.load();
  if (losses_before != made_good.load() || set_back(last_read(), now())) cursor.clear();  // a clock set back revives entries that were swept
  for (;;) {
    const Moment sent = now();
    AUTHKIT_TRY_ASSIGN(const auto batch, store->since(cursor, batch_size, context));
    apply(batch.entries);
    cursor = batch.cursor;
    if (batch.more) continue;
    set_last_read(sent);
    made_good = losses_before;
    index.sweep(clock());
    return {};
  }
}

/// One thread at a time; `lock` holds reading_mutex and does again afterwards.
Result<void> Revocations::Impl::read_alone(std::unique_lock<std::mutex>& lock, const Context& context) {
  reading = true;
  lock.unlock();
  Result<void> done;
  try {
    done = read(context);
  } catch (const std::bad_alloc&) {
    done = Errc::out_of_memory;
  }
  lock.lock();
  reading = false;
  last_failure = done ? std::nullopt : std::optional(now());
  reading_done.notify_all();
  return done;
}

Result<void> Revocations::Impl::catch_up() {
  std::unique_lock lock(reading_mutex);
  if (reading) {
    if (tolerable()) return {};
    reading_done.wait_until(lock, steady_clock::now() + inline_deadline, [&] { return !reading; });
  } else if (!fresh() && (!last_failure || age(*last_failure, now()) >= retry_pause)) {
    Context context;
    context.deadline = steady_clock::now() + inline_deadline;
    static_cast<void>(read_alone(lock, context));  // tolerable() judges
  }
  if (tolerable()) return {};
  Error error(Errc::revocation_stale, "the revocation feed could not be read in time");
  error.retry_after = Duration{1000};
  return error;
}

Revocations::Revocations(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Revocations::~Revocations() = default;

Result<std::unique_ptr<Revocations>> Revocations::open(RevocationOptions options, std::shared_ptr<RevocationStore> store, Clock clock,
                                                       std::shared_ptr<RevocationStream> stream) {
  if (!store || !clock) return Error(Errc::invalid_argument, "revocations need a store and a clock");
  if (options.staleness_bound <= Duration{0}) return Error(Errc::config_invalid, "revocation.staleness_bound takes more than 0");
  if (options.accept_stale < Duration{0}) return Error(Errc::config_invalid, "revocation.accept_stale takes 0 or more");
  if (options.poll_interval <= Duration{0}) return Error(Errc::config_invalid, "revocation.poll_interval takes more than 0");
  std::unique_ptr<Revocations> opened(new Revocations(std::make_unique<Impl>(options, std::move(store), std::move(clock), std::move(stream))));
  opened->impl_->follow_stream();  // before the feed is read: what is committed meanwhile comes one way or the other
  AUTHKIT_TRY(opened->poll());
  return opened;
}

Result<void> Revocations::check(const Claims& claims) const {
  return check(claims.jti(), claims.session(), claims.user(), claims.epoch(), claims.issued_at());
}

Result<void> Revocations::check(TokenId jti, SessionId session, UserId user, std::uint64_t epoch, Time issued_at) const {
  const bool fresh = impl_->fresh();  // before the look-up: afterwards it would speak of a newer index than the one that was asked
  if (impl_->index.refuses(jti, session, user, epoch, issued_at)) return Errc::token_revoked;
  if (fresh) return {};
  AUTHKIT_TRY(impl_->catch_up());
  if (impl_->index.refuses(jti, session, user, epoch, issued_at)) return Errc::token_revoked;
  return {};
}

Result<void> Revocations::revoke(Tx& tx, const RevocationEntry& entry) {
  AUTHKIT_TRY(impl_->store->add(tx, entry));
  tx.on_commit([impl = impl_.get(), entry] {
    impl->apply_or_reread({&entry, 1});
    if (impl->stream) impl->stream->publish(entry);
  });
  return {};
}

void Revocations::refuse_locally(const RevocationEntry& entry) { impl_->apply_or_reread({&entry, 1}); }

Result<void> Revocations::poll(const Context& context) {
  std::unique_lock lock(impl_->reading_mutex);
  const auto idle = [this] { return !impl_->reading; };
  if (!context.deadline) {
    impl_->reading_done.wait(lock, idle);
  } else if (!impl_->reading_done.wait_until(lock, *context.deadline, idle)) {
    return Error(Errc::store_unavailable, "another read of the revocation feed is under way");
  }
  return impl_->read_alone(lock, context);
}

void Revocations::on_change(std::function<void(const UserId&)> listener) {
  const std::lock_guard lock(impl_->listeners_mutex);
  auto more = *impl_->listeners;
  more.push_back(std::move(listener));
  impl_->listeners = std::make_shared<const std::vector<std::function<void(const UserId&)>>>(std::move(more));
}

std::uint64_t Revocations::least_version(UserId user) const { return impl_->index.least_version(user); }

bool Revocations::wants_poll() const noexcept { return impl_->lost.load(); }

std::size_t Revocations::size() const noexcept { return impl_->index.size(); }

}  // namespace authkit
