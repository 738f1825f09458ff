#include "redis/target.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace authkit;
using namespace authkit::redis;

namespace {

/// The target in one line.
std::string shown(const Target& target) {
  std::string servers;
  for (const Endpoint& endpoint : target.endpoints) servers += endpoint.text() + ' ';
  if (!target.master_name.empty()) servers += fmt::format("for {} ({} {}) ", target.master_name, target.sentinel_user, target.sentinel_password);
  return fmt::format("{}{}{}{}user={} password={} db={} ca={} cert={} key={}", servers, target.cluster ? "cluster " : "", target.tls ? "tls " : "",
                     target.verify ? "" : "unverified ", target.user, target.password, target.database, target.ca_file, target.cert_file,
                     target.key_file);
}

}  // namespace

TEST_CASE("a Redis URL names servers and the way in") {
  const auto line = [](std::string_view begin, std::string_view end = "user= password= db=0") {
    return fmt::format("{} {} ca= cert= key=", begin, end);
  };
  struct Row {
    std::string_view url;
    std::string meaning;
  };
  for (const Row& row : {
           Row{"redis://", line("127.0.0.1:6379")},
           Row{"redis://h", line("h:6379")},
           Row{"redis://h:7000/3", line("h:7000", "user= password= db=3")},
           Row{"redis://:p%40ss@[::1]:7000/", line("[::1]:7000", "user= password=p@ss db=0")},
           Row{"rediss://u:p@h", line("h:6379 tls", "user=u password=p db=0")},
           Row{"rediss://h?verify=none", line("h:6379 tls unverified")},
           Row{"rediss://h?ca_file=/a.pem&cert_file=/b.pem&key_file=/c.pem", "h:6379 tls user= password= db=0 ca=/a.pem cert=/b.pem key=/c.pem"},
           Row{"unix:/run/redis.sock", line("/run/redis.sock")},
           Row{"unix:/run/redis.sock?db=2", line("/run/redis.sock", "user= password= db=2")},
           Row{"redis+cluster://a:1,b,[::2]:3", line("a:1 b:6379 [::2]:3 cluster")},
           Row{"redis+cluster://a", line("a:6379 cluster")},
           Row{"redis+sentinel://a,b:1/main", line("a:26379 b:1 for main ( )")},
           Row{"redis+sentinel://[::1]/main/2", line("[::1]:26379 for main ( )", "user= password= db=2")},
           Row{"rediss+sentinel://u:p@a/main?sentinel_user=s&sentinel_password=t&verify=none",
               line("a:26379 for main (s t) tls unverified", "user=u password=p db=0")},
           Row{"rediss+cluster://u:p@a,b:1/0", line("a:6379 b:1 cluster tls", "user=u password=p db=0")},
       }) {
    CAPTURE(row.url);
    CHECK(shown(parse_target(row.url).value()) == row.meaning);
  }
}

TEST_CASE("a Redis URL that is wrong says what is and never repeats itself") {
  for (const char* url : {"http://CANARY",
                          "CANARY",
                          "redis://CANARY@h",
                          "redis://h/CANARY",
                          "redis://h/1/2CANARY",
                          "redis://h/65537",
                          "redis://CANARY,b",
                          "redis://h?CANARY=1",
                          "redis://h?ca_file=CANARY",
                          "rediss://h?verify=CANARY",
                          "rediss://h?cert_file=CANARY",
                          "rediss://h?key_file=CANARY",
                          "rediss://h?db=1",
                          "unix:",
                          "unix:?db=1",
                          "unix:/CANARY?db=x",
                          "redis+sentinel://a,b",
                          "redis+sentinel://a,b/",
                          "redis+sentinel://a/main/CANARY",
                          "redis+sentinel://a/main?sentinel_user=CANARY",
                          "redis+sentinel://a/main?db=1",
                          "redis+sentinel://a/main?sentinel_tls=off",
                          "rediss+sentinel://a/main?sentinel_tls=CANARY",
                          "rediss://a?sentinel_tls=off",
                          "redis://a?sentinel_password=CANARY",
                          "redis+cluster://a,b/1",
                          "redis+cluster://a,:7CANARY",
                          "redis+cluster://a,b:70000",
                          "redis+cluster://a,b:CANARY",
                          "redis+cluster://a,[::1",
                          "redis+cluster://a,[::1]CANARY",
                          "redis+cluster://a,,b"}) {
    CAPTURE(url);
    const auto target = parse_target(url);
    REQUIRE(!target);
    CHECK(target.error().code == Errc::config_invalid);
    CHECK(target.error().detail.find("CANARY") == std::string::npos);
    CHECK(target.error().detail.size() > 20);
  }
}
