#include "net/smtp.hpp"

#include "net/curl.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>

namespace authkit::net {
namespace {

/// What can be put between the angle brackets of MAIL FROM and RCPT TO without ending them.
bool is_plain_address(std::string_view address) {
  return !address.empty() &&
         std::all_of(address.begin(), address.end(), [](char c) { return static_cast<unsigned char>(c) > ' ' && c != 0x7f && c != '<' && c != '>'; });
}

struct Upload {
  std::string_view rest;
};

std::size_t read(char* target, std::size_t size, std::size_t count, void* source) noexcept {
  auto& upload = *static_cast<Upload*>(source);
  const std::size_t n = std::min(size * count, upload.rest.size());
  std::memcpy(target, upload.rest.data(), n);
  upload.rest.remove_prefix(n);
  return n;
}

std::size_t discard(const char*, std::size_t, std::size_t size, void*) noexcept { return size; }

/// What every talk with the server needs.
bool apply(const SmtpServer& server, CURL* handle) {
  const bool implicit = server.url.starts_with("smtps:");
  Settings settings(handle);
  settings.set(CURLOPT_URL, server.url.c_str())
      .set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
      .set(CURLOPT_PROXY, "")
      .set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED))
      .set(CURLOPT_NOSIGNAL, 1L)
      .set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(server.timeout.count()))
      .set(CURLOPT_TIMEOUT_MS, static_cast<long>(server.timeout.count()))
      .set(CURLOPT_SSL_VERIFYPEER, 1L)
      .set(CURLOPT_SSL_VERIFYHOST, 2L)
      .set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2))
      .set(CURLOPT_USE_SSL, static_cast<long>(server.tls && !implicit ? CURLUSESSL_ALL : CURLUSESSL_NONE))
      .set(CURLOPT_WRITEFUNCTION, &discard);
  if (!server.ca_file.empty()) settings.set(CURLOPT_CAINFO, server.ca_file.c_str()).set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  if (!server.user.empty()) settings.set(CURLOPT_USERNAME, server.user.c_str()).set(CURLOPT_PASSWORD, server.password.c_str());
  return settings.good();
}

bool apply_message(const std::string& from, curl_slist* recipients, Upload& upload, CURL* handle) {
  Settings settings(handle);
  settings.set(CURLOPT_MAIL_FROM, ("<" + from + ">").c_str())
      .set(CURLOPT_MAIL_RCPT, recipients)
      .set(CURLOPT_UPLOAD, 1L)
      .set(CURLOPT_READFUNCTION, &read)
      .set(CURLOPT_READDATA, &upload);
  return settings.good();
}

Error unable() { return {Errc::peer_unavailable, "this libcurl lacks something that is needed for mail"}; }

std::string words_of(CURLcode code, long status) {
  return status >= 400 ? fmt::format("the mail server answered {}", status) : fmt::format("the mail server: {}", curl_easy_strerror(code));
}

}  // namespace

Result<void> send_mail(const SmtpServer& server, const std::string& from, const std::string& to, const std::string& message) {
  if (!is_plain_address(from) || !is_plain_address(to)) return Error{Errc::invalid_argument, "an address that no mail can be sent to"};
  const Handle handle(start_curl() ? curl_easy_init() : nullptr);
  const Headers recipients(curl_slist_append(nullptr, ("<" + to + ">").c_str()));
  Upload upload{message};
  if (!handle || !recipients || !apply(server, handle.get()) || !apply_message(from, recipients.get(), upload, handle.get())) return unable();

  const CURLcode code = curl_easy_perform(handle.get());
  if (code == CURLE_OK) return {};
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  // A wrong password or missing TLS is the operator's to mend, and the message still good then.
  const bool refused = status >= 500 && code != CURLE_LOGIN_DENIED && code != CURLE_USE_SSL_FAILED && code != CURLE_PEER_FAILED_VERIFICATION;
  return Error{refused ? Errc::email_invalid : Errc::peer_unavailable, words_of(code, status)};
}

Result<void> greet_mail_server(const SmtpServer& server) {
  const Handle handle(start_curl() ? curl_easy_init() : nullptr);
  if (!handle || !apply(server, handle.get()) || !Settings(handle.get()).set(CURLOPT_CUSTOMREQUEST, "NOOP").good()) return unable();
  const CURLcode code = curl_easy_perform(handle.get());
  if (code == CURLE_OK) return {};
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  return Error{Errc::peer_unavailable, words_of(code, status)};
}

}  // namespace authkit::net
