#pragma once

#include "authkit/types.hpp"
#include "authkit/unit_of_work.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace authkit {

enum class AccountStatus : std::uint8_t { pending, active, disabled, deleted };

std::string_view to_text(AccountStatus status) noexcept;
std::optional<AccountStatus> parse_account_status(std::string_view text) noexcept;

/// One user as stored. The password hash never leaves the process: to_json() does not know it.
struct Account {
  UserId id;
  std::string email;          ///< as the user wrote it; mail goes here
  std::string email_key;      ///< canonical form, unique: NFC, case-folded, domain in lower case
  std::string username;       ///< empty = none
  std::string username_key;   ///< canonical form, unique unless empty
  std::string password_hash;  ///< empty = no password: never verifies
  AccountStatus status = AccountStatus::active;
  std::uint64_t auth_epoch = 1;  ///< bumped by what must end all tokens: password, status, role and factor changes, "log out everywhere"
  std::vector<std::string> roles;
  std::string profile = "{}";  ///< JSON object, the host's
  Time created_at;
  Time updated_at;
  Time password_changed_at;
  std::optional<Time> email_verified_at;
  std::optional<Time> last_login_at;
  std::optional<Time> deleted_at;
  std::vector<std::string> password_history;  ///< hashes of former passwords, newest first; only with PasswordPolicy::history
  std::uint32_t totp_factors = 0;             ///< confirmed second factors; with any, a password alone opens nothing
  std::uint32_t recovery_codes_left = 0;
  std::uint64_t version = 1;  ///< for compare-and-set; update() adds one
};

struct AccountPage {
  std::vector<Account> items;
  std::string next_cursor;  ///< empty on the last page
};

/// What list() selects; empty members select all.
struct AccountFilter {
  std::string email_prefix;  ///< of the canonical form
  std::optional<AccountStatus> status;
  std::string role;
  std::optional<Time> created_from = {};  ///< created then or later
};

/// Where accounts live. Thread safety: any thread; blocking. find*() read the primary.
class AccountStore {
 public:
  virtual ~AccountStore() = default;
  /// Errors: Errc::email_taken, Errc::username_taken.
  virtual Result<void> insert(Tx& tx, const Account& account) = 0;
  virtual Result<std::optional<Account>> find(const UserId& id, const Context& context) = 0;
  /// By canonical e-mail or canonical user name.
  virtual Result<std::optional<Account>> find_by_login(std::string_view key, const Context& context) = 0;
  /// Replaces the record where its version is still account.version, and adds one to it. False when it is not, or there is none.
  /// Errors: Errc::email_taken, Errc::username_taken.
  virtual Result<bool> update(Tx& tx, const Account& account) = 0;
  /// Reads the account if it is active and its epoch is that; else the unit fails with Errc::not_found. That failure, and what is put into `found`,
  /// which must outlive the unit, may come with the commit only.
  virtual Result<void> find_active(Tx& tx, const UserId& id, std::uint64_t epoch, std::optional<Account>& found) = 0;
  /// Sets last_login_at without touching the version. Where there is none the unit fails with Errc::not_found, at the latest at its commit.
  virtual Result<void> set_last_login(Tx& tx, const UserId& id, Time now) = 0;
  virtual Result<bool> erase(Tx& tx, const UserId& id) = 0;
  /// Up to `max` accounts of status deleted that were so before `before`, oldest first.
  virtual Result<std::vector<UserId>> find_deleted(Time before, std::size_t max, const Context& context) = 0;
  /// By creation (UUIDv7 order), `limit` at most 200. The cursor is a user id in text form; services authenticate what they hand out.
  virtual Result<AccountPage> list(const AccountFilter& filter, std::string_view cursor, std::size_t limit, const Context& context) = 0;
};

}  // namespace authkit
