#include "workers.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#ifdef __linux__
#include <sys/resource.h>
#include <unistd.h>
#endif

namespace authkit::server {
namespace {

/// Jobs by client; clients take turns. Not thread-safe.
class FairQueue {
 public:
  std::size_t size() const noexcept { return size_; }

  void push(std::string_view client, Job job) {
    auto [at, added] = clients_.try_emplace(std::string(client));
    if (added) turns_.push_back(at->first);
    at->second.push_back(std::move(job));
    ++size_;
  }

  Job pop() {
    const std::string client = std::move(turns_.front());
    turns_.pop_front();
    const auto at = clients_.find(client);
    Job job = std::move(at->second.front());
    at->second.pop_front();
    --size_;
    if (at->second.empty()) {
      clients_.erase(at);
    } else {
      turns_.push_back(client);
    }
    return job;
  }

  /// The newest job of the client that has the most, if that is more than `client` would have with one more.
  std::optional<Job> make_room(std::string_view client) {
    const auto longest =
        std::max_element(clients_.begin(), clients_.end(), [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
    const auto own = clients_.find(std::string(client));
    const std::size_t mine = own == clients_.end() ? 0 : own->second.size();
    if (longest == clients_.end() || longest->second.size() <= mine + 1) return std::nullopt;
    Job job = std::move(longest->second.back());
    longest->second.pop_back();
    --size_;
    return job;
  }

 private:
  std::unordered_map<std::string, std::deque<Job>> clients_;  // none of them empty
  std::list<std::string> turns_;
  std::size_t size_ = 0;
};

void give_way(int niceness) {
#ifdef __linux__
  if (niceness > 0) setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), niceness);
#else
  (void)niceness;
#endif
}

}  // namespace

struct Pool::Impl {
  PoolOptions options;
  mutable std::mutex mutex;
  std::condition_variable work;
  FairQueue queue;
  bool stopping = false;
  std::vector<std::thread> threads;

  void run() {
    give_way(options.niceness);
    for (;;) {
      std::unique_lock lock(mutex);
      work.wait(lock, [&] { return stopping || queue.size() != 0; });
      if (queue.size() == 0) return;
      Job job = queue.pop();
      lock.unlock();
      job.run();
    }
  }
};

Pool::Pool(PoolOptions options) : impl_(std::make_unique<Impl>()) {
  impl_->options = options;
  for (std::size_t i = 0; i < std::max<std::size_t>(options.threads, 1); ++i) impl_->threads.emplace_back([impl = impl_.get()] { impl->run(); });
}

Pool::~Pool() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->work.notify_all();
  for (std::thread& thread : impl_->threads) thread.join();
}

bool Pool::submit(std::string_view client, Job job) {
  std::optional<Job> evicted;
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->queue.size() >= impl_->options.queue_length) {
      evicted = impl_->queue.make_room(client);
      if (!evicted) return false;
    }
    impl_->queue.push(client, std::move(job));
  }
  impl_->work.notify_one();
  if (evicted) evicted->refuse();
  return true;
}

std::size_t Pool::waiting() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->queue.size();
}

}  // namespace authkit::server
