#include "master_key.hpp"

#include "config_values.hpp"
#include "core/base64url.hpp"
#include "core/digest.hpp"
#include "core/hex.hpp"
#include "core/random.hpp"
#include "core/try.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace authkit {
namespace {

constexpr std::size_t key_size = 32;
constexpr std::size_t max_file_size = 1024;

class File {
 public:
  explicit File(int descriptor) noexcept : descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const noexcept { return descriptor_; }
  explicit operator bool() const noexcept { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

Error invalid(std::string_view path, std::string_view why) { return {Errc::config_invalid, fmt::format("master key file {}: {}", path, why)}; }
Error failed(std::string_view path, std::string_view what) { return invalid(path, fmt::format("{}: {}", what, std::strerror(errno))); }

Result<Secret> decode(std::string_view text) {
  auto bytes = base64url::decode_lenient(config::trim(text));
  if (!bytes) return Error(Errc::config_invalid, "it is not base64");
  const Wiper wiper(*bytes);
  if (bytes->size() != key_size) return Error(Errc::config_invalid, "it is not 32 bytes in base64");
  return Secret(as_bytes(*bytes));
}

Result<Secret> random_key() {
  std::string bytes(key_size, '\0');
  const Wiper wiper(bytes);
  AUTHKIT_TRY(random_bytes({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()}));
  return Secret(as_bytes(bytes));
}

Result<void> check_rights(const std::string& path, const struct stat& file) {
  if (!S_ISREG(file.st_mode)) return invalid(path, "it is no regular file");
  const bool of_root = file.st_uid == 0 && ::geteuid() != 0;
  if (!of_root && file.st_uid != ::geteuid()) return invalid(path, "it belongs to another user");
  if ((file.st_mode & (of_root ? 0037 : 0077)) != 0) return invalid(path, "others may read or write it; chmod 600 it, and think of the key as known");
  return {};
}

Result<Secret> read_key(const std::string& path, int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return failed(path, "it cannot be looked at");
  AUTHKIT_TRY(check_rights(path, status));
  if (status.st_size > static_cast<off_t>(max_file_size)) return invalid(path, "it is too large for a key");
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  const Wiper wiper(text);
  if (::pread(descriptor, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) return failed(path, "it cannot be read");
  while (text.ends_with('\n')) text.pop_back();
  auto key = decode(text);
  if (!key) return invalid(path, key.error().detail);
  return key;
}

Result<void> write_key(const std::string& path, int descriptor) {
  AUTHKIT_TRY_ASSIGN(const Secret key, random_key());
  std::string text = base64url::encode(key.bytes()) + '\n';
  const Wiper wiper(text);
  if (::write(descriptor, text.data(), text.size()) != static_cast<ssize_t>(text.size())) return failed(path, "it cannot be written");
  if (::fsync(descriptor) != 0) return failed(path, "it cannot be made durable");
  return {};
}

/// A new name lasts once its directory is on the disk.
Result<void> sync_directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const File opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened || ::fsync(opened.get()) != 0) return failed(path, "its directory cannot be made durable");
  return {};
}

/// Writes a new key beside `path` and links it into place: the name appears with a whole key in it, and for one process only.
Result<void> make_key(const std::string& path) {
  std::array<std::uint8_t, 8> tag;
  AUTHKIT_TRY(random_bytes(tag));
  const std::string draft = path + '.' + hex::encode(tag);
  const File file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return failed(path, "it cannot be made");
  auto done = write_key(path, file.get());
  if (done && ::link(draft.c_str(), path.c_str()) != 0 && errno != EEXIST) done = failed(path, "it cannot be made");
  ::unlink(draft.c_str());
  AUTHKIT_TRY(std::move(done));
  return sync_directory_of(path);
}

Result<Secret> key_of_file(const std::string& path) {
  constexpr int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;  // a FIFO in its place must not hold the start
  const File present(::open(path.c_str(), flags));
  if (present) return read_key(path, present.get());
  if (errno != ENOENT) return failed(path, "it cannot be opened");
  AUTHKIT_TRY(make_key(path));
  const File made(::open(path.c_str(), flags));
  if (!made) return failed(path, "it cannot be opened");
  return read_key(path, made.get());
}

}  // namespace

Result<Secret> load_master_key(const Config& config, const std::string& default_file, bool ephemeral) {
  if (!config.master_key.empty()) {
    auto key = decode(config.master_key);
    if (!key) return Error(Errc::config_invalid, "master_key: " + key.error().detail);
    return key;
  }
  if (!config.master_key_file.empty()) return key_of_file(config.master_key_file);
  if (!default_file.empty()) return key_of_file(default_file);
  if (ephemeral) return random_key();
  return Error(Errc::config_invalid, "master_key: it (or master_key_file) is required with PostgreSQL and with stores of the host's own");
}

}  // namespace authkit
