#include "server/api.hpp"

#include <doctest/doctest.h>

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
  if (!answer.response.body.empty()) answer.body = boost::json::parse(answer.response.body);
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

}  // namespace authkit::test
