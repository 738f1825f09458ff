#include "net/https.hpp"

#include "net/peer.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <thread>
#include <vector>

using namespace authkit;

namespace {

net::HttpsGet request(std::string url) { return {.url = std::move(url), .ca_file = peer().ca_file(), .max_bytes = 1000}; }

Result<std::string> get(std::string url) { return net::get(request(std::move(url))); }

/// Why it failed; the error must be the one for peers.
std::string refusal(const Result<std::string>& got) {
  if (got) return "it did not fail";
  CHECK(got.error().code == Errc::peer_unavailable);
  return got.error().detail;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// How long the call took, and that it failed for its time.
Duration time_to_give_up(net::HttpsGet request) {
  const auto begun = std::chrono::steady_clock::now();
  const std::string why = refusal(net::get(request));
  CAPTURE(why);
  CHECK(contains(why, "Timeout was reached"));
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - begun);
}

}  // namespace

TEST_CASE("a good answer is given as it is, by address, by name and without TLS on loopback") {
  CHECK(get(peer().good("/good")).value() == "hello");
  CHECK(get(peer().by_name("/good")).value() == "hello");
  CHECK(get(peer().plain("/good")).value() == "hello");
  CHECK(get(peer().good("/good?query=1")).value() == "hello");
}

TEST_CASE("whoever is not who the URL says is not asked") {
  for (const auto& url : {peer().another("/good"), peer().expired("/good")}) {
    CAPTURE(url);
    CHECK(contains(refusal(get(url)), "127.0.0.1: SSL peer certificate"));
  }
  net::HttpsGet by_the_system = request(peer().good("/good"));
  by_the_system.ca_file.clear();
  CHECK(contains(refusal(net::get(by_the_system)), "SSL peer certificate"));
  net::HttpsGet no_list = request(peer().good("/good"));
  no_list.ca_file = "/nowhere/ca.pem";
  CHECK(contains(refusal(net::get(no_list)), "CA cert"));
  std::string to_the_plain_one = peer().plain("/good");
  to_the_plain_one.replace(0, 4, "https");
  CHECK(contains(refusal(get(to_the_plain_one)), "SSL connect error"));
}

TEST_CASE("anything but 200 is a failure, and a redirect is not followed") {
  CHECK(refusal(get(peer().good("/redirect"))) == "127.0.0.1: it answered 302, and redirects are not followed");
  CHECK(!contains(get(peer().good("/seen")).value(), "/followed"));
  CHECK(refusal(get(peer().good("/missing"))) == "127.0.0.1: it answered 404");
  CHECK(refusal(get(peer().good("/empty"))) == "127.0.0.1: it answered 204");
}

TEST_CASE("an answer may have so many bytes and no more, whether it says its length or not") {
  CHECK(get(peer().good("/fits")).value().size() == 1000);
  CHECK(refusal(get(peer().good("/huge"))) == "127.0.0.1: its answer is larger than 1000 bytes");
  CHECK(refusal(get(peer().good("/endless"))) == "127.0.0.1: its answer is larger than 1000 bytes");
}

TEST_CASE("an answer that breaks off or is no HTTP is a failure") {
  CHECK(contains(refusal(get(peer().good("/early"))), "partial"));
  CHECK(!refusal(get(peer().good("/nothing"))).empty());
  CHECK(contains(refusal(get(peer().good("/noise"))), "protocol"));
  CHECK(contains(refusal(get("https://127.0.0.1:1/")), "connect"));
}

TEST_CASE("who is slow is given up: in the handshake, before the answer, within it") {
  net::HttpsGet hurried = request(peer().mute("/"));
  hurried.connect_timeout = Duration{200};
  CHECK(time_to_give_up(hurried) < Duration{4000});
  for (const char* path : {"/silent", "/dribble"}) {
    CAPTURE(path);
    hurried = request(peer().good(path));
    hurried.timeout = Duration{300};
    CHECK(time_to_give_up(hurried) < Duration{4000});
  }
  hurried.timeout = Duration{0};
  CHECK(net::get(hurried).error().code == Errc::config_invalid);
}

TEST_CASE("nothing is sent but the request: no cookie, no credentials, no encoding, and proxies of the environment are not used") {
  for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) ::setenv(name, "http://127.0.0.1:1", 1);
  CHECK(get(peer().plain("/headers")));
  const std::string sent = get(peer().good("/headers")).value();
  for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);
  CHECK(contains(sent, "User-Agent: authkit\n"));
  for (const char* header : {"Cookie", "Authorization", "Accept-Encoding", "Referer"}) CHECK(!contains(sent, header));
}

TEST_CASE("many threads fetch at once") {
  std::vector<std::thread> threads;
  std::vector<Result<std::string>> answers(16, Errc::internal);
  for (auto& answer : answers) threads.emplace_back([&answer] { answer = get(peer().good("/good")); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& answer : answers) CHECK(answer.value() == "hello");
}
