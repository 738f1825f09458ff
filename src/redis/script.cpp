#include "redis/script.hpp"

#include "core/hex.hpp"

#include <openssl/evp.h>

namespace authkit::redis {
namespace {

std::string sha1(std::string_view text) {
  std::array<std::uint8_t, 20> digest{};
  std::size_t size = 0;
  EVP_Q_digest(nullptr, "SHA1", nullptr, text.data(), text.size(), digest.data(), &size);
  return hex::encode(digest);
}

}  // namespace

Script::Script(std::string_view text) : text_(text), digest_(sha1(text)) {}

Answer Script::run(Client& client, const std::vector<std::string>& keys, const std::vector<std::string>& arguments, Deadline deadline) const {
  const std::string count = std::to_string(keys.size());
  std::vector<std::string_view> command{"EVALSHA", digest_, count};
  command.insert(command.end(), keys.begin(), keys.end());
  command.insert(command.end(), arguments.begin(), arguments.end());
  const std::size_t key = keys.empty() ? 0 : 3;
  Answer answer = client.call({command, key, false}, deadline);
  if (answer.error_name() != "NOSCRIPT") return answer;
  command[0] = "EVAL";
  command[1] = text_;
  return client.call({command, key, false}, deadline);
}

}  // namespace authkit::redis
