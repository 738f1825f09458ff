#include "server/raw_client.hpp"
#include "server/running_listener.hpp"

#include <doctest/doctest.h>

#include <future>
#include <vector>

using namespace authkit;
using namespace authkit::test;

TEST_CASE("stopping answers what is under way, says close, and then lets nobody in") {
  EchoService service;
  std::promise<void> entered;
  std::promise<void> release;
  service.slow = [&] {
    entered.set_value();
    release.get_future().wait();
  };
  RunningListener server(service);
  RawClient busy(server.port);
  RawClient idle(server.port);
  CHECK_FALSE(idle.exchange(raw_request("GET", "/io"))->closes());
  REQUIRE(busy.send(raw_request("GET", "/slow")));
  entered.get_future().wait();
  server.stop();
  const auto late = idle.exchange(raw_request("GET", "/io"));
  REQUIRE(late);
  CHECK(late->status == 200);
  release.set_value();
  const auto answer = busy.receive();
  REQUIRE(answer);
  CHECK(answer->body == "/slow ");
  CHECK(answer->closes());
  CHECK(busy.ends());
  server.join();
  CHECK_FALSE(RawClient(server.port).connected());
}

TEST_CASE("stopping waits for nobody longer than the drain time") {
  server::ServerOptions options;
  options.drain_time = Duration{100};
  EchoService service;
  RunningListener server(service, options);
  RawClient half(server.port);
  REQUIRE(half.send("GET /io HTTP/1.1\r\n"));
  RawClient other(server.port);
  CHECK(other.exchange(raw_request("GET", "/io"))->status == 200);
  server.stop();
  server.join();
  CHECK(half.ends());
}

TEST_CASE("stopping under load loses no request that was let in") {
  for (int round = 0; round < 5; ++round) {
    server::ServerOptions options;
    options.threads = round % 2 == 0 ? 1 : 2;
    EchoService service;
    RunningListener server(service, options);
    std::atomic<int> answered{0};
    std::atomic<int> lost{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        for (;;) {
          RawClient client(server.port);
          if (!client.connected()) return;
          for (bool open = true; open;) {
            const std::string request = raw_request("POST", i % 2 == 0 ? "/io" : "/work", i % 4 == 3 ? "Connection: close\r\n" : "", "body");
            const auto answer = client.exchange(request);
            ++(answer && answer->status == 200 ? answered : lost);
            open = answer && !answer->closes();
          }
        }
      });
    }
    while (answered < 500) std::this_thread::yield();
    server.stop();
    server.join();
    for (std::thread& thread : threads) thread.join();
    CHECK(lost == 0);
    CHECK(answered == service.handled);
  }
}
