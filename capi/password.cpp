#include "guard.hpp"

using namespace authkit;
using namespace authkit::capi;

extern "C" {

authkit_status authkit_password_hash(authkit_ctx* ctx, const char* password, size_t length, char** encoded) {
  return guard([&] {
    const TextOut out(encoded);
    return out.give(opened(ctx).passwords().hash(bytes(password, length, "password")).value());
  });
}

authkit_status authkit_password_verify(authkit_ctx* ctx, const char* password, size_t length, const char* encoded, int32_t* needs_rehash) {
  return guard([&]() -> Result<void> {
    const Verified verified = opened(ctx).passwords().verify(bytes(password, length, "password"), text(encoded, "encoded")).value();
    if (needs_rehash != nullptr) *needs_rehash = verified.needs_rehash ? 1 : 0;
    return {};
  });
}

}  // extern "C"
