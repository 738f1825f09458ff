#include "authkit/verifier.hpp"

#include "guard.hpp"

using namespace authkit;
using namespace authkit::capi;

namespace {

const ErrorInfo& row(authkit_status status) noexcept { return info(static_cast<Errc>(status)); }

}  // namespace

extern "C" {

const char* authkit_version(void) { return AUTHKIT_VERSION; }

void authkit_free(char* text) {
  if (text == nullptr) return;
  explicit_bzero(text, std::strlen(text));
  std::free(text);
}

const char* authkit_error_name(authkit_status status) { return status == AUTHKIT_OK ? "ok" : row(status).name.data(); }
const char* authkit_error_title(authkit_status status) { return status == AUTHKIT_OK ? "Success" : row(status).title.data(); }
std::int32_t authkit_error_http_status(authkit_status status) { return status == AUTHKIT_OK ? 200 : row(status).http_status; }

authkit_status authkit_error_at(size_t index) {
  std::size_t count = 0;
  const ErrorInfo* table = error_table(count);
  return index < count ? static_cast<authkit_status>(table[index].code) : AUTHKIT_OK;
}

authkit_status authkit_vector(const char* line, char** answer) {
  return guard([&] { return TextOut(answer).give(answer_vector_line(text(line, "line"))); });
}

}  // extern "C"
