#include "server/api.hpp"

#include <doctest/doctest.h>
#include <openssl/hmac.h>

#include <array>

namespace authkit::test {
namespace {

const boost::json::value* member(const boost::json::value& value, std::string_view path) {
  const boost::json::value* at = &value;
  for (bool more = true; more;) {
    const std::size_t dot = path.find('.');
    if (!at->is_object()) return nullptr;
    at = at->as_object().if_contains(path.substr(0, dot));
    if (at == nullptr) return nullptr;
    more = dot != std::string_view::npos;
    if (more) path.remove_prefix(dot + 1);
  }
  return at;
}

}  // namespace

std::string Answer::text(std::string_view path) const {
  const boost::json::value* value = member(body, path);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

bool Answer::has(std::string_view path) const { return member(body, path) != nullptr; }

Api::Api(const std::function<void(Config&, server::ServerOptions&)>& adjust)
    : now_(std::make_shared<std::int64_t>(1'800'000'000'000)), log_(std::make_shared<std::string>()) {
  Config config;
  config.password.memory_kib = 64;
  config.password.passes = 1;
  config.limit.sign_up_address = {1000, Duration{1000}};
  config.clock = [now = now_] { return Time{Duration{*now}}; };
  config.log_sink = [log = log_](LogLevel, std::string_view line) { log->append(line).append("\n"); };
  server::ServerOptions options;
  adjust(config, options);
  auto opened = Auth::open(std::move(config));
  REQUIRE_MESSAGE(opened, opened.error().message());
  auth_ = *std::move(opened);
  app_ = std::make_unique<server::App>(*auth_, std::move(options));
}

Answer Api::send(std::string_view method, std::string_view path, std::string_view body, const Fields& fields) {
  server::Request request;
  const std::size_t mark = path.find('?');
  request.method = method;
  request.path = path.substr(0, mark);
  if (mark != std::string_view::npos) request.query = path.substr(mark + 1);
  request.body = body;
  request.peer = peer;
  request.fields.push_back({"Host", "localhost"});
  for (const auto& [name, value] : fields) request.fields.push_back({name, value});
  Answer answer;
  answer.response = server::dispatch(*app_, request);
  if (answer.response.body.starts_with('{') && answer.response.header("Content-Type") != "application/x-ndjson")
    answer.body = boost::json::parse(answer.response.body);
  return answer;
}

Answer Api::post(std::string_view path, std::string_view json, Fields fields) {
  fields.emplace_back("Content-Type", "application/json");
  return send("POST", path, json, fields);
}

Answer Api::sign_up(std::string_view email) {
  return post("/v1/auth/register", boost::json::serialize(boost::json::object{{"email", email}, {"password", password}}));
}

Answer Api::log_in(std::string_view email) {
  const int status = sign_up(email).status();
  REQUIRE((status == 201 || status == 409));
  return post("/v1/auth/login", boost::json::serialize(boost::json::object{{"email", email}, {"password", password}}));
}

std::pair<std::string, std::string> Api::log_in_with_cookie() {
  sign_up();
  const Answer answer = post(
      "/v1/auth/login", boost::json::serialize(boost::json::object{{"email", "ada@example.org"}, {"password", password}, {"transport", "cookie"}}));
  REQUIRE(answer.status() == 200);
  const std::string set = answer.header("Set-Cookie");
  const std::size_t begin = set.find('=') + 1;
  return {set.substr(begin, set.find(';') - begin), answer.text("csrf_token")};
}

std::string totp_code(std::string_view secret, Time now) {
  std::string key;
  std::uint32_t held = 0, bits = 0;
  for (const char c : secret) {
    held = held << 5U | static_cast<std::uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    key.push_back(static_cast<char>(held >> bits));
    held &= (1U << bits) - 1;
  }
  const auto step = static_cast<std::uint64_t>(now.time_since_epoch().count() / 30'000);
  std::array<unsigned char, 8> counter{};
  for (std::size_t i = 0; i < 8; ++i) counter[7 - i] = static_cast<unsigned char>(step >> (8 * i));
  std::array<unsigned char, 20> mac{};
  unsigned size = 0;
  HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), counter.data(), counter.size(), mac.data(), &size);
  const std::size_t at = mac[19] & 15U;
  const std::uint32_t number = (static_cast<std::uint32_t>(mac[at] & 127U) << 24U | static_cast<std::uint32_t>(mac[at + 1]) << 16U |
                                static_cast<std::uint32_t>(mac[at + 2]) << 8U | mac[at + 3]) %
                               1'000'000;
  const std::string digits = std::to_string(number);
  return std::string(6 - digits.size(), '0') + digits;
}

}  // namespace authkit::test
