#include "authkit/config.hpp"

#include "config_options.hpp"
#include "fuzz.hpp"

#include <sys/mman.h>
#include <unistd.h>

namespace authkit::fuzz {
namespace {

/// One value as every option tells it, secrets included.
std::vector<std::string> values_of(const Config& config) {
  std::vector<std::string> out;
  for (const config::Row& row : config::table()) out.push_back(row.get(config));
  return out;
}

const std::vector<std::string>& defaults() {
  static const std::vector<std::string> values = values_of(Config{});
  return values;
}

/// "name=value" through Config::set.
void run_set(std::string_view input) {
  const std::size_t equals = input.find('=');
  if (equals == std::string_view::npos) return;
  const std::string_view name = input.substr(0, equals), value = input.substr(equals + 1);
  const config::Row* row = config::find(name);
  Config config;
  const Result<void> outcome = config.set(name, value);
  if (row == nullptr) {
    require(!outcome && !config.get(name), "an unknown option has no value");
    return;
  }
  const std::string written = row->get(config);
  if (!outcome) {
    require(outcome.error().code == Errc::config_invalid, "a refusal is config_invalid");
    require(written == row->get(Config{}), "what was refused changed nothing");
    // No message of ours holds one of these, so a value that does stands there only when it was repeated.
    const bool could_tell = value.size() >= 4 && value.find_first_of("~^|`") != std::string_view::npos;
    require(!could_tell || outcome.error().message().find(value) == std::string::npos, "a refused value is not repeated");
    return;
  }
  Config again;
  require(again.set(name, written).has_value() && row->get(again) == written, "what is written reads the same");
  if (row->secret && value.size() >= 4) require(config.get(name)->find(value) == std::string::npos, "a secret is not shown");
}

std::vector<std::string> set_seeds() {
  std::vector<std::string> out{"no.such=1", "database.url=postgresql://u:p%40@h:5432/n?sslmode=require"};
  for (const config::Row& row : config::table()) out.push_back(row.name + "=" + row.get(Config{}));
  return out;
}

/// A file whose content is `text`.
class MemoryFile {
 public:
  MemoryFile() : descriptor_(memfd_create("config", 0)) { require(descriptor_ >= 0, "the system gives memory files"); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { close(descriptor_); }

  Result<void> load(std::string_view text, Config& config) const {
    require(ftruncate(descriptor_, 0) == 0 && pwrite(descriptor_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()), "it is written");
    return config.load_file("/proc/self/fd/" + std::to_string(descriptor_));
  }

 private:
  int descriptor_;
};

void run_file(std::string_view input) {
  static const MemoryFile file;
  Config config;
  const Result<void> outcome = file.load(input, config);
  const std::vector<std::string> values = values_of(config);
  if (!outcome) {
    require(outcome.error().code == Errc::config_invalid, "a refusal is config_invalid");
    require(values == defaults(), "of a file that is refused nothing is taken");
    return;
  }
  std::string written;
  for (std::size_t i = 0; i < values.size(); ++i) {
    require(values[i].find('\n') == std::string::npos, "no value crosses lines");
    if (values[i].find('"') != std::string::npos) return;
    if (values[i] != defaults()[i]) written += config::table()[i].name + " = \"" + values[i] + "\" # comment\r\n";
  }
  Config again;
  require(file.load(written, again).has_value() && values_of(again) == values, "what is written reads the same");
}

std::vector<std::string> file_seeds() {
  return {"# a comment\ntoken.issuer = me # and more\n\n  token.leeway=1m\n", "token.issuer = \"a # b\" # c\r\nservice.name = x\n",
          "master_key = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nlimit.login_pair = 5/15m\n",
          "revocation.on_stale = accept 5m\nauto_migrate = YES", "token.issuer = a\ntoken.issuer = b\n"};
}

}  // namespace

constexpr Target config_target{"config", run_set, set_seeds};
constexpr Target config_file_target{"config_file", run_file, file_seeds};

}  // namespace authkit::fuzz
