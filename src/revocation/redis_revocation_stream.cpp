#include "revocation/redis_revocation_stream.hpp"

#include "core/hex.hpp"
#include "core/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

namespace authkit {
namespace {

using std::chrono::steady_clock;

/// What is later than this reaches the others by the feed.
constexpr std::chrono::milliseconds time_to_publish{50};
/// How long Redis may let a listener wait, and how long that may take in all.
constexpr std::string_view block_ms = "500";
constexpr std::chrono::milliseconds time_to_answer{1500};
/// Between attempts while Redis cannot be reached; the connection has its own backoff below this.
constexpr Duration pause{50};
/// Clocks of two instances may differ by less.
constexpr Duration margin{60'000};

void put(char* to, std::int64_t number) noexcept {
  for (int i = 7; i >= 0; --i, number >>= 8) to[i] = static_cast<char>(number & 0xff);
}
std::int64_t get(const char* from) noexcept {
  std::uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = number << 8 | static_cast<std::uint8_t>(from[i]);
  return static_cast<std::int64_t>(number);
}

std::optional<RevocationEntry> read(std::string_view record) noexcept {
  constexpr std::string_view kinds = "jsugc";
  if (record.size() != std::tuple_size_v<StreamRecord> || kinds.find(record[0]) == std::string_view::npos) return std::nullopt;
  RevocationEntry entry;
  entry.kind = static_cast<RevocationKind>(record[0]);
  std::copy_n(record.begin() + 1, entry.id.size(), entry.id.begin());
  entry.value = get(&record[17]);
  entry.not_after = Time(Duration(get(&record[25])));
  return entry;
}

/// [[stream, [[id, [field, record]], ...]]], as XREAD answers.
struct Page {
  std::vector<RevocationEntry> entries;
  std::string last;
};

Page page_of(const redis::Reply& reply) {
  Page page;
  const auto* streams = reply.array();
  const auto* stream = streams != nullptr && !streams->empty() ? streams->front().array() : nullptr;
  if (stream == nullptr || stream->size() != 2) return page;
  for (StreamItem& item : stream_items(stream->back())) {
    page.last = std::move(item.id);
    if (item.entry) page.entries.push_back(*item.entry);
  }
  return page;
}

}  // namespace

std::string stream_key_of(std::string_view tenant) { return fmt::format("authkit:{{rev:{}}}", tenant); }
std::string epoch_key_of(std::string_view stream) { return std::string(stream) + ":epoch"; }

StreamRecord to_record(const RevocationEntry& entry) noexcept {
  StreamRecord record;
  record[0] = static_cast<char>(entry.kind);
  std::copy(entry.id.begin(), entry.id.end(), record.begin() + 1);
  put(&record[17], entry.value);
  put(&record[25], entry.not_after.time_since_epoch().count());
  return record;
}

std::vector<StreamItem> stream_items(const redis::Reply& reply) {
  std::vector<StreamItem> items;
  const auto* all = reply.array();
  if (all == nullptr) return items;
  for (const redis::Reply& item : *all) {
    const auto* parts = item.array();
    const auto* id = parts != nullptr && parts->size() == 2 ? (*parts)[0].text() : nullptr;
    const auto* fields = id != nullptr ? (*parts)[1].array() : nullptr;
    if (fields == nullptr) continue;
    const auto* record = fields->size() == 2 ? (*fields)[1].text() : nullptr;
    items.push_back({*id, record != nullptr ? read(*record) : std::nullopt});
  }
  return items;
}

struct RedisRevocationStream::Counts {
  std::atomic<std::uint64_t> published{0}, failures{0};
};

/// Asks for the epoch and waits for entries, both at once, then again: a chain of calls on the client's thread. It holds itself as long as one is
/// under way.
class RedisRevocationStream::Follower : public std::enable_shared_from_this<Follower> {
 public:
  /// `client` ends its calls before it goes, so none outlives it.
  Follower(redis::Client& client, std::string stream, bool makes_epoch, Listener listener)
      : client_(client), stream_(std::move(stream)), epoch_key_(epoch_key_of(stream_)), makes_epoch_(makes_epoch), listener_(std::move(listener)) {}

  void start() { ask(); }

  /// When it returns no call of the listener is under way, and none will come.
  void stop() {
    const std::lock_guard lock(mutex_);
    listener_ = {};
  }

 private:
  enum class Epoch : std::uint8_t { unknown, same, another, missing };

  redis::Deadline soon() const { return steady_clock::now() + time_to_answer; }
  bool stopped() const {
    const std::lock_guard lock(mutex_);
    return !listener_.arrived;
  }

  /// One connection answers in order: what the epoch says holds for the entries behind it.
  void ask() {
    known_ = Epoch::unknown;
    const std::string_view get[] = {"GET", epoch_key_};
    client_.start({get, 1, true}, soon(), [self = shared_from_this()](const redis::Answer& answer) { self->on_epoch(answer); });
    const std::string_view read[] = {"XREAD", "COUNT", "1000", "BLOCK", block_ms, "STREAMS", stream_, last_};
    client_.start({read, 6, true}, soon(), [self = shared_from_this()](const redis::Answer& answer) { self->on_entries(answer); });
  }

  void on_epoch(const redis::Answer& answer) {
    if (!answer.is_reply()) return;
    const auto* epoch = answer.reply.text();
    if (epoch == nullptr) {
      known_ = Epoch::missing;
      return;
    }
    // The first one is no loss; with another the stream begins anew, and all of it is read.
    known_ = epoch_.empty() || *epoch == epoch_ ? Epoch::same : Epoch::another;
    epoch_ = *epoch;
  }

  void on_entries(const redis::Answer& answer) {
    if (stopped()) return;
    if (!answer.is_reply() || known_ == Epoch::unknown) return on_trouble(answer.reason);
    if (known_ == Epoch::missing) return makes_epoch_ ? make_epoch() : on_loss();
    if (std::exchange(troubled_, false)) tell_lost();
    if (known_ == Epoch::another) {
      last_ = "0-0";
      tell_lost();
      return ask();
    }
    Page page = page_of(answer.reply);
    if (!page.last.empty()) last_ = std::move(page.last);
    {
      const std::lock_guard lock(mutex_);
      if (listener_.arrived && !page.entries.empty()) listener_.arrived(page.entries);
    }
    ask();
  }

  /// Whoever comes first writes it.
  void make_epoch() {
    const auto random = random_id<TokenId>();
    if (!random) return on_trouble(redis::Reason::none);
    const std::string epoch = hex::encode(random->bytes);
    const std::string_view set[] = {"SET", epoch_key_, epoch, "NX"};
    client_.start({set, 1, true}, soon(), [self = shared_from_this()](const redis::Answer& answer) {
      if (self->stopped()) return;
      answer.is_reply() ? self->ask() : self->on_trouble(answer.reason);
    });
  }

  /// Whoever reads the feed next finds out what that means.
  void on_loss() {
    tell_lost();
    on_trouble(redis::Reason::none);
  }

  void on_trouble(redis::Reason reason) {
    troubled_ = true;
    if (reason == redis::Reason::closed) return;
    client_.after(pause, [self = shared_from_this()] {
      if (!self->stopped()) self->ask();
    });
  }

  void tell_lost() {
    const std::lock_guard lock(mutex_);
    if (listener_.lost) listener_.lost();
  }

  redis::Client& client_;
  const std::string stream_, epoch_key_;
  const bool makes_epoch_;
  mutable std::mutex mutex_;
  Listener listener_;
  std::string epoch_, last_ = "0-0";  // this and the rest: the client's thread
  Epoch known_ = Epoch::unknown;
  bool troubled_ = false;
};

RedisRevocationStream::RedisRevocationStream(std::shared_ptr<redis::Client> publisher, std::shared_ptr<redis::Client> listener,
                                             std::string_view tenant, Duration retention, Clock clock)
    : publisher_(std::move(publisher)),
      listener_client_(std::move(listener)),
      stream_(stream_key_of(tenant)),
      retention_(retention + margin),
      clock_(std::move(clock)),
      counts_(std::make_shared<Counts>()) {}

RedisRevocationStream::~RedisRevocationStream() { listen({}); }

void RedisRevocationStream::publish(const RevocationEntry& entry) {
  if (!publisher_) return;
  const StreamRecord record = to_record(entry);
  const std::string oldest = fmt::format("{}-0", std::max<std::int64_t>(0, (clock_() - retention_).time_since_epoch().count()));
  const std::string_view add[] = {"XADD", stream_, "MINID", "~", oldest, "*", "r", {record.data(), record.size()}};
  publisher_->start({add, 1, false}, steady_clock::now() + time_to_publish,
                    [counts = counts_](redis::Answer answer) { ++(answer.is_reply() ? counts->published : counts->failures); });
}

void RedisRevocationStream::listen(Listener listener) {
  if (follower_) follower_->stop();
  follower_.reset();
  if (!listener.arrived) return;
  follower_ = std::make_shared<Follower>(*listener_client_, stream_, publisher_ != nullptr, std::move(listener));
  follower_->start();
}

std::uint64_t RedisRevocationStream::published() const noexcept { return counts_->published; }
std::uint64_t RedisRevocationStream::failures() const noexcept { return counts_->failures; }

}  // namespace authkit
