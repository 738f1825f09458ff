#include "guard.hpp"

using namespace authkit;
using namespace authkit::capi;

extern "C" {

authkit_status authkit_open(const authkit_config* config, authkit_ctx** ctx) {
  return guard([&]() -> Result<void> {
    if (ctx == nullptr) return Error(Errc::invalid_argument, "the output is NULL");
    auto handle = std::make_unique<authkit_ctx>();
    handle->generation = fork_generation();
    handle->auth = Auth::open(live(config).config).value();
    *ctx = handle.release();
    return {};
  });
}

void authkit_close(authkit_ctx** ctx) {
  if (ctx == nullptr || *ctx == nullptr || (*ctx)->mark != authkit_ctx::expected) return;
  authkit_ctx* handle = *ctx;
  *ctx = nullptr;
  handle->mark = Mark::freed;
  if (handle->generation != fork_generation()) return;  // the parent's threads and connections are not ours to end: leave the copy alone
  delete handle;
}

authkit_status authkit_migrate(authkit_ctx* ctx, uint32_t* applied) {
  return guard([&]() -> Result<void> {
    Auth& auth = opened(ctx);
    const std::size_t count = auth.database() == nullptr ? 0 : auth.database()->migrate_up(auth.config().clock()).value();
    if (applied != nullptr) *applied = static_cast<uint32_t>(count);
    return {};
  });
}

authkit_status authkit_maintain(authkit_ctx* ctx, uint32_t budget_ms) {
  return guard([&] { return opened(ctx).maintain(Duration{budget_ms}); });
}

authkit_status authkit_start_maintenance(authkit_ctx* ctx, uint32_t interval_ms) {
  return guard([&]() -> Result<void> {
    Auth& auth = opened(ctx);
    const std::lock_guard lock(ctx->maintenance_mutex);
    if (ctx->maintenance == nullptr)
      ctx->maintenance = interval_ms == 0 ? std::make_unique<Maintenance>(auth) : std::make_unique<Maintenance>(auth, Duration{interval_ms});
    return {};
  });
}

authkit_status authkit_ready(authkit_ctx* ctx) {
  return guard([&] { return opened(ctx).ready(); });
}

authkit_status authkit_call_new(authkit_call** call) {
  return guard([&]() -> Result<void> {
    if (call == nullptr) return Error(Errc::invalid_argument, "the output is NULL");
    *call = new authkit_call;
    return {};
  });
}

void authkit_call_free(authkit_call* call) {
  if (call == nullptr || call->mark != authkit_call::expected) return;
  call->mark = Mark::freed;
  delete call;
}

authkit_status authkit_call_set_client(authkit_call* call, const char* address, const char* user_agent, const char* request_id) {
  return guard([&]() -> Result<void> {
    Context& context = live(call).context;
    context.address = optional_text(address);
    context.user_agent = optional_text(user_agent);
    context.request_id = optional_text(request_id);
    return {};
  });
}

authkit_status authkit_call_set_timeout(authkit_call* call, uint32_t milliseconds) {
  return guard([&]() -> Result<void> {
    Context& context = live(call).context;
    context.deadline.reset();
    if (milliseconds > 0) context.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    return {};
  });
}

authkit_status authkit_call_set_read_after(authkit_ctx* ctx, authkit_call* call, const char* text) {
  return guard([&]() -> Result<void> {
    live(call).context.read_after = opened(ctx).read_after(optional_text(text));
    return {};
  });
}

authkit_status authkit_call_read_after(authkit_ctx* ctx, const authkit_call* call, char** text) {
  return guard([&]() -> Result<void> {
    const TextOut out(text);
    const Auth& auth = opened(ctx);
    const std::shared_ptr<ReadAfter>& seen = live(call).context.read_after;
    return out.give(seen ? auth.sign(*seen) : std::string());
  });
}

}  // extern "C"
