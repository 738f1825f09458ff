#include "account/redis_account_copy_store.hpp"

#include "core/digest.hpp"

#include <algorithm>
#include <array>

namespace authkit {
namespace {

constexpr char format = 1;  // of the record; another one is not read
constexpr std::chrono::milliseconds patience{50};
constexpr Duration clocks_differ{30'000};
constexpr std::size_t longest_record = 256 * 1024;

/// Numbers as eight bytes, the lowest first, texts behind their size.
class Writer {
 public:
  Writer& operator<<(std::uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8) bytes_.push_back(static_cast<char>(number >> shift & 0xFF));
    return *this;
  }
  Writer& operator<<(const std::string& text) {
    *this << std::uint64_t{text.size()};
    bytes_ += text;
    return *this;
  }
  Writer& operator<<(Time time) { return *this << static_cast<std::uint64_t>(time.time_since_epoch().count()); }
  Writer& operator<<(const std::optional<Time>& time) { return time ? *this << std::uint64_t{1} << *time : *this << std::uint64_t{0}; }
  Writer& operator<<(const std::vector<std::string>& texts) {
    *this << std::uint64_t{texts.size()};
    for (const std::string& text : texts) *this << text;
    return *this;
  }
  std::string take() && { return std::move(bytes_); }

 private:
  std::string bytes_{format};
};

/// Reads what Writer wrote; false once anything was missing.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes), good_(bytes.starts_with(format)) {
    if (good_) rest_.remove_prefix(1);
  }
  Reader& operator>>(std::uint64_t& number) {
    const std::string_view bytes = take(8);
    number = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[i]);
    return *this;
  }
  Reader& operator>>(std::uint32_t& number) {
    std::uint64_t wide = 0;
    *this >> wide;
    number = static_cast<std::uint32_t>(wide);
    return *this;
  }
  Reader& operator>>(std::string& text) {
    std::uint64_t size = 0;
    *this >> size;
    text = take(size);
    return *this;
  }
  Reader& operator>>(Time& time) {
    std::uint64_t count = 0;
    *this >> count;
    time = Time{Duration{static_cast<Duration::rep>(count)}};
    return *this;
  }
  Reader& operator>>(std::optional<Time>& time) {
    std::uint64_t present = 0;
    *this >> present;
    if (present != 0) *this >> time.emplace();
    return *this;
  }
  Reader& operator>>(std::vector<std::string>& texts) {
    std::uint64_t count = 0;
    for (*this >> count; good_ && count > 0; --count) *this >> texts.emplace_back();
    return *this;
  }
  bool is_done() const noexcept { return good_ && rest_.empty(); }

 private:
  std::string_view take(std::uint64_t size) {
    if (!good_ || size > rest_.size()) {
      good_ = false;
      return {};
    }
    const std::string_view part = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return part;
  }
  std::string_view rest_;
  bool good_;
};

/// Every field but the id, which is bound to the seal, and the hashes.
template <class Archive, class Record>
void each_field(Archive& archive, Record& account, auto&& step) {
  step(archive, account.email, account.email_key, account.username, account.username_key, account.auth_epoch, account.roles, account.profile,
       account.created_at, account.updated_at, account.password_changed_at, account.email_verified_at, account.last_login_at, account.deleted_at,
       account.totp_factors, account.recovery_codes_left, account.version);
}

std::string encode(const Account& account, Time read_at) {
  Writer out;
  out << read_at << static_cast<std::uint64_t>(account.status);
  each_field(out, account, [](Writer& to, const auto&... fields) { static_cast<void>((to << ... << fields)); });
  return std::move(out).take();
}

struct Found {
  Account account;
  Time read_at;
};

std::optional<Found> decode(const UserId& id, std::string_view bytes) {
  Reader in(bytes);
  Found found;
  std::uint64_t status = 0;
  in >> found.read_at >> status;
  each_field(in, found.account, [](Reader& from, auto&... fields) { static_cast<void>((from >> ... >> fields)); });
  if (!in.is_done() || status > static_cast<std::uint64_t>(AccountStatus::deleted)) return std::nullopt;
  found.account.id = id;
  found.account.status = static_cast<AccountStatus>(status);
  return found;
}

}  // namespace

RedisAccountCopyStore::RedisAccountCopyStore(std::shared_ptr<redis::Client> client, const std::string& tenant, std::span<const std::uint8_t> key,
                                             Duration max_age, Clock clock)
    : client_(std::move(client)),
      prefix_("authkit:account:" + tenant + ":"),
      key_(key),
      max_age_(std::min(max_age, longest_copy_age)),
      clock_(std::move(clock)) {}

redis::Deadline RedisAccountCopyStore::soon() const { return std::chrono::steady_clock::now() + patience; }

std::shared_ptr<const Account> RedisAccountCopyStore::find(const UserId& id, std::uint64_t least_version, const Context& context) {
  const std::string name = key_of(id);
  const std::array<std::string_view, 2> command{"GET", name};
  const auto answer = client_->call({command, 1, true}, std::min(soon(), context.deadline.value_or(redis::Deadline::max())));
  const std::string* const sealed = answer.is_reply() ? answer.reply.text() : nullptr;
  if (sealed == nullptr) return nullptr;
  const auto bytes = unseal(key_.bytes(), name, *sealed);
  if (!bytes) return nullptr;
  auto found = decode(id, bytes->view());
  if (!found || found->account.version < least_version) return nullptr;
  const Duration age = clock_() - found->read_at;
  if (age > max_age_ || age < -clocks_differ) return nullptr;
  return std::make_shared<const Account>(std::move(found->account));
}

void RedisAccountCopyStore::put(const Account& account, Time read_at) {
  const std::string name = key_of(account.id);
  std::string bytes = encode(account, read_at);
  const Wiper wiper(bytes);
  if (bytes.size() > longest_record) return;
  const auto sealed = seal(key_.bytes(), name, as_bytes(bytes));
  if (!sealed) return;
  const std::string age = std::to_string(max_age_.count());
  const std::array<std::string_view, 5> command{"SET", name, *sealed, "PX", age};
  client_->start({command, 1, true}, soon(), [](const redis::Answer&) {});
}

void RedisAccountCopyStore::drop(const UserId& id) {
  const std::string name = key_of(id);
  const std::array<std::string_view, 2> command{"DEL", name};
  client_->start({command, 1, true}, soon(), [](const redis::Answer&) {});
}

}  // namespace authkit
