#include "writer.hpp"

#include "lexer.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

namespace authkit::server {
namespace {

std::string_view reason(int status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Unknown";
  }
}

void append_number(std::size_t number, std::string& out) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, error == std::errc{} ? end : digits);
}

/// IMF-fixdate (RFC 9110 section 5.6.7), made once a second and thread.
std::string_view date_now() {
  thread_local std::time_t made = 0;
  thread_local char text[32];
  thread_local std::size_t size = 0;
  const std::time_t now = std::time(nullptr);
  if (now != made) {
    std::tm utc{};
    gmtime_r(&now, &utc);
    size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    made = now;
  }
  return {text, size};
}

void append_header(std::string_view name, std::string_view value, std::string& out) { out.append(name).append(": ").append(value).append("\r\n"); }

void append_framing(int status, std::size_t length, After after, std::string& out) {
  append_header("Date", date_now(), out);
  if (status != 204 && status != 304) {
    out.append("Content-Length: ");
    append_number(length, out);
    out.append("\r\n");
  }
  append_header("Connection", after == After::close ? "close" : "keep-alive", out);
  out.append("\r\n");
}

void append_status(int status, std::string& out) {
  out.append("HTTP/1.1 ");
  append_number(static_cast<std::size_t>(status), out);
  out.append(" ").append(reason(status)).append("\r\n");
}

}  // namespace

void write_response(const Response& response, After after, std::string& out) {
  const bool sound = std::all_of(response.headers.begin(), response.headers.end(),
                                 [](const Header& header) { return lexer::is_token(header.name) && lexer::is_field_value(header.value); });
  if (!sound) {
    append_status(500, out);
    return append_framing(500, 0, after, out);
  }
  append_status(response.status, out);
  for (const Header& header : response.headers) append_header(header.name, header.value, out);
  append_framing(response.status, response.body.size(), after, out);
  if (!response.omit_body && response.status != 204 && response.status != 304) out.append(response.body);
}

}  // namespace authkit::server
