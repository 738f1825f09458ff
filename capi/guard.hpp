#pragma once

#include "authkit/auth.hpp"
#include "authkit/c.h"
#include "authkit/json.hpp"

#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <string_view>

namespace authkit::capi {

/// Keeps `error` as this thread's last one; its status.
authkit_status remember(const Error& error) noexcept;

/// The border: every function body runs inside, no exception leaves. A body says `.value()` where it cannot go on.
template <class Body>
authkit_status guard(Body&& body) noexcept {
  try {
    const Result<void> done = body();
    return done ? AUTHKIT_OK : remember(done.error());
  } catch (const BadResult& failure) {
    return remember(failure.error());
  } catch (const std::bad_alloc&) {
    return remember(Errc::out_of_memory);
  } catch (...) {
    return remember(Error(Errc::internal, "an exception of a callback or of the standard library"));
  }
}

/// How often this process has forked: what a handle was opened under must still be so.
unsigned fork_generation() noexcept;
/// Errors (thrown): closed, in a child of the process that opened the handle: its threads and connections stayed there.
void must_be_ours(unsigned generation);

enum class Mark : std::uint32_t { freed = 0, ctx = 0x41755443, config = 0x41755446, verifier = 0x41755456, call = 0x41755443 ^ 0x5a5a5a5a };

/// The object behind a handle, or BadResult.
template <class Handle>
Handle& live(Handle* handle) {
  if (handle == nullptr || handle->mark != std::remove_const_t<Handle>::expected)
    throw BadResult(Error(Errc::invalid_argument, "the handle is NULL or of another type"));
  return *handle;
}

Auth& opened(authkit_ctx* ctx);
const Context& context_of(const authkit_call* call);

/// Text that must be there; `name` goes into the error.
std::string_view text(const char* value, const char* name);
/// Text that may be NULL: then empty.
std::string_view optional_text(const char* value) noexcept;
/// Bytes that may be empty, but not NULL with a length.
std::string_view bytes(const char* data, std::size_t length, const char* name);

/// An output that is set on success only. Made first, so that a NULL output fails before anything is done.
class TextOut {
 public:
  explicit TextOut(char** target);
  Result<void> give(std::string_view value) const;

 private:
  char** target_;
};

/// The fixed part of verified claims, and their text where `payload` is not NULL.
Result<void> give_into(const Claims& claims, authkit_verified& verified, char* payload, std::size_t capacity);

Transport transport_of(std::int32_t value);
LogoutScope scope_of(std::int32_t value);

}  // namespace authkit::capi

struct authkit_config {
  static constexpr auto expected = authkit::capi::Mark::config;
  authkit::capi::Mark mark = expected;
  authkit::Config config;
};

struct authkit_call {
  static constexpr auto expected = authkit::capi::Mark::call;
  authkit::capi::Mark mark = expected;
  authkit::Context context;
};

struct authkit_ctx {
  static constexpr auto expected = authkit::capi::Mark::ctx;
  authkit::capi::Mark mark = expected;
  unsigned generation = 0;
  std::unique_ptr<authkit::Auth> auth;
  std::mutex maintenance_mutex;
  std::unique_ptr<authkit::Maintenance> maintenance;  // after auth: it goes first
};
