#include "core/base64url.hpp"
#include "core/digest.hpp"
#include "fuzz.hpp"

#include <algorithm>

namespace authkit::fuzz {
namespace {

void run(std::string_view input) {
  const std::string encoded = base64url::encode(input);
  require(encoded.size() == base64url::encoded_size(input.size()), "encoded_size tells the size");
  require(base64url::decoded_size(encoded.size()) == input.size(), "decoded_size is its reverse");
  require(base64url::decode(encoded) == input, "what is encoded decodes to itself");

  const auto decoded = base64url::decode(input);
  const auto lenient = base64url::decode_lenient(input);
  if (decoded) {
    require(base64url::encode(*decoded) == input, "a value has one spelling");
    require(lenient == decoded, "the lenient reader reads what the strict one does");
  }
  if (!lenient) return;
  std::string url(input.substr(0, input.find_last_not_of('=') + 1));
  std::replace(url.begin(), url.end(), '+', '-');
  std::replace(url.begin(), url.end(), '/', '_');
  require(base64url::encode(*lenient) == url, "the lenient reader forgives alphabet and padding, nothing else");
}

std::vector<std::string> seeds() { return {"", "AA", "AAA", "AAAA", "-_-_", "+/8=", "QUJD", "AB==", "YWJjZGVmZ2hpamtsbW5vcA"}; }

}  // namespace

constexpr Target base64url_target{"base64url", run, seeds};

}  // namespace authkit::fuzz
