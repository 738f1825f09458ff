#include "net/https.hpp"

#include "core/try.hpp"
#include "net/curl.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <string_view>

namespace authkit::net {
namespace {

Error invalid(std::string_view why) { return Error(Errc::config_invalid, fmt::format("URL: {}", why)); }
Error failed(std::string what) { return Error(Errc::peer_unavailable, std::move(what)); }

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

bool is_loopback(const std::string& host) noexcept {
  in_addr address{};
  const bool v4 = inet_pton(AF_INET, host.c_str(), &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
  return v4 || host == "localhost" || host == "[::1]";
}

/// Read by the parser that will connect, so that no two readings of one URL exist.
Result<UrlHandle> parse(const std::string& text) {
  UrlHandle url(curl_url());
  if (!url || text.find('\0') != std::string::npos || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK)
    return invalid("it cannot be read");
  if (!part_of(url.get(), CURLUPART_USER).empty() || !part_of(url.get(), CURLUPART_PASSWORD).empty())
    return invalid("it must not hold a user or a password");
  const std::string scheme = part_of(url.get(), CURLUPART_SCHEME);
  if (scheme != "https" && scheme != "http") return invalid("it must start with https://");
  if (scheme == "http" && !is_loopback(part_of(url.get(), CURLUPART_HOST)))
    return invalid("http:// is taken for this machine only (127.0.0.1, [::1])");
  return url;
}

/// Where the answer goes, up to its limit.
struct Body {
  std::string text;
  std::size_t max_bytes;
  bool too_large = false;
};

std::size_t write(const char* data, std::size_t, std::size_t size, void* target) noexcept {
  auto& body = *static_cast<Body*>(target);
  body.too_large = body.too_large || size > body.max_bytes - body.text.size();
  if (body.too_large) return 0;
  try {
    body.text.append(data, size);
  } catch (...) {  // not through libcurl, which is C
    return 0;
  }
  return size;
}

/// False when this libcurl cannot do all of it: then nothing is sent.
bool apply(const HttpsGet& request, CURLU* url, curl_slist* headers, Body& body, CURL* handle) {
  Settings settings(handle);
  settings.set(CURLOPT_CURLU, url)
      .set(CURLOPT_PROTOCOLS_STR, "http,https")
      .set(CURLOPT_FOLLOWLOCATION, 0L)
      .set(CURLOPT_PROXY, "")
      .set(CURLOPT_SSL_VERIFYPEER, 1L)
      .set(CURLOPT_SSL_VERIFYHOST, 2L)
      .set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2))
      .set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1))
      .set(CURLOPT_HTTP09_ALLOWED, 0L)
      .set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout.count()))
      .set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()))
      .set(CURLOPT_NOSIGNAL, 1L)
      .set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED))
      .set(CURLOPT_USERAGENT, "authkit")
      .set(CURLOPT_HTTPHEADER, headers)
      .set(CURLOPT_WRITEFUNCTION, &write)
      .set(CURLOPT_WRITEDATA, &body);
  if (!request.ca_file.empty()) settings.set(CURLOPT_CAINFO, request.ca_file.c_str()).set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  return settings.good();
}

}  // namespace

Result<void> check_url(const std::string& url) {
  AUTHKIT_TRY(parse(url));
  return {};
}

Result<std::string> get(const HttpsGet& request) {
  if (request.connect_timeout <= Duration{0} || request.timeout <= Duration{0}) return invalid("a timeout must be more than nothing");
  AUTHKIT_TRY_ASSIGN(const UrlHandle url, parse(request.url));
  const Handle handle(start_curl() ? curl_easy_init() : nullptr);
  Headers headers(request.accept.empty() ? nullptr : curl_slist_append(nullptr, ("Accept: " + request.accept).c_str()));
  Body body{.text = {}, .max_bytes = request.max_bytes};
  if (!handle || !apply(request, url.get(), headers.get(), body, handle.get())) return failed("this libcurl lacks something that is needed");

  const std::string host = part_of(url.get(), CURLUPART_HOST);
  const CURLcode code = curl_easy_perform(handle.get());
  if (body.too_large) return failed(fmt::format("{}: its answer is larger than {} bytes", host, request.max_bytes));
  if (code != CURLE_OK) return failed(fmt::format("{}: {}", host, curl_easy_strerror(code)));
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status >= 300 && status < 400) return failed(fmt::format("{}: it answered {}, and redirects are not followed", host, status));
  if (status != 200) return failed(fmt::format("{}: it answered {}", host, status));
  return std::move(body.text);
}

}  // namespace authkit::net
