#include "redis/io_thread.hpp"

#include "redis/io_context.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <pthread.h>

namespace authkit::redis {
namespace {

/// What a handler throws (no memory, a caller's callback) costs that handler and nothing else.
void run(boost::asio::io_context& context) {
  for (;;) {
    try {
      context.run();
      return;
    } catch (...) {
    }
  }
}

}  // namespace

IoThread::IoThread() : impl_(std::make_unique<Impl>()) {
  impl_->thread = std::thread([this] { run(impl_->context); });
  ::pthread_setname_np(impl_->thread.native_handle(), "authkit-redis");
}

IoThread::~IoThread() { stop(); }

void IoThread::post(std::function<void()> work) { boost::asio::post(impl_->context, std::move(work)); }

void IoThread::after(Duration delay, std::function<void()> work) {
  auto timer = std::make_shared<boost::asio::steady_timer>(impl_->context, delay);
  timer->async_wait([timer, work = std::move(work)](const boost::system::error_code& error) {
    if (!error) work();
  });
}

void IoThread::stop() {
  if (!impl_->thread.joinable()) return;
  impl_->context.stop();
  impl_->thread.join();
}

}  // namespace authkit::redis
