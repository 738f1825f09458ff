#pragma once

#include "authkit/types.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace authkit {

/// How passwords are hashed. Defaults: Argon2id with m=19 MiB, t=2, p=1 (OWASP Password Storage; ASVS 5.0 appendix C).
struct PasswordOptions {
  std::uint32_t memory_kib = 19456;  ///< Argon2id memory, 8 to 1,048,576 KiB (RFC 9106 section 3.1)
  std::uint32_t passes = 2;          ///< Argon2id passes, 1 to 16
  std::uint32_t slots = 0;           ///< hashes that may run at once; 0 = number of cores
  /// Bytes that running hashes may hold together; a stored hash that takes more alone is refused. 0 = slots x memory_kib, and a stored hash
  /// that takes more (up to its ceiling of 256 MiB) runs alone.
  std::uint64_t memory_budget = 0;
  std::uint32_t queue_length = 64;  ///< callers that may wait for a slot; one more gets Errc::overloaded at once
  Duration queue_deadline{2000};    ///< how long a caller waits for a slot before Errc::overloaded
  /// What another system appended to every password before bcrypt (Devise calls it so). For stored bcrypt hashes alone: new hashes have none.
  std::string pepper{};
  /// Takes "$2x$" too: bcrypt of an implementation that weakened passwords with bytes over 127 (CVE-2011-2483). They are replaced at the first login.
  bool accept_2x = false;
};

/// The outcome of a successful verification.
struct Verified {
  bool needs_rehash = false;  ///< the stored hash is of another scheme or cost than new ones: store hash(password) instead
};

/// Hashes and verifies passwords. The bytes are taken exactly as received; more than max_bytes are refused, never cut.
///
/// Thread safety: any number of threads; immutable after open(). Hashing runs on the caller's thread, behind slots.
/// Errors: a mismatch is Errc::invalid_credentials; no free slot in time Errc::overloaded with retry_after.
class Passwords {
 public:
  static constexpr std::size_t max_bytes = 1024;

  static Result<Passwords> open(PasswordOptions options = {});
  Passwords(Passwords&&) noexcept;
  Passwords& operator=(Passwords&&) noexcept;
  ~Passwords();

  /// A self-describing PHC string with a fresh salt. Over max_bytes: Errc::weak_password.
  Result<std::string> hash(std::string_view password) const;

  /// Verifies against a stored hash of any known scheme. Malformed, unknown or too costly: Errc::password_hash_invalid, at once.
  /// A mismatch costs at least what verify_absent() does: with a cheaper stored hash, a password over max_bytes, or an `encoded` that starts
  /// with '!' (no usable password) too.
  Result<Verified> verify(std::string_view password, std::string_view encoded) const;

  /// Whether verify() could use a stored hash, without computing anything. Errors: Errc::password_hash_invalid.
  Result<void> check(std::string_view encoded) const;

  /// Costs what verify() of a fresh hash costs and always fails with Errc::invalid_credentials, so that time does not tell whether
  /// an account exists.
  Result<Verified> verify_absent(std::string_view password) const;

  /// Passwords computed since open(), by any method; a count for tests and metrics.
  std::uint64_t kdf_runs() const noexcept;

 private:
  struct Impl;
  explicit Passwords(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

enum class PolicyLevel : std::uint8_t {
  lenient,   ///< the length alone
  standard,  ///< option value "default": not guessable either (zxcvbn score 3 of 4, the user's own words counted as known)
  strict     ///< 15 characters at least, and not guessable
};

/// What a new password must be. Verification never applies a policy.
struct PasswordPolicy {
  PolicyLevel level = PolicyLevel::standard;
  std::size_t min_length = 8;  ///< code points (NIST SP 800-63B section 3.1.1.2)
  std::uint32_t history = 0;   ///< former passwords that may not come back, 0 to 10
};

/// Checks a new password: valid UTF-8 without NUL, long enough, within Passwords::max_bytes, and hard to guess. No rule of composition (NIST
/// SP 800-63B). `words`: what an attacker knows of the user (address, name, the service). Thread safety: any.
/// Errors: Errc::weak_password with what to change; the password itself is never repeated.
Result<void> check_policy(const PasswordPolicy& policy, std::string_view password, const std::vector<std::string>& words = {});

/// Where breached passwords are looked up: a range service (k-anonymity) that is told the first five digits of a SHA-1 and answers all that begin so.
struct BreachOptions {
  std::string url;         ///< "https://host/range/"; empty = off
  bool fail_open = true;   ///< accepts a password while the service does not answer
  Duration timeout{2000};  ///< of one question
  std::string ca_file;     ///< certificates that the server's is checked with; empty = the system's
};

/// Asks it. Thread safety: any number of threads; blocking, so only flows that set a password call it.
class BreachedPasswords {
 public:
  explicit BreachedPasswords(BreachOptions options) : options_(std::move(options)) {}
  /// Errors: password_breached; peer_unavailable unless `fail_open`.
  Result<void> check(std::string_view password) const;

 private:
  BreachOptions options_;
};

}  // namespace authkit
