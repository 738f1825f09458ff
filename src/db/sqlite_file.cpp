#include "db/sqlite_file.hpp"

#include "core/text.hpp"
#include "core/try.hpp"
#include "core/url.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace authkit {
namespace {

Error bad(std::string_view why) { return {Errc::config_invalid, fmt::format("SQLite URL: {} (write sqlite:auth.db or sqlite:/path/auth.db)", why)}; }

std::string reason(int error) { return std::error_code(error, std::generic_category()).message(); }

}  // namespace

Result<std::string> sqlite_path(std::string_view url) {
  AUTHKIT_TRY_ASSIGN(const Url parsed, Url::parse(url));
  if (!parsed.host.empty() || !parsed.port.empty() || !parsed.user.empty() || !parsed.password.empty()) return bad("a file is on no host");
  if (!parsed.query.empty()) return bad("it takes no parameters");
  if (parsed.path.empty() || parsed.path.ends_with('/')) return bad("it names no file");
  if (parsed.path.front() == ':') return bad("a database in memory cannot be shared by connections; memory: needs no database");
  // SOCI takes the path inside quotes.
  if (parsed.path.find('"') != std::string::npos || has_control(parsed.path)) return bad("the path holds a quote or a control character");
  std::error_code failed;
  const auto path = std::filesystem::absolute(parsed.path, failed);
  if (failed) return Error{Errc::store_unavailable, "the working directory cannot be read"};
  return path.lexically_normal().string();
}

Result<std::string> create_private_file(const std::string& path) {
  // Not open(): to close a descriptor of the file would drop the locks that SQLite holds on it elsewhere in this process.
  if (::mknod(path.c_str(), S_IFREG | 0600, 0) != 0 && errno != EEXIST)
    return Error{Errc::store_unavailable, fmt::format("{}: {}", path, reason(errno))};
  std::error_code failed;
  const auto real = std::filesystem::canonical(path, failed);
  if (failed) return Error{Errc::store_unavailable, fmt::format("{}: {}", path, failed.message())};
  // The name has to survive a power failure too. A folder that may not be listed cannot be flushed.
  const int folder = ::open(real.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
  return real.string();
}

}  // namespace authkit
