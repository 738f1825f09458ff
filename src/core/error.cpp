#include "authkit/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace authkit {
namespace {

constexpr std::array table{
#define AUTHKIT_ERROR(name, NAME, number, status, kind, title) ErrorInfo{Errc::name, #name, status, ErrorKind::kind, title},
#include "authkit/errors.def"
#undef AUTHKIT_ERROR
};

static_assert(std::is_sorted(table.begin(), table.end(), [](const ErrorInfo& a, const ErrorInfo& b) { return a.code < b.code; }),
              "errors.def must be ascending");

}  // namespace

const ErrorInfo& info(Errc code) noexcept {
  const auto* row = std::lower_bound(table.begin(), table.end(), code, [](const ErrorInfo& a, Errc b) { return a.code < b; });
  return row != table.end() && row->code == code ? *row : info(Errc::internal);
}

const ErrorInfo* error_table(std::size_t& count) noexcept {
  count = table.size();
  return table.data();
}

std::string Error::message() const {
  const ErrorInfo& row = info(code);
  return detail.empty() ? fmt::format("{}: {}", row.name, row.title) : fmt::format("{}: {}", row.name, detail);
}

}  // namespace authkit
