#include "vectors/hostile.hpp"

#include "server/api.hpp"
#include "server/program.hpp"
#include "server/raw_client.hpp"
#include "server/running_listener.hpp"
#include "service.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

using namespace authkit;
using namespace authkit::test;

namespace {

const std::string secret = "one secret of more than 32 bytes, shared with a test";

void share_secret(Config& config, server::ServerOptions&) {
  config.token_algorithm = Algorithm::HS256;
  config.token_secret = secret;
}

std::vector<TokenVariant> tokens_for(Api& api) {
  return hostile_access_tokens(Key::from_secret(secret, Algorithm::HS256).value(), api.auth().tokens().options(),
                               Time{std::chrono::seconds(1'800'000'000)});
}

bool has_blank_end(std::string_view token) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  return !token.empty() && (blank(token.front()) || blank(token.back()));
}

/// Whether the bytes are a header value of a request that is read: no control characters, no blanks at its ends, which belong to no value
/// (RFC 9110 section 5.5), and not more than the 8 KiB of a header.
bool can_travel(std::string_view token) {
  const bool visible = std::all_of(token.begin(), token.end(), [](char c) { return c == '\t' || static_cast<unsigned char>(c) >= ' '; });
  return visible && token.find('\x7f') == std::string_view::npos && !has_blank_end(token) && token.size() < 8000;
}

}  // namespace

TEST_CASE("every hostile access token is refused by every route that takes one") {
  Api api(share_secret);
  std::size_t refused = 0;
  for (const TokenVariant& variant : tokens_for(api)) {
    if (variant.ok) {
      CHECK_MESSAGE(api.auth().tokens().verify(variant.token), variant.id);
      continue;
    }
    if (has_blank_end(variant.token)) continue;  // the header's blanks, not the token's
    const Answer answer = api.get_as(variant.token, "/v1/auth/me");
    CHECK_MESSAGE(answer.status() == 401, variant.id);
    CHECK_MESSAGE(answer.code() == "invalid_token", variant.id);
    CHECK_MESSAGE(answer.header("Content-Type") == "application/problem+json", variant.id);
    CHECK_MESSAGE(answer.header("WWW-Authenticate").find(R"(error="invalid_token")") != std::string::npos, variant.id);
    ++refused;
  }
  CHECK(refused >= 600);
  CHECK(api.log().find(secret) == std::string::npos);
}

TEST_CASE("every hostile access token that can travel in a header gets 401 over a socket, and the server lives on") {
  Api api(share_secret);
  server::AppService service(api.app());
  RunningListener listener(service, api.app().options);
  const std::string good = api.log_in().text("access_token");
  std::size_t sent = 0, left_out = 0;
  RawClient client(listener.port);
  for (const TokenVariant& variant : tokens_for(api)) {
    if (variant.ok) continue;
    if (!can_travel(variant.token)) {
      ++left_out;
      continue;
    }
    const auto answer = client.exchange(raw_request("GET", "/v1/auth/me", "Authorization: Bearer " + variant.token + "\r\n"));
    REQUIRE_MESSAGE(answer, variant.id);
    CHECK_MESSAGE(answer->status == 401, variant.id);
    CHECK_MESSAGE(answer->header("Content-Type") == "application/problem+json", variant.id);
    ++sent;
  }
  MESSAGE(sent, " sent on one connection, ", left_out, " cannot travel in a header");
  CHECK(sent >= 600);
  CHECK(left_out <= 60);
  CHECK(client.exchange(raw_request("GET", "/v1/auth/me", "Authorization: Bearer " + good + "\r\n"))->status == 200);
}

TEST_CASE("the command line gives the same verdicts, a line each") {
  std::vector<VectorLine> lines = standard_lines(AUTHKIT_VECTORS "/token");
  lines.insert(lines.end(), hostile_lines().begin(), hostile_lines().end());
  std::string input;
  for (const VectorLine& line : lines) input += line.line + "\n";
  const Ran ran = run_program({"vectors"}, input);
  REQUIRE(ran.exit == 0);
  std::istringstream answers(ran.out);
  std::string answer;
  for (const VectorLine& line : lines) {
    REQUIRE(std::getline(answers, answer));
    CHECK_MESSAGE((answer == "ok") == line.ok, line.id, ": ", answer);
    CHECK_MESSAGE((line.ok || answer.starts_with("reject ")), line.id, ": ", answer);
  }
  CHECK_FALSE(std::getline(answers, answer));
}
