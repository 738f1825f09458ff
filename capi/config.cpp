#include "guard.hpp"

using namespace authkit;
using namespace authkit::capi;

namespace {

constexpr std::size_t claims_capacity = 4096;

std::function<Result<void>(std::string_view, const Account&, const Context&)> before_hook(authkit_before_fn before, void* user) {
  if (before == nullptr) return {};
  return [before, user](std::string_view flow, const Account& account, const Context&) -> Result<void> {
    if (before(user, std::string(flow).c_str(), to_json(account).c_str()) != AUTHKIT_OK) return Errc::refused_by_host;
    return {};
  };
}

std::function<void(std::string_view, const Account&, const Context&)> after_hook(authkit_after_fn after, void* user) {
  if (after == nullptr) return {};
  return [after, user](std::string_view flow, const Account& account, const Context&) {
    after(user, std::string(flow).c_str(), to_json(account).c_str());
  };
}

std::function<std::string(const Account&)> claims_hook(authkit_claims_fn claims, void* user) {
  if (claims == nullptr) return {};
  return [claims, user](const Account& account) {
    std::string json(claims_capacity, '\0');
    const std::size_t length = claims(user, to_json(account).c_str(), json.data(), json.size());
    if (length > json.size()) throw BadResult(Error(Errc::invalid_argument, "the claims callback wrote more than its capacity"));
    json.resize(length);
    return json;
  };
}

}  // namespace

extern "C" {

authkit_status authkit_config_new(authkit_config** config) {
  return guard([&]() -> Result<void> {
    if (config == nullptr) return Error(Errc::invalid_argument, "the output is NULL");
    *config = new authkit_config;
    return {};
  });
}

void authkit_config_free(authkit_config* config) {
  if (config == nullptr || config->mark != authkit_config::expected) return;
  config->mark = Mark::freed;
  delete config;
}

authkit_status authkit_config_set(authkit_config* config, const char* name, const char* value) {
  return guard([&] { return live(config).config.set(text(name, "name"), text(value, "value")); });
}

authkit_status authkit_config_load_env(authkit_config* config) {
  return guard([&] { return live(config).config.load_env(); });
}

authkit_status authkit_config_load_file(authkit_config* config, const char* path) {
  return guard([&] { return live(config).config.load_file(std::string(text(path, "path"))); });
}

authkit_status authkit_config_get(const authkit_config* config, const char* name, char** value) {
  return guard([&] {
    const TextOut out(value);
    return out.give(live(config).config.get(text(name, "name")).value());
  });
}

authkit_status authkit_config_on_log(authkit_config* config, authkit_log_fn log, void* user) {
  return guard([&]() -> Result<void> {
    LogSink& sink = live(config).config.log_sink;
    if (log == nullptr) {
      sink = {};
    } else {
      sink = [log, user](LogLevel level, std::string_view json) { log(user, static_cast<std::int32_t>(level), std::string(json).c_str()); };
    }
    return {};
  });
}

authkit_status authkit_config_on_before(authkit_config* config, authkit_before_fn before, void* user) {
  return guard([&]() -> Result<void> {
    live(config).config.hooks.before = before_hook(before, user);
    return {};
  });
}

authkit_status authkit_config_on_after(authkit_config* config, authkit_after_fn after, void* user) {
  return guard([&]() -> Result<void> {
    live(config).config.hooks.after = after_hook(after, user);
    return {};
  });
}

authkit_status authkit_config_on_claims(authkit_config* config, authkit_claims_fn claims, void* user) {
  return guard([&]() -> Result<void> {
    live(config).config.hooks.claims = claims_hook(claims, user);
    return {};
  });
}

}  // extern "C"
