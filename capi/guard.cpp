#include "guard.hpp"

#include <algorithm>
#include <atomic>
#include <pthread.h>

namespace authkit::capi {
namespace {

// Plain arrays: they need no destructor, so a call during thread or process exit still finds them.
thread_local char last_detail[512] = "";
thread_local char last_document[2048] = "{}";

void copy_to(char* target, std::size_t capacity, std::string_view value) noexcept {
  const std::size_t n = std::min(value.size(), capacity - 1);
  std::memcpy(target, value.data(), n);
  target[n] = '\0';
}

std::atomic<unsigned> forks{0};
[[maybe_unused]] const int forks_are_counted = pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });

}  // namespace

authkit_status remember(const Error& error) noexcept {
  try {
    copy_to(last_detail, sizeof last_detail, error.detail.empty() ? info(error.code).title : std::string_view(error.detail));
    std::string document = to_json(error);
    if (document.size() >= sizeof last_document) document = to_json(Error(error.code));  // a cut document would be none
    copy_to(last_document, sizeof last_document, document);
  } catch (...) {
    copy_to(last_detail, sizeof last_detail, info(error.code).title);
    copy_to(last_document, sizeof last_document, "{}");
  }
  return static_cast<authkit_status>(error.code);
}

unsigned fork_generation() noexcept { return forks.load(std::memory_order_relaxed); }

void must_be_ours(unsigned generation) {
  if (generation != fork_generation()) throw BadResult(Error(Errc::closed, "the handle was opened before fork(): open one in the child"));
}

Auth& opened(authkit_ctx* ctx) {
  const authkit_ctx& handle = live(ctx);
  must_be_ours(handle.generation);
  return *handle.auth;
}

const Context& context_of(const authkit_call* call) {
  static const Context nobody;
  return call == nullptr ? nobody : live(call).context;
}

std::string_view text(const char* value, const char* name) {
  if (value == nullptr) throw BadResult(Error(Errc::invalid_argument, std::string(name) + " is NULL"));
  return value;
}

std::string_view optional_text(const char* value) noexcept { return value == nullptr ? std::string_view() : std::string_view(value); }

std::string_view bytes(const char* data, std::size_t length, const char* name) {
  if (data == nullptr && length > 0) throw BadResult(Error(Errc::invalid_argument, std::string(name) + " is NULL but has a length"));
  return {data == nullptr ? "" : data, length};
}

TextOut::TextOut(char** target) : target_(target) {
  if (target == nullptr) throw BadResult(Error(Errc::invalid_argument, "the output is NULL"));
}

Result<void> TextOut::give(std::string_view value) const {
  auto* copy = static_cast<char*>(std::malloc(value.size() + 1));
  if (copy == nullptr) return Errc::out_of_memory;
  std::memcpy(copy, value.data(), value.size());
  copy[value.size()] = '\0';
  *target_ = copy;
  return {};
}

Transport transport_of(std::int32_t value) {
  if (value == AUTHKIT_BEARER) return Transport::bearer;
  if (value == AUTHKIT_COOKIE) return Transport::cookie;
  throw BadResult(Error(Errc::invalid_argument, "transport: AUTHKIT_BEARER or AUTHKIT_COOKIE"));
}

LogoutScope scope_of(std::int32_t value) {
  switch (value) {
    case AUTHKIT_CURRENT:
      return LogoutScope::current;
    case AUTHKIT_OTHERS:
      return LogoutScope::others;
    case AUTHKIT_ALL:
      return LogoutScope::all;
    default:
      throw BadResult(Error(Errc::invalid_argument, "scope: AUTHKIT_CURRENT, AUTHKIT_OTHERS or AUTHKIT_ALL"));
  }
}

}  // namespace authkit::capi

using namespace authkit;

extern "C" {

const char* authkit_last_error(void) { return capi::last_detail; }
const char* authkit_last_error_json(void) { return capi::last_document; }

}  // extern "C"
