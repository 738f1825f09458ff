#include "service.hpp"

namespace authkit::server {

/// Never the body, the query, a token or a cookie; the pattern instead of the path, which may hold an id.
void AppService::answered(const Request& request, const Response& response, std::chrono::microseconds took) {
  const Logger& log = app_.auth.log();
  if (!app_.options.access_log || !log.enabled(LogLevel::info)) return;
  const std::string_view method = request.method.empty() ? "-" : request.method;
  log.write(LogLevel::info, "request",
            {{"method", method},
             {"route", response.route},
             {"status", std::int64_t{response.status}},
             {"code", response.code},
             {"duration_us", std::int64_t{took.count()}},
             {"request_id", std::string_view(response.request_id)},
             {"address", std::string_view(response.client)}});
}

}  // namespace authkit::server
