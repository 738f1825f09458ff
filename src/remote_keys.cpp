#include "authkit/remote_keys.hpp"

#include "core/try.hpp"
#include "net/https.hpp"
#include "ticker.hpp"
#include "token/remote_key_ring.hpp"

namespace authkit {

Result<std::shared_ptr<RemoteKeyRing>> RemoteKeyRing::open(RemoteKeyOptions options, Clock clock) {
  if (!options.fetch) {
    AUTHKIT_TRY(net::check_url(options.url));
    options.fetch = [request = net::HttpsGet{.url = options.url,
                                             .ca_file = options.ca_file,
                                             .accept = "application/jwk-set+json, application/json",
                                             .connect_timeout = options.connect_timeout,
                                             .timeout = options.timeout}](const std::string&) { return net::get(request); };
  }
  return make_remote_key_ring(std::move(options), std::move(clock));
}

struct KeyRefresher::Impl {
  std::shared_ptr<KeyRing> keys;
  Ticker ticker;

  Impl(std::shared_ptr<KeyRing> ring, Duration interval)
      : keys(std::move(ring)), ticker("authkit-keys", interval, [this] { static_cast<void>(keys->refresh()); }) {}
};

KeyRefresher::KeyRefresher(std::shared_ptr<KeyRing> keys, Duration interval) : impl_(std::make_unique<Impl>(std::move(keys), interval)) {}
KeyRefresher::~KeyRefresher() = default;

}  // namespace authkit
