#include "server/raw_client.hpp"
#include "server/running_listener.hpp"

#include <doctest/doctest.h>

#include <future>
#include <vector>

using namespace authkit;
using namespace authkit::test;

TEST_CASE("a connection is kept and answers one request after the other") {
  EchoService service;
  RunningListener server(service);
  RawClient client(server.port);
  for (const char* path : {"/io", "/work", "/hash", "/io"}) {
    const auto answer = client.exchange(raw_request("POST", path, "", R"({"a":1})"));
    REQUIRE(answer);
    CHECK(answer->status == 200);
    CHECK(answer->body == std::string(path) + R"( {"a":1})");
    CHECK(answer->header("Connection") == "keep-alive");
    CHECK_FALSE(answer->header("Date").empty());
  }
}

TEST_CASE("pipelined requests are answered in their order, wherever each one runs") {
  EchoService service;
  RunningListener server(service);
  RawClient client(server.port);
  std::string bytes;
  std::vector<std::string> expected;
  for (int i = 0; i < 60; ++i) {
    const std::string path = i % 3 == 0 ? "/work" : i % 3 == 1 ? "/io" : "/big";
    bytes += raw_request("POST", path, "", std::to_string(i));
    expected.push_back(i % 3 == 2 ? std::string(1 << 20, 'x') : path + " " + std::to_string(i));
  }
  std::thread sender([&] { client.send(bytes); });
  for (const std::string& body : expected) {
    const auto answer = client.receive();
    REQUIRE(answer);
    CHECK(answer->body == body);
  }
  sender.join();
}

TEST_CASE("a request may come byte by byte, in chunks, or after 100 Continue") {
  EchoService service;
  RunningListener server(service);
  RawClient client(server.port);
  for (const char byte : raw_request("POST", "/work", "", "hello")) REQUIRE(client.send({&byte, 1}));
  CHECK(client.receive()->body == "/work hello");
  CHECK(client.exchange("POST /io HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n")->body == "/io hello");
  CHECK(client.exchange("POST /io HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")->status == 100);
  CHECK(client.exchange("hello")->body == "/io hello");
}

TEST_CASE("HEAD tells the length and sends no body") {
  EchoService service;
  RunningListener server(service);
  RawClient client(server.port);
  REQUIRE(client.send(raw_request("HEAD", "/io")));
  const auto head = client.receive(true);
  REQUIRE(head);
  CHECK(head->header("Content-Length") == "4");
  CHECK(client.exchange(raw_request("GET", "/io"))->body == "/io ");
}

TEST_CASE("smuggling: twelve messages that others read in two ways get 400, and what follows them is never read") {
  const std::string host = "Host: a\r\n";
  const std::string next = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::vector<std::string> messages = {
      "POST /io HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
      "POST /io HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip\r\n\r\n",
      "POST /io HTTP/1.1\r\n" + host + "Transfer-Encoding: xchunked\r\n\r\n",
      "POST /io HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
      "POST /io HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST /io HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n5;a=\"\n\"\r\nhello\r\n0\r\n\r\n",
      "POST /io HTTP/1.1\r\n" + host + "Content-Length: 5, 5\r\n\r\nhello",
      "POST /io HTTP/1.1\r\n" + host + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
      "GET /io HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET /io HTTP/1.1\r\n\r\n",
      "GET /io HTTP/1.1\r\nHost: a/../?#@b\r\n\r\n",
      "GET /io HTTP/1.1\r\n" + host + "X: a\r\n b\r\n\r\n",
  };
  EchoService service;
  RunningListener server(service);
  for (const std::string& message : messages) {
    CAPTURE(message);
    RawClient client(server.port);
    REQUIRE(client.send(message + next));
    const auto answer = client.receive();
    REQUIRE(answer);
    CHECK(answer->status == 400);
    CHECK(answer->closes());
    CHECK(client.ends());
  }
  CHECK(service.smuggled == 0);
  CHECK(service.handled == 0);
}

TEST_CASE("a body over 16 KiB gets 413, also while the client is still sending it") {
  EchoService service;
  RunningListener server(service);
  RawClient declared(server.port);
  const auto answer = declared.exchange(raw_request("POST", "/io", "", std::string(17 * 1024, 'x')));
  REQUIRE(answer);
  CHECK(answer->status == 413);
  CHECK(answer->closes());
  CHECK(declared.ends());

  RawClient chunked(server.port);
  const std::string chunk = "1000\r\n" + std::string(4096, 'x') + "\r\n";
  CHECK(chunked.exchange("POST /io HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + chunk + chunk + chunk + chunk)->status ==
        413);
  RawClient fits(server.port);
  CHECK(fits.exchange(raw_request("POST", "/io", "", std::string(16 * 1024, 'x')))->status == 200);
}

TEST_CASE("an answer with a line break in a header is not sent") {
  EchoService service;
  RunningListener server(service);
  RawClient client(server.port);
  const auto answer = client.exchange(raw_request("GET", "/split"));
  REQUIRE(answer);
  CHECK(answer->status == 500);
  CHECK(answer->head.find("Forged") == std::string::npos);
}

TEST_CASE("a client that is too slow with a request, or too long without one, is cut off") {
  server::ServerOptions options;
  options.request_deadline = Duration{200};
  options.idle_deadline = Duration{400};
  EchoService service;
  RunningListener server(service, options);
  RawClient slow(server.port);
  RawClient silent(server.port);
  RawClient idle(server.port);
  REQUIRE(slow.send("GET /io HTTP/1.1\r\nHost:"));
  CHECK(idle.exchange(raw_request("GET", "/io"))->status == 200);
  CHECK(slow.ends());
  CHECK(silent.ends());
  CHECK(idle.ends());
  CHECK(service.handled == 1);
}

TEST_CASE("bytes that trickle in do not extend the time a request may take") {
  server::ServerOptions options;
  options.request_deadline = Duration{300};
  EchoService service;
  RunningListener server(service, options);
  RawClient client(server.port);
  const auto begun = std::chrono::steady_clock::now();
  while (client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ") && client.send("x") && !client.ends()) continue;
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds{5});
}

TEST_CASE("a full queue answers 503 at once, and the connection lives on") {
  server::ServerOptions options;
  options.worker_threads = 1;
  options.queue_length = 1;
  EchoService service;
  std::promise<void> entered;
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::atomic<int> calls{0};
  service.slow = [&] {
    if (calls++ == 0) entered.set_value();
    released.wait();
  };
  RunningListener server(service, options);
  RawClient running(server.port);
  REQUIRE(running.send(raw_request("GET", "/slow")));
  entered.get_future().wait();
  std::atomic<int> served{0};
  std::atomic<int> turned_away{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      RawClient client(server.port);
      const auto answer = client.exchange(raw_request("GET", "/slow"));
      if (answer && answer->status == 200) ++served;
      if (!answer || answer->status != 503) return;
      CHECK(client.exchange(raw_request("GET", "/io"))->status == 200);
      ++turned_away;
    });
  }
  while (turned_away < 2) std::this_thread::yield();
  CHECK(served == 0);
  release.set_value();
  for (std::thread& thread : threads) thread.join();
  CHECK(running.receive()->status == 200);
  CHECK(served == 1);
}

TEST_CASE("several I/O threads share the connections") {
  server::ServerOptions options;
  options.threads = 3;
  EchoService service;
  RunningListener server(service, options);
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      RawClient client(server.port);
      for (int j = 0; j < 200; ++j) {
        const auto answer = client.exchange(raw_request("POST", j % 2 == 0 ? "/io" : "/work", "", std::to_string(i)));
        if (answer && answer->body.ends_with(" " + std::to_string(i))) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(right == 1600);
}
