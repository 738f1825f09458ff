#pragma once

#include "authkit/key.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace authkit {

/// Where the keys of another service are, and how long they are believed.
struct RemoteKeyOptions {
  std::string url;                                      ///< of its JWK Set: https://, or http:// to a loopback address
  std::vector<Algorithm> algorithms{Algorithm::ES256};  ///< keys for others are left out; no HMAC, whose keys are not public
  std::string ca_file{};                                ///< PEM; who may vouch for the service. Empty = the system's list
  Duration max_age{300'000};                            ///< refresh() fetches again what is older
  Duration max_stale{3'600'000};                        ///< keys that could not be fetched again for so long verify nothing
  Duration cooldown{10'000};                            ///< at least so long between two fetches, whatever asks for them
  Duration connect_timeout{2000};
  Duration timeout{5000};  ///< for one fetch altogether
  /// False: a token with an unknown `kid` is refused at once and the next refresh() fetches. True: verifying it may wait for one fetch.
  bool fetch_on_unknown_kid = false;
  /// How to get the body behind `url`, for hosts with an HTTP client of their own and for tests. It must bound its time. Empty = the built-in
  /// one: TLS 1.2 or newer, always verified, no redirects, no proxies, 256 KiB.
  std::function<Result<std::string>(const std::string& url)> fetch{};
};

/// What is known of a remote set.
struct RemoteKeyStatus {
  Time fetched_at{};         ///< the last success; Time{} = never
  Time tried_at{};           ///< the last attempt, under way perhaps; Time{} = never
  std::size_t keys = 0;      ///< that verify now
  bool available = false;    ///< false: tokens get Errc::keys_unavailable
  std::string last_error{};  ///< of the last attempt; empty when it succeeded
};

/// The public keys of another service, fetched from its JWK Set (RFC 7517 section 5): what a service that only verifies opens its Tokens with. No
/// database is needed:
///
///     auto keys = RemoteKeyRing::open({.url = "https://id.example.org/.well-known/jwks.json"}).value();
///     const KeyRefresher refresher(keys);
///     const auto tokens = Tokens::open({.issuer = "https://id.example.org", .audience = "my-api"}, keys).value();
///
/// The last good set is kept while fetching fails, until it is max_stale old. A set without a usable key replaces nothing. Private keys in a
/// set are left out. Whatever the answer's headers say of caching is not looked at.
///
/// Thread safety: any thread. One fetch at a time; verifying never waits for it, but with fetch_on_unknown_kid.
class RemoteKeyRing : public KeyRing {
 public:
  /// Fetches nothing yet: until the first refresh() tokens get Errc::keys_unavailable. Errors: config_invalid.
  static Result<std::shared_ptr<RemoteKeyRing>> open(RemoteKeyOptions options, Clock clock = system_now);

  /// Fetches when the set is old or a `kid` was unknown, and the cooldown is over; else returns at once. Waits for a fetch of another thread, at
  /// most `timeout` or the context's deadline. Errors: keys_unavailable, when a fetch failed (the last good set may still verify: status()) and
  /// while nothing verifies.
  Result<void> refresh(const Context& context = {}) override = 0;
  virtual RemoteKeyStatus status() const = 0;
};

/// A thread that calls refresh() until it is destroyed. Ownership: shares the ring; what goes wrong is in the ring's status().
class KeyRefresher {
 public:
  explicit KeyRefresher(std::shared_ptr<KeyRing> keys, Duration interval = Duration{1000});
  ~KeyRefresher();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace authkit
